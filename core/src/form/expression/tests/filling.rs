//! One answer works out again only what depends on it, and the result is the same as working out all.

use std::collections::BTreeMap;

use super::bench::{Bench, Surroundings};
use crate::form::expression::{Filling, Outline, PlaceKind, Plan, PlanError, Purpose, Rules, parse};

/// A form out of lines: name, purpose, expression. A name that ends in `{` opens a repeat, `}` closes it.
struct Draft {
    outline: Outline,
    rules: Vec<Rules>,
    open: Vec<usize>,
}

impl Draft {
    fn new() -> Self {
        Self { outline: Outline::new("data"), rules: vec![Rules::default()], open: vec![Outline::ROOT] }
    }

    fn add(&mut self, name: &str, kind: PlaceKind) -> usize {
        let place = self.outline.add(*self.open.last().expect("the form"), name, kind);
        self.rules.push(Rules::default());
        if kind != PlaceKind::Question {
            self.open.push(place);
        }
        place
    }

    fn question(&mut self, name: &str) -> usize {
        self.add(name, PlaceKind::Question)
    }

    fn close(&mut self) {
        self.open.pop();
    }

    fn rule(&mut self, name: &str, purpose: Purpose, text: &str) -> &mut Self {
        let place = self.outline.named(name).expect(name);
        let expression = Some(parse(text).expect(text));
        let rules = &mut self.rules[place];
        match purpose {
            Purpose::Relevant => rules.relevant = expression,
            Purpose::Count => rules.count = expression,
            Purpose::Calculation => rules.calculation = expression,
            Purpose::Default => rules.default = expression,
            Purpose::Choices => rules.choices = expression.map(|filter| ("towns".to_owned(), filter)),
            Purpose::Readonly => rules.readonly = expression,
            Purpose::Required => rules.required = expression,
            _ => rules.constraint = expression,
        }
        self
    }

    fn plan(self) -> Result<Plan, Vec<PlanError>> {
        Plan::new(self.outline, self.rules)
    }
}

fn questions(names: &[&str]) -> Draft {
    let mut draft = Draft::new();
    for name in names {
        draft.question(name);
    }
    draft
}

#[test]
fn one_answer_works_out_only_what_depends_on_it() {
    // 1,000 questions and 200 expressions: 100 chains of two calculations each.
    let mut draft = Draft::new();
    for index in 0..1000 {
        draft.question(&format!("q{index}"));
    }
    for chain in 0..100 {
        let (first, second) = (format!("q{}", 800 + 2 * chain), format!("q{}", 801 + 2 * chain));
        draft.rule(&first, Purpose::Calculation, &format!("${{q{chain}}} + 1"));
        draft.rule(&second, Purpose::Calculation, &format!("${{{first}}} * 2"));
    }
    let plan = draft.plan().expect("a plan");
    assert_eq!(plan.expressions(), 200);
    let bench = Bench::new();
    let around = Surroundings::new(&bench, 0);
    let mut filling = Filling::open(&plan, &around, &[], &[], false);
    assert_eq!(filling.evaluations(), 200, "opening works out everything once");
    let place = |name: &str| plan.outline().named(name).expect("a question");
    let before = filling.evaluations();
    let changed = filling.answer(place("q7"), &[], "5");
    assert_eq!(filling.evaluations() - before, 2, "one answer: its own chain and nothing else");
    assert_eq!(changed, [(place("q814"), vec![]), (place("q815"), vec![])]);
    assert_eq!(filling.value(place("q815"), &[]), "12");
    // What nothing looks at costs nothing; the same answer again neither.
    filling.answer(place("q500"), &[], "x");
    filling.answer(place("q7"), &[], "5");
    assert_eq!(filling.evaluations() - before, 2);
}

#[test]
fn control_a_form_in_which_all_looks_at_one_answer_works_all_of_it_out() {
    let mut draft = Draft::new();
    for index in 0..1000 {
        draft.question(&format!("q{index}"));
    }
    for index in 1..=200 {
        draft.rule(&format!("q{index}"), Purpose::Calculation, "${q0} + 1");
    }
    let plan = draft.plan().expect("a plan");
    let bench = Bench::new();
    let around = Surroundings::new(&bench, 0);
    let mut filling = Filling::open(&plan, &around, &[], &[], false);
    let before = filling.evaluations();
    assert_eq!(filling.answer(plan.outline().named("q0").expect("q0"), &[], "1").len(), 200);
    assert_eq!(filling.evaluations() - before, 200);
}

#[test]
fn an_unchanged_result_goes_no_further() {
    let mut draft = questions(&["age", "adult", "a", "b"]);
    draft.rule("adult", Purpose::Calculation, "if(${age} >= 18, 'yes', 'no')");
    draft.rule("a", Purpose::Calculation, "concat(${adult}, '!')").rule(
        "b",
        Purpose::Calculation,
        "concat(${a}, '!')",
    );
    let plan = draft.plan().expect("a plan");
    let bench = Bench::new();
    let around = Surroundings::new(&bench, 0);
    let mut filling = Filling::open(&plan, &around, &[], &[], false);
    assert_eq!(filling.opened().len(), 3, "opening says what it answered");
    assert_eq!(filling.answer(1, &[], "30").len(), 3, "and an answer only what it changed itself");
    let before = filling.evaluations();
    assert!(filling.answer(1, &[], "31").is_empty());
    assert_eq!(filling.evaluations() - before, 1, "whether the person is adult, and nothing after it");
    assert_eq!(filling.answer(1, &[], "3").len(), 3);
    assert_eq!(filling.value(4, &[]), "no!!");
}

#[test]
fn a_circle_is_an_error_that_names_its_questions() {
    for (rules, names) in [
        (
            vec![
                ("a", Purpose::Calculation, "${b} + 1"),
                ("b", Purpose::Calculation, "${c}"),
                ("c", Purpose::Calculation, "${a}"),
            ],
            3,
        ),
        (vec![("a", Purpose::Calculation, "${a} + 1")], 1),
        (vec![("a", Purpose::Relevant, "${a} != ''")], 1),
        (vec![("a", Purpose::Relevant, ". != ''")], 1),
        (vec![("a", Purpose::Relevant, "${b} = 'x'"), ("b", Purpose::Relevant, "${a} = 'x'")], 2),
        (vec![("a", Purpose::Relevant, "${b} = 'x'"), ("b", Purpose::Calculation, "concat(${a}, ${c})")], 2),
        (vec![("a", Purpose::Default, "${b}"), ("b", Purpose::Default, "${a}")], 2),
        (vec![("a", Purpose::Calculation, "sum(../b)"), ("b", Purpose::Calculation, "/data/a")], 2),
    ] {
        let mut draft = questions(&["a", "b", "c"]);
        for (name, purpose, text) in &rules {
            draft.rule(name, *purpose, text);
        }
        let errors = draft.plan().expect_err("a circle");
        let [PlanError::Circle(circle)] = errors.as_slice() else { panic!("{rules:?}: {errors:?}") };
        assert_eq!(circle.first(), circle.last(), "{circle:?}");
        assert_eq!(circle.len(), names + 1, "{rules:?}: {circle:?}");
        assert!(errors[0].to_string().contains("→"));
    }
}

#[test]
fn control_what_only_looks_like_a_circle_is_none() {
    let mut draft = questions(&["a", "b", "c"]);
    draft.rule("a", Purpose::Constraint, ". > ${b} and ${a} != ${c}").rule(
        "b",
        Purpose::Constraint,
        ". < ${a}",
    );
    draft.rule("c", Purpose::Calculation, "once(${a})").rule("c", Purpose::Required, "${c} = ''");
    draft.plan().expect("checks wait for nobody");
    // A calculation with a trigger looks at its own answer from before.
    let mut draft = questions(&["times", "asked"]);
    draft.rule("times", Purpose::Calculation, "coalesce(${times}, 0) + 1");
    draft.rules[1].trigger = vec!["asked".to_owned()];
    let plan = draft.plan().expect("a trigger");
    let bench = Bench::new();
    let around = Surroundings::new(&bench, 0);
    let mut filling = Filling::open(&plan, &around, &[], &[], false);
    assert_eq!(filling.value(1, &[]), "");
    filling.answer(2, &[], "x");
    filling.answer(2, &[], "y");
    assert_eq!(filling.value(1, &[]), "2");
}

#[test]
fn wrong_names_are_found_before_anybody_is_asked() {
    for (text, what, instead) in [
        ("${agge} > 5", "no question \"agge\"", "${age}"),
        ("age > 5", "\"age\" alone", "${age}"),
        ("yes = ${age}", "\"yes\" alone", "'yes' for a text"),
        ("../agee = 1", "finds no \"agee\"", "${name}"),
        ("../../../x", "out of the form", "fewer .."),
        ("regex(${age}, '(?=a)b')", "pattern", "simpler"),
        ("jr:choice-name(${age}, '${agee}')", "no question \"agee\"", "${age}"),
        ("${twice} = 1", "2 questions named", "own name"),
    ] {
        let mut draft = questions(&["age", "twice", "other"]);
        draft.add("group", PlaceKind::Group);
        draft.question("twice");
        draft.rule("other", Purpose::Relevant, text);
        let errors = draft.plan().expect_err(text);
        let [PlanError::Expression { question, error, .. }] = errors.as_slice() else {
            panic!("{text}: {errors:?}")
        };
        assert_eq!(question, "other");
        assert!(error.what.contains(what) && error.instead.contains(instead), "{text}: {error}");
    }
    // In a choice filter a bare name is a column of the list.
    let mut draft = questions(&["age", "town"]);
    draft.rule("town", Purpose::Choices, "size > ${age} and land = 'tj'");
    draft.plan().expect("a filter");
}

#[test]
fn what_is_not_relevant_counts_as_not_answered() {
    let mut draft = questions(&["asked", "name", "greeting"]);
    draft.add("group", PlaceKind::Group);
    draft.question("inside");
    draft.close();
    draft.question("sum");
    draft.rule("name", Purpose::Relevant, "${asked} = 'yes'").rule(
        "group",
        Purpose::Relevant,
        "${asked} = 'yes'",
    );
    draft.rule("greeting", Purpose::Calculation, "concat('hello ', ${name})");
    draft.rule("sum", Purpose::Calculation, "coalesce(${inside}, 'nothing')");
    draft.rule("name", Purpose::Constraint, "string-length(.) > 2");
    let plan = draft.plan().expect("a plan");
    let bench = Bench::new();
    let around = Surroundings::new(&bench, 0);
    let mut filling = Filling::open(&plan, &around, &[], &[], false);
    let at = |name: &str| plan.outline().named(name).expect("a question");
    filling.answer(at("asked"), &[], "yes");
    filling.answer(at("name"), &[], "Bo");
    filling.answer(at("inside"), &[], "7");
    assert_eq!(filling.value(at("greeting"), &[]), "hello Bo");
    assert_eq!(filling.value(at("sum"), &[]), "7");
    assert!(!filling.is_valid(at("name"), &[]), "too short");
    filling.answer(at("asked"), &[], "no");
    assert!(!filling.is_relevant(at("name"), &[]) && !filling.is_relevant(at("inside"), &[]));
    assert_eq!(filling.value(at("greeting"), &[]), "hello ");
    assert_eq!(filling.value(at("sum"), &[]), "nothing");
    assert!(filling.is_valid(at("name"), &[]), "what is not asked is not checked");
    // It was not forgotten.
    filling.answer(at("asked"), &[], "yes");
    assert_eq!(filling.value(at("greeting"), &[]), "hello Bo");
    assert!(!filling.is_valid(at("name"), &[]));
}

#[test]
fn rows_come_and_go_and_each_looks_at_its_own() {
    let mut draft = questions(&["total", "many"]);
    draft.add("person", PlaceKind::Repeat);
    for name in ["age", "adult", "number", "note"] {
        draft.question(name);
    }
    draft.rule("total", Purpose::Calculation, "sum(${age})");
    draft.rule("adult", Purpose::Calculation, "${age} >= 18").rule(
        "number",
        Purpose::Calculation,
        "position(..)",
    );
    draft.rule("note", Purpose::Default, "concat('person ', position(..))");
    let plan = draft.plan().expect("a plan");
    let bench = Bench::new();
    let around = Surroundings::new(&bench, 0);
    let mut filling = Filling::open(&plan, &around, &[], &[((3, vec![]), 1)], false);
    let (total, person, age, adult, number, note) = (1, 3, 4, 5, 6, 7);
    for _ in 0..2 {
        filling.add_row(person, &[]);
    }
    for (row, years) in ["30", "8", "50"].into_iter().enumerate() {
        let before = filling.evaluations();
        filling.answer(age, &[row], years);
        assert_eq!(filling.evaluations() - before, 2, "the total, and whether this one is adult");
    }
    assert_eq!(filling.value(total, &[]), "88");
    let column = |filling: &Filling<'_>, place: usize| -> Vec<String> {
        (0..filling.rows(person, &[])).map(|row| filling.value(place, &[row])).collect()
    };
    assert_eq!(column(&filling, adult), ["true", "false", "true"]);
    assert_eq!(column(&filling, number), ["1", "2", "3"]);
    assert_eq!(column(&filling, note), ["person 1", "person 2", "person 3"]);
    filling.remove_row(person, &[0]);
    assert_eq!(filling.value(total, &[]), "58");
    assert_eq!(column(&filling, adult), ["false", "true"]);
    assert_eq!(column(&filling, number), ["1", "2"]);
    assert_eq!(column(&filling, note), ["person 2", "person 3"], "a default is given once");
}

#[test]
fn a_count_gives_a_repeat_its_rows() {
    let mut draft = questions(&["many", "total"]);
    draft.add("person", PlaceKind::Repeat);
    draft.question("age");
    draft.rule("person", Purpose::Count, "${many}").rule("total", Purpose::Calculation, "count(${person})");
    draft.rule("age", Purpose::Default, "position(..) * 10");
    let plan = draft.plan().expect("a plan");
    let bench = Bench::new();
    let around = Surroundings::new(&bench, 0);
    let mut filling = Filling::open(&plan, &around, &[], &[], false);
    for (many, rows) in [("3", 3), ("1", 1), ("4", 4), ("x", 0), ("-2", 0), ("1e9", 0), ("999999999", 1000)] {
        filling.answer(1, &[], many);
        assert_eq!(filling.rows(3, &[]), rows, "{many}");
        assert_eq!(filling.value(2, &[]), rows.to_string());
    }
    assert_eq!(filling.value(4, &[2]), "30");
}

#[test]
fn choices_are_offered_by_what_was_answered_before() {
    let mut draft = questions(&["land", "town", "size"]);
    draft.rule("town", Purpose::Choices, "land = ${land}").rule(
        "size",
        Purpose::Calculation,
        "instance('towns')/root/item[name = ${town}]/size",
    );
    let plan = draft.plan().expect("a plan");
    assert_eq!(plan.tables().collect::<Vec<_>>(), ["towns"]);
    let bench = Bench::new();
    let around = Surroundings::new(&bench, 0);
    let mut filling = Filling::open(&plan, &around, &[], &[], false);
    assert_eq!(filling.choices(2, &[]), Some(&[][..]));
    filling.answer(1, &[], "kg");
    assert_eq!(filling.choices(2, &[]), Some(&[3, 4][..]));
    filling.answer(2, &[], "osh");
    assert_eq!(filling.value(3, &[]), "320");
    assert!(filling.failures().is_empty());
}

#[test]
fn an_expression_that_fails_hides_nothing_and_says_so() {
    let mut draft = questions(&["a", "b"]);
    draft.rule("b", Purpose::Relevant, "instance('nowhere')/root/item/name = ${a}");
    let plan = draft.plan().expect("a plan");
    let bench = Bench::new();
    let around = Surroundings::new(&bench, 0);
    let filling = Filling::open(&plan, &around, &[], &[], false);
    assert!(filling.is_relevant(2, &[]));
    let failures = filling.failures();
    assert_eq!((failures[0].0, failures[0].1), ("b", Purpose::Relevant));
}

/// The same answers, one by one in any order or all at once, come to the same end.
#[test]
fn working_out_little_by_little_is_working_out_all() {
    let texts = [
        ("c0", "${a0} + ${a1}"),
        ("c1", "if(${a2} > 3, ${c0}, 'small')"),
        ("c2", "concat(${c1}, ${a3})"),
        ("c3", "sum(${r0}) + ${a0}"),
        ("c4", "count(${row}[r1 = 'true'])"),
        ("r1", "${r0} > ${a1}"),
        ("r2", "sum(/data/row/r0) - ${r0}"),
    ];
    let draft = || {
        let mut draft = questions(&["a0", "a1", "a2", "a3", "c0", "c1", "c2", "c3", "c4"]);
        draft.add("row", PlaceKind::Repeat);
        for name in ["r0", "r1", "r2"] {
            draft.question(name);
        }
        for (name, text) in texts {
            draft.rule(name, Purpose::Calculation, text);
        }
        draft.rule("a3", Purpose::Relevant, "${a2} > 2").rule("r2", Purpose::Relevant, "${r1} = 'true'");
        draft.plan().expect("a plan")
    };
    let plan = draft();
    let bench = Bench::new();
    let around = Surroundings::new(&bench, 0);
    let rows = [((10, vec![]), 3)];
    let mut dice = 0x2545_f491_4f6c_dd1d_u64;
    let mut roll = move |sides: u64| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        dice % sides
    };
    for round in 0..50 {
        let mut filling = Filling::open(&plan, &around, &[], &rows, false);
        let mut given: BTreeMap<(usize, Vec<usize>), String> = BTreeMap::new();
        for _ in 0..30 {
            let spot = match roll(5) {
                4 => (11, vec![usize::try_from(roll(3)).expect("small")]),
                place => (usize::try_from(place).expect("small") + 1, vec![]),
            };
            let answer = roll(7).to_string();
            filling.answer(spot.0, &spot.1, &answer);
            given.insert(spot, answer);
        }
        let given: Vec<_> = given.into_iter().collect();
        let whole = Filling::open(&plan, &around, &given, &rows, true);
        for place in 1..plan.outline().len() {
            let spots: Vec<Vec<usize>> =
                if place > 10 { (0..3).map(|row| vec![row]).collect() } else { vec![vec![]] };
            for rows in spots {
                let name = plan.outline().name(place);
                assert_eq!(
                    filling.value(place, &rows),
                    whole.value(place, &rows),
                    "round {round}: {name} {rows:?}"
                );
                assert_eq!(
                    filling.is_relevant(place, &rows),
                    whole.is_relevant(place, &rows),
                    "round {round}: {name}"
                );
            }
        }
    }
}
