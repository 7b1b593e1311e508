//! What a change may cost, found out before Automerge sees it.
//!
//! Columns are run-length encoded: a hundred octets can claim 2⁶⁰ operations, and Automerge would walk
//! through all of them before it says anything. So the frame is read here first, and the runs that
//! decide how much there is (operations, and the operations they replace) are added up.
//!
//! ```text
//! n dependencies[32] │ actor │ seq │ start op │ time │ message │ n other actors
//! │ n columns (spec, length) │ column data │ extra
//! ```
//! (automerge.org/automerge-binary-format-spec, "change chunks")

use cairn_wire::limits;

use super::{frame, leb::Leb, refusal::Refusal};

/// Operations in one change: enough to replace the longest narrative letter by letter.
pub(super) const OPERATIONS: u64 = 1 << 19;
/// Other chains named in one change.
const ACTORS: u64 = 256;
/// The action that deletes: the only one of which a run may be longer than its octets.
const DELETE: u64 = 3;
/// The column whose runs count operations: id 4 (action), type integer.
const ACTION: u64 = 0x42;
/// The column whose values count replaced operations: id 7 (predecessors), type group.
const REPLACED: u64 = 0x70;
/// All columns a change of ours can have, as (id << 4 | type); compressed ones (bit 3) are not among them.
const COLUMNS: [u64; 12] = [0x01, 0x02, 0x11, 0x13, 0x15, 0x34, ACTION, 0x56, 0x57, REPLACED, 0x71, 0x73];

/// Whether `change` is small and plain enough to be parsed.
pub(super) fn inspect(change: &[u8]) -> Result<(), Refusal> {
    if change.len() > limits::CHANGE {
        return Err(Refusal::TooLarge { octets: change.len() });
    }
    let contents = frame::strip(change).and_then(frame::contents).ok_or(Refusal::NotAChange)?;
    let mut rest = Leb(contents);
    let dependencies = rest.unsigned().ok_or(Refusal::NotAChange)?;
    if dependencies > limits::DEPENDENCIES as u64 {
        return Err(Refusal::TooManyDependencies { count: dependencies });
    }
    let cost = cost(&mut rest, dependencies).ok_or(Refusal::NotAChange)?;
    let plausible = cost.written <= change.len() as u64;
    if plausible && cost.written.saturating_add(cost.deleted) <= OPERATIONS && cost.replaced <= OPERATIONS {
        Ok(())
    } else {
        Err(Refusal::TooManyOperations)
    }
}

/// How much a change claims to hold.
#[derive(Default)]
struct Cost {
    /// Operations that write; each letter and value takes an octet at least.
    written: u64,
    /// Operations that delete.
    deleted: u64,
    /// Operations that are replaced or deleted.
    replaced: u64,
}

/// Reads on from behind the number of dependencies.
fn cost(rest: &mut Leb<'_>, dependencies: u64) -> Option<Cost> {
    rest.take(dependencies * 32)?;
    let actor = rest.unsigned()?;
    rest.take(actor)?;
    let (_seq, _start, _time) = (rest.unsigned()?, rest.unsigned()?, rest.signed()?);
    let message = rest.unsigned()?;
    let others = rest.unsigned()?;
    if actor != 16 || message != 0 || others > ACTORS {
        return None;
    }
    for _ in 0..others {
        if rest.unsigned()? != 16 {
            return None;
        }
        rest.take(16)?;
    }
    let columns = columns(rest)?;
    let mut cost = Cost::default();
    for (spec, length) in columns {
        let column = rest.take(length)?;
        let grow = |sum: &mut u64, by: u64| *sum = sum.saturating_add(by);
        match spec {
            ACTION => runs(column, |count, action| match action {
                DELETE => grow(&mut cost.deleted, count),
                _ => grow(&mut cost.written, count),
            })?,
            REPLACED => runs(column, |count, each| grow(&mut cost.replaced, count.saturating_mul(each)))?,
            _ => {}
        }
    }
    // Nothing may follow: that is where an author's name could hide.
    rest.0.is_empty().then_some(cost)
}

/// The columns: known ones, each once, ascending.
fn columns(rest: &mut Leb<'_>) -> Option<Vec<(u64, u64)>> {
    let mut columns: Vec<(u64, u64)> = Vec::new();
    for _ in 0..rest.unsigned()? {
        let (spec, length) = (rest.unsigned()?, rest.unsigned()?);
        let ascending = columns.last().is_none_or(|(before, _)| *before < spec);
        if !ascending || !COLUMNS.contains(&spec) {
            return None;
        }
        columns.push((spec, length));
    }
    Some(columns)
}

/// Walks the runs of a run-length encoded column of unsigned numbers: how many of which.
fn runs(column: &[u8], mut each: impl FnMut(u64, u64)) -> Option<()> {
    let mut rest = Leb(column);
    while !rest.0.is_empty() {
        let run = rest.signed()?;
        match run {
            1.. => each(run.unsigned_abs(), rest.unsigned()?),
            // Each value of a literal run takes an octet at least, so this ends with the column.
            ..0 => {
                for _ in 0..run.unsigned_abs() {
                    each(1, rest.unsigned()?);
                }
            }
            0 => return None,
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A well-framed change whose action and predecessor columns are `action` and `replaced`.
    fn claiming(action: &[u8], replaced: &[u8], extra: &[u8]) -> Vec<u8> {
        let mut contents = vec![0, 16];
        contents.extend([7; 16]);
        contents.extend([1, 1, 0, 0, 0, 2, 0x42, action.len() as u8, 0x70, replaced.len() as u8]);
        contents.extend([action, replaced, extra].concat());
        let mut stripped = vec![contents.len() as u8];
        stripped.extend(contents);
        frame::restore(&stripped)
    }

    #[test]
    fn a_small_change_may_not_claim_many_operations() {
        let two_to_the_sixtieth = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10, 1];
        let many_operations = claiming(&two_to_the_sixtieth, &[2, 0], &[]);
        assert_eq!(inspect(&many_operations), Err(Refusal::TooManyOperations));
        let many_replaced =
            claiming(&[2, 1], &[1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10], &[]);
        assert_eq!(inspect(&many_replaced), Err(Refusal::TooManyOperations));
        assert_eq!(inspect(&claiming(&[2, 1], &[2, 0], &[])), Ok(()));
    }

    #[test]
    fn nothing_hides_behind_the_columns() {
        assert_eq!(inspect(&claiming(&[2, 1], &[2, 0], &[1, 1, 65])), Err(Refusal::NotAChange));
    }

    #[test]
    fn a_change_of_a_mebibyte_and_one_octet_is_too_large() {
        let octets = limits::CHANGE + 1;
        assert_eq!(inspect(&vec![0; octets]), Err(Refusal::TooLarge { octets }));
    }
}
