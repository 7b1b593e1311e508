//! What a device asks for, read in one transaction.

use cairn_wire::id::WorkspaceId;
use cairn_wire::limits;
use cairn_wire::sync::{CircleAsk, CircleHead, Step, Wrap};
use rusqlite::{Connection, OptionalExtension};

use super::super::{LogError, Pull, PullAsk};
use super::{int, joins, letters, packs, segments, uint};

/// Rows looked at for one circle: own segments cost the reader nothing but still take time here.
const ROWS: u64 = 100_000;

/// Everything a device asks for, from one moment.
pub(super) fn pull(connection: &Connection, ask: &PullAsk) -> Result<Pull, LogError> {
    let mut pull = Pull::default();
    let more = roster(connection, ask, &mut pull)?;
    if let Some(now) = ask.joins_at {
        pull.joins = joins::waiting(connection, ask.workspace, now)?;
        pull.newest_letter = letters::newest(connection, ask.workspace)?;
    }
    pull.packs = packs::count(connection, ask.workspace)?;
    let mut budget = Budget { left: within_response(ask.budget, &pull), spent: false };
    for circle in &ask.circles {
        let (head, steps) = match circle {
            None => (CircleHead { seq: 0, root: [0; 32], height: 0, link: None }, Vec::new()),
            Some(circle) => {
                let head = head(connection, ask.workspace, circle)?;
                // Segments may rest on roster entries that did not fit: those come first.
                // Whoever lacks what has been let go fetches the pack that covers it.
                let base = packs::base(connection, ask.workspace, circle.circle)?.map_or(0, |(base, _)| base);
                let steps = if more || circle.cursor >= head.seq || circle.cursor < base {
                    Vec::new()
                } else {
                    steps(connection, ask.workspace, circle, &mut budget)?
                };
                (head, steps)
            }
        };
        pull.heads.push(head);
        pull.steps.push(steps);
    }
    Ok(pull)
}

/// What is left of a response for segments.
fn within_response(asked: u64, pull: &Pull) -> u64 {
    let roster: usize = pull.roster.iter().map(|entry| entry.len() + 2).sum();
    let wraps: usize = pull.wraps.iter().map(|wrap| wrap.sealed.len() + 32).sum();
    let joins: usize = pull.joins.iter().map(|(_, bytes)| bytes.len() + 2).sum();
    // Heads, refusals and lengths, generously; and the one segment that may exceed a small budget.
    let rest = (64 << 10) + limits::SEGMENT;
    asked.min(limits::RESPONSE.saturating_sub(roster + wraps + joins + rest) as u64)
}

/// Adds roster entries and this device's wraps; `true` when there is more of them.
fn roster(connection: &Connection, ask: &PullAsk, pull: &mut Pull) -> Result<bool, LogError> {
    let mut statement = connection.prepare_cached(
        "SELECT bytes FROM roster_entry WHERE workspace = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
    )?;
    let most = limits::ROSTER_BATCH;
    pull.roster = statement
        .query_map((&ask.workspace.0, int(ask.roster_seq), int(most as u64 + 1)), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut more = pull.roster.len() > most;
    pull.roster.truncate(most);
    if pull.roster.is_empty() {
        return Ok(false);
    }
    let last = ask.roster_seq.saturating_add(pull.roster.len() as u64);
    let mut wraps = wraps(connection, ask, last)?;
    // Wraps of one post come together with its entries or not at all.
    if let Some((cut, _)) = wraps.get(limits::WRAPS) {
        let cut = *cut;
        wraps.retain(|(tag, _)| *tag < cut);
        pull.roster.truncate(usize::try_from(cut - 1 - ask.roster_seq).unwrap_or(0));
        more = true;
    }
    pull.wraps = wraps.into_iter().map(|(_, wrap)| wrap).collect();
    Ok(more)
}

fn wraps(connection: &Connection, ask: &PullAsk, last: u64) -> Result<Vec<(u64, Wrap)>, LogError> {
    let mut statement = connection.prepare_cached(
        "SELECT roster_seq, circle, epoch, sealed FROM wrap
         WHERE workspace = ?1 AND device = ?2 AND roster_seq > ?3 AND roster_seq <= ?4
         ORDER BY roster_seq, circle, epoch LIMIT ?5",
    )?;
    let most = int(limits::WRAPS as u64 + 1);
    let rows = statement.query_map(
        (&ask.workspace.0, &ask.device.0, int(ask.roster_seq), int(last), most),
        |row| {
            let circle = cairn_wire::id::CircleId(row.get(1)?);
            Ok((uint(row.get(0)?), Wrap { circle, epoch: uint(row.get(2)?), sealed: row.get(3)? }))
        },
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn head(connection: &Connection, workspace: WorkspaceId, ask: &CircleAsk) -> Result<CircleHead, LogError> {
    let held = connection
        .prepare_cached("SELECT seq, root FROM circle WHERE workspace = ?1 AND circle = ?2")?
        .query_row((&workspace.0, &ask.circle.0), |row| Ok((uint(row.get(0)?), row.get(1)?)))
        .optional()?;
    let (seq, root) = held.unwrap_or((0, [0; 32]));
    let chain = segments::chain(connection, workspace, ask.chain)?.filter(|chain| chain.circle == ask.circle);
    let (height, link) = chain.map_or((0, None), |chain| (chain.height, Some(chain.link)));
    Ok(CircleHead { seq, root, height, link })
}

struct Budget {
    left: u64,
    spent: bool,
}

impl Budget {
    /// Whether a segment of so many octets may still go; the first always may.
    fn allows(&mut self, octets: usize) -> bool {
        // Its length before it takes up to three octets.
        let cost = octets as u64 + 3;
        if self.spent && cost > self.left {
            return false;
        }
        self.spent = true;
        self.left = self.left.saturating_sub(cost);
        true
    }
}

fn steps(
    connection: &Connection,
    workspace: WorkspaceId,
    ask: &CircleAsk,
    budget: &mut Budget,
) -> Result<Vec<Step>, LogError> {
    let mut statement = connection.prepare_cached(
        "SELECT chain, bytes FROM segment WHERE workspace = ?1 AND circle = ?2 AND seq > ?3
         ORDER BY seq LIMIT ?4",
    )?;
    let mut rows = statement.query((&workspace.0, &ask.circle.0, int(ask.cursor), int(ROWS)))?;
    let mut steps = Vec::new();
    while let Some(row) = rows.next()? {
        let own = row.get::<_, [u8; 16]>(0)? == ask.chain.0;
        match steps.last_mut() {
            Some(Step::Own(count)) if own => *count += 1,
            _ if own => steps.push(Step::Own(1)),
            _ => {
                let bytes = row.get_ref(1)?.as_blob().map_err(|_| LogError::Damaged("segment"))?;
                if !budget.allows(bytes.len()) {
                    break;
                }
                steps.push(Step::Segment(bytes.to_vec()));
            }
        }
    }
    Ok(steps)
}
