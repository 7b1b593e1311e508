//! What must never happen and did.

use cairn_core::store::AlarmKind;
use cairn_core::vault::AlarmView;

use crate::trouble::CairnError;
use crate::vault::OpenVault;

/// What to do about any of them.
const HINT: &str = "Show this to your coordinator, and keep this device as it is.";

/// An alarm. None is ever removed.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Alarm {
    /// Its number on this device.
    pub number: u64,
    /// Stable name of what happened: the key of its text in other languages.
    pub kind: String,
    /// What happened, in English.
    pub text: String,
    /// What to do about it, in English.
    pub hint: String,
    /// The device it is about, where it is about one.
    pub device: Option<String>,
    /// What that device is called.
    pub name: Option<String>,
    /// The circle, where it is about one.
    pub circle: Option<String>,
    /// When it was first noted, by this device's clock, seconds since 1970.
    pub first: u64,
    /// When it was last noted.
    pub latest: u64,
    /// How often.
    pub times: u64,
}

#[uniffi::export]
impl OpenVault {
    /// Every alarm this device has noted, oldest first.
    ///
    /// # Errors
    /// `locked`, or what the disk says.
    pub fn alarms(&self) -> Result<Vec<Alarm>, CairnError> {
        Ok(self.with(|vault| vault.alarms())?.into_iter().map(alarm).collect())
    }
}

fn alarm(view: AlarmView) -> Alarm {
    let (kind, text) = happened(view.alarm.kind);
    Alarm {
        number: view.alarm.number,
        kind: kind.to_owned(),
        text: text.to_owned(),
        hint: HINT.to_owned(),
        device: view.alarm.device.map(|device| device.to_string()),
        name: view.name,
        circle: view.alarm.circle.map(|circle| circle.to_string()),
        first: view.alarm.first,
        latest: view.alarm.latest,
        times: view.alarm.times,
    }
}

fn happened(kind: AlarmKind) -> (&'static str, &'static str) {
    match kind {
        AlarmKind::TwoHistories => ("two_histories", "the server showed another device another history"),
        AlarmKind::RolledBack => ("rolled_back", "the server has lost a part of what it held"),
        AlarmKind::OtherHistory => ("other_history", "the server showed this device another history"),
        AlarmKind::UnknownOwn => {
            ("unknown_own", "the server held segments in this device's name that it never made")
        }
        AlarmKind::OtherRoster => ("other_roster", "the server showed another roster than the known one"),
        AlarmKind::BadSignature => ("bad_signature", "an answer was not signed by the server"),
        AlarmKind::OtherPack => ("other_pack", "a pack says something else than this device holds"),
        AlarmKind::OtherSubmitKey => {
            ("other_submit_key", "a device published a key for handing in that nobody in its circle can open")
        }
    }
}

#[cfg(test)]
mod tests {
    use cairn_core::store::AlarmRow;

    use super::*;

    #[test]
    fn an_alarm_says_what_happened_to_whom_and_what_to_do() {
        let row = AlarmRow {
            number: 3,
            kind: AlarmKind::RolledBack,
            circle: None,
            device: None,
            seq: 7,
            ours: None,
            theirs: None,
            first: 10,
            latest: 20,
            times: 2,
        };
        let told = alarm(AlarmView { alarm: row, name: Some("sample".to_owned()) });
        assert_eq!((told.kind.as_str(), told.first, told.times), ("rolled_back", 10, 2));
        assert!(told.text.contains("lost") && told.hint.contains("coordinator"));
    }
}
