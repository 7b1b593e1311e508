//! A pack: made, vouched for, and begun with.

use crate::device::Device;
use crate::server::Server;

#[test]
fn a_pack_is_made_vouched_for_and_shown() {
    let server = Server::start();
    let office = Device::office(&server);
    assert_eq!(office.words(&["pack", "list"]), "The server holds no packs.\n");
    let field = office.invited("sara");
    field.record("Ana");
    assert_eq!(field.fails(&["pack", "make"]).0, 3, "only a coordinator may");
    field.ok(&["sync"]);
    let made = office.ok(&["pack", "make"])["packs"].clone();
    assert_eq!((&made[0]["documents"], made.as_array().unwrap().len()), (&1.into(), 1));
    assert!(made[0]["bytes"].as_u64().unwrap() > 200);
    let alone = office.words(&["pack", "list"]);
    assert!(alone.contains("nobody vouches for it beside its maker"), "{alone}");
    field.ok(&["sync"]);
    let pack = office.ok(&["pack", "list"])["packs"][0].clone();
    assert_eq!((&pack["agreement"], &pack["name"]), (&"same".into(), &"office".into()));
    assert_eq!(pack["vouched_by"].as_array().unwrap().len(), 1);
    let words = field.words(&["pack", "list"]);
    assert!(words.contains("vouched for by 1 device") && words.contains("what this device holds"), "{words}");
    let newcomer = office.invited("omar");
    assert_eq!(newcomer.first_names(), ["Ana"]);
}
