//! The part size of a multipart upload: told by the server, or guessed from habit.
//!
//! A multipart ETag and a composite checksum are made of the parts' digests, so checking one
//! needs the parts' sizes. HeadObject with `partNumber=1` tells the first one's where it is
//! implemented ("HeadObject", Amazon S3 API reference); where it is not, the usual tools use
//! a handful of sizes. A guess that does not match proves nothing.

const MIB: u64 = 1 << 20;

/// What upload tools use when nobody tells them otherwise, the commonest first: AWS's own
/// (8), rclone and the smallest allowed (5), s3cmd (15), AWS for Java (16), Hadoop (64, 100)...
const USUAL_MIB: [u64; 17] =
    [8, 5, 15, 16, 64, 32, 10, 100, 128, 50, 25, 20, 256, 512, 1_024, 6, 7];

/// How many guesses are hashed side by side: each costs a digest of the whole object.
pub(crate) const MOST_GUESSES: usize = 2;

/// Whether an object of `size` bytes has `parts` parts when all but the last hold `part_size`.
pub(crate) fn fits(size: u64, parts: u32, part_size: u64) -> bool {
    part_size > 0 && size.div_ceil(part_size).max(1) == u64::from(parts)
}

/// Likely part sizes of an object, the likeliest first; may be empty.
pub(crate) fn guesses(size: u64, parts: u32) -> Vec<u64> {
    if parts == 1 {
        return vec![size.max(1)];
    }
    let usual = USUAL_MIB.iter().map(|mib| mib * MIB);
    // Tools whose usual size would need too many parts grow it to whole MiB.
    let grown = size.div_ceil(u64::from(parts)).next_multiple_of(MIB);
    let mut sizes: Vec<u64> = Vec::with_capacity(MOST_GUESSES);
    for part_size in usual.chain([grown]) {
        if sizes.len() < MOST_GUESSES && fits(size, parts, part_size) && !sizes.contains(&part_size)
        {
            sizes.push(part_size);
        }
    }
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_fit_size_and_count() {
        assert_eq!(guesses(20 * MIB, 3), [8 * MIB, 7 * MIB]);
        assert_eq!(guesses(2048 * MIB, 137), [15 * MIB]);
        assert_eq!(guesses(9, 1), [9]);
        assert_eq!(guesses(0, 1), [1]);
        // 17 MiB parts: nobody's habit, but whole MiB.
        assert_eq!(guesses(17 * MIB * 100, 100), [17 * MIB]);
        assert!(guesses(1024, 4).is_empty());
    }

    #[test]
    fn parts_fit_only_their_size() {
        assert!(fits(10, 4, 3) && fits(9, 3, 3) && fits(0, 1, 8));
        assert!(!fits(10, 3, 3) && !fits(9, 4, 3) && !fits(9, 1, 0));
    }
}
