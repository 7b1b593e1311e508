//! `cairn invite`: an invitation for one device.

use cairn_core::error::Error;
use cairn_core::record::instant;
use cairn_core::vault::InviteTerms;
use cairn_core::wire::roster::Role;
use clap::{Args, ValueEnum};
use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};
use serde_json::json;

use crate::door::Door;
use crate::out::Said;
use crate::trouble::Trouble;
use crate::words::{ended, line, minute};

/// Makes an invitation for one device.
#[derive(Debug, Args)]
pub(crate) struct Invite {
    /// What the newcomer may do
    #[arg(long, value_enum, default_value_t = Terms::Field)]
    role: Terms,
    /// For how many hours it can be used
    #[arg(long, value_name = "HOURS", default_value_t = 48, value_parser = clap::value_parser!(u64).range(1..=8760))]
    hours: u64,
    /// Admits the newcomer only after its words have been compared, with `cairn device admit`
    #[arg(long)]
    confirm: bool,
    /// A circle that the newcomer is let into, by name or identifier [default: the workspace's first]
    #[arg(long, value_name = "CIRCLE")]
    circle: Vec<String>,
    /// Leaves out the code to scan
    #[arg(long)]
    no_qr: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Terms {
    /// Reads and writes records
    Field,
    /// Reads records and changes none
    Reader,
    /// Hands in records and reads none, not even its own once they have left
    SubmitOnly,
    /// Carries sealed records for others, and reads and writes none
    Courier,
    /// Also publishes forms, invites and revokes devices
    Coordinator,
}

impl Terms {
    fn role(self) -> Role {
        match self {
            Self::Field => Role::Field,
            Self::Reader => Role::Reader,
            Self::SubmitOnly => Role::SubmitOnly,
            Self::Courier => Role::Courier,
            Self::Coordinator => Role::Coordinator,
        }
    }
}

impl Invite {
    pub(crate) fn run(self, door: &Door) -> Result<Said, Trouble> {
        let mut vault = door.open()?;
        let role = self.role.role();
        let terms = InviteTerms { role, hours: self.hours };
        let circles: Vec<_> =
            self.circle.iter().map(|name| Ok(vault.find_circle(name)?.id)).collect::<Result<_, Error>>()?;
        let circles = if circles.is_empty() { vault.open_circles()? } else { circles };
        let invitation = vault.invite_into(&terms, &circles, self.confirm)?;
        vault.lock()?;
        let code = invitation.to_text();
        let mut text = String::new();
        line!(text, "{code}");
        line!(text);
        if let Some(drawn) = (!self.no_qr).then(|| drawn(&code)).flatten() {
            line!(text, "{drawn}");
            line!(text);
        }
        line!(text, "For one {} device, until {} UTC.", role.name(), minute(invitation.expiry));
        line!(text, "This is like a key: show or send it only to the person it is for.");
        if self.confirm {
            line!(
                text,
                "There: `cairn join INVITATION`, which shows four words. Then here: `cairn sync`, and"
            );
            line!(
                text,
                "`cairn device admit WORDS` with the words read out to you. Then there: `cairn sync`."
            );
        } else {
            line!(text, "There: `cairn join INVITATION`. Then here: `cairn sync`. Then there: `cairn sync`.");
        }
        if role == Role::SubmitOnly {
            line!(
                text,
                "Then here: `cairn form hand-out DEVICE --out FILE`, and there: `cairn form take FILE`."
            );
        }
        let expires = instant(invitation.expiry);
        let json = json!({
            "invitation": code,
            "expires": expires,
            "role": role.name(),
            "confirm": self.confirm,
        });
        Ok(Said::new(ended(text), json))
    }
}

/// A QR code in half blocks, light on dark as terminals are.
pub(super) fn drawn(code: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(code, EcLevel::L).ok()?;
    Some(code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build())
}

#[cfg(test)]
mod tests {
    use super::drawn;

    #[test]
    fn the_longest_invitation_still_fits_into_a_code() {
        let code = drawn(&format!("cairn1:{}", "A".repeat(900))).unwrap();
        assert!(code.lines().count() > 20);
    }
}
