use super::*;

const MOST: u64 = 10_000;

#[test]
fn parts_are_as_large_as_the_object_needs_them() {
    let equal = |bytes| PartSizes::Equal { bytes, most: MOST_PARTS };
    let table = [
        (Some(0), None, equal(8 * MIB)),
        (Some(MOST * 8 * MIB), None, equal(8 * MIB)),
        (Some(MOST * 8 * MIB + 1), None, equal(9 * MIB)),
        (Some(48 << 40), None, equal(5_034 * MIB)),
        (Some(1 << 40), Some(200 * MIB), equal(200 * MIB)),
        (None, Some(5 * MIB), equal(5 * MIB)),
        (None, None, PartSizes::Growing { most: MOST_PARTS }),
    ];
    for (size, part_size, expected) in table {
        let sizes = PartSizes::new(size, part_size, None);
        assert_eq!(sizes, Ok(expected), "{size:?}, {part_size:?}");
    }
    let few = PartSizes::new(Some(1_000 * 8 * MIB + 1), None, Some(1_000)).unwrap();
    assert_eq!(few, PartSizes::Equal { bytes: 9 * MIB, most: 1_000 });
}

#[test]
fn what_has_no_room_is_refused() {
    let table = [
        (None, Some(0), None, "part_size"),
        (None, Some(LARGEST_PART + 1), None, "part_size"),
        (None, None, Some(0), "max_parts"),
        (None, None, Some(10_001), "max_parts"),
        (Some(10_001 * MIB), Some(MIB), None, "no room in 10000 parts"),
        (Some(1 << 60), None, None, "part_size"),
    ];
    for (size, part_size, most, part) in table {
        let why = PartSizes::new(size, part_size, most).unwrap_err();
        assert!(why.contains(part), "{why} lacks {part}");
    }
}

#[test]
fn parts_of_an_unknown_object_grow() {
    let sizes = PartSizes::Growing { most: MOST_PARTS };
    for (number, mib) in [(1, 8), (1_000, 8), (1_001, 16), (2_001, 32), (10_000, 8 << 9)] {
        assert_eq!(sizes.of(number), Some(mib * MIB), "{number}");
    }
    assert_eq!(sizes.of(10_001), None);
    let all: u64 = (1..=10_000).filter_map(|number| sizes.of(number)).sum();
    assert!(all > 7 << 40, "{all}");
    let few = PartSizes::Growing { most: 1_000 };
    assert_eq!((few.of(100), few.of(101), few.of(1_001)), (Some(8 * MIB), Some(16 * MIB), None));
    let equal = PartSizes::Equal { bytes: 5, most: 2 };
    assert_eq!((equal.of(1), equal.of(2), equal.of(3)), (Some(5), Some(5), None));
}

#[test]
fn who_repeats_the_algorithm_knows_it() {
    let table = [
        (Some("CRC64NVME"), true, PartDigest::Checksum),
        (Some("CRC64NVME"), false, PartDigest::SignedAndChecksum),
        (Some("CRC32"), true, PartDigest::Signed),
        (None, true, PartDigest::Signed),
        (None, false, PartDigest::Signed),
    ];
    for (echoed, is_encrypted, expected) in table {
        assert_eq!(PartDigest::of(echoed, is_encrypted), expected, "{echoed:?} {is_encrypted}");
    }
    let [signed, both, checksum] =
        [PartDigest::Signed, PartDigest::SignedAndChecksum, PartDigest::Checksum];
    assert_eq!([signed, both, checksum].map(PartDigest::is_signed), [true, true, false]);
    assert_eq!([signed, both, checksum].map(PartDigest::has_checksum), [false, true, true]);
}

fn part(content: &[u8]) -> StoredPart {
    let digest = |algorithm| {
        let mut digest = Digest::new(algorithm);
        digest.update(content);
        digest.finish()
    };
    let crc64 = digest(Algorithm::Crc64Nvme).try_into().map(u64::from_be_bytes).unwrap();
    let etag = format!("\"{}\"", hex(&digest(Algorithm::Md5)));
    StoredPart { etag, crc64: Some(crc64), size: content.len() as u64 }
}

#[test]
fn parts_make_one_object_in_whatever_order_they_arrive() {
    let mut upload = Upload::default();
    upload.stored(2, part(b"world"));
    assert_eq!(upload.clone().assemble(2).unwrap_err(), 1);
    upload.stored(1, part(b"hello "));
    assert_eq!(upload.clone().assemble(3).unwrap_err(), 3);
    // Sent once more, it is the same part.
    upload.stored(2, part(b"world"));
    let assembly = upload.assemble(2).unwrap();
    let made = assembly.makes();
    assert_eq!(made.size, 11);
    // `openssl md5` of the two digests one behind the other.
    assert_eq!(made.etag.unwrap().parts(), Some(2));
    let whole = part(b"hello world");
    assert_eq!(made.crc64, whole.crc64.map(encoded));
    let body = assembly.body(PartDigest::Signed);
    assert!(body.starts_with("<CompleteMultipartUpload xmlns="), "{body}");
    assert!(body.contains("<Part><PartNumber>2</PartNumber><ETag>&quot;7d793037a0760186574b0282f2f435e7&quot;</ETag></Part>"), "{body}");
    assert!(!body.contains("Checksum"));
    let body = assembly.body(PartDigest::Checksum);
    assert_eq!(body.matches("<ChecksumCRC64NVME>").count(), 2);
}

#[test]
fn an_etag_is_made_of_digests_or_not_at_all() {
    let mut upload = Upload::default();
    upload.stored(1, StoredPart { etag: "\"not-a-digest\"".to_owned(), ..part(b"x") });
    let made = upload.assemble(1).unwrap().makes();
    assert_eq!(made.etag, None);
    assert!(made.crc64.is_some());
    // A part that the server copied has no digest of ours, and the whole then neither.
    let mut upload = Upload::default();
    upload.stored(1, part(b"x"));
    upload.stored(2, StoredPart { crc64: None, ..part(b"y") });
    let assembly = upload.assemble(2).unwrap();
    assert_eq!(assembly.makes().crc64, None);
    assert!(assembly.makes().etag.is_some());
    assert_eq!(assembly.body(PartDigest::Checksum).matches("<ChecksumCRC64NVME>").count(), 1);
}
