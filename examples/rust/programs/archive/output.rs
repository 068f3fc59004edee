//! A file that gets its name when it is whole.

use std::fs::{self, File, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Nobody but its owner may read it: keys stand in it, or what is behind them.
const MODE: u32 = 0o600;

/// Something to write to: a regular file, which has `.partial` behind its name until it is
/// [kept](Output::keep), or a stream such as standard output, a pipe or a device.
///
/// The partial file is made anew, and nothing is written through a link of its name. As long
/// as it is open it is locked: two runs never write to one.
pub(crate) struct Output {
    sink: Sink,
    /// In bytes.
    position: u64,
}

enum Sink {
    File { file: File, partial: PathBuf, path: PathBuf },
    Stream(Box<dyn Write>),
}

impl Output {
    /// Opens `path`; what is there stays until the new file takes its place.
    ///
    /// # Errors
    /// `AlreadyExists` where another run writes there, or where what has the partial file's
    /// name is no file.
    pub(crate) fn create(path: &Path) -> io::Result<Output> {
        let sink = match fs::metadata(path) {
            Ok(there) if there.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(there) if !there.is_file() => {
                Sink::Stream(Box::new(File::options().write(true).open(path)?))
            }
            _ => Sink::file(resolved(path))?,
        };
        Ok(Output { sink, position: 0 })
    }

    /// Standard output, unbuffered: it is written in large pieces.
    pub(crate) fn stdout() -> io::Result<Output> {
        let stdout = File::from(std::os::fd::AsFd::as_fd(&io::stdout()).try_clone_to_owned()?);
        Ok(Output { sink: Sink::Stream(Box::new(stdout)), position: 0 })
    }

    /// Bytes that were written.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Whether what was written can be written over.
    pub(crate) fn is_file(&self) -> bool {
        matches!(self.sink, Sink::File { .. })
    }

    /// Takes back what was written after `position`; false if a stream cannot.
    pub(crate) fn rewind(&mut self, position: u64) -> io::Result<bool> {
        let Sink::File { file, .. } = &mut self.sink else { return Ok(false) };
        file.set_len(position)?;
        file.seek(SeekFrom::Start(position))?;
        self.position = position;
        Ok(true)
    }

    /// Writes over what was written at `offset`; nothing happens to a stream.
    pub(crate) fn overwrite(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        match &self.sink {
            Sink::File { file, .. } => file.write_all_at(bytes, offset),
            Sink::Stream(_) => Ok(()),
        }
    }

    /// Makes sure that it is stored, and gives it its name.
    pub(crate) fn keep(self) -> io::Result<()> {
        match self.sink {
            Sink::File { file, partial, path } => {
                // Some file systems say only here that there was no room.
                file.sync_all()?;
                // While it is locked: another run must not take it for one that was left.
                fs::rename(&partial, &path)
            }
            Sink::Stream(mut stream) => stream.flush(),
        }
    }

    /// Where to find it as long as it is not kept; `None` for a stream.
    pub(crate) fn partial(&self) -> Option<&Path> {
        match &self.sink {
            Sink::File { partial, .. } => Some(partial),
            Sink::Stream(_) => None,
        }
    }

    /// Removes it: nothing is in it.
    pub(crate) fn discard(self) -> io::Result<()> {
        match &self.sink {
            Sink::File { partial, .. } => fs::remove_file(partial),
            Sink::Stream(_) => Ok(()),
        }
    }
}

/// The one name of a file: that behind a link is replaced, not the link.
pub(crate) fn resolved(path: &Path) -> PathBuf {
    if let Ok(path) = fs::canonicalize(path) {
        return path;
    }
    let parent = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    match (fs::canonicalize(parent), path.file_name()) {
        (Ok(parent), Some(name)) => parent.join(name),
        _ => path.to_owned(),
    }
}

/// The name of a file that is not whole.
pub(crate) fn partial(path: &Path) -> PathBuf {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    partial.into()
}

impl Sink {
    fn file(path: PathBuf) -> io::Result<Sink> {
        let partial = partial(&path);
        Ok(Sink::File { file: made(&partial)?, partial, path })
    }
}

/// Makes a file and locks it; what an earlier run left behind goes.
fn made(path: &Path) -> io::Result<File> {
    loop {
        // Exclusive: it follows no link.
        match File::options().write(true).create_new(true).mode(MODE).open(path) {
            Ok(file) if is_locked_by_us(&file)? && is_at(&file, path)? => return Ok(file),
            Ok(_) => return Err(taken("another run is writing to it")),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => remove_left(path)?,
            Err(error) => return Err(error),
        }
    }
}

/// Removes a partial file that nobody writes to any more.
fn remove_left(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
        Ok(there) if there.is_symlink() => return Err(taken("it is a symbolic link")),
        Ok(there) if !there.is_file() => return Err(taken("it is no file")),
        Ok(_) => {}
    }
    let left = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        left => left?,
    };
    if !is_locked_by_us(&left)? {
        return Err(taken("another run is writing to it"));
    }
    if is_at(&left, path)? { fs::remove_file(path) } else { Ok(()) }
}

fn is_locked_by_us(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        // Some network file systems have no locks: there, nobody can tell.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Whether a name is that of this open file, and no link.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let identity = |there: &fs::Metadata| (there.dev(), there.ino());
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        there => Ok(identity(&there?) == identity(&file.metadata()?)),
    }
}

fn taken(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::AlreadyExists, why)
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match &mut self.sink {
            Sink::File { file, .. } => file.write(bytes)?,
            Sink::Stream(stream) => stream.write(bytes)?,
        };
        self.position += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.sink {
            Sink::File { file, .. } => file.flush(),
            Sink::Stream(stream) => stream.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_file_keeps_its_old_content_until_the_new_one_is_whole() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out.tar");
        fs::write(&path, "old").unwrap();
        let mut output = Output::create(&path).unwrap();
        output.write_all(b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read(output.partial().unwrap()).unwrap(), b"new");
        output.keep().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, MODE);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_device_is_written_to_and_never_replaced() {
        let mut output = Output::create(Path::new("/dev/null")).unwrap();
        output.write_all(b"x").unwrap();
        assert!(!output.rewind(0).unwrap());
        output.keep().unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn two_runs_never_write_to_one_file_and_one_that_was_left_is_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out.tar");
        let first = Output::create(&path).unwrap();
        let refused = Output::create(&path).err().unwrap();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert!(refused.to_string().contains("another run"), "{refused}");
        drop(first);
        // Its name by another way is the same file.
        let again = Output::create(&directory.path().join("./out.tar")).unwrap();
        again.keep().unwrap();
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn nothing_is_written_through_a_link_of_the_partial_file() {
        let directory = tempfile::tempdir().unwrap();
        let (path, outside) = (directory.path().join("out"), directory.path().join("outside"));
        fs::write(&outside, "kept").unwrap();
        symlink(&outside, partial(&path)).unwrap();
        let refused = Output::create(&path).err().unwrap();
        assert!(refused.to_string().contains("symbolic link"), "{refused}");
        assert_eq!(fs::read(&outside).unwrap(), b"kept");
    }
}
