//! Writes test vectors: bytes of today's formats that every later version must read.
//!
//! A vector is written once. When a format gets a new version, it gets a new file; the old one stays.

mod forms;
mod roster;
mod segment;
mod vault;
mod wire;

use std::fs;
use std::path::Path;

use cairn_core::crypto::DeviceSecret;
use zeroize::Zeroizing;

use crate::trouble::Trouble;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors");

/// Writes what is missing; never touches what is there.
pub(crate) fn run() -> Result<(), Trouble> {
    for (name, vector) in [
        ("roster-1.json", roster::roster()),
        ("segment-1.json", segment::segment()),
        ("batch-2.json", segment::carrying()),
        ("batch-3.json", segment::deciding()),
        ("batch-4.json", segment::labelling()),
        ("revocation-1.json", roster::revocation()),
        ("settings-1.json", roster::settings()),
        ("erasure-1.json", segment::erasure()),
        ("wire-1.json", wire::wire()),
        ("attachment-wire-1.json", wire::attachment()),
        ("pack-1.json", segment::packed()),
        ("wire-2.json", wire::invited()),
        ("submitted-1.json", segment::submitted()),
        ("form-3.json", forms::logical()),
        ("form-4.json", forms::apart()),
        ("form-5.json", forms::sealed_form()),
        ("form-6.json", forms::with_tasks()),
        ("sealed-1.json", segment::sealed_record()),
        ("slots-1.json", vault::slots()),
        ("shares-1.json", vault::shares()),
        ("bundle-1.json", vault::bundle()),
        ("travel-1.json", vault::travel()),
    ] {
        let path = Path::new(FOLDER).join(name);
        if path.exists() {
            println!("{name} is there already");
            continue;
        }
        let text = serde_json::to_string_pretty(&vector.map_err(Trouble)?)?;
        fs::write(&path, text + "\n").map_err(|error| Trouble::at(&path, error))?;
        println!("{name} written");
    }
    Ok(())
}

fn device(seed: u8) -> Result<DeviceSecret, String> {
    DeviceSecret::from_seed(Zeroizing::new([seed; 64])).map_err(|error| error.to_string())
}
