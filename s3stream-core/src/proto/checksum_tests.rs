//! Known answers: each was computed by two implementations that are not ours.

use super::*;
use crate::proto::headers::Headers;
use crate::proto::response::object_head;

fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

fn whole(algorithm: Algorithm, content: &[u8]) -> String {
    // In odd pieces: a digest must not depend on how the bytes arrive.
    let mut digest = Digest::new(algorithm);
    content.chunks(977).for_each(|piece| digest.update(piece));
    base64(&digest.finish())
}

fn parts(algorithm: Algorithm, content: &[u8], part_size: u64) -> String {
    let mut digest = PartsDigest::new(algorithm, part_size);
    content.chunks(977).for_each(|piece| digest.update(piece));
    let (bytes, count) = digest.finish();
    format!("{}-{count}", base64(&bytes))
}

fn long_a() -> Vec<u8> {
    vec![b'a'; 66_560]
}

fn ramp() -> Vec<u8> {
    (0..=255).cycle().take(1024).collect()
}

use Algorithm::{Crc32, Crc32C, Crc64Nvme, Md5, Sha1, Sha256};

#[test]
fn digests_of_whole_objects_agree_with_known_answers() {
    let long_a = long_a();
    let table: [(Algorithm, &[u8], &str); 18] = [
        (Crc32, b"", "AAAAAA=="),
        (Crc32C, b"", "AAAAAA=="),
        (Crc64Nvme, b"", "AAAAAAAAAAA="),
        (Sha1, b"", "2jmj7l5rSw0yVb/vlWAYkK/YBwk="),
        (Sha256, b"", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
        (Md5, b"", "1B2M2Y8AsgTpgAmY7PhCfg=="),
        (Crc32, b"123456789", "y/Q5Jg=="),
        (Crc32C, b"123456789", "4waSgw=="),
        (Crc64Nvme, b"123456789", "rosUhgp5mIg="),
        (Sha1, b"123456789", "98O8HYCOBHMq32eZZczDTKeuNEE="),
        (Sha256, b"123456789", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="),
        (Md5, b"123456789", "JfnnlDI7RTiF9RgfG2JNCw=="),
        (Crc32, &long_a, "sK4Y7A=="),
        (Crc32C, &long_a, "sOO8/Q=="),
        (Crc64Nvme, &long_a, "pRf+emrnL+A="),
        (Sha1, &long_a, "qOlv5ixdz2jRNhlSLmgH6iaTKRI="),
        (Sha256, &long_a, "zWnTiHxq+SZLEA17dgIzEzXZqn4718MM3G1vS/uzyIg="),
        (Md5, &long_a, "2g0uF81ajxRjPGtK661+Ag=="),
    ];
    for (algorithm, content, expected) in table {
        assert_eq!(whole(algorithm, content), expected, "{algorithm:?} of {}", content.len());
    }
}

#[test]
fn digests_of_parts_agree_with_known_answers() {
    let (long_a, ramp) = (long_a(), ramp());
    let table: [(Algorithm, &[u8], u64, &str); 9] = [
        (Crc32, &long_a, 65_536, "hctAwQ==-2"),
        (Crc32C, &long_a, 65_536, "2oP66A==-2"),
        (Sha1, &long_a, 65_536, "M4yE98YmMVTuFHTkS3b/IoOYdLs=-2"),
        (Sha256, &long_a, 65_536, "lORMUgejMVuByJYaw85tDZohKWPeWMt2eZE7fax0JVk=-2"),
        (Crc32, &ramp, 300, "rSQgCA==-4"),
        (Crc32C, &ramp, 300, "VoXGSQ==-4"),
        (Sha1, &ramp, 300, "YUPXaWQG0Ug6377NRYIA9JIEtFU=-4"),
        (Sha256, &ramp, 300, "X6y5gOPBELGfm/xBAMnopZMkEW4VRwuY8zykwej9e0k=-4"),
        (Sha256, b"123456789", 9, "KSsNAHVmgy25S/rmic1w0at3KBH9RLn0nYVQ7p6mpJQ=-1"),
    ];
    for (algorithm, content, part_size, expected) in table {
        assert_eq!(parts(algorithm, content, part_size), expected, "{algorithm:?} in {part_size}");
    }
}

#[test]
fn a_multipart_etag_is_the_md5_of_the_parts_md5s() {
    for (content, part_size, etag) in [
        (long_a(), 65_536, "0b02658b99c76c13e6d9874280c89469-2"),
        (ramp(), 300, "1e6d126440597ba7a5a3d05df01164bf-4"),
        (b"123456789".to_vec(), 9, "5927c5d64d94a5786f90003aa26d0159-1"),
    ] {
        let mut digest = PartsDigest::new(Md5, part_size);
        digest.update(&content);
        let (bytes, count) = digest.finish();
        assert_eq!(format!("{}-{count}", super::super::encode::hex(&bytes)), etag);
    }
}

/// Names and values of a reply's head.
type Fields<'a> = &'a [(&'a str, &'a str)];

fn chosen(fields: Fields<'_>, integrity: Integrity) -> Proof {
    let headers: Headers = fields.iter().copied().collect();
    Proof::choose(&object_head("k", &headers).unwrap(), integrity)
}

const MD5_ETAG: (&str, &str) = ("etag", "\"25f9e794323b453885f5181f1b624d0b\"");
const CRC64: (&str, &str) = ("x-amz-checksum-crc64nvme", "rosUhgp5mIg=");

#[test]
fn the_strongest_wanted_proof_is_chosen() {
    use Integrity::{Cheap, Full, Length};
    let sha = ("x-amz-checksum-sha256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=");
    let table: [(Fields<'_>, Integrity, Method); 9] = [
        (&[MD5_ETAG], Full, Method::Checksum(Md5)),
        (&[MD5_ETAG], Cheap, Method::Length),
        (&[MD5_ETAG, CRC64], Full, Method::Checksum(Crc64Nvme)),
        (&[MD5_ETAG, CRC64], Cheap, Method::Checksum(Crc64Nvme)),
        (&[MD5_ETAG, CRC64], Length, Method::Length),
        (&[CRC64, sha], Full, Method::Checksum(Sha256)),
        (&[CRC64, sha], Cheap, Method::Checksum(Crc64Nvme)),
        (&[("etag", "\"25f9e794323b453885f5181f1b624d0b-3\"")], Full, Method::Composite),
        (&[MD5_ETAG, ("x-amz-server-side-encryption", "aws:kms")], Full, Method::Length),
    ];
    for (fields, integrity, method) in table {
        assert_eq!(chosen(fields, integrity).method(), method, "{fields:?} {integrity:?}");
    }
}

#[test]
fn a_reply_that_proves_nothing_says_why() {
    use Integrity::{Cheap, Full, Length};
    let composite = ("x-amz-checksum-type", "COMPOSITE");
    let table: [(Fields<'_>, Integrity, Unproven); 8] = [
        // An encrypted object's ETag, and one made of an inode and a time.
        (&[MD5_ETAG, ("x-amz-server-side-encryption", "aws:kms")], Full, Unproven::NoneOffered),
        (&[("etag", "\"5f3c-18\"")], Full, Unproven::NoneOffered),
        // What is not there cannot be asked for either.
        (&[("etag", "\"5f3c-18\"")], Length, Unproven::NoneOffered),
        (&[("x-amz-checksum-crc32c", "4waSgw=="), composite], Full, Unproven::NotCheckable),
        (&[("x-amz-checksum-crc32c", "4waS")], Full, Unproven::NotCheckable),
        (&[MD5_ETAG], Cheap, Unproven::NotAsked),
        (&[MD5_ETAG], Length, Unproven::NotAsked),
        (&[MD5_ETAG, CRC64], Length, Unproven::NotAsked),
    ];
    for (fields, integrity, reason) in table {
        let chosen = chosen(fields, integrity);
        assert_eq!(chosen, Proof::Length(reason), "{fields:?} {integrity:?}");
    }
}

#[test]
fn composite_is_told_by_the_type_or_by_the_suffix() {
    let crc = |value| ("x-amz-checksum-crc32c", value);
    let composite = ("x-amz-checksum-type", "COMPOSITE");
    let full = ("x-amz-checksum-type", "FULL_OBJECT");
    let table: [(Fields<'_>, Method); 7] = [
        (&[crc("4waSgw==")], Method::Checksum(Crc32C)),
        (&[crc("4waSgw=="), full], Method::Checksum(Crc32C)),
        (&[crc("4waSgw==-2")], Method::Composite),
        (&[crc("4waSgw==-2"), composite], Method::Composite),
        (&[crc("4waSgw=="), composite], Method::Length),
        (&[crc("4waS")], Method::Length),
        (&[crc("not base64"), ("x-amz-checksum-md9", "AAAA")], Method::Length),
    ];
    for (fields, method) in table {
        assert_eq!(chosen(fields, Integrity::Full).method(), method, "{fields:?}");
    }
}
