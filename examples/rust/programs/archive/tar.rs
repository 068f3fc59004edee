//! The tar file: members that are whole, or not there, or known not to be.

use std::io::{self, Write};

use ::tar::{Builder, EntryType, Header};

use super::output::Output;

/// Members are padded to this.
const BLOCK: u64 = 512;

/// A tar file being written, member by member.
pub(crate) struct Archive {
    tar: Builder<Output>,
    member: Option<Member>,
}

/// The member that is being written.
struct Member {
    /// Where its header begins.
    start: u64,
    size: u64,
    written: u64,
}

/// What became of a member that could not be finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Abandoned {
    /// There is no trace of it.
    Removed,
    /// Its header was out already: the rest of it is zeros.
    Padded,
}

impl Archive {
    pub(crate) fn new(output: Output) -> Archive {
        Archive { tar: Builder::new(output), member: None }
    }

    /// Writes the header of a member whose `size` bytes come next.
    pub(crate) fn begin(&mut self, name: &str, size: u64, mtime: u64) -> io::Result<()> {
        self.member = Some(Member { start: self.position(), size, written: 0 });
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(mtime);
        header.set_size(size);
        // No data: this writes the header, and before it the long name if there is one.
        self.tar.append_data(&mut header, name, io::empty())
    }

    /// Bytes that the member still lacks.
    pub(crate) fn missing(&self) -> u64 {
        self.member.as_ref().map_or(0, |member| member.size - member.written)
    }

    /// Writes bytes of the member, no more than it [lacks](Archive::missing).
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.tar.get_mut().write_all(bytes)?;
        if let Some(member) = &mut self.member {
            member.written += bytes.len() as u64;
        }
        Ok(())
    }

    /// Ends the member that is complete.
    pub(crate) fn end(&mut self) -> io::Result<()> {
        let Some(member) = self.member.take() else { return Ok(()) };
        let padding = member.size.next_multiple_of(BLOCK) - member.size;
        io::copy(&mut io::Read::take(io::repeat(0), padding), self.tar.get_mut())?;
        Ok(())
    }

    /// Gives up the member that is being written; `None` if none is.
    pub(crate) fn abandon(&mut self) -> io::Result<Option<Abandoned>> {
        let Some(start) = self.member.as_ref().map(|member| member.start) else { return Ok(None) };
        if self.tar.get_mut().rewind(start)? {
            self.member = None;
            return Ok(Some(Abandoned::Removed));
        }
        // A reader of the stream trusts the size in the header.
        io::copy(&mut io::Read::take(io::repeat(0), self.missing()), self.tar.get_mut())?;
        self.end()?;
        Ok(Some(Abandoned::Padded))
    }

    /// Writes the end of the archive.
    pub(crate) fn finish(self) -> io::Result<Output> {
        self.tar.into_inner()
    }

    pub(crate) fn output(&self) -> &Output {
        self.tar.get_ref()
    }

    fn position(&self) -> u64 {
        self.tar.get_ref().position()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn an_abandoned_member_leaves_no_trace_in_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out.tar");
        let mut archive = Archive::new(Output::create(&path).unwrap());
        archive.begin("one", 3, 7).unwrap();
        archive.write(b"one").unwrap();
        archive.end().unwrap();
        // A long name has a header and a block of its own, which must go too.
        archive.begin(&"x/".repeat(200), 1000, 7).unwrap();
        archive.write(&[1; 600]).unwrap();
        assert_eq!(archive.abandon().unwrap(), Some(Abandoned::Removed));
        assert_eq!(archive.abandon().unwrap(), None);
        archive.begin("two", 0, 7).unwrap();
        archive.end().unwrap();
        archive.finish().unwrap().keep().unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().len() % BLOCK, 0);
        let mut tar = ::tar::Archive::new(std::fs::File::open(&path).unwrap());
        let mut members = Vec::new();
        for member in tar.entries().unwrap() {
            let mut member = member.unwrap();
            let mut content = String::new();
            member.read_to_string(&mut content).unwrap();
            let name = member.path().unwrap().to_str().unwrap().to_owned();
            members.push((name, member.header().mtime().unwrap(), content));
        }
        let expected = [("one", 7, "one"), ("two", 7, "")];
        let expected = expected.map(|(name, mtime, text)| (name.into(), mtime, text.into()));
        assert_eq!(members, expected);
    }
}
