//! Planted names: so strange that whoever finds one outside a vault has found a leak.

use super::Script;

/// One case in so many carries a planted name. No multiple of three, so that all scripts get their turn.
const EVERY: u64 = 37;

/// Given name and surname. Each is long enough that no chance makes its octets.
pub(super) type Name = (&'static str, &'static str);

const LATIN: &[Name] =
    &[("Quexilandra", "Canarybird"), ("Zwyntholmeo", "Plantedname"), ("Oxuvértigo", "Canarínez")];
const CYRILLIC: &[Name] =
    &[("Эквилюмбра", "Канарейкина"), ("Ҷувқтарона", "Канорзода"), ("Їжгвильда", "Канаренко")];
const ARABIC: &[Name] = &[("ظخشوبارين", "الكناريّة"), ("قذغنيلافو", "المزروعة")];

/// The name planted in a case, if there is one.
pub(super) fn planted(script: Script, number: u64) -> Option<Name> {
    let names = names(script);
    let turn = usize::try_from(number / EVERY / 3).unwrap_or(0).checked_rem(names.len())?;
    if number.is_multiple_of(EVERY) { names.get(turn).copied() } else { None }
}

/// Every word of every planted name.
pub(crate) fn words() -> impl Iterator<Item = &'static str> {
    Script::ALL.into_iter().flat_map(|script| names(script).iter().flat_map(|name| [name.0, name.1]))
}

fn names(script: Script) -> &'static [Name] {
    match script {
        Script::Latin => LATIN,
        Script::Cyrillic => CYRILLIC,
        Script::Arabic => ARABIC,
    }
}
