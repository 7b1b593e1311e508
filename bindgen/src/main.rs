//! Writes the core's calls in another language: `cairn-bindgen LANGUAGE LIBRARY FOLDER`.
//!
//! LANGUAGE is `kotlin`, `swift` or `python`. LIBRARY is the built `libcairn_ffi`, which carries a
//! description of what it exports. What is written is an output of the build and is never committed.
//!
//! `cairn-bindgen surface LIBRARY FOLDER` writes `surface.txt` instead: what is exported, in lines to be read.

mod surface;

use std::error::Error;
use std::process::ExitCode;

use camino::Utf8PathBuf;
use uniffi_bindgen::bindings::{GenerateOptions, TargetLanguage, generate_with_bindgen_paths};
use uniffi_bindgen::{BindgenPaths, BindgenPathsLayer};

const USAGE: &str = "cairn-bindgen kotlin|swift|python|surface LIBRARY FOLDER";

#[allow(clippy::print_stderr, reason = "a program of the build, which sees no record")]
fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Vec<String>) -> Result<(), Box<dyn Error>> {
    let [language, library, folder] = <[String; 3]>::try_from(arguments).map_err(|_| USAGE)?;
    let mut paths = BindgenPaths::default();
    paths.add_layer(ThisCheckout);
    if language == "surface" {
        let surface = surface::of(library.as_str().into(), paths)?;
        return Ok(std::fs::write(Utf8PathBuf::from(folder).join("surface.txt"), surface)?);
    }
    let options = GenerateOptions {
        languages: vec![language_named(&language).ok_or(USAGE)?],
        source: library.into(),
        out_dir: folder.into(),
        ..GenerateOptions::default()
    };
    Ok(generate_with_bindgen_paths(options, paths)?)
}

fn language_named(name: &str) -> Option<TargetLanguage> {
    match name {
        "kotlin" => Some(TargetLanguage::Kotlin),
        "swift" => Some(TargetLanguage::Swift),
        "python" => Some(TargetLanguage::Python),
        _ => None,
    }
}

/// Finds `ffi/uniffi.toml` beside this package, so that no cargo has to run when bindings are written.
struct ThisCheckout;

impl BindgenPathsLayer for ThisCheckout {
    fn get_crate_root(&self, crate_name: &str) -> Option<Utf8PathBuf> {
        (crate_name == "cairn_ffi").then(|| Utf8PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../ffi")))
    }
}
