//! Which part of the phone's library takes how many octets: by the linker's own account of every piece that it put in.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::figure::Figure;
use super::{Failure, Figures};
use crate::nested;

/// What the library is made of, and how the linker's names for its pieces begin or what they contain.
const COMPONENTS: &[(&str, &[&str])] = &[
    ("cairn", &["cairn_"]),
    ("automerge", &["automerge", "hexane"]),
    ("sqlite", &["libsqlite3_sys", "rusqlite"]),
    ("ring", &["ring-", "ring_core"]),
    ("rustls", &["rustls", "webpki"]),
    (
        "http",
        &[
            "reqwest",
            "hyper",
            "tokio",
            "h2-",
            "tower",
            "http",
            "url-",
            "idna",
            "icu_",
            "mio-",
            "socket2",
            "bytes-",
            "ipnet",
            "percent_encoding",
            "openssl_probe",
            "tracing",
        ],
    ),
    (
        "kem",
        &[
            "hpke",
            "ml_kem",
            "ml-kem",
            "x25519",
            "curve25519",
            "module_lattice",
            "kem-",
            "keccak",
            "sha3",
            "chacha20",
            "poly1305",
            "sha2",
            "x_wing",
        ],
    ),
    ("argon2", &["argon2", "blake2"]),
    ("regex", &["regex", "aho_corasick", "memchr"]),
    ("zstd", &["zstd"]),
    ("deflate", &["zlib_rs", "flate2", "adler2"]),
    ("uniffi", &["uniffi"]),
    ("json", &["serde", "itoa", "zmij", "ryu"]),
    ("time", &["jiff"]),
    (
        "std",
        &[
            "libstd-",
            "libcore-",
            "liballoc-",
            "compiler_builtins",
            "gimli",
            "addr2line",
            "rustc_demangle",
            "miniz_oxide",
            "hashbrown",
            "libobject-",
            "libunwind-",
            "std_detect",
            "libpanic",
        ],
    ),
];

/// What the linker makes itself, by the section it goes into.
const TABLES: &[(&str, &[&str])] = &[
    ("tables.unwinding", &[".eh_frame", ".eh_frame_hdr"]),
    ("tables.relocations", &[".rela.dyn", ".relr.dyn", ".rela.plt"]),
    ("tables.symbols", &[".dynsym", ".dynstr", ".gnu.hash", ".hash", ".gnu.version", ".gnu.version_r"]),
];

pub(super) fn measure() -> Figures {
    let (library, map) = built()?;
    let stripped = library.with_file_name("libcairn_ffi.stripped.so");
    let done = Command::new("strip").arg("--strip-all").arg("-o").arg(&stripped).arg(&library).status()?;
    if !done.success() {
        return Err("strip failed".into());
    }
    let whole = fs::metadata(&stripped)?.len();
    let sums = shares(&fs::read_to_string(map)?)?;
    let rest = whole as f64 - sums.values().sum::<u64>() as f64;
    let figure = |name: &str, octets: f64| Figure::new(format!("library.{name}"), octets, "B");
    let mut figures = vec![figure("stripped", whole as f64)];
    let mut sorted: Vec<_> = sums.iter().collect();
    sorted.sort_by_key(|(_, octets)| std::cmp::Reverse(**octets));
    figures.extend(sorted.into_iter().map(|(name, octets)| figure(name, *octets as f64)));
    // Headers, and what fills up pages.
    figures.push(figure("unattributed", rest));
    Ok(figures)
}

/// The library as a phone would carry it, without what reads spreadsheets, and the linker's account of it.
pub(super) fn built() -> Result<(PathBuf, PathBuf), Failure> {
    let map = nested::root().join("target/libcairn_ffi.map");
    let mut cargo = nested::cargo();
    cargo.args(["rustc", "--quiet", "--release", "--package", "cairn-ffi", "--lib", "--no-default-features"]);
    cargo.args(["--crate-type", "cdylib", "--"]).arg(format!("-Clink-arg=-Wl,-Map={}", map.display()));
    if !cargo.status()?.success() {
        return Err("the library could not be built".into());
    }
    Ok((nested::root().join("target/release/libcairn_ffi.so"), map))
}

/// Octets by component, from a map of LLVM's linker: address, address in the file, size, alignment, and what it is,
/// which stands one step further to the right for a section than for what lies in it.
fn shares(map: &str) -> Result<BTreeMap<&'static str, u64>, Failure> {
    let mut sums = BTreeMap::new();
    let mut section = Section::default();
    for line in map.lines().skip(1) {
        let Some(entry) = Entry::read(line) else { continue };
        match entry.depth {
            0 => {
                section.close(&mut sums);
                section = Section::begin(entry.what, entry.size);
            }
            // Pieces of pieces, the symbols, stand further to the right.
            1 if section.is_loaded => {
                section.left = section.left.saturating_sub(entry.size);
                *sums.entry(section.share_of(entry.what)).or_default() += entry.size;
            }
            _ => {}
        }
    }
    section.close(&mut sums);
    if sums.len() < 5 {
        return Err("this linker's map is not understood: LLVM's is".into());
    }
    Ok(sums)
}

/// A section of the library while its pieces are read.
#[derive(Default)]
struct Section<'a> {
    name: &'a str,
    left: u64,
    is_loaded: bool,
}

impl<'a> Section<'a> {
    fn begin(name: &'a str, size: u64) -> Self {
        // What is only reserved takes no room in the file, and what is stripped is not there.
        let apart =
            [".bss", ".tbss", ".relro_padding", ".debug", ".comment", ".symtab", ".shstrtab", ".strtab"];
        let is_loaded = name.starts_with('.') && !apart.iter().any(|one| name.starts_with(one));
        Self { name, left: size, is_loaded }
    }

    fn share_of(&self, piece: &str) -> &'static str {
        let own = TABLES.iter().find(|(_, names)| names.contains(&self.name));
        own.or_else(|| component(piece)).map_or("rest", |(name, _)| *name)
    }

    /// What alignment has put between the pieces.
    fn close(self, sums: &mut BTreeMap<&'static str, u64>) {
        if self.is_loaded {
            *sums.entry("tables.alignment").or_default() += self.left;
        }
    }
}

/// The component of a piece `FILE:(SECTION)`: by the last part of its file's name.
fn component(piece: &str) -> Option<&'static (&'static str, &'static [&'static str])> {
    let file = piece.rsplit_once(":(").map_or(piece, |(file, _)| file);
    let library = Path::new(file.split_once(".rlib(").map_or(file, |(library, _)| library));
    let name = library.file_name()?.to_string_lossy().into_owned();
    let plain = name.strip_prefix("lib").unwrap_or(&name);
    COMPONENTS
        .iter()
        .find(|(_, names)| names.iter().any(|begin| plain.starts_with(begin) || name.starts_with(begin)))
}

/// A line of the map.
struct Entry<'a> {
    size: u64,
    depth: usize,
    what: &'a str,
}

impl<'a> Entry<'a> {
    fn read(line: &'a str) -> Option<Self> {
        // Three numbers of 16 places and one of 5, each with a blank behind it.
        let mut rest = line;
        let mut numbers = [0; 4];
        for number in &mut numbers {
            let (word, after) = rest.trim_start().split_once(' ')?;
            *number = u64::from_str_radix(word, 16).ok()?;
            rest = after;
        }
        let what = rest.trim_start();
        Some(Self { size: numbers[2], depth: (rest.len() - what.len()) / 8, what })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: &str = "             VMA              LMA     Size Align Out     In      Symbol
               0                0      100     1 .text
               0                0       60    16         /t/libautomerge-0a.rlib(automerge-0a.x.rcgu.o):(.text.a)
               0                0       60     1                 a
              60               60       90    16         /t/libring-1b.rlib(x.o):(.text.ring)
              60               60       10    16         <internal>:(.text)
             100              100       40     8 .eh_frame
             100              100       40     1         <internal>:(.eh_frame)
             140              140       99     1 .bss
             140              140       99     1         /t/libring-1b.rlib(x.o):(.bss)
             140              140       20     1 .comment
             140              140        8     8 .data
             140              140        8     8         /t/cairn_ffi.0.rcgu.o:(.data)
             148              148        8     8 .got
";

    #[test]
    fn every_octet_of_a_map_belongs_to_a_component_once() {
        let sums = shares(MAP).unwrap();
        let told: Vec<_> = sums.iter().filter(|(_, octets)| **octets > 0).collect();
        let wanted = [
            (&"automerge", &0x60),
            (&"cairn", &8),
            (&"rest", &0x10),
            (&"ring", &0x90),
            (&"tables.alignment", &8),
            (&"tables.unwinding", &0x40),
        ];
        assert_eq!(told, wanted);
        assert_eq!(sums.values().sum::<u64>(), 0x100 + 0x40 + 8 + 8, "no more and no less than the sections");
    }
}
