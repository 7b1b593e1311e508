//! The lies a server can tell. Each is told at places that fall by seeded dice.

use cairn_core::wire::digest::sha256;
use cairn_core::wire::join::JoinRequest;
use cairn_core::wire::refusal::{Reason, SegmentRefusal};
use cairn_core::wire::roster::{Body, Entry, Role};
use cairn_core::wire::segment::{assemble, parse, signed_bytes};
use cairn_core::wire::sync::{Step, SyncResponse};

use super::{Asked, Truth};
use crate::dice::Dice;

macro_rules! lies {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// One way to lie. Whatever it changes is signed again, so that every signature of the server is right.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Lie {
            $($(#[$doc])* $name,)*
        }

        impl Lie {
            /// Every lie there is.
            pub const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}

lies! {
    /// None: it is honest.
    Nothing,
    // The log is another, and the roots are over what is told.
    /// A bit of a segment's ciphertext or signature is another.
    FlipsABit,
    /// A bit of a segment's header is another.
    FlipsABitOfAHeader,
    /// Two segments change places.
    Swaps,
    /// A segment in the middle is missing.
    DropsFromTheMiddle,
    /// The newest segments are missing.
    DropsTheNewest,
    /// A segment stands there twice.
    Repeats,
    /// A segment ends early.
    Truncates,
    /// A segment has octets more.
    Lengthens,
    /// A segment of another chain stands in the place of one.
    ShowsAnotherInstead,
    /// A segment of another workspace stands in the place of one, or beside it.
    MixesWorkspaces,
    /// A segment of another circle stands in the place of one, or beside it.
    MixesCircles,
    /// Old segments come after newer epochs.
    MixesEpochs,
    /// A segment claims another epoch.
    RenumbersAnEpoch,
    /// A segment claims another roster entry.
    RenumbersARosterEntry,
    /// A chain that nobody began stands under a member's name.
    ForgesAnAuthor,
    /// Only the front of the log is there: it was put back.
    RollsBack,
    /// Nothing is there: it was wiped.
    Wipes,
    /// Everything comes in another order.
    Shuffles,
    // The answer does not fit the log.
    /// The head's root is another.
    ShowsAnotherRoot,
    /// There is more than it ever gives.
    PromisesMore,
    /// It holds more of the asker's chain than was ever sealed.
    ClaimsOwnSegments,
    /// The asker's own segments stand in the log more often than they do.
    RepeatsOwnSegments,
    /// The newest own segment is another.
    ClaimsAnotherOwnSegment,
    /// It says that it keeps what it throws away.
    AcknowledgesWhatItThrowsAway,
    /// It says that it does not hold what it holds.
    DeniesWhatItHolds,
    /// It keeps nothing and says so.
    ThrowsAway,
    /// Another data folder than before.
    ChangesGeneration,
    /// A key that is not the server's signs.
    SignsWithAnotherKey,
    /// An answer it gave before.
    RepeatsAnAnswer,
    /// The answer ends early.
    CutsTheAnswer,
    /// A bit of the answer is another.
    FlipsABitOfTheAnswer,
    // Roster, keys, newcomers.
    /// The newest entries are missing.
    DropsRosterEntries,
    /// An entry in the middle is missing.
    DropsFromTheRoster,
    /// Two entries change places.
    SwapsRosterEntries,
    /// An entry comes twice.
    RepeatsARosterEntry,
    /// A bit of an entry is another.
    FlipsABitOfTheRoster,
    /// A device of the server's choice is added, in a coordinator's name.
    ForgesARosterEntry,
    /// Wraps are kept back.
    KeepsKeysBack,
    /// A bit of a wrap is another.
    SpoilsAKey,
    /// Another device's wraps.
    SwapsKeys,
    /// An older key under a newer number.
    GivesAnOldKey,
    /// A newcomer's keys are the server's.
    SwapsJoinKeys,
    // Refusals.
    /// The request is refused.
    RefusesTheRequest,
    /// Segments are refused, whether or not any were sent.
    RefusesSegments,
    /// The device is told it was revoked, and that what it handed in is kept.
    SaysRevoked,
}

impl Lie {
    /// Whether it is about the roster or keys, which only somebody who lacks some can be told.
    pub fn is_about_the_roster(self) -> bool {
        Self::DropsRosterEntries <= self && self <= Self::GivesAnOldKey
    }

    /// Whether the segments that a device sends are thrown away.
    pub(super) fn throws_away(self) -> bool {
        matches!(self, Self::AcknowledgesWhatItThrowsAway | Self::ThrowsAway | Self::RefusesSegments)
    }

    /// Changes the log that is told; gives the place if it is a single segment that is another.
    pub(super) fn change_log(self, log: &mut Vec<Vec<u8>>, truth: &Truth, dice: &mut Dice) -> Option<usize> {
        let at = dice.below(log.len());
        let other = (at + 1 + dice.below(log.len() - 1)) % log.len();
        match self {
            Self::FlipsABit => {
                let from = parse(&log[at]).expect("a segment").header.encode().len();
                let octet = from + dice.below(log[at].len() - from);
                log[at][octet] ^= 1 << dice.below(8);
            }
            Self::FlipsABitOfAHeader => {
                let octet = dice.below(parse(&log[at]).expect("a segment").header.encode().len());
                log[at][octet] ^= 1 << dice.below(8);
            }
            Self::Swaps => log.swap(at, other),
            Self::DropsFromTheMiddle => drop(log.remove(at)),
            Self::DropsTheNewest => log.truncate(log.len() - 1 - dice.below(20)),
            Self::Repeats => log.insert(at, log[other].clone()),
            Self::Truncates => {
                let keep = dice.below(log[at].len());
                log[at].truncate(keep.max(1));
            }
            Self::Lengthens => log[at].extend((0..=dice.below(40)).map(|_| dice.bits() as u8)),
            Self::ShowsAnotherInstead => log[at] = log[other].clone(),
            Self::MixesWorkspaces | Self::MixesCircles => {
                let half = truth.elsewhere.len() / 2;
                let (from, to) =
                    if self == Self::MixesCircles { (0, half) } else { (half, truth.elsewhere.len()) };
                let foreign = dice.pick(&truth.elsewhere[from..to]).clone();
                if dice.once_in(2) { log[at] = foreign } else { log.insert(at, foreign) }
            }
            Self::MixesEpochs => {
                let early = log.remove(dice.below(log.len() / 4));
                let place = log.len() - dice.below(log.len() / 4);
                log.insert(place, early);
            }
            Self::RenumbersAnEpoch | Self::RenumbersARosterEntry => {
                let parsed = parse(&log[at]).expect("a segment");
                let mut header = parsed.header.clone();
                let number =
                    if self == Self::RenumbersAnEpoch { &mut header.epoch } else { &mut header.roster_seq };
                *number = (*number + 1 + dice.below(3) as u64) % 7;
                log[at] = assemble(&header, &parsed.signature, parsed.ciphertext);
            }
            Self::ForgesAnAuthor => {
                let parsed = parse(&log[at]).expect("a segment");
                let mut header = parsed.header.clone();
                (header.chain.0[3], header.seq) = (header.chain.0[3] ^ 1, 1);
                header.prev = dice.pick(&truth.authors).0;
                let entry = &truth.roster[usize::try_from(header.roster_seq).expect("a number") - 1];
                let data = header.associated_data(truth.workspace, truth.circle, &sha256(&[entry]));
                let signature = truth.key.sign(&signed_bytes(&data, parsed.ciphertext));
                let forged = assemble(&header, &signature, parsed.ciphertext);
                log.insert(other, forged);
            }
            Self::RollsBack => log.truncate(log.len() / 4 + dice.below(log.len() / 2)),
            Self::Wipes => log.clear(),
            Self::Shuffles => {
                for at in (1..log.len()).rev() {
                    log.swap(at, dice.below(at + 1));
                }
            }
            _ => {}
        }
        let single = [Self::FlipsABit, Self::Truncates, Self::Lengthens].contains(&self);
        single.then_some(at)
    }

    /// Refuses the whole request.
    pub(super) fn refusal(self, dice: &mut Dice) -> Option<Reason> {
        match self {
            Self::RefusesTheRequest => Some(Reason::from_code(1 + dice.below(19) as u8)),
            Self::SaysRevoked => Some(Reason::Revoked),
            _ => None,
        }
    }

    /// Changes an answer before it is signed.
    pub(super) fn change_answer(
        self,
        answer: &mut SyncResponse,
        truth: &Truth,
        asked: &Asked,
        dice: &mut Dice,
    ) {
        self.change_roster(&mut answer.roster, truth, dice);
        self.change_keys(answer, truth, asked, dice);
        let (Some(head), Some(steps)) = (answer.head.circles.first_mut(), answer.steps.first_mut()) else {
            return;
        };
        match self {
            Self::ShowsAnotherRoot => flip(&mut head.root, dice),
            Self::PromisesMore => head.seq += 1 + dice.below(9) as u64,
            Self::ClaimsOwnSegments => {
                head.height += 1 + dice.below(3) as u64;
                head.link = Some([dice.bits() as u8; 16]);
            }
            Self::RepeatsOwnSegments => {
                steps.insert(dice.below(steps.len() + 1), Step::Own(1 + dice.below(3) as u64));
            }
            Self::ClaimsAnotherOwnSegment if head.height > 0 => head.link = Some([dice.bits() as u8; 16]),
            Self::AcknowledgesWhatItThrowsAway => {
                if let Some(newest) = asked.brought.last() {
                    let parsed = parse(newest).expect("a segment");
                    head.height = parsed.header.seq;
                    head.link = parsed.hash.first_chunk::<16>().copied();
                }
            }
            Self::DeniesWhatItHolds => (head.height, head.link) = (0, None),
            Self::ChangesGeneration => flip(&mut answer.head.generation, dice),
            Self::RefusesSegments => {
                let why = SegmentRefusal::from_code(1 + dice.below(12) as u8);
                let count = asked.brought.len().max(1) as u64;
                answer.refused = (0..count).map(|index| (index, why)).collect();
            }
            _ => {}
        }
    }

    fn change_roster(self, roster: &mut Vec<Vec<u8>>, truth: &Truth, dice: &mut Dice) {
        if self == Self::ForgesARosterEntry {
            roster.push(forged(roster.last().or(truth.roster.last()).expect("an entry"), truth));
        }
        if roster.is_empty() {
            return;
        }
        let at = dice.below(roster.len());
        let other = (at + 1 + dice.below(roster.len() - 1)) % roster.len();
        match self {
            Self::DropsRosterEntries => roster.truncate(at),
            Self::DropsFromTheRoster => drop(roster.remove(at)),
            Self::SwapsRosterEntries => roster.swap(at, other),
            Self::RepeatsARosterEntry => roster.insert(at, roster[other].clone()),
            Self::FlipsABitOfTheRoster => flip(&mut roster[at], dice),
            _ => {}
        }
    }

    fn change_keys(self, answer: &mut SyncResponse, truth: &Truth, asked: &Asked, dice: &mut Dice) {
        match self {
            Self::KeepsKeysBack => answer.wraps.clear(),
            Self::SpoilsAKey => answer.wraps.iter_mut().for_each(|wrap| flip(&mut wrap.sealed, dice)),
            Self::SwapsKeys => {
                let device = asked.hello.hello.device;
                for wrap in &mut answer.wraps {
                    let mut others = truth
                        .wraps
                        .iter()
                        .filter(|(whose, _, one)| *whose != device && one.epoch == wrap.epoch);
                    if let Some((_, _, other)) = others.next_back() {
                        wrap.sealed.clone_from(&other.sealed);
                    }
                }
            }
            Self::GivesAnOldKey => {
                let device = asked.hello.hello.device;
                let mine = truth.wraps.iter().filter(|(whose, _, _)| *whose == device);
                let oldest = mine.min_by_key(|(_, _, wrap)| wrap.epoch).map(|(_, _, wrap)| wrap);
                for (wrap, oldest) in answer.wraps.iter_mut().zip(oldest) {
                    wrap.sealed.clone_from(&oldest.sealed);
                }
                answer.wraps.extend(oldest.cloned().map(|mut wrap| {
                    wrap.epoch += 1 + dice.below(3) as u64;
                    wrap
                }));
            }
            Self::SwapsJoinKeys => {
                for join in &truth.joins {
                    let mut request = JoinRequest::decode(join).expect("a request");
                    request.keys = truth.stranger.keys().clone();
                    answer.joins.push(request.encode());
                }
            }
            _ => {}
        }
    }

    /// Changes the octets of a signed answer.
    pub(super) fn change_bytes(self, bytes: &mut Vec<u8>, earlier: &[Vec<u8>], dice: &mut Dice) {
        match self {
            Self::RepeatsAnAnswer if !earlier.is_empty() => bytes.clone_from(dice.pick(earlier)),
            Self::CutsTheAnswer => bytes.truncate(dice.below(bytes.len())),
            Self::FlipsABitOfTheAnswer => flip(bytes, dice),
            _ => {}
        }
    }
}

/// An entry after `last` that adds the server's own device, in the founder's name.
fn forged(last: &[u8], truth: &Truth) -> Vec<u8> {
    let genesis = Entry::decode(&truth.roster[0]).expect("the genesis");
    let before = Entry::decode(last).expect("an entry");
    let keys = truth.stranger.keys().clone();
    let mut entry = Entry {
        seq: before.seq + 1,
        prev: sha256(&[last]),
        time: before.time,
        author: genesis.author,
        body: Body::AddDevice {
            keys,
            role: Role::Coordinator,
            invite: cairn_core::wire::id::InviteId([9; 16]),
        },
        signature: [0; 64],
    };
    entry.signature = truth.key.sign(&entry.signed_bytes(truth.workspace));
    entry.encode()
}

fn flip(bytes: &mut [u8], dice: &mut Dice) {
    if !bytes.is_empty() {
        let at = dice.below(bytes.len());
        bytes[at] ^= 1 << dice.below(8);
    }
}
