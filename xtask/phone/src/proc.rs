//! What Linux says about this process (`proc(5)`).

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

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

/// Nanoseconds of processor time that this thread has used.
pub(crate) fn thread_time() -> io::Result<u64> {
    time("/proc/thread-self".as_ref())
}

/// Nanoseconds of processor time that the threads of this process have used; of those that have ended none.
pub(crate) fn process_time() -> io::Result<u64> {
    fs::read_dir("/proc/self/task")?.map(|task| time(&task?.path())).sum()
}

fn time(task: &Path) -> io::Result<u64> {
    let text = fs::read_to_string(task.join("schedstat"))?;
    let time = text.split(' ').next().and_then(|time| time.parse().ok());
    time.ok_or_else(|| io::Error::new(ErrorKind::InvalidData, "schedstat does not say the time"))
}

fn number(file: &str, name: &str) -> io::Result<u64> {
    let text = fs::read_to_string(file)?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let number = line.and_then(|line| line.split(' ').next()?.parse().ok());
    number.ok_or_else(|| io::Error::new(ErrorKind::InvalidData, format!("{file} does not say {name}")))
}
