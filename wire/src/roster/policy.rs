//! What holds for the whole workspace and every device must see signed.
//!
//! ```text
//! days between key renewals int | lowest protocol int | history to newcomers u8 = 1
//! ```
//! Fields of later versions come behind these. Whoever finds octets it does not know must be updated, and so
//! must whoever cannot obey: keeping the history from newcomers (0) is not built yet.

use crate::codec::{Malformed, Reader, Writer};

/// The longest time that may be set between two renewals of a key, in days.
pub const RENEW_MOST: u64 = 3650;
/// Newcomers get the keys of what was written before they came.
const WITH_HISTORY: u8 = 1;

/// What holds for the whole workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// A circle's key is renewed at least so often, in days.
    pub renew_days: u64,
    /// Software of an older protocol goes no further.
    pub protocol: u64,
}

impl Default for Policy {
    /// What holds while no coordinator has said anything.
    fn default() -> Self {
        Self { renew_days: 30, protocol: 1 }
    }
}

impl Policy {
    pub(super) fn write(&self, writer: &mut Writer) {
        writer.int(self.renew_days).int(self.protocol).octet(WITH_HISTORY);
    }

    /// Reads a policy that `behind` octets follow; `None` if a later version wrote it.
    pub(super) fn read(reader: &mut Reader<'_>, behind: usize) -> Result<Option<Self>, Malformed> {
        let renew_days = reader.int("days between renewals")?;
        let protocol = reader.int("lowest protocol")?;
        let history = reader.octet("history")?;
        if !(1..=RENEW_MOST).contains(&renew_days) {
            return Err(reader.malformed("days between renewals"));
        }
        let obeyed = history == WITH_HISTORY && protocol <= u64::from(crate::PROTOCOL);
        let known = obeyed && reader.remaining() <= behind;
        Ok(known.then_some(Self { renew_days, protocol }))
    }
}
