//! What filling in a large form costs, in expressions worked out and as ratios.

use std::collections::BTreeMap;

use cairn_core::form::expression::Moment;
use cairn_core::form::session::{Session, Surroundings};
use cairn_core::form::{Answer, Answers, Apart, Choice, Form, Kind, Prepared, Question, Sheet};
use cairn_tests::ground::Ground;

use super::figure::Figure;
use super::speed::cpu;
use super::{Failure, Figures, filling, memory};

const QUESTIONS: usize = 1_000;
const EXPRESSIONS: usize = 200;
const CHOICES: usize = 100_000;

pub(super) fn measure() -> Figures {
    let mut figures = large_form()?;
    figures.extend(large_list()?);
    figures.extend(list_on_the_road()?);
    figures.extend(filling::measure()?);
    Ok(figures)
}

/// A thousand questions; every fifth is calculated from another.
fn form() -> Form {
    let mut form = Form::new("large", "1");
    form.questions = (0..QUESTIONS).map(|index| Question::new(&format!("q{index}"), Kind::Integer)).collect();
    let calculated = form.questions.iter_mut().skip(QUESTIONS - EXPRESSIONS);
    for (index, question) in calculated.enumerate() {
        question.logic.calculation = Some(format!("${{q{index}}} * 2 + 1"));
    }
    form
}

fn large_form() -> Figures {
    let form = form();
    let prepared = ready(&form)?;
    let around = Surroundings::new(&form, &prepared, "", Moment::new(0, 0), 1);
    let mut session = Session::open(&form, &prepared, &around, Answers::new(), false);
    let opened = session.evaluations();
    session.answer("q7", Some(Answer::Integer(1)))?;
    let answered = session.evaluations() - opened;

    let begun = cpu()?;
    for round in 0..200_i64 {
        session.answer("q7", Some(Answer::Integer(round)))?;
    }
    let one = cpu()? - begun;
    let answers = session.answers().clone();
    let begun = cpu()?;
    for _ in 0..200 {
        Session::open(&form, &prepared, &around, answers.clone(), true);
    }
    let all = cpu()? - begun;
    let ground = Ground::new();
    let mut office = ground.office("office");
    office.publish_form(&form)?;
    office.lock()?;
    let filling = memory::over_open(&ground.folder("office"))?;
    Ok(vec![
        Figure::new("form.1000.session.memory", filling, "MiB").at_most(64.0),
        Figure::new("form.1000.open.evaluations", count(opened), "").at_most(count(EXPRESSIONS as u64)),
        Figure::new("form.1000.answer.evaluations", count(answered), "").at_most(1.0),
        Figure::new("form.1000.answer.cpu_over_all_again", one / all, "×").at_most(0.1),
    ])
}

/// A list of a hundred thousand towns in a thousand districts.
fn large_list() -> Figures {
    let mut form = Form::new("towns", "1");
    let town = |index: usize| Choice {
        columns: BTreeMap::from([("district".to_owned(), (index % 1_000).to_string())]),
        ..Choice::unlabelled(&format!("t{index}"))
    };
    form.lists.insert("towns".to_owned(), (0..CHOICES).map(town).collect());
    form.questions = ["district", "town", "back"].map(|name| Question::new(name, Kind::Text)).into();
    for question in &mut form.questions {
        match question.name.as_str() {
            "town" => {
                question.kind = Kind::SelectOne("towns".to_owned());
                question.logic.choice_filter = Some("district = ${district}".to_owned());
            }
            "back" => {
                question.logic.calculation =
                    Some("pulldata('towns', 'district', 'name', ${town})".to_owned());
            }
            _ => {}
        }
    }
    let prepared = ready(&form)?;
    let around = Surroundings::new(&form, &prepared, "", Moment::new(0, 0), 1);
    let mut session = Session::open(&form, &prepared, &around, Answers::new(), false);
    session.answer("town", Some(Answer::Text("t1".to_owned())))?;
    let begun = cpu()?;
    for round in 0..10 {
        session.answer("district", Some(Answer::Text(round.to_string())))?;
    }
    let filter = (cpu()? - begun) / 10.0;
    let begun = cpu()?;
    for round in 0..1_000 {
        session.answer("town", Some(Answer::Text(format!("t{round}"))))?;
    }
    let lookup = (cpu()? - begun) / 1_000.0;
    // By hand: every row compared with a text.
    let list = form.lists.get("towns").ok_or("no list")?;
    let begun = cpu()?;
    let mut found = 0;
    for round in 0..100 {
        let wanted = round.to_string();
        found += list.iter().filter(|choice| choice.columns.get("district") == Some(&wanted)).count();
    }
    let by_hand = (cpu()? - begun) / 100.0;
    if found == 0 {
        return Err("no town was found by hand".into());
    }
    Ok(vec![
        Figure::new("list.100000.filter.cpu_over_hand", filter / by_hand, "×").at_most(200.0),
        Figure::new("list.100000.lookup.cpu_over_filter", lookup / filter, "×").at_most(0.01),
    ])
}

/// The same towns with labels, published to a workspace: what travels, once and with a later edition.
fn list_on_the_road() -> Figures {
    let columns = ["name", "label", "district"].map(str::to_owned).to_vec();
    let rows: Vec<[String; 3]> = (0..CHOICES)
        .map(|row| {
            [format!("t{row}"), format!("Town {} of {}", row % 977, row / 977), (row % 1_000).to_string()]
        })
        .collect();
    let cell =
        |row: usize, column: usize| rows.get(row).and_then(|row| row.get(column)).map_or("", String::as_str);
    let sheet = Sheet::new(columns, CHOICES, cell).ok_or("the list is too large")?;
    let octets = sheet.encode();
    let bare = zstd::bulk::compress(&octets, 19)?.len() as u64;
    let mut form = Form::new("towns", "1");
    form.questions = vec![Question::new("town", Kind::SelectOne("towns".to_owned()))];
    form.apart.insert("towns".to_owned(), Apart::new(sheet, true).ok_or("the list is too large")?);
    let ground = Ground::new();
    let mut office = ground.office("office");
    let before = office.sync(&ground.transport(), |_| {})?.bytes_up;
    office.publish_form(&form)?;
    let first = office.sync(&ground.transport(), |_| {})?.bytes_up - before;
    form.version = "2".to_owned();
    office.publish_form(&form)?;
    let edition = office.sync(&ground.transport(), |_| {})?.bytes_up - before;
    office.lock()?;
    let filling = memory::over_open(&ground.folder("office"))?;
    Ok(vec![
        Figure::new("list.100000.octets", count(octets.len() as u64), "B"),
        Figure::new("list.100000.wire", count(first), "B"),
        Figure::new("list.100000.wire_over_zstd", count(first) / count(bare), "×").at_most(1.5),
        Figure::new("list.100000.next_edition.wire", count(edition), "B").at_most(65_536.0),
        Figure::new("list.100000.session.memory", filling, "MiB").at_most(64.0),
    ])
}

fn ready(form: &Form) -> Result<Prepared, Failure> {
    Prepared::new(form).map_err(|wrong| format!("{wrong:?}").into())
}

#[allow(clippy::cast_precision_loss, reason = "small counts")]
fn count(count: u64) -> f64 {
    count as f64
}
