//! The tar file: members that are whole, or not there, or known not to be.

use std::io::{self, Write};

use s3stream_core::report::{Attribute, Record, checksum};
use tar::{Builder, EntryType, Header};

use super::output::Output;
use super::pax::Pax;

/// Members are padded to this.
pub(super) const BLOCK: u64 = 512;
/// Two blocks of nothing end an archive.
const END: [u8; 1024] = [0; 1024];

/// Room for what is known of a large object only at its end: its digests, and by which it is
/// proven.
const SPARE: usize = 512;

/// A tar file being written, member by member.
pub(crate) struct Archive {
    output: Output,
    member: Option<Member>,
}

/// The member that is being written.
struct Member {
    /// Where its headers begin.
    start: u64,
    /// As they were written.
    headers: Vec<u8>,
    pax: Pax,
    size: u64,
    written: u64,
}

/// When a member's attributes are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// All of them before the first byte.
    Before,
    /// The digests only behind the last one: a file is gone back to, a stream lacks them.
    Behind,
}

/// Where a member is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placed {
    /// Where its headers begin.
    pub(crate) offset: u64,
    /// Where its content begins.
    pub(crate) data_offset: u64,
    /// The CRC-64/NVME of what is between.
    pub(crate) header_crc64nvme: String,
}

/// What became of a member that could not be finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Abandoned {
    /// There is no trace of it.
    Removed,
    /// Its header was out already: the rest of it is zeros.
    Padded(Placed),
}

impl Archive {
    pub(crate) fn new(output: Output) -> Archive {
        Archive { output, member: None }
    }

    /// Writes the headers of a member whose `size` bytes come next.
    pub(crate) fn begin(
        &mut self,
        name: &str,
        size: u64,
        mtime: u64,
        attributes: &[Attribute],
        known: Known,
    ) -> io::Result<()> {
        let is_behind = known == Known::Behind && self.output.is_file();
        let pax = Pax::for_these(attributes, if is_behind { SPARE } else { 0 });
        let mut headers = pax.member(attributes);
        headers.extend_from_slice(&plain(name, size, mtime)?);
        let start = self.output.position();
        self.output.write_all(&headers)?;
        self.member = Some(Member { start, headers, pax, size, written: 0 });
        Ok(())
    }

    /// Bytes that the member still lacks.
    pub(crate) fn missing(&self) -> u64 {
        self.member.as_ref().map_or(0, |member| member.size - member.written)
    }

    /// Writes bytes of the member, no more than it [lacks](Archive::missing).
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.output.write_all(bytes)?;
        if let Some(member) = &mut self.member {
            member.written += bytes.len() as u64;
        }
        Ok(())
    }

    /// Ends the member that is complete, with the attributes that are known by now.
    pub(crate) fn end(&mut self, attributes: &[Attribute]) -> io::Result<Option<Placed>> {
        let Some(mut member) = self.member.take() else { return Ok(None) };
        if self.output.is_file() {
            let pax = member.pax.member(attributes);
            if member.headers[..pax.len()] != pax {
                self.output.overwrite(member.start, &pax)?;
                member.headers[..pax.len()].copy_from_slice(&pax);
            }
        }
        self.pad(&member)?;
        Ok(Some(member.placed()))
    }

    /// Gives up the member that is being written; `None` if none is.
    pub(crate) fn abandon(&mut self) -> io::Result<Option<Abandoned>> {
        let missing = self.missing();
        let Some(member) = self.member.take() else { return Ok(None) };
        if self.output.rewind(member.start)? {
            return Ok(Some(Abandoned::Removed));
        }
        // A reader of the stream trusts the size in the header.
        io::copy(&mut io::Read::take(io::repeat(0), missing), &mut self.output)?;
        self.pad(&member)?;
        Ok(Some(Abandoned::Padded(member.placed())))
    }

    /// Writes the end of the archive.
    pub(crate) fn finish(mut self) -> io::Result<Output> {
        self.output.write_all(&END)?;
        Ok(self.output)
    }

    pub(crate) fn output(&self) -> &Output {
        &self.output
    }

    fn pad(&mut self, member: &Member) -> io::Result<()> {
        let padding = member.size.next_multiple_of(BLOCK) - member.size;
        io::copy(&mut io::Read::take(io::repeat(0), padding), &mut self.output)?;
        Ok(())
    }
}

impl Placed {
    /// Enters it into the record of the member.
    pub(crate) fn enter(self, record: &mut Record) {
        let Placed { offset, data_offset, header_crc64nvme } = self;
        (record.offset, record.data_offset) = (Some(offset), Some(data_offset));
        record.header_crc64nvme = Some(header_crc64nvme);
    }
}

impl Member {
    fn placed(&self) -> Placed {
        Placed {
            offset: self.start,
            data_offset: self.start + self.headers.len() as u64,
            header_crc64nvme: checksum(&self.headers),
        }
    }
}

/// A member's own header, and before it that of its long name if it has one.
fn plain(name: &str, size: u64, mtime: u64) -> io::Result<Vec<u8>> {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(mtime);
    header.set_size(size);
    let mut headers = Builder::new(Vec::new());
    headers.append_data(&mut header, name, io::empty())?;
    Ok(std::mem::take(headers.get_mut()))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use s3stream_core::report::Outcome;

    use super::*;

    #[test]
    fn an_abandoned_member_leaves_no_trace_in_a_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out.tar");
        let mut archive = Archive::new(Output::create(&path).unwrap());
        archive.begin("one", 3, 7, &[], Known::Before).unwrap();
        archive.write(b"one").unwrap();
        archive.end(&[]).unwrap();
        // A long name has a header and a block of its own, which must go too.
        archive.begin(&"x/".repeat(200), 1000, 7, &[], Known::Behind).unwrap();
        archive.write(&[1; 600]).unwrap();
        assert_eq!(archive.abandon().unwrap(), Some(Abandoned::Removed));
        assert_eq!(archive.abandon().unwrap(), None);
        archive.begin("two", 0, 7, &[], Known::Before).unwrap();
        archive.end(&[]).unwrap();
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

    #[test]
    fn what_is_known_behind_the_last_byte_stands_before_the_first_one() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out.tar");
        let mut archive = Archive::new(Output::create(&path).unwrap());
        let mut record = Record::new("b", "k", Outcome::Streamed);
        record.etag = Some("e".to_owned());
        let name = "n".repeat(300);
        archive.begin(&name, 4, 7, &record.attributes(), Known::Behind).unwrap();
        archive.write(b"data").unwrap();
        record.crc64nvme = Some("AAAAAAAAAAA=".to_owned());
        let placed = archive.end(&record.attributes()).unwrap().unwrap();
        archive.finish().unwrap().keep().unwrap();

        let bytes = std::fs::read(&path).unwrap();
        let data = usize::try_from(placed.data_offset).unwrap();
        assert_eq!(&bytes[data..data + 4], b"data");
        assert_eq!(checksum(&bytes[..data]), placed.header_crc64nvme);
        let mut tar = ::tar::Archive::new(&bytes[..]);
        let mut member = tar.entries().unwrap().next().unwrap().unwrap();
        assert_eq!(member.path().unwrap().to_str().unwrap(), name);
        let extensions = member.pax_extensions().unwrap().unwrap();
        let read: Vec<_> = extensions.map(|one| one.unwrap().key().unwrap().to_owned()).collect();
        let crc = "SCHILY.xattr.user.s3stream.crc64nvme";
        assert_eq!(read, [crc, "SCHILY.xattr.user.s3stream.etag", "comment"]);
    }
}
