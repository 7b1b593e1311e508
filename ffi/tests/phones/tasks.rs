//! What is to be done, as a first screen shows it.

use cairn_ffi::{OpenVault, Role, Task, TaskPage, TaskQuery};

use crate::scene::{Scene, code, text};
use crate::together::member;

const SURVEY: &str = "\
type,name,label::English (en),label::Русский (ru),cairn::task\n\
text,code,Code,Код,\n\
begin_repeat,tasks,To do,Дела,\n\
text,what,What?,Что?,what\n\
date,until,Until when?,До какого дня?,due\n\
text,by,Who?,Кто?,who\n\
select_one yes_no,done,Done?,Сделано?,done\n\
end_repeat,,,,\n";
const CHOICES: &str = "list_name,name,label::English (en)\nyes_no,yes,Yes\nyes_no,no,No\n";
const SETTINGS: &str = "form_title,form_id,version,default_language\nHelp,help,1,English (en)\n";

fn query() -> TaskQuery {
    TaskQuery { today: "2026-11-23".to_owned(), done: false, overdue: false, after: None, limit: 10 }
}

fn whats(page: &TaskPage) -> Vec<&str> {
    page.rows.iter().map(|task| task.what.as_str()).collect()
}

/// A record with tasks: what, until when.
fn record(vault: &OpenVault, tasks: &[(&str, Option<&str>)]) -> String {
    let filling = vault.begin("help", None, "en").unwrap();
    filling.answer("code", text("Mira")).unwrap();
    for (what, until) in tasks {
        let row = filling.add_row("tasks", Vec::new()).unwrap().row;
        filling.answer(&format!("what#{row}"), text(what)).unwrap();
        if let Some(until) = until {
            filling.answer(&format!("until#{row}"), text(until)).unwrap();
        }
    }
    assert_eq!(vault.tasks(query(), "en").unwrap().open, 0, "a draft has no tasks");
    filling.finish(false).unwrap()
}

#[test]
fn a_first_screen_shows_what_is_to_be_done_and_ticks_it_off() {
    let scene = Scene::new();
    let office = scene.office();
    let folder = scene.path("help");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, table) in [("survey.csv", SURVEY), ("choices.csv", CHOICES), ("settings.csv", SETTINGS)] {
        std::fs::write(folder.join(name), table).unwrap();
    }
    office.add_form(&folder.display().to_string()).unwrap();
    let phone = member(&scene, &office, "phone", Role::Field);
    let tasks = [
        ("See a doctor", Some("2026-12-01")),
        ("Fetch the papers", None),
        ("Call her back", Some("2026-11-20")),
    ];
    let id = record(&office, &tasks);
    office.sync(None).unwrap();
    phone.sync(None).unwrap();
    let page = phone.tasks(query(), "en").unwrap();
    assert_eq!(whats(&page), ["Call her back", "See a doctor", "Fetch the papers"]);
    assert_eq!((page.open, page.overdue, page.next.as_ref()), (3, 1, None));
    let Task { record, handle, title, form_title, due, is_overdue, .. } = &page.rows[0];
    assert_eq!((record, title.as_str(), form_title.as_str(), is_overdue), (&id, "Mira", "Help", &true));
    assert_eq!(due.as_deref(), Some("2026-11-20"));
    // Page by page, and only what is late.
    let mut one = TaskQuery { limit: 1, ..query() };
    let mut seen = Vec::new();
    loop {
        let page = phone.tasks(one.clone(), "en").unwrap();
        seen.extend(page.rows.iter().map(|task| task.what.clone()));
        one.after = page.next;
        if one.after.is_none() {
            break;
        }
    }
    assert_eq!(seen, whats(&page));
    let late = phone.tasks(TaskQuery { overdue: true, ..query() }, "en").unwrap();
    assert_eq!((whats(&late), late.open), (vec!["Call her back"], 3));
    let key = &page.rows[0].key;
    assert!(phone.finish_task(handle, key).unwrap());
    assert!(!phone.finish_task(record, key).unwrap(), "it is done already");
    let done = phone.tasks(TaskQuery { done: true, ..query() }, "en").unwrap();
    assert_eq!((whats(&done), done.rows[0].is_overdue, done.overdue), (vec!["Call her back"], false, 0));
    assert!(phone.undo(record, key, false).unwrap());
    assert_eq!(phone.tasks(query(), "en").unwrap().overdue, 1, "and not done again");
    // What is wrong is said.
    assert_eq!(code(phone.finish_task(record, "code")), "not_found");
    assert_eq!(code(phone.tasks(TaskQuery { today: "today".to_owned(), ..query() }, "en")), "invalid");
    assert_eq!(code(phone.tasks(TaskQuery { after: Some("x".to_owned()), ..query() }, "en")), "not_found");
    phone.lock().unwrap();
    assert_eq!(code(phone.tasks(query(), "en")), "locked");
}
