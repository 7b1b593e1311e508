//! Taking over a server's order, where its log goes another way than the one that is held.
//!
//! Where the two part is not known, only where they may have been the same: at the beginning of the log that
//! is held, or where a pack of the server's ends. If they were the same at neither, this device gives back
//! what the pack that the server's log begins with does not cover, and begins again with it.

use std::collections::BTreeMap;

use cairn_wire::digest::{half, sha256};
use cairn_wire::id::{ChainId, CircleId};
use cairn_wire::pack::{DEVICES, Manifest};
use cairn_wire::refusal::Reason;
use cairn_wire::segment::parse;

use super::heal::{Given, Healed};
use super::packing::Offered;
use super::sync::Tally;
use super::unpacking::Log;
use super::{ServerAddress, Vault};
use crate::error::Error;
use crate::store::{ChainRow, CircleRow, SegmentState, StoreError};
use crate::sync::{Alarm, Cursor, Logged, walk};
use crate::transport::Transport;

/// Where every log begins.
const NOTHING: Cursor = Cursor { seq: 0, root: [0; 32] };

/// An own segment in a log that was fetched anew.
struct Own {
    number: u64,
    place: u64,
    link: [u8; 16],
}

/// A log that was fetched anew from some place on.
struct Staged {
    from: Cursor,
    end: Cursor,
    own: Option<Own>,
}

impl Vault {
    /// The server's log goes another way: what is missing is put behind it, and its order is taken over.
    pub(super) fn reorder(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        circle: CircleRow,
        healed: &mut Healed,
        tally: &mut Tally<'_>,
    ) -> Result<(), Error> {
        // What this device has from its pack can come back only with that pack.
        let whole = circle.base == 0
            || self.give_pack(transport, server, &circle.circle, healed, tally)? != Given::Refused;
        let begun = self.begun_with(transport, server, &circle.circle, tally)?;
        let mut places = vec![Cursor { seq: circle.base, root: circle.base_root }];
        if let Some(pack) = &begun {
            places.extend(self.place_of(&circle, &pack.signed.manifest)?);
        }
        if circle.base > 0 && whole {
            places.push(NOTHING);
        }
        for place in places {
            if let Some(staged) = self.stage_from(transport, server, &circle, place, tally)? {
                return self.take_over(transport, server, circle, staged, healed, tally);
            }
        }
        match begun {
            Some(pack) if whole => self.begin_again(transport, server, &circle, &pack, healed, tally),
            _ => Err(Error::CannotHeal),
        }
    }

    /// The pack that the server's log begins with, or else the earliest in it.
    fn begun_with(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        circle: &CircleId,
        tally: &mut Tally<'_>,
    ) -> Result<Option<Offered>, Error> {
        let mut begun: Option<Offered> = None;
        for offered in self.offered(transport, server, &[*circle], tally)? {
            let earlier = begun.as_ref().is_none_or(|b| offered.signed.manifest.seq < b.signed.manifest.seq);
            let readable = self.store.rows().epoch(circle, offered.signed.manifest.epoch)?.is_some();
            if earlier && readable && self.standing(&offered)?.len() >= DEVICES {
                begun = Some(offered);
            }
        }
        Ok(begun)
    }

    /// The place where a pack ends, if the log that is held is the same up to there.
    fn place_of(&self, circle: &CircleRow, manifest: &Manifest) -> Result<Option<Cursor>, Error> {
        let root = match manifest.seq {
            seq if seq <= circle.base => None,
            seq if seq == circle.cursor => Some(half(&circle.root)),
            seq => self.store.rows().half_root(&circle.circle, seq)?,
        };
        let same = root == Some(half(&manifest.root));
        Ok(same.then_some(Cursor { seq: manifest.seq, root: manifest.root }))
    }

    /// Takes over a log that was fetched anew, after what is missing there was put behind it.
    fn take_over(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        circle: CircleRow,
        mut staged: Staged,
        healed: &mut Healed,
        tally: &mut Tally<'_>,
    ) -> Result<(), Error> {
        let hashes = self.store.rows().staged(&circle.circle)?;
        let known = |bytes: &[u8]| hashes.contains(&sha256(&[bytes]));
        let held_from = staged.from.seq.max(circle.base);
        self.give_back(transport, server, &circle, held_from, known, healed, tally)?;
        self.stage(transport, server, &circle, &mut staged, tally)?;
        let Staged { from, end, own } = staged;
        let device = self.device.id();
        self.store.gesture(|rows| {
            rows.swap_log(&circle.circle, from.seq)?;
            let mut row = rows.circle(&circle.circle)?.ok_or(StoreError::Unreadable("circle"))?;
            row.cursor = end.seq;
            row.root = end.root;
            if from.seq < row.base {
                (row.base, row.base_root) = (from.seq, from.root);
                rows.forget_kept(&row.circle)?;
            }
            if let Some(Own { number, place, link }) = own.filter(|own| own.number <= row.sealed) {
                let seen = rows.chain(&row.chain)?.map_or(0, |chain| chain.height);
                if number > seen {
                    let (chain, circle) = (row.chain, row.circle);
                    rows.put_chain(&ChainRow { chain, circle, device, height: number, link })?;
                }
                for number in 1..=number {
                    rows.clear_sealed(&row.circle, number)?;
                }
                rows.put_segment_state(&row.circle, place, SegmentState::TakenIn, "")?;
                rows.put_shown(&row.circle, &device, place)?;
                row.acknowledged = row.acknowledged.max(number);
            }
            rows.put_circle(&row)
        })?;
        healed.reordered += 1;
        Ok(())
    }

    /// Gives back all that a pack does not cover, and begins again with it.
    fn begin_again(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        circle: &CircleRow,
        pack: &Offered,
        healed: &mut Healed,
        tally: &mut Tally<'_>,
    ) -> Result<(), Error> {
        let manifest = &pack.signed.manifest;
        self.fetch_pieces(transport, server, &pack.signed, tally)?;
        self.compare_pack(&pack.signed)?;
        let heights: BTreeMap<ChainId, u64> =
            manifest.chains.iter().map(|head| (head.chain, head.height)).collect();
        let covered = |bytes: &[u8]| {
            parse(bytes).is_ok_and(|parsed| {
                heights.get(&parsed.header.chain).is_some_and(|height| parsed.header.seq <= *height)
            })
        };
        self.give_back(transport, server, circle, circle.base, covered, healed, tally)?;
        self.take_pack(pack, Log::Aside, tally)?;
        let row = self.store.rows().circle(&circle.circle)?.ok_or(StoreError::Unreadable("circle"))?;
        let from = Cursor { seq: row.base, root: row.base_root };
        let staged = self.stage_from(transport, server, &row, from, tally)?;
        let staged = staged.ok_or(Error::Refused { reason: Reason::Malformed })?;
        self.take_over(transport, server, row, staged, healed, tally)
    }

    /// Fetches the server's log anew from a place to its end; none if it does not go on from there.
    fn stage_from(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        circle: &CircleRow,
        from: Cursor,
        tally: &mut Tally<'_>,
    ) -> Result<Option<Staged>, Error> {
        self.store.gesture(|rows| rows.clear_staged(&circle.circle))?;
        let mut staged = Staged { from, end: from, own: None };
        match self.stage(transport, server, circle, &mut staged, tally) {
            Ok(()) => Ok(Some(staged)),
            Err(Error::NoPack | Error::Tampered(Alarm::RolledBack(_) | Alarm::OtherHistory)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Fetches the server's log anew from where it has been fetched to its end.
    fn stage(
        &mut self,
        transport: &dyn Transport,
        server: &ServerAddress,
        circle: &CircleRow,
        staged: &mut Staged,
        tally: &mut Tally<'_>,
    ) -> Result<(), Error> {
        loop {
            let at = staged.end;
            let (head, steps) = self.look(transport, server, circle, at, tally)?;
            let (end, logged) = walk(at, &head, steps, 0, |_| None)?;
            self.store.gesture(|rows| {
                for (seq, (root, logged)) in (at.seq + 1..).zip(&logged) {
                    let Logged::Other(bytes) = logged else { return Err(Alarm::UnknownOwn.into()) };
                    rows.put_staged(&circle.circle, seq, root, bytes)?;
                    if let Ok(parsed) = parse(bytes)
                        && parsed.header.chain == circle.chain
                    {
                        let link = parsed.link();
                        staged.own = Some(Own { number: parsed.header.seq, place: seq, link });
                    }
                }
                Ok::<_, Error>(())
            })?;
            staged.end = end;
            if end.seq == head.seq {
                return Ok(());
            }
            if end.seq == at.seq {
                // It has let go of what comes next.
                return Err(Error::NoPack);
            }
        }
    }
}
