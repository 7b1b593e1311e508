use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use super::*;

const OCTETS: &[u8] = include_bytes!("../../../../tests/vectors/form-1.bin");
const JSON: &str = include_str!("../../../../tests/vectors/form-1.json");

fn unsound(form: &Form) -> Unsound {
    match Form::decode(&form.encode()) {
        Err(FormError::Unsound(unsound)) => unsound,
        other => panic!("expected a fault, got {other:?}"),
    }
}

#[test]
fn forms_written_by_version_1_read_the_same_for_ever() {
    let expected: Form = serde_json::from_str(JSON).unwrap();
    assert_eq!(Form::decode(OCTETS), Ok(expected.clone()));
    assert_eq!(expected.encode(), OCTETS);
    assert_eq!(expected, form());
}

#[test]
fn a_form_of_a_newer_cairn_is_told_from_a_damaged_one() {
    let mut octets = form().encode();
    octets[0] = 7;
    assert_eq!(Form::decode(&octets), Err(FormError::TooNew { version: 7 }));
    assert_eq!(Form::decode(&[255]), Err(FormError::TooNew { version: 255 }));
    octets[0] = 0;
    assert_eq!(Form::decode(&octets), Err(FormError::Malformed { line: 0, column: 0 }));
    assert_eq!(Form::decode(&[]), Err(FormError::Malformed { line: 0, column: 0 }));
}

#[test]
fn a_form_with_parts_is_of_version_2_and_any_other_of_version_1() {
    let mut parted = form();
    assert_eq!(parted.encode()[0], 1);
    parted.questions[0].part = Part::Health;
    let mut octets = parted.encode();
    assert_eq!(octets[0], 2);
    assert_eq!(Form::decode(&octets), Ok(parted.clone()));
    assert_eq!(parted.parts(), [Part::Case, Part::Health].into());
    octets[0] = 1;
    assert_eq!(Form::decode(&octets), Err(FormError::Malformed { line: 0, column: 0 }));
    let mut plain = form().encode();
    plain[0] = 2;
    assert_eq!(
        Form::decode(&plain),
        Err(FormError::Malformed { line: 0, column: 0 }),
        "one form, one encoding"
    );
}

#[test]
fn a_form_that_says_what_version_2_did_not_know_is_of_version_3_and_refused_by_it() {
    let says: [fn(&mut Form); 12] = [
        |form| form.questions[0].logic.relevant = Some("1 = 1".into()),
        |form| form.questions[0].logic.default = Some(Preset::Literal("x".into())),
        |form| form.questions[0].merge = Some(Merge::Immutable),
        |form| form.questions[0].sensitivity = Some(Sensitivity::LIFE_SAFETY),
        |form| form.questions[0].media.image = texts(&[("", "a.png")]),
        |form| form.questions[0].guidance_hint = texts(&[("", "More")]),
        |form| form.questions[0].kind = Kind::Range,
        |form| form.groups[0].repeat = Some(Repeat::default()),
        |form| form.groups[0].appearance = "field-list".into(),
        |form| form.instance_name = Some("'x'".into()),
        |form| drop(form.tables.insert("t".into(), Table::default())),
        |form| drop(form.lists.get_mut("work").unwrap()[0].columns.insert("a".into(), "b".into())),
    ];
    for (index, say) in says.into_iter().enumerate() {
        let mut form = form();
        assert_eq!(form.encode()[0], 1, "control");
        say(&mut form);
        let mut octets = form.encode();
        assert_eq!(octets[0], 3, "{index}");
        assert_eq!(Form::decode(&octets), Ok(form), "{index}");
        for earlier in [1, 2] {
            octets[0] = earlier;
            assert_eq!(Form::decode(&octets), Err(FormError::Malformed { line: 0, column: 0 }), "{index}");
        }
    }
    let mut plain = form().encode();
    plain[0] = 3;
    assert_eq!(Form::decode(&plain), Err(FormError::Malformed { line: 0, column: 0 }));
}

#[test]
fn a_form_with_tasks_is_of_version_6_and_refused_by_earlier_ones() {
    let mut form = form();
    assert_eq!(form.encode()[0], 1, "control");
    form.lists.get_mut("work").unwrap().push(Choice::unlabelled("yes"));
    let task = |name: &str, kind, role| Question { task: Some(role), ..Question::new(name, kind) };
    form.questions.push(task("to_do", Kind::Text, TaskRole::What));
    form.questions.push(task("done", Kind::SelectOne("work".into()), TaskRole::Done));
    for sealed in [false, true] {
        let mut octets = Form { sealed, ..form.clone() }.encode();
        assert_eq!(octets[0], 6);
        assert_eq!(Form::decode(&octets).map(|form| form.sealed), Ok(sealed));
        for earlier in 1..6 {
            octets[0] = earlier;
            assert_eq!(Form::decode(&octets), Err(FormError::Malformed { line: 0, column: 0 }), "{earlier}");
        }
    }
    form.questions.pop();
    let fault = TaskFault::Missing { role: TaskRole::Done };
    assert_eq!(unsound(&form), Unsound::Task { question: "to_do".into(), fault });
}

#[test]
fn a_key_this_cairn_does_not_know_is_not_left_out_in_silence() {
    let json = String::from_utf8(form().encode()).unwrap();
    let newer = json.replace("\"name\":\"text\"", "\"save_to\":\"1\",\"name\":\"text\"");
    assert_ne!(json, newer);
    assert!(matches!(Form::decode(newer.as_bytes()), Err(FormError::Malformed { line: 1, .. })));
}

#[test]
fn a_form_over_the_limit_is_refused_unread() {
    let octets = limits::FORM + 1;
    assert_eq!(Form::decode(&vec![1; octets]), Err(FormError::TooLarge { octets }));
}

#[test]
fn cut_and_flipped_octets_never_bring_the_reader_down() {
    for cut in 0..OCTETS.len() {
        assert!(Form::decode(&OCTETS[..cut]).is_err(), "cut at {cut}");
        let mut flipped = OCTETS.to_vec();
        flipped[cut] ^= 1 << (cut % 8);
        if let Ok(form) = Form::decode(&flipped) {
            assert_eq!(form.is_sound(), Ok(()), "octet {cut}");
        }
    }
}

#[test]
fn a_form_that_does_not_fit_together_is_refused() {
    let broken = |breaks: fn(&mut Form)| {
        let mut form = form();
        breaks(&mut form);
        unsound(&form)
    };
    let bad = |what, name: &str| Unsound::Name { what, name: name.to_owned() };
    assert_eq!(broken(|form| form.id.clear()), bad("form", ""));
    assert_eq!(broken(|form| form.version.clear()), bad("version", ""));
    assert_eq!(broken(|form| form.questions[0].name = "a/b".into()), bad("question", "a/b"));
    assert_eq!(broken(|form| form.groups[0].name = "a/b".into()), bad("group", "a/b"));
    let twice = |what, name: &str| Unsound::Twice { what, name: name.to_owned() };
    assert_eq!(broken(|form| form.questions[1].name = "text".into()), twice("question", "text"));
    let work = |breaks: fn(&mut Vec<Choice>)| {
        let mut form = form();
        breaks(form.lists.get_mut("work").unwrap());
        unsound(&form)
    };
    assert_eq!(work(|choices| choices[0].name = "a b".into()), bad("choice", "a b"));
    assert_eq!(work(|choices| choices[0].name = "home".into()), twice("choice", "home"));
    let no_list = Unsound::List { question: "one".into() };
    assert_eq!(broken(|form| drop(form.lists.remove("work"))), no_list);
    let no_group = |name: &str| Unsound::Group { name: name.to_owned() };
    assert_eq!(broken(|form| form.questions[0].group = Some(2)), no_group("text"));
    assert_eq!(broken(|form| form.groups[0].parent = Some(0)), no_group("outer"));
    assert_eq!(broken(|form| form.groups[0].parent = Some(1)), no_group("outer"));
    assert_eq!(broken(|form| form.groups[1].parent = Some(usize::MAX)), no_group("inner"));
    let deep = |depth: usize| {
        let group = |index: usize| Group { parent: index.checked_sub(1), ..Group::new(&format!("g{index}")) };
        Form { groups: (0..depth).map(group).collect(), ..form() }
    };
    assert_eq!(deep(16).is_sound(), Ok(()));
    assert_eq!(deep(17).is_sound(), Err(Unsound::Depth { name: "g16".into() }));
    let many = Form { groups: vec![form().groups[0].clone(); limits::GROUPS + 1], ..form() };
    assert_eq!(many.is_sound(), Err(Unsound::TooMany { what: "groups", limit: limits::GROUPS }));
}

fn translations() -> impl Strategy<Value = Translations> {
    btree_map("[a-z]{0,3}", "\\PC{0,20}", 0..3)
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Text),
        Just(Kind::Narrative),
        Just(Kind::Decimal),
        Just(Kind::SelectOne("l".into())),
        Just(Kind::SelectMultiple("l".into())),
        Just(Kind::Calculate),
    ]
}

prop_compose! {
    fn questions()(
        kind in kinds(),
        label in translations(),
        hint in translations(),
        required: bool,
        grouped: bool,
        constant in proptest::option::of("\\PC*"),
        appearance in "\\PC{0,9}",
        part in proptest::sample::select(&Part::ALL[..]),
    ) -> Question {
        let group = grouped.then_some(0);
        Question { label, hint, required, group, constant, appearance, part, ..Question::new("", kind) }
    }
}

prop_compose! {
    fn forms()(
        mut questions in vec(questions(), 0..8),
        title in translations(),
        default_language in "\\PC{0,9}",
        labels in vec(translations(), 0..5),
        group in translations(),
    ) -> Form {
        for (index, question) in questions.iter_mut().enumerate() {
            question.name = format!("q{index}");
        }
        let choice = |(index, label): (usize, Translations)| Choice { label, ..Choice::unlabelled(&format!("c{index}")) };
        Form {
            title,
            default_language,
            groups: vec![Group { label: group, ..Group::new("g") }],
            questions,
            lists: BTreeMap::from([("l".to_owned(), labels.into_iter().enumerate().map(choice).collect())]),
            ..Form::new("f", "1")
        }
    }
}

proptest! {
    #[test]
    fn what_is_encoded_decodes_to_the_same_form(form in forms()) {
        let octets = form.encode();
        prop_assert_eq!(Form::decode(&octets), Ok(form.clone()));
        prop_assert_eq!(Form::decode(&octets).map(|again| again.encode()), Ok(octets));
    }

    #[test]
    fn no_octets_bring_the_reader_down(mut octets in vec(any::<u8>(), 0..200)) {
        let _ = Form::decode(&octets);
        for version in 1..=6 {
            octets.insert(0, version);
            let _ = Form::decode(&octets);
        }
    }
}
