//! That a device has departed and must not open itself, and what becomes of it, as it travels in a circle.
//!
//! ```text
//! 1 | departure[16] | number | coordinators count (device[16] | release sealed to it[1152])*    by the device itself
//! 2 | departure[16]                                                         by a coordinator: it was readmitted
//! 3 | departure[16]                                                         by the device itself: it is back
//! ```
//! The departure is a random name. The number is one above that of the device's last departure and says which one is
//! its newest, since no clock does.

use cairn_wire::codec::{Malformed, Reader, Writer};
use cairn_wire::id::DeviceId;

use crate::crypto::SEALED_RELEASE;

/// Coordinators for whom one departure can be sealed: more would not fit into a segment.
pub const COORDINATORS: usize = 128;

/// What is said of a departure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DepartureEntry {
    /// The segment's author departs.
    Left(Left),
    /// The segment's author, a coordinator, has given the device what opens it.
    Readmitted([u8; 16]),
    /// The segment's author is back.
    Back([u8; 16]),
}

/// A departure, with what ends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// Its name.
    pub departure: [u8; 16],
    /// Which departure of the device it is.
    pub number: u64,
    /// The release, sealed to each coordinator ([`crate::crypto::Release::seal_to`]).
    pub sealed: Vec<(DeviceId, Vec<u8>)>,
}

impl Left {
    /// What is sealed for this coordinator.
    pub fn sealed_for(&self, coordinator: &DeviceId) -> Option<&[u8]> {
        self.sealed.iter().find(|(device, _)| device == coordinator).map(|(_, sealed)| sealed.as_slice())
    }
}

impl DepartureEntry {
    /// Appends the entry.
    pub fn write(&self, writer: &mut Writer) {
        match self {
            Self::Left(Left { departure, number, sealed }) => {
                writer.octet(1).raw(departure).int(*number).count(sealed.len());
                for (device, sealed) in sealed {
                    writer.raw(&device.0).raw(sealed);
                }
            }
            Self::Readmitted(departure) => _ = writer.octet(2).raw(departure),
            Self::Back(departure) => _ = writer.octet(3).raw(departure),
        }
    }

    /// The entry alone.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.write(&mut writer);
        writer.finish()
    }

    /// Reads [`DepartureEntry::write`].
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let kind = reader.octet("departure")?;
        let departure = reader.array("departure")?;
        match kind {
            1 => {
                let number = reader.int("number of a departure")?;
                let mut sealed = Vec::new();
                for _ in 0..reader.count(COORDINATORS, "coordinators")? {
                    let device = DeviceId::read(reader)?;
                    sealed.push((device, reader.array::<SEALED_RELEASE>("release")?.to_vec()));
                }
                Ok(Self::Left(Left { departure, number, sealed }))
            }
            2 => Ok(Self::Readmitted(departure)),
            3 => Ok(Self::Back(departure)),
            _ => Err(reader.malformed("departure")),
        }
    }

    /// Reads an entry that stands alone.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let entry = Self::read(&mut reader)?;
        reader.end()?;
        Ok(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_comes_back_and_what_is_cut_or_unknown_does_not() {
        let sealed =
            vec![(DeviceId([1; 16]), vec![2; SEALED_RELEASE]), (DeviceId([3; 16]), vec![4; SEALED_RELEASE])];
        for entry in [
            DepartureEntry::Left(Left { departure: [5; 16], number: 300, sealed: sealed.clone() }),
            DepartureEntry::Left(Left { departure: [5; 16], number: 1, sealed: Vec::new() }),
            DepartureEntry::Readmitted([6; 16]),
            DepartureEntry::Back([7; 16]),
        ] {
            let bytes = entry.to_bytes();
            assert_eq!(DepartureEntry::from_bytes(&bytes), Ok(entry));
            for end in 0..bytes.len() {
                assert!(DepartureEntry::from_bytes(&bytes[..end]).is_err(), "cut at {end}");
            }
            assert!(DepartureEntry::from_bytes(&[&bytes[..], &[0]].concat()).is_err());
        }
        assert!(DepartureEntry::from_bytes(&[[4u8].as_slice(), &[0; 16]].concat()).is_err());
        let left = Left { departure: [5; 16], number: 1, sealed };
        assert_eq!(left.sealed_for(&DeviceId([3; 16])), Some(&[4; SEALED_RELEASE][..]));
        assert_eq!(left.sealed_for(&DeviceId([9; 16])), None);
    }
}
