//! Vectors of the roster: who belongs, what holds, who was taken out.

use cairn_core::roster::{admit, found, one_entry, renew, revoke};
use cairn_core::wire::codec::hex;
use cairn_core::wire::digest::VerifyingKey;
use cairn_core::wire::id::{ChainId, InviteId};
use cairn_core::wire::roster::{Body, Last, Policy, Role};
use serde_json::{Value, json};

use super::device;

/// A workspace's first six entries, and every secret in it.
pub(super) fn roster() -> Result<Value, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let (founder, newcomer) = (device(1)?, device(2)?);
    let founding = found(&founder, VerifyingKey([9; 32]), 1_800_000_000).map_err(|error| text(&error))?;
    let (circle, first) = (founding.circle, founding.secret.clone());
    let mut roster = founding.roster;
    let mut entries = founding.post.entries;
    let (post, second) =
        renew(&roster, &founder, 1_800_000_100, circle, &first).map_err(|error| text(&error))?;
    for entry in post.entries {
        roster.append(&entry).map_err(|error| text(&error))?;
        entries.push(entry);
    }
    let newest = [(circle, 2, second.clone())];
    let keys = newcomer.keys();
    let post = admit(&roster, &founder, 1_800_000_200, keys, Role::Field, InviteId([7; 16]), &newest)
        .map_err(|error| text(&error))?;
    entries.extend(post.entries);
    let wrap = post.wraps.first().map(|(_, wrap)| hex(&wrap.sealed)).unwrap_or_default();
    Ok(json!({
        "about": "a roster: genesis, epoch 1, epoch 2, add device, grant",
        "founder_seed": hex(&founder.seed()[..]),
        "newcomer_seed": hex(&newcomer.seed()[..]),
        "workspace": founding.workspace.to_string(),
        "circle": circle.to_string(),
        "epoch_secrets": [hex(first.as_bytes()), hex(second.as_bytes())],
        "newcomer_wrap_of_epoch_2": wrap,
        "entries": entries.iter().map(|entry| hex(entry)).collect::<Vec<_>>(),
    }))
}

/// A founder, a newcomer, and the entries that take the newcomer out and renew the key.
pub(super) fn revocation() -> Result<Value, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let (founder, newcomer) = (device(1)?, device(2)?);
    let founding = found(&founder, VerifyingKey([9; 32]), 1_800_000_000).map_err(|error| text(&error))?;
    let (circle, mut roster, mut entries) = (founding.circle, founding.roster, founding.post.entries);
    let newest = [(circle, 1, founding.secret)];
    let admitted =
        admit(&roster, &founder, 1_800_000_100, newcomer.keys(), Role::Field, InviteId([7; 16]), &newest)
            .map_err(|error| text(&error))?;
    for entry in admitted.entries {
        roster.append(&entry).map_err(|error| text(&error))?;
        entries.push(entry);
    }
    let chain = ChainId([0x5c; 16]);
    let lasts = vec![Last { chain, seq: 3, link: [0x44; 16] }];
    let done = revoke(&roster, &founder, 1_800_000_200, newcomer.id(), None, lasts, &newest)
        .map_err(|error| text(&error))?;
    for entry in done.post.entries {
        roster.append(&entry).map_err(|error| text(&error))?;
        entries.push(entry);
    }
    Ok(json!({
        "about": "a roster in which the second device was revoked: its chain counts up to segment 3",
        "workspace": roster.workspace().to_string(),
        "circle": circle.to_string(),
        "device": newcomer.id().to_string(),
        "chain": chain.to_string(),
        "entries": entries.iter().map(|entry| hex(entry)).collect::<Vec<_>>(),
    }))
}

/// A founder who names a second key of the server, drops the first, and sets a policy.
pub(super) fn settings() -> Result<Value, String> {
    let founder = device(1)?;
    let founding =
        found(&founder, VerifyingKey([9; 32]), 1_800_000_000).map_err(|error| error.to_string())?;
    let (mut roster, mut entries) = (founding.roster, founding.post.entries);
    for (time, body) in [
        (1_800_000_100, Body::ServerKeys { keys: vec![VerifyingKey([8; 32]), VerifyingKey([9; 32])] }),
        (1_800_000_200, Body::ServerKeys { keys: vec![VerifyingKey([8; 32])] }),
        (1_800_000_300, Body::Policy(Policy { renew_days: 7, protocol: 1 })),
    ] {
        let post = one_entry(&roster, &founder, time, body).map_err(|error| error.to_string())?;
        for entry in post.entries {
            roster.append(&entry).map_err(|error| error.to_string())?;
            entries.push(entry);
        }
    }
    Ok(json!({
        "about": "a roster in which the server's keys changed from 09… to 08… and keys are renewed weekly",
        "workspace": roster.workspace().to_string(),
        "entries": entries.iter().map(|entry| hex(entry)).collect::<Vec<_>>(),
    }))
}
