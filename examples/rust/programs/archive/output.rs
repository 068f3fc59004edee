//! A file that gets its name when it is whole.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Something to write to: a regular file, which has `.partial` behind its name until it is
/// [kept](Output::keep), or a stream such as standard output, a pipe or a device.
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
    pub(crate) fn create(path: &Path) -> io::Result<Output> {
        let sink = match fs::metadata(path) {
            Ok(there) if there.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Ok(there) if !there.is_file() => {
                Sink::Stream(Box::new(File::options().write(true).open(path)?))
            }
            // The file behind a link is replaced, not the link.
            Ok(_) => Sink::file(fs::canonicalize(path)?)?,
            Err(_) => Sink::file(path.to_owned())?,
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

    /// Takes back what was written after `position`; false if a stream cannot.
    pub(crate) fn rewind(&mut self, position: u64) -> io::Result<bool> {
        let Sink::File { file, .. } = &mut self.sink else { return Ok(false) };
        file.set_len(position)?;
        file.seek(SeekFrom::Start(position))?;
        self.position = position;
        Ok(true)
    }

    /// Makes sure that it is stored, and gives it its name.
    pub(crate) fn keep(self) -> io::Result<()> {
        match self.sink {
            Sink::File { file, partial, path } => {
                // Some file systems say only here that there was no room.
                file.sync_all()?;
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
        match self.sink {
            Sink::File { partial, .. } => fs::remove_file(partial),
            Sink::Stream(_) => Ok(()),
        }
    }
}

impl Sink {
    fn file(path: PathBuf) -> io::Result<Sink> {
        let mut partial = OsString::from(&path);
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        Ok(Sink::File { file: File::create(&partial)?, partial, path })
    }
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
}
