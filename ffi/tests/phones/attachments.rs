//! Files through the calls of another language: attached on one phone, fetched on another.

use crate::scene::{Scene, code, text};
use cairn_ffi::{AnswerValue, InviteTerms, OpenVault, Role};

fn joined(scene: &Scene, office: &OpenVault) -> OpenVault {
    let terms = InviteTerms { role: Role::Field, hours: 24, compare: false, circles: Vec::new() };
    let invitation = office.invite(terms).unwrap();
    let phone = scene.phone("phone");
    phone.join(&invitation.text, "phone", None).unwrap();
    office.sync(None).unwrap();
    phone.sync(None).unwrap();
    phone
}

#[test]
fn a_photo_goes_with_its_answer_and_is_fetched_when_somebody_wants_it() {
    let scene = Scene::new();
    let office = scene.office_with("photographed");
    let phone = joined(&scene, &office);
    let photo: Vec<u8> = (0..150_000u32).map(|n| (n % 251) as u8).collect();

    let filling = phone.begin("visit", None, "en").unwrap();
    filling.answer("name", text("Sample")).unwrap();
    assert_eq!(code(filling.attach("name", "a.jpg", "image/jpeg", photo.clone())), "invalid");
    assert_eq!(code(filling.attach("photo", "a.jpg", "image/jpeg", Vec::new())), "empty_file");
    assert_eq!(code(filling.read_attachment("photo")), "not_found");
    filling.attach("photo", "/sdcard/a.jpg", "image/jpeg", photo.clone()).unwrap();
    let asked = |field: &str| {
        let steps = filling.steps().unwrap();
        steps.into_iter().flat_map(|step| step.questions).find(|one| one.key == field).unwrap()
    };
    let file = asked("photo").file.unwrap();
    assert_eq!(
        (file.name.as_str(), file.media_type.as_str(), file.octets, file.here),
        ("a.jpg", "image/jpeg", 150_000, true)
    );
    assert_eq!(asked("photo").answer, text("a.jpg"));
    assert_eq!(filling.read_attachment("photo").unwrap(), photo);
    filling.answer("photo", None).unwrap();
    assert_eq!(asked("photo").file, None, "emptying takes it away");
    filling.attach("photo", "b.jpg", "image/jpeg", photo.clone()).unwrap();
    assert_eq!(phone.state().unwrap().attachments_waiting, 0, "nothing of a draft waits to leave");
    let record = filling.finish(false).unwrap();
    assert_eq!(phone.state().unwrap().attachments_waiting, 1);
    let sent = phone.sync(None).unwrap();
    assert_eq!((sent.attachments_sent, sent.attachments_waiting, sent.attachments_refused), (1, 0, None));

    office.sync(None).unwrap();
    let page = office.record(&record, "en").unwrap();
    let line = page.lines.iter().find(|line| line.key == "photo").unwrap();
    assert_eq!(line.answer, AnswerValue::Text { text: "b.jpg".to_owned() });
    let file = line.file.clone().unwrap();
    assert!(!file.here && file == office.attachment(&record, "photo").unwrap());
    assert_eq!(code(office.read_attachment(&record, "photo")), "file_away");
    assert_eq!(code(office.attachment(&record, "name")), "not_found");
    let fetched = office.fetch_attachment(&record, "photo", None).unwrap();
    assert_eq!(fetched.attachments_received, 1);
    assert_eq!(office.read_attachment(&record, "photo").unwrap(), photo);
    assert!(office.attachment(&record, "photo").unwrap().here);
    assert_eq!(office.read_attachment_by_id(&record, &file.id).unwrap(), photo);
    assert_eq!(code(office.read_attachment_by_id(&record, "none")), "not_found");
}

#[test]
fn of_two_photos_with_one_name_the_chosen_one_stays() {
    let scene = Scene::new();
    let office = scene.office_with("photographed");
    let phone = joined(&scene, &office);
    let filling = phone.begin("visit", None, "en").unwrap();
    filling.answer("name", text("Sample")).unwrap();
    let record = filling.finish(false).unwrap();
    phone.sync(None).unwrap();
    office.sync(None).unwrap();
    for (vault, content) in [(&phone, vec![1; 300]), (&office, vec![2; 400])] {
        let filling = vault.edit(&record, "en").unwrap();
        filling.attach("photo", "photo.jpg", "", content).unwrap();
        filling.finish(false).unwrap();
        vault.sync(None).unwrap();
    }
    let conflict = office.conflicts(10, "en").unwrap().remove(0);
    let files: Vec<_> = conflict.values.into_iter().map(|value| value.file.unwrap()).collect();
    assert_eq!((files[0].name.as_str(), files[1].name.as_str()), ("photo.jpg", "photo.jpg"));
    let theirs = files.iter().find(|file| file.octets == 300).unwrap();
    office.fetch_attachment_by_id(&record, &theirs.id, None).unwrap();
    office.settle_attachment(&record, &theirs.id).unwrap();
    assert_eq!(office.conflicts(10, "en").unwrap(), []);
    assert_eq!(office.read_attachment(&record, "photo").unwrap(), vec![1; 300]);
}
