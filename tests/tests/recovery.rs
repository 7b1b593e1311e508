//! Recovery: enough shares on paper give a coordinator back who reads everything and can let others in, when no
//! other coordinator is left; fewer give nothing.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may be blunt: a panic there is the report"
)]

use cairn_core::form::Part;
use cairn_core::vault::{CircleTerms, Machine, Share};
use cairn_core::wire::roster::Role;
use cairn_core::{Error, Vault};
use cairn_tests::dice::Dice;
use cairn_tests::ground::{Ground, PASSPHRASE};
use cairn_tests::level::shown;
use cairn_tests::sample;

fn restore(ground: &Ground, name: &str, shares: &[Share]) -> Result<Vault, Error> {
    Vault::restore_from_shares(
        &ground.folder(name),
        PASSPHRASE,
        &Machine::default(),
        shares,
        &ground.address(),
    )
}

#[test]
fn when_every_coordinator_is_lost_the_shares_bring_one_back() {
    let mut dice = Dice::new(41);
    let ground = Ground::new();
    let mut office = ground.office("office");
    office.publish_form(&sample::parted()).unwrap();
    ground.sync(&mut office);
    let mut field = ground.member(&mut office, "field", Role::Field);
    let clinic = CircleTerms {
        name: "clinic".to_owned(),
        parts: [Part::Health].into(),
        team: String::new(),
        sharing: false,
        sealed: false,
    };
    let clinic = office.new_circle(&ground.transport(), &clinic).unwrap();
    let mut save = |vault: &mut Vault, name: &str| {
        let answers = sample::answers(name, &mut dice);
        vault.new_record("parted", answers).unwrap();
    };
    save(&mut office, "Before");
    let shares = office.make_recovery(&ground.transport(), 2, 3).unwrap();
    assert_eq!(shares.len(), 3);
    assert!(!ground.folder("office").join("paper").exists(), "nothing of it stays on the device");
    let drill = office.drill_recovery(&shares[1..]).unwrap();
    assert_eq!((drill.circles, drill.of), (2, 2));
    let line = office.devices().unwrap().into_iter().find(|line| line.id == drill.device).unwrap();
    assert_eq!((line.name.as_deref(), line.role), (Some("Recovery (on paper)"), Role::Coordinator));

    // The keys change afterwards, and more is written under them.
    office.renew_keys(&ground.transport()).unwrap();
    save(&mut office, "Later");
    ground.sync(&mut office);
    ground.sync(&mut field);
    save(&mut field, "In the field");
    ground.sync(&mut field);
    ground.sync(&mut office);
    let all = shown(&office);
    assert_eq!(all.len(), 3);
    // Lost with everything on it.
    drop(office);

    for few in [&shares[..0], &shares[..1], &[shares[0].clone(), shares[0].clone()][..]] {
        assert!(restore(&ground, "nobody", few).is_err(), "control: so few give nothing");
        assert!(!Vault::exists(&ground.folder("nobody")));
    }
    let typed: Vec<Share> = [&shares[2], &shares[0]]
        .iter()
        .map(|share| Share::read(&share.to_words("uk").join("\n")).unwrap())
        .collect();
    let mut paper = restore(&ground, "paper", &typed).unwrap();
    ground.sync(&mut paper);
    assert_eq!(shown(&paper), all, "everything is there, under every key");
    assert!(paper.is_coordinator());
    assert_eq!(paper.alarms().unwrap(), []);

    // A new coordinator takes over, and the paper one, whose shares have met, goes.
    let mut second = ground.vault("second", 0);
    ground.join(&mut paper, &mut second, "second", Role::Coordinator);
    paper.grant(&ground.transport(), &second.device(), &clinic).unwrap();
    ground.sync(&mut second);
    second.revoke(&ground.transport(), &paper.device(), None).unwrap();
    let anew = second.make_recovery(&ground.transport(), 3, 5).unwrap();
    assert!(second.drill_recovery(&anew[1..4]).is_ok());
    assert!(matches!(second.drill_recovery(&shares), Err(Error::NotAllowed { .. })), "the old ones are void");
    let mixed = [shares[0].clone(), anew[1].clone(), anew[2].clone()];
    assert!(second.drill_recovery(&mixed).is_err());
    ground.sync(&mut field);
    save(&mut field, "Afterwards");
    ground.sync(&mut field);
    ground.sync(&mut second);
    assert!(shown(&second).len() >= 2, "{}", shown(&second).len());
    assert!(matches!(field.make_recovery(&ground.transport(), 2, 3), Err(Error::NotAllowed { .. })));
}
