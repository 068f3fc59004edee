//! What a line says about itself: a checksum of all that stands before it.
//!
//! A bit that flips in a record would otherwise restore another content type, or another
//! key, with every digest of the bytes right.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;

/// The last field of a line, up to its value.
const FIELD: &[u8] = b",\"sum\":\"";
/// Of a 64-bit number.
const DIGITS: usize = 16;
const END: &[u8] = b"\"}";

/// What a line's own checksum says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sum {
    /// The line is as it was written.
    Right,
    /// It is not.
    Wrong,
    /// It has none: manifests of earlier versions.
    Absent,
}

/// Turns one JSON object into a line that proves itself.
pub(in crate::report) fn sealed(mut json: Vec<u8>) -> Vec<u8> {
    json.pop();
    let sum = crc(&json);
    json.extend_from_slice(FIELD);
    json.extend_from_slice(format!("{sum:016x}").as_bytes());
    json.extend_from_slice(END);
    json.push(b'\n');
    json
}

/// Looks whether a line, without its line break, is as it was written.
pub(super) fn check(line: &[u8]) -> Sum {
    let Some(start) = line.len().checked_sub(FIELD.len() + DIGITS + END.len()) else {
        return Sum::Absent;
    };
    let (summed, rest) = line.split_at(start);
    let Some(rest) = rest.strip_prefix(FIELD) else { return Sum::Absent };
    let (digits, end) = rest.split_at(DIGITS);
    match end == END && digits == format!("{:016x}", crc(summed)).as_bytes() {
        true => Sum::Right,
        false => Sum::Wrong,
    }
}

/// The CRC-64/NVME of some bytes, in base64 as `x-amz-checksum-crc64nvme` has it.
///
/// ```
/// assert_eq!(s3stream_core::report::checksum(b"123456789"), "rosUhgp5mIg=");
/// ```
pub fn checksum(bytes: &[u8]) -> String {
    STANDARD.encode(crc(bytes).to_be_bytes())
}

fn crc(bytes: &[u8]) -> u64 {
    crc_fast::checksum(CrcAlgorithm::Crc64Nvme, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_of_a_line_is_proven_by_its_end() {
        let line = sealed(b"{\"key\":\"a\"}".to_vec());
        let line = line.strip_suffix(b"\n").unwrap();
        assert_eq!(check(line), Sum::Right);
        for index in 0..line.len() * 8 {
            let mut flipped = line.to_vec();
            flipped[index / 8] ^= 1 << (index % 8);
            assert_ne!(check(&flipped), Sum::Right, "bit {index}");
        }
    }

    #[test]
    fn a_line_of_before_has_none() {
        for line in [&b""[..], b"{}", b"{\"bucket\":\"b\",\"key\":\"k\",\"outcome\":\"streamed\"}"]
        {
            assert_eq!(check(line), Sum::Absent);
        }
    }
}
