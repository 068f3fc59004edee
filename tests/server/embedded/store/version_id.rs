//! Version ids that tell a client nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::pattern::mix;

/// Tells our ids from made-up ones.
const CHECK: u64 = 0x7665_7273_696f_6e73;

/// The id of the version with that sequence number.
///
/// Standard base64: ids of older AWS buckets hold `/` and `+` too, and a client
/// that does not percent-encode them fails here as it would there.
pub(crate) fn encode(sequence: u64) -> String {
    let key = mix(sequence ^ CHECK);
    let mut bytes = [0; 24];
    bytes[..8].copy_from_slice(&mix(key).to_le_bytes());
    bytes[8..16].copy_from_slice(&key.to_le_bytes());
    bytes[16..].copy_from_slice(&(sequence ^ key).to_le_bytes());
    STANDARD.encode(bytes)
}

/// The sequence number of an id, or `None` if it is not one of ours.
pub(crate) fn decode(id: &str) -> Option<u64> {
    let bytes: [u8; 24] = STANDARD.decode(id).ok()?.try_into().ok()?;
    let word = |at: usize| {
        bytes[at..at + 8].iter().rev().fold(0, |value, byte| (value << 8) | u64::from(*byte))
    };
    let sequence = word(16) ^ word(8);
    (encode(sequence) == id).then_some(sequence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_back_and_altered_ones_refused() {
        for sequence in [0, 1, 77, u64::MAX] {
            assert_eq!(decode(&encode(sequence)), Some(sequence));
        }
        let altered = encode(5).replacen(|_| true, "~", 1);
        assert_eq!(decode(&altered), None);
        assert_eq!(decode("null"), None);
    }
}
