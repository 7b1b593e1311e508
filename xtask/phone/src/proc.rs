//! What Linux says about this process (`proc(5)`).

use std::fs;
use std::io::{self, ErrorKind};

/// Prints the most memory that this process has held so far or since [`forget_peak`], in KiB.
pub(crate) fn tell_peak(name: &str) -> io::Result<()> {
    let peak = number("/proc/self/status", "VmHWM:")?;
    println!("{name} {peak}");
    Ok(())
}

/// From here on the peak is that of what follows.
pub(crate) fn forget_peak() -> io::Result<()> {
    fs::write("/proc/self/clear_refs", "5")
}

/// Octets that this thread has read from files so far, whether they came from the disk or from memory.
pub(crate) fn read_so_far() -> io::Result<u64> {
    number("/proc/thread-self/io", "rchar:")
}

fn number(file: &str, name: &str) -> io::Result<u64> {
    let text = fs::read_to_string(file)?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let number = line.and_then(|line| line.split(' ').next()?.parse().ok());
    number.ok_or_else(|| io::Error::new(ErrorKind::InvalidData, format!("{file} does not say {name}")))
}
