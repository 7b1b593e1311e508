//! Files that are written aside and then take their place: whoever looks there finds the whole of one or none.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use cairn_wire::codec::hex;

use crate::crypto::generate;

/// A file that is written beside its place; unless it is put there, nothing of it stays.
#[derive(Debug)]
pub struct Aside {
    place: PathBuf,
    aside: PathBuf,
    file: File,
    is_placed: bool,
}

impl Aside {
    /// For a file of the vault's own: what a program that was cut off has left is written over.
    ///
    /// # Errors
    /// What the disk says.
    pub(super) fn own(place: &Path) -> io::Result<Self> {
        Self::begin(place, ".new", OpenOptions::new().write(true).create(true).truncate(true))
    }

    /// For a file among those of other people, none of which is written over. Only its owner may read it.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`] if there is one in its place, and what the disk says.
    pub fn new(place: &Path) -> io::Result<Self> {
        if is_taken(place)? {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let random = generate::<8>().map_err(io::Error::other)?;
        let ending = format!(".{}.part", hex(&random));
        Self::begin(place, &ending, OpenOptions::new().write(true).create_new(true))
    }

    fn begin(place: &Path, ending: &str, options: &mut OpenOptions) -> io::Result<Self> {
        let mut name = place.as_os_str().to_owned();
        name.push(ending);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
        let aside = PathBuf::from(name);
        let file = options.open(&aside)?;
        Ok(Self { place: place.to_owned(), aside, file, is_placed: false })
    }

    /// Where to write.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Puts it in the place of whatever is there. File and name are on disk when this returns.
    pub(super) fn replace(mut self) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.aside, &self.place)?;
        self.placed()
    }

    /// Puts it in its place, unless something has come there meanwhile; gives how many octets it has. File and name
    /// are on disk when this returns.
    ///
    /// # Errors
    /// [`io::ErrorKind::AlreadyExists`], and what the disk says. Nothing of the file stays then.
    pub fn put_in_place(mut self) -> io::Result<u64> {
        self.file.sync_all()?;
        let octets = self.file.metadata()?.len();
        // A second name for it is never given over another file.
        match fs::hard_link(&self.aside, &self.place) {
            Ok(()) => fs::remove_file(&self.aside)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
            // Sticks and cards know no second names.
            Err(_) if is_taken(&self.place)? => return Err(io::ErrorKind::AlreadyExists.into()),
            Err(_) => fs::rename(&self.aside, &self.place)?,
        }
        self.placed()?;
        Ok(octets)
    }

    fn placed(&mut self) -> io::Result<()> {
        self.is_placed = true;
        let folder = self.place.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        if !self.is_placed {
            _ = fs::remove_file(&self.aside);
        }
    }
}

/// Whether there is something, be it a link that leads nowhere.
fn is_taken(place: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(place) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let all = fs::read_dir(folder).unwrap().flatten();
        let mut names: Vec<_> = all.map(|entry| entry.file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_comes_whole_or_not_at_all_and_never_over_another() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("out");
        fs::write(folder.path().join("out.part"), "somebody's").unwrap();
        let dropped = Aside::new(&place).unwrap();
        dropped.file().write_all(b"half").unwrap();
        drop(dropped);
        assert_eq!(names(folder.path()), ["out.part"], "nothing of it stays");
        let (first, late) = (Aside::new(&place).unwrap(), Aside::new(&place).unwrap());
        first.file().write_all(b"first").unwrap();
        assert_eq!(first.put_in_place().unwrap(), 5);
        late.file().write_all(b"late").unwrap();
        assert_eq!(late.put_in_place().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(Aside::new(&place).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&place).unwrap(), b"first", "control: it came");
        assert_eq!(names(folder.path()), ["out", "out.part"]);
        assert_eq!(fs::read(folder.path().join("out.part")).unwrap(), b"somebody's");
    }

    #[test]
    fn the_vaults_own_takes_the_place_of_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("own");
        fs::write(&place, "old").unwrap();
        fs::write(folder.path().join("own.new"), "cut off, and longer").unwrap();
        let own = Aside::own(&place).unwrap();
        own.file().write_all(b"new").unwrap();
        own.replace().unwrap();
        assert_eq!(fs::read(&place).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["own"]);
    }
}
