//! What has not reached the server, beside the vault and sealed for the office: whoever forgets the passphrase has
//! lost nothing that was finished.
//!
//! When the vault is locked, everything that waits is sealed into segments, as for sending, and these lie in the
//! file `outbox`, a bundle that coordinators open and nobody else. Carrying it to one of them needs no passphrase.
//! The segments are the author's own, signed by the author's device, so nobody has to believe whoever brings them.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use cairn_wire::codec::{Malformed, Reader, Writer};
use cairn_wire::digest::{Hash, sha256};
use cairn_wire::id::{ChainId, CircleId, DeviceId, WorkspaceId};
use cairn_wire::limits;
use cairn_wire::refusal::SegmentRefusal;
use cairn_wire::roster::{DeviceKeys, Role};
use cairn_wire::segment::parse;

use super::aside::Aside;
use super::incarnation::Unsent;
use super::sync::{Progress, SyncReport, Tally, UP, Way};
use super::{ServerAddress, Vault, fact, slotfile};
use crate::bundle::{self, BundleError, Purpose, READERS};
use crate::crypto::{Which, generate};
use crate::error::Error;
use crate::segment::verify_late;
use crate::store::CircleRow;
use crate::transport::Transport;

const VERSION: u8 = 1;
/// Octets of segments that are read from the vault at once.
const AT_ONCE: usize = 4 << 20;

/// What became of a bundle that was brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Brought {
    /// Whose device made it.
    pub device: Option<DeviceId>,
    /// Segments in it.
    pub segments: u64,
    /// How many of them the server has now.
    pub given: u64,
    /// How many came after their author had lost the right to write: late letters now, for coordinators to decide.
    pub letters: u64,
    /// How many are of circles that this device is not in.
    pub elsewhere: u64,
    /// How many the server or this device would not take. They stay in the file.
    pub refused: u64,
    /// Whether the file ends too early or has been changed from some place on. What stands before it was taken.
    pub torn: bool,
    /// The sync that followed.
    pub sync: SyncReport,
}

/// How far the own chain of a circle lies in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Lies {
    circle: CircleId,
    chain: ChainId,
    acknowledged: u64,
    sealed: u64,
}

/// What lies in the file, as the vault remembers it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Lying {
    /// Whether the file was whole on disk.
    whole: bool,
    /// Whom it is sealed for.
    readers: Hash,
    circles: Vec<Lies>,
}

/// Where what waits lies, ready to be carried.
fn path(folder: &Path) -> PathBuf {
    folder.join("outbox")
}

impl Vault {
    /// The file that holds, sealed for the office, what had not reached the server when the vault in `folder` was
    /// locked last; asks for no passphrase. None before the vault has ever had anybody to seal for.
    pub fn outbox_file(folder: &Path) -> Option<PathBuf> {
        Some(path(&slotfile::home(folder, Which::A))).filter(|path| path.exists())
    }

    /// Seals what waits and lays it beside the vault.
    pub(super) fn lay_outbox(&mut self) -> Result<(), Error> {
        if !self.role().is_some_and(Role::writes) {
            return Ok(());
        }
        let readers = self.office_keys()?;
        // Sealed together when it is sent, it is smaller; so without anybody to carry it to, nothing is sealed now.
        if !readers.is_empty() {
            self.seal_before_sending()?;
        }
        let names: Vec<_> = readers.iter().map(DeviceKeys::id).collect();
        let parts: Vec<&[u8]> = names.iter().map(|name| &name.0[..]).collect();
        let mut lying = Lying { whole: true, readers: sha256(&parts), circles: Vec::new() };
        for row in self.asked_circles()? {
            let CircleRow { circle, chain, acknowledged, sealed, .. } = row;
            lying.circles.push(Lies { circle, chain, acknowledged, sealed });
        }
        if self.lying()?.as_ref() == Some(&lying) && path(&self.folder).exists() {
            return Ok(());
        }
        // First, since whatever lies there may be carried off at any moment.
        self.note_lying(&Lying { whole: false, ..lying.clone() })?;
        self.write_outbox(&readers, &lying)?;
        self.note_lying(&lying)
    }

    fn seal_before_sending(&mut self) -> Result<(), Error> {
        let held_back = self.awaiting_erasures()?;
        for circle in self.asked_circles()?.into_iter().filter(|row| !held_back.contains(&row.circle)) {
            // What is in doubt may not be sealed again, and what comes after it would stand on it.
            if !circle.in_doubt {
                self.seal_circle(&circle.circle, usize::MAX)?;
            }
        }
        Ok(())
    }

    /// Whom the file is sealed for: every other coordinator. Where there is none the file is there all the same,
    /// for nobody, so that it does not tell.
    fn office_keys(&self) -> Result<Vec<DeviceKeys>, Error> {
        let own = self.device.id();
        let office = self.roster()?.members().iter();
        let office =
            office.filter(|(id, member)| member.belongs() && member.role == Role::Coordinator && **id != own);
        Ok(office.map(|(_, member)| member.keys.clone()).take(READERS).collect())
    }

    fn write_outbox(&self, readers: &[DeviceKeys], lying: &Lying) -> Result<(), Error> {
        let aside = Aside::own(&path(&self.folder)).map_err(disk)?;
        let readers: Vec<&DeviceKeys> = readers.iter().collect();
        let mut out =
            bundle::Writer::new(BufWriter::new(aside.file()), Purpose::Outbox, &readers).map_err(failed)?;
        out.frame(&head(self.roster()?.workspace(), self.device.id())).map_err(failed)?;
        for lies in &lying.circles {
            let mut after = lies.acknowledged;
            loop {
                let rows = self.store.rows().sealed_from(&lies.circle, after + 1, AT_ONCE)?;
                let Some(last) = rows.last() else { break };
                after = last.seq;
                for row in rows {
                    out.frame(&frame(&lies.circle, &row.bytes)).map_err(failed)?;
                }
            }
        }
        out.finish().map_err(failed)?.flush().map_err(disk)?;
        aside.replace().map_err(disk)
    }

    /// Whether segments of this chain that wait may be in somebody's hands already, so that they must not be sealed
    /// again under the same numbers.
    pub(super) fn may_be_carried(&self, row: &CircleRow) -> Result<bool, Error> {
        // What cannot be read may say anything: then everything may be carried.
        let Some(lying) = self.lying()? else { return Ok(row.sealed > row.acknowledged) };
        let same = |lies: &&Lies| lies.circle == row.circle && lies.chain == row.chain;
        Ok(lying.circles.iter().find(same).is_some_and(|lies| lies.sealed > row.acknowledged))
    }

    /// Says what waits in a circle in the name of a new chain, verbatim: the old one's segments may be carried to
    /// the office meanwhile, and both may arrive.
    pub(super) fn leave_to_carrier(&mut self, row: CircleRow) -> Result<(), Error> {
        let mut anew = self.anew(row, Unsent::Carried, 0)?;
        anew.drop_erased(&self.store.rows())?;
        let device = self.device.id();
        self.store.gesture(|rows| anew.begin(&rows, &device))?;
        self.new_chains += 1;
        Ok(())
    }

    /// What lies there, as noted last: nothing before anything was laid; none if the note cannot be read.
    fn lying(&self) -> Result<Option<Lying>, Error> {
        let stored = self.store.rows().fact(fact::OUTBOX_FILE)?;
        Ok(stored.map_or_else(|| Some(Lying::default()), |bytes| Lying::decode(&bytes)))
    }

    fn note_lying(&mut self, lying: &Lying) -> Result<(), Error> {
        Ok(self.store.gesture(|rows| rows.put_fact(fact::OUTBOX_FILE, &lying.encode()))?)
    }

    /// Takes in what another device's owner has brought: gives it to the server, and syncs. Nothing of the file is
    /// lost by bringing it twice.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] unless this device is a coordinator's; [`Error::BadBundle`]; as [`Vault::sync`].
    pub fn take_outbox(
        &mut self,
        transport: &dyn Transport,
        file: File,
        watch: impl FnMut(Progress),
    ) -> Result<Brought, Error> {
        self.need_coordinator()?;
        let mut reader =
            bundle::Reader::open(BufReader::new(file), Purpose::Outbox, &self.device).map_err(bad)?;
        let mut brought = Brought::default();
        let first = reader.next_frame().map_err(bad)?.unwrap_or_default();
        let (workspace, device) = read_head(&first).map_err(|_| bad(BundleError::TooNew))?;
        if workspace != self.roster()?.workspace() {
            return Err(Error::BadBundle { problem: "it is of another workspace" });
        }
        brought.device = Some(device);
        // So that it is judged by the newest roster, and what came meanwhile by another road is known.
        self.sync(transport, |_| {})?;
        let mut load = Load::default();
        loop {
            let next = match reader.next_frame() {
                Ok(next) => next,
                Err(BundleError::Torn { .. } | BundleError::Changed { .. }) => {
                    brought.torn = true;
                    None
                }
                Err(error) => return Err(bad(error)),
            };
            let read = next.as_ref().map(|frame| read_frame(frame)).transpose();
            let Ok(next) = read else {
                brought.refused += 1;
                continue;
            };
            let ends = next.as_ref().is_none_or(|(circle, bytes)| !load.takes(circle, bytes));
            if ends {
                self.unload(transport, std::mem::take(&mut load), &device, &mut brought)?;
            }
            let Some((circle, bytes)) = next else { break };
            brought.segments += 1;
            load.put(circle, bytes.to_vec());
        }
        brought.sync = self.sync(transport, watch)?;
        Ok(brought)
    }

    /// Gives the server some segments of one circle.
    fn unload(
        &mut self,
        transport: &dyn Transport,
        load: Load,
        device: &DeviceId,
        brought: &mut Brought,
    ) -> Result<(), Error> {
        let Some(circle) = load.circle else { return Ok(()) };
        let count = load.segments.len() as u64;
        let Some(row) = self.asked_circles()?.into_iter().find(|row| row.circle == circle) else {
            brought.elsewhere += count;
            return Ok(());
        };
        let server: ServerAddress = self.server()?.ok_or(Error::NoWorkspace)?;
        let mut watch = |_| {};
        let mut tally = Tally::new(&mut watch);
        // Under a chain that is nobody's: none of it is this device's own.
        let ask = CircleRow { chain: ChainId(generate()?), ..row };
        let segments = vec![load.segments.clone()];
        let (response, _) = self.ask(Way::Heal, transport, &server, &[ask], &segments, &mut tally)?;
        brought.given += count.saturating_sub(response.refused.len() as u64);
        for (index, why) in response.refused {
            let bytes = usize::try_from(index).ok().and_then(|index| load.segments.get(index));
            let late = matches!(why, SegmentRefusal::Late | SegmentRefusal::AfterRefused);
            match bytes.filter(|bytes| late && self.is_late(&circle, bytes, device)) {
                Some(bytes) => {
                    self.store.gesture(|rows| rows.put_letter(&circle, device, bytes))?;
                    brought.letters += 1;
                }
                None => brought.refused += 1,
            }
        }
        Ok(())
    }

    /// Whether a segment is the device's own, of a time when it still might write there or after.
    fn is_late(&self, circle: &CircleId, bytes: &[u8], device: &DeviceId) -> bool {
        let Some(roster) = &self.roster else { return false };
        parse(bytes).is_ok_and(|parsed| verify_late(parsed, roster, *circle, *device).is_ok())
    }
}

/// Segments of one circle that go to the server together.
#[derive(Default)]
struct Load {
    circle: Option<CircleId>,
    segments: Vec<Vec<u8>>,
    octets: usize,
}

impl Load {
    fn takes(&self, circle: &CircleId, bytes: &[u8]) -> bool {
        let room = self.octets + bytes.len() <= UP && self.segments.len() < limits::SEGMENTS;
        self.circle.is_none_or(|held| held == *circle) && room
    }

    fn put(&mut self, circle: CircleId, bytes: Vec<u8>) {
        self.circle = Some(circle);
        self.octets += bytes.len();
        self.segments.push(bytes);
    }
}

impl Lying {
    fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.octet(u8::from(self.whole)).raw(&self.readers).count(self.circles.len());
        for lies in &self.circles {
            writer.raw(&lies.circle.0).raw(&lies.chain.0).int(lies.acknowledged).int(lies.sealed);
        }
        writer.finish()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let whole = reader.octet("whole").ok()? == 1;
        let readers = reader.array("readers").ok()?;
        let mut circles = Vec::new();
        // As many as were written; the octets that are there end it.
        for _ in 0..reader.count(usize::MAX, "circles").ok()? {
            circles.push(Lies {
                circle: CircleId(reader.array("circle").ok()?),
                chain: ChainId(reader.array("chain").ok()?),
                acknowledged: reader.int("acknowledged").ok()?,
                sealed: reader.int("sealed").ok()?,
            });
        }
        reader.end().ok()?;
        Some(Self { whole, readers, circles })
    }
}

/// `version u8 = 1 | workspace[16] | device[16]`
fn head(workspace: WorkspaceId, device: DeviceId) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.octet(VERSION).raw(&workspace.0).raw(&device.0);
    writer.finish()
}

fn read_head(bytes: &[u8]) -> Result<(WorkspaceId, DeviceId), Malformed> {
    let mut reader = Reader::new(bytes);
    if reader.octet("version")? != VERSION {
        return Err(reader.malformed("version"));
    }
    let ids = (WorkspaceId(reader.array("workspace")?), DeviceId(reader.array("device")?));
    reader.end()?;
    Ok(ids)
}

/// `circle[16] | segment (rest)`
fn frame(circle: &CircleId, segment: &[u8]) -> Vec<u8> {
    [&circle.0[..], segment].concat()
}

fn read_frame(bytes: &[u8]) -> Result<(CircleId, &[u8]), Malformed> {
    let mut reader = Reader::new(bytes);
    Ok((CircleId(reader.array("circle")?), reader.rest()))
}

fn disk(source: io::Error) -> Error {
    Error::Disk { what: "the file with what waits to be sent", source }
}

fn failed(error: BundleError) -> Error {
    match error {
        BundleError::Io(source) => disk(source),
        BundleError::Crypto(error) => error.into(),
        other => Error::Bug(format!("outbox file: {other}")),
    }
}

fn bad(error: BundleError) -> Error {
    let problem = match error {
        BundleError::Io(source) => return Error::Disk { what: "the file that was brought", source },
        BundleError::Crypto(error) => return error.into(),
        BundleError::TooNew => return Error::TooNew { what: "the file that was brought" },
        BundleError::OtherPurpose => "it is a backup, not what a device had yet to send",
        BundleError::NotForThis => "it is sealed for other coordinators than this one",
        BundleError::Torn { .. } => "it is cut off at its very beginning",
        BundleError::NotABundle => "it is not what `cairn outbox carry` makes",
        _ => "it is damaged at its very beginning",
    };
    Error::BadBundle { problem }
}

#[cfg(test)]
mod tests;
