//! PAX extended headers (pax(1), POSIX.1-2008): attributes of the member that follows.

use s3stream_core::report::Attribute;
use tar::{EntryType, Header};

/// What GNU tar, star and bsdtar call an extended attribute.
const ATTRIBUTE: &str = "SCHILY.xattr.";

/// A record that readers pass over: what is left of the room.
const COMMENT: &str = "comment";

/// The shortest record of a comment: `12 comment=` and a line break.
const SHORTEST: usize = 12;

const BLOCK: usize = 512;

/// The member before a member, which holds the other's attributes.
pub(super) struct Pax {
    /// Bytes of records in it.
    room: usize,
}

impl Pax {
    /// One that holds these attributes, and so many bytes of others.
    pub(super) fn for_these(attributes: &[Attribute], spare: usize) -> Pax {
        let size = records(attributes).len();
        // A comment fills what is not needed, and cannot be shorter.
        Pax { room: if spare == 0 { size } else { size + spare.max(SHORTEST) } }
    }

    /// Header, records and padding; always the same size. What finds no room is left out, the
    /// last first.
    pub(super) fn member(&self, attributes: &[Attribute]) -> Vec<u8> {
        let fits = |size: usize| size == self.room || size + SHORTEST <= self.room;
        let mut some = (0..=attributes.len()).rev().map(|count| records(&attributes[..count]));
        let records = some.find(|records| fits(records.len())).unwrap_or_default();
        whole(&filled(records, self.room))
    }
}

fn records(attributes: &[Attribute]) -> Vec<u8> {
    let mut records = Vec::new();
    for attribute in attributes {
        record(&mut records, &format!("{ATTRIBUTE}{}", attribute.name), &attribute.value);
    }
    records
}

/// `LENGTH KEY=VALUE` and a line break; the length counts itself.
fn record(records: &mut Vec<u8>, key: &str, value: &[u8]) {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    records.extend_from_slice(format!("{length} {key}=").as_bytes());
    records.extend_from_slice(value);
    records.push(b'\n');
}

/// Filled up to `size` bytes by a comment.
fn filled(mut records: Vec<u8>, size: usize) -> Vec<u8> {
    let room = size - records.len();
    if room > 0 {
        let frame = room.to_string().len() + COMMENT.len() + 3;
        let value = b" ".repeat(room.saturating_sub(frame));
        records.extend_from_slice(format!("{room} {COMMENT}=").as_bytes());
        records.extend_from_slice(&value);
        records.push(b'\n');
    }
    records
}

fn whole(records: &[u8]) -> Vec<u8> {
    let mut header = Header::new_ustar();
    header.set_entry_type(EntryType::XHeader);
    // A name that no member has; readers that know nothing of PAX would make a file of it.
    header.as_mut_bytes()[..14].copy_from_slice(b"././@PaxHeader");
    header.set_mode(0o600);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(records.len() as u64);
    header.set_cksum();
    let mut member = header.as_bytes().to_vec();
    member.extend_from_slice(records);
    member.resize(member.len().next_multiple_of(BLOCK), 0);
    member
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_counts_itself_at_every_length() {
        for length in 0..1_100 {
            let mut records = Vec::new();
            record(&mut records, "k", &b"v".repeat(length));
            let text = String::from_utf8(records.clone()).unwrap();
            let (said, _) = text.split_once(' ').unwrap();
            assert_eq!(said.parse::<usize>().unwrap(), records.len());
        }
    }

    #[test]
    fn a_comment_fills_any_room() {
        for size in (0..1).chain(SHORTEST..1_100) {
            let filled = filled(Vec::new(), size);
            assert_eq!(filled.len(), size);
            let text = String::from_utf8(filled).unwrap();
            assert!(size == 0 || text.starts_with(&format!("{size} comment=")), "{size}: {text}");
        }
    }
}
