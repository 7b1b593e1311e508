//! The endpoints, one a file.

pub(crate) mod attachments;
pub(crate) mod heal;
pub(crate) mod heal_pack;
pub(crate) mod health;
pub(crate) mod join;
pub(crate) mod late;
pub(crate) mod letters;
pub(crate) mod packs;
pub(crate) mod roster;
pub(crate) mod sync;
pub(crate) mod workspaces;
