//! A server that really listens, and phones as an app has them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cairn_ffi::{AnswerValue, CairnError, Filling, OpenVault, create_vault};
use cairn_server::{Config, Running, Server};
use tempfile::TempDir;

/// The passphrase of every phone.
pub(crate) const PASSPHRASE: &str = "correct horse battery staple";

/// A folder with a server and phones beside it.
pub(crate) struct Scene {
    dir: TempDir,
    server: Running,
}

impl Scene {
    /// A fresh server.
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config::in_folder(dir.path().join("server"));
        config.network.rate = 100_000.0;
        config.network.burst = 100_000.0;
        let server = Server::new(config).start().unwrap();
        Self { dir, server }
    }

    /// The server's address.
    pub(crate) fn url(&self) -> String {
        format!("https://{}", self.server.address())
    }

    /// The server's key.
    pub(crate) fn pin(&self) -> String {
        self.server.pin().to_owned()
    }

    /// Where something of that name lies.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A phone with an empty vault, opened.
    pub(crate) fn phone(&self, name: &str) -> OpenVault {
        let folder = self.path(name).display().to_string();
        create_vault(&folder, PASSPHRASE, None).unwrap();
        self.open(name)
    }

    /// Opens a phone's vault.
    pub(crate) fn open(&self, name: &str) -> OpenVault {
        OpenVault::open(&self.path(name).display().to_string(), PASSPHRASE).unwrap()
    }

    /// A coordinator's phone with a workspace and the form `visit`.
    pub(crate) fn office(&self) -> OpenVault {
        self.office_with("visit")
    }

    /// The same; the form also asks for a photo if it lies in a folder `photographed`.
    pub(crate) fn office_with(&self, folder: &str) -> OpenVault {
        let office = self.phone("office");
        office.found(&self.url(), &self.pin(), None, "office", None).unwrap();
        assert!(office.add_form(&write_form(&self.path(folder)).display().to_string()).unwrap().is_new);
        office.sync(None).unwrap();
        office
    }
}

/// Writes a small form as tables.
pub(crate) fn write_form(folder: &Path) -> PathBuf {
    std::fs::create_dir_all(folder).unwrap();
    let survey = "\
type,name,label::English (en),label::Русский (ru),required,relevant,constraint,constraint_message,calculation,appearance\n\
text,name,Name,Имя,yes,,,,,\n\
integer,age,Age,Возраст,,,. < 130,Nobody is so old.,,\n\
select_one sex,sex,Sex,Пол,,,,,,\n\
integer,months,Months with child,Срок,yes,${sex} = 'f',,,,\n\
begin_group,page,What is needed,Нужды,,,,,,field-list\n\
select_multiple needs,needs,Needs,Нужды,,,,,,\n\
text,story,Story,Рассказ,,,,,,\n\
end_group,,,,,,,,,\n\
begin_repeat,children,Child,Ребёнок,,,,,,\n\
text,child,Name of the child,Имя ребёнка,,,,,,\n\
end_repeat,,,,,,,,,\n\
calculate,twice,,,,,,,${age} * 2,\n";
    let survey = format!(
        "{survey}{}",
        if folder.ends_with("photographed") { "image,photo,Photo,Фото,,,,,,\n" } else { "" }
    );
    let choices = "\
list_name,name,label::English (en),label::Русский (ru)\n\
sex,f,Female,Женский\nsex,m,Male,Мужской\n\
needs,food,Food,Еда\nneeds,legal,Legal help,Юрист\n";
    let settings = "form_title,form_id,version,default_language\nVisit,visit,1,English (en)\n";
    for (name, text) in
        [("survey.csv", survey.as_str()), ("choices.csv", choices), ("settings.csv", settings)]
    {
        std::fs::write(folder.join(name), text).unwrap();
    }
    folder.to_owned()
}

/// What is typed.
pub(crate) fn text(text: &str) -> Option<AnswerValue> {
    Some(AnswerValue::Text { text: text.to_owned() })
}

/// The code of a failure.
pub(crate) fn code<T: std::fmt::Debug>(done: Result<T, CairnError>) -> String {
    let CairnError::Failed { code, .. } = done.unwrap_err();
    code
}

/// A finished record of the form `visit`.
pub(crate) fn record(vault: &OpenVault, name: &str) -> String {
    let filling: Arc<Filling> = vault.begin("visit", None, "en").unwrap();
    filling.answer("name", text(name)).unwrap();
    filling.answer("age", text("31")).unwrap();
    filling.finish(false).unwrap()
}
