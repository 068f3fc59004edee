use super::*;
use crate::report::{Outcome, checksum};

/// Two members, the second with padding, and the end.
fn archive() -> (Vec<u8>, Vec<Record>) {
    let (mut archive, mut records) = (Vec::new(), Vec::new());
    for (name, content) in [("one", &[1_u8; 512][..]), ("two", &[2; 700])] {
        let mut record = Record::new("b", name, Outcome::Streamed);
        record.offset = Some(archive.len() as u64);
        archive.extend_from_slice(&[b'h'; 512]);
        record.header_crc64nvme = Some(checksum(&[b'h'; 512]));
        record.data_offset = Some(archive.len() as u64);
        archive.extend_from_slice(content);
        record.bytes = Some(content.len() as u64);
        record.crc64nvme = Some(checksum(content));
        archive.resize(archive.len().next_multiple_of(512), 0);
        records.push(record);
    }
    archive.resize(archive.len() + 1024, 0);
    (archive, records)
}

fn check(archive: &[u8], records: &[Record]) -> Result<(), (String, MemberError)> {
    let mut check = ArchiveCheck::new(archive);
    for record in records {
        check.member(record).map_err(|error| (record.key.clone(), error))?;
    }
    check.finish().map_err(|error| (String::new(), error))
}

#[test]
fn a_bit_that_flipped_anywhere_is_found_and_its_member_named() {
    let (archive, records) = archive();
    assert!(check(&archive, &records).is_ok());
    for index in 0..archive.len() * 8 {
        let mut flipped = archive.clone();
        flipped[index / 8] ^= 1 << (index % 8);
        let (key, error) = check(&flipped, &records).unwrap_err();
        assert!(matches!(error, MemberError::Damaged(_)), "{error}");
        let expected = match index / 8 {
            0..1024 => "one",
            1024..2560 => "two",
            _ => "",
        };
        assert_eq!(key, expected, "bit {index}");
    }
}

#[test]
fn one_that_was_cut_anywhere_or_goes_on_is_found() {
    let (archive, records) = archive();
    for length in 0..archive.len() {
        let (_, error) = check(&archive[..length], &records).unwrap_err();
        assert!(error.to_string().contains("too early"), "{length}: {error}");
    }
    let longer = [&archive[..], b"x"].concat();
    let (_, error) = check(&longer, &records).unwrap_err();
    assert!(error.to_string().contains("more behind the end"), "{error}");
}

#[test]
fn damage_of_one_member_leaves_the_next_one_to_be_looked_at() {
    let (mut archive, records) = archive();
    archive[600] ^= 1;
    let mut check = ArchiveCheck::new(&archive[..]);
    assert!(matches!(check.member(&records[0]), Err(MemberError::Damaged(_))));
    check.member(&records[1]).unwrap();
    check.finish().unwrap();
}

#[test]
fn a_member_that_no_record_names_is_found() {
    let (archive, records) = archive();
    let mut check = ArchiveCheck::new(&archive[..]);
    let error = check.member(&records[1]).unwrap_err().to_string();
    assert!(error.contains("begins at 1024, but the one before it ends at 0"), "{error}");
    check.finish().unwrap();
    let mut check = ArchiveCheck::new(&archive[..]);
    check.member(&records[0]).unwrap();
    let error = check.member(&records[0]).unwrap_err().to_string();
    assert!(error.contains("begins at 0, but the one before it ends at 1024"), "{error}");
}

#[test]
fn a_record_that_keeps_no_digest_proves_nothing() {
    let (archive, mut records) = archive();
    records[0].crc64nvme = None;
    let mut check = ArchiveCheck::new(&archive[..]);
    assert!(matches!(check.member(&records[0]), Err(MemberError::Unproven(_))));
    records[0].offset = None;
    let mut check = ArchiveCheck::new(&archive[..]);
    assert!(matches!(check.member(&records[0]), Err(MemberError::Unproven(_))));
}

#[test]
fn one_member_is_taken_out_without_what_is_before_it() {
    let (archive, records) = archive();
    let mut damaged = archive;
    damaged[600] ^= 1;
    let mut check = ArchiveCheck::new(io::Cursor::new(&damaged));
    check.seek_to(&records[1]).unwrap();
    let mut content = Vec::new();
    check.copy(&records[1], &mut content).unwrap();
    assert_eq!(content, [2; 700]);
    assert!(matches!(check.seek_to(&records[0]), Err(MemberError::Damaged(_))));
    let mut check = ArchiveCheck::new(&damaged[..]);
    assert_eq!(check.skip_to(&records[1]).unwrap(), 1024);
    check.member(&records[1]).unwrap();
    check.finish().unwrap();
}
