//! Whatever is written, in whatever order it is heard of, all devices come to say the same.

use proptest::prelude::*;

use super::super::{read, rest, settle, standing::View};
use super::village::{Device, Edits, Sent, take, village};
use super::{answers, choices, interview};
use crate::form::Answer;

fn any_edits() -> impl Strategy<Value = Edits> {
    let word = prop_oneof!["[abc]{0,3}", "[дождь ]{0,8}", "[🧭a\u{301}]{0,4}"];
    let one = prop_oneof![
        proptest::option::of(word.clone().prop_map(Answer::Text)).prop_map(|answer| ("name", answer)),
        proptest::option::of((0..3i64).prop_map(Answer::Integer)).prop_map(|answer| ("age", answer)),
        proptest::option::of((0..3i8).prop_map(|number| Answer::Decimal(number.into())))
            .prop_map(|a| ("weight", a)),
        proptest::option::of(proptest::sample::subsequence(
            vec!["shelter", "health", "legal", "food"],
            0..=4
        ))
        .prop_map(|chosen| ("needs", chosen.map(|chosen| choices(&chosen)))),
        proptest::option::of(word.prop_map(Answer::Narrative)).prop_map(|answer| ("story", answer)),
    ];
    proptest::collection::vec(one, 1..4)
        .prop_map(|edits| edits.into_iter().map(|(field, answer)| (field.to_owned(), answer)).collect())
}

/// Who edits what, and whether they hear everybody before.
fn any_course() -> impl Strategy<Value = Vec<(usize, Edits, bool)>> {
    proptest::collection::vec((0..3usize, any_edits(), proptest::bool::weighted(0.3)), 1..9)
}

/// All changes, causes before effects, and the devices that wrote them.
fn play(course: &[(usize, Edits, bool)]) -> (Vec<Sent>, [Device; 3]) {
    let (begun, mut devices) = village(&answers());
    let mut all = vec![begun];
    for (time, (who, edits, hears)) in (2..).zip(course) {
        if *hears {
            devices[*who].hear(&all);
        }
        let before = devices[*who].sent.len();
        devices[*who].edit(edits, time);
        all.extend(devices[*who].sent[before..].to_vec());
    }
    (all, devices)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn all_devices_come_to_say_the_same(course in any_course()) {
        let (all, mut devices) = play(&course);
        for device in &mut devices {
            device.hear(&all);
        }
        prop_assert_eq!(devices[0].content(), devices[1].content());
        prop_assert_eq!(devices[0].content(), devices[2].content());
        // Hearing it all again changes nothing.
        let again = take(Some(&devices[0].document), &all);
        prop_assert_eq!((again.document, again.accepted.len()), (None, all.len()));
    }

    #[test]
    fn each_field_alone_says_what_all_together_say(course in any_course()) {
        let (all, mut devices) = play(&course);
        devices[0].hear(&all);
        let document = rest::load(&devices[0].document).unwrap();
        for (field, standing) in View::fields(&document) {
            prop_assert_eq!(View::now(&document).field(&field), standing, "{}", field);
        }
    }

    #[test]
    fn neither_order_nor_batches_matter(
        (course, order, cut) in (any_course(), any::<prop::sample::Index>(), any::<prop::sample::Index>())
    ) {
        let (all, mut devices) = play(&course);
        devices[0].hear(&all);
        // Some other order, in two batches; what comes before its past is kept and tried again.
        let mut shuffled = all.clone();
        let turn = order.index(all.len());
        shuffled.rotate_left(turn);
        shuffled.reverse();
        let (front, back) = shuffled.split_at(cut.index(all.len()));
        let early = take(None, front);
        let mut rest: Vec<Sent> = early.refused.iter().map(|(place, refusal)| {
            assert!(refusal.may_pass_later(), "{refusal}");
            front[*place].clone()
        }).collect();
        rest.extend(back.to_vec());
        let late = take(early.document.as_deref(), &rest);
        prop_assert_eq!(&late.refused, &vec![]);
        let document = late.document.or(early.document).unwrap();
        prop_assert_eq!(read(&document).unwrap(), devices[0].content());
        // One by one, causes first.
        let mut slow: Option<Vec<u8>> = None;
        for sent in &all {
            let admission = take(slow.as_deref(), std::slice::from_ref(sent));
            prop_assert_eq!(&admission.refused, &vec![]);
            slow = admission.document.or(slow);
        }
        prop_assert_eq!(read(&slow.unwrap()).unwrap(), devices[0].content());
    }

    #[test]
    fn settling_every_conflict_leaves_none_anywhere(course in any_course(), which in any::<prop::sample::Index>()) {
        let (all, mut devices) = play(&course);
        devices[0].hear(&all);
        let conflicts = devices[0].content().conflicts;
        for conflict in &conflicts {
            prop_assert!(conflict.values.len() > 1);
            let chosen = conflict.values[which.index(conflict.values.len())].answer.clone();
            let by = devices[0].by(99);
            let settled = settle(&devices[0].document, &interview(), &conflict.field, chosen.clone(), &by).unwrap();
            prop_assert!(settled.is_some(), "settling {} changes something", conflict.field);
            devices[0].keep(settled);
            prop_assert_eq!(devices[0].content().answers.remove(&conflict.field), chosen);
        }
        prop_assert_eq!(devices[0].content().conflicts, vec![]);
        let sent = devices[0].sent.clone();
        devices[1].hear(&[all, sent].concat());
        prop_assert_eq!(devices[1].content(), devices[0].content());
    }
}
