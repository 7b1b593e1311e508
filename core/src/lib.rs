//! All that a Cairn device knows and does: the only code that can read a record.
//!
//! The rooms stand on floors; a room imports only from floors below its own (`tests/floors.rs` holds the
//! table). Begin reading at [`vault`], whose methods are the whole of what a person can do.
//!
//! ```text
//! OUT  form ─► record ─► change::first/edit ─► store (outbox) ─► segment::seal ─► sync ─► transport
//! IN   view ◄─ record ◄─ change::admit      ◄─ store (log)    ◄─ segment::open ◄─ sync ◄─ transport
//! ```

pub mod attachment;
pub mod bundle;
pub mod change;
pub mod clock;
pub mod crypto;
pub mod error;
pub mod form;
pub mod keeper;
pub mod pack;
pub mod record;
pub mod roster;
pub mod segment;
pub mod store;
pub mod sync;
pub mod transport;
pub mod vault;
pub mod view;

pub use cairn_wire as wire;
pub use error::{Error, Who};
pub use vault::Vault;
