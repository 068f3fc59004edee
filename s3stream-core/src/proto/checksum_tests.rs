//! Known answers: each was computed by two implementations that are not ours.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::*;

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

#[test]
fn the_cheap_digests_are_the_crcs_and_all_others_are_slow() {
    use Algorithm::{Crc32, Crc32C, Crc64Nvme, Md5, Sha1, Sha256};
    for (algorithm, is_cheap) in [
        (Sha256, false),
        (Sha1, false),
        (Md5, false),
        (Crc64Nvme, true),
        (Crc32C, true),
        (Crc32, true),
    ] {
        assert_eq!(algorithm.is_cheap(), is_cheap, "{}", algorithm.name());
        assert_eq!(algorithm.is_slow(), !is_cheap, "{}", algorithm.name());
    }
}
