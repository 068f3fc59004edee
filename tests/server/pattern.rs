//! Object content as a pure function of a seed and a position, so that no test
//! has to keep a copy of a large object to compare with.
//!
//! Byte `i` belongs to the eight-byte word `i / 8`; a word is the splitmix64
//! output for its number, stored little-endian. Any range can be made alone,
//! starting anywhere, and no two seeds or positions look alike, which catches
//! swapped objects, shifted ranges and repeated buffers.

/// Increment of splitmix64: the odd integer nearest to 2^64 divided by the
/// golden ratio.
const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// Writes bytes `offset .. offset + buf.len()` of the object `seed` into `buf`.
///
/// ```
/// let mut whole = [0; 64];
/// s3stream_tests::pattern::fill(7, 0, &mut whole);
/// let mut part = [0; 10];
/// s3stream_tests::pattern::fill(7, 13, &mut part);
/// assert_eq!(part, whole[13..23]);
/// ```
pub fn fill(seed: u64, offset: u64, buf: &mut [u8]) {
    let mut word = offset / 8;
    let skip = (offset % 8) as usize;
    let mut rest = buf;
    if skip > 0 {
        let lead = rest.len().min(8 - skip);
        rest[..lead].copy_from_slice(&word_bytes(seed, word)[skip..skip + lead]);
        rest = &mut rest[lead..];
        word += 1;
    }
    let mut words = rest.chunks_exact_mut(8);
    for chunk in &mut words {
        chunk.copy_from_slice(&word_bytes(seed, word));
        word = word.wrapping_add(1);
    }
    let tail = words.into_remainder();
    tail.copy_from_slice(&word_bytes(seed, word)[..tail.len()]);
}

/// Returns bytes `offset .. offset + length` of the object `seed`.
pub fn bytes(seed: u64, offset: u64, length: usize) -> Vec<u8> {
    let mut buf = vec![0; length];
    fill(seed, offset, &mut buf);
    buf
}

/// The splitmix64 finalizer: also the step of [`crate::fault`]'s generator.
pub(crate) fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

fn word_bytes(seed: u64, word: u64) -> [u8; 8] {
    // The seed is mixed first: neighbouring seeds must not be shifted copies
    // of each other.
    mix(mix(seed.wrapping_add(GAMMA)).wrapping_add(word.wrapping_mul(GAMMA))).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_range_equals_the_slice_of_the_whole() {
        let whole = bytes(7, 0, 100);
        for start in 0..40 {
            for length in 0..40 {
                assert_eq!(bytes(7, start as u64, length), whole[start..start + length]);
            }
        }
    }

    #[test]
    fn seeds_differ() {
        assert_ne!(bytes(7, 0, 64), bytes(8, 0, 64));
        assert_ne!(bytes(7, 8, 64), bytes(8, 0, 64));
    }

    #[test]
    fn fills_past_four_gibibytes() {
        let far = bytes(1, (1 << 33) + 5, 11);
        assert_eq!(far[3..], bytes(1, (1 << 33) + 8, 8));
    }
}
