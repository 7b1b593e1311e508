//! Whether a page of an encrypted database is what was written there: SQLCipher's own check (version 4), done from
//! outside, so that one bad page does not keep the others from being read.
//!
//! ```text
//! page    = content[4016] | nonce[16] | tag[64]          the first page begins with the salt[16] of the database
//! tag     = HMAC-SHA-512(tag key, content | nonce | number of the page u32, lowest octet first)
//! tag key = PBKDF2-HMAC-SHA-512(key, salt XOR 3a…3a, 2 passes), 32 octets
//! ```

use std::num::NonZeroU32;

use ring::{hmac, pbkdf2};
use zeroize::Zeroizing;

use super::VaultKey;

/// Octets of a page.
pub const PAGE: usize = 4096;
/// Octets of a page that are the database's own.
pub const PAGE_CONTENT: usize = 4016;
const TAG: usize = 64;
const SALT: usize = 16;
const MASK: u8 = 0x3a;
/// Worked out when this is compiled: a 0 here would not build.
const PASSES: NonZeroU32 = NonZeroU32::new(2).expect("2 is not 0");

/// Tells whole pages of one database from others.
pub struct PageCheck {
    key: hmac::Key,
}

impl PageCheck {
    /// For the database with this key and salt.
    pub fn new(key: &VaultKey, salt: &[u8; SALT]) -> Self {
        let mut tag_key = Zeroizing::new([0; 32]);
        let salt = salt.map(|octet| octet ^ MASK);
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA512, PASSES, &salt, key.as_bytes(), &mut tag_key[..]);
        Self { key: hmac::Key::new(hmac::HMAC_SHA512, &tag_key[..]) }
    }

    /// Whether the page of that number, which begins at 1, is whole.
    pub fn is_whole(&self, number: u32, page: &[u8]) -> bool {
        let Some((content, tag)) = page.split_at_checked(PAGE - TAG).filter(|(_, tag)| tag.len() == TAG)
        else {
            return false;
        };
        let content = if number == 1 { content.get(SALT..).unwrap_or_default() } else { content };
        let signed = [content, &number.to_le_bytes()].concat();
        hmac::verify(&self.key, &signed, tag).is_ok()
    }
}
