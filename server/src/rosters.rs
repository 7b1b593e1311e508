//! Folded rosters, kept in memory and caught up with the log at every request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use cairn_wire::id::WorkspaceId;
use cairn_wire::roster::Roster;

use crate::log::{Log, LogError};

/// Rosters kept at once; one more pushes out any other.
const MOST: usize = 256;

/// Folded rosters by workspace.
#[derive(Default)]
pub(crate) struct Rosters {
    folded: Mutex<HashMap<WorkspaceId, Arc<Roster>>>,
}

impl Rosters {
    /// The roster as the log has it now; `None` for an unknown workspace.
    pub(crate) async fn current(
        &self,
        workspace: WorkspaceId,
        log: &dyn Log,
    ) -> Result<Option<Arc<Roster>>, LogError> {
        let known = self.lock().get(&workspace).cloned();
        let seq = known.as_ref().map_or(0, |roster| roster.seq());
        let Some(newer) = log.roster_after(workspace, seq).await? else { return Ok(None) };
        let roster = match known {
            Some(known) if newer.is_empty() => return Ok(Some(known)),
            Some(known) => {
                let mut roster = Roster::clone(&known);
                for entry in &newer {
                    roster.append(entry).map_err(|_| LogError::Damaged("roster"))?;
                }
                roster
            }
            None => Roster::fold(workspace, newer.iter().map(Vec::as_slice))
                .map_err(|_| LogError::Damaged("roster"))?,
        };
        let roster = Arc::new(roster);
        self.keep(&roster);
        Ok(Some(roster))
    }

    fn keep(&self, roster: &Arc<Roster>) {
        let mut folded = self.lock();
        let workspace = roster.workspace();
        if folded.len() >= MOST && !folded.contains_key(&workspace) {
            let other = folded.keys().next().copied();
            other.map(|other| folded.remove(&other));
        }
        let held = folded.entry(workspace).or_insert_with(|| Arc::clone(roster));
        if held.seq() < roster.seq() {
            *held = Arc::clone(roster);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<WorkspaceId, Arc<Roster>>> {
        self.folded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
