//! How much a method proves.

/// What was compared at the end of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// Every bit was checked.
    Checksum,
    /// Only how many bytes there are.
    Length,
}

/// How much the method of a verdict proves; nothing is claimed for one that is not known.
pub(super) fn strength_of(method: &str) -> Strength {
    match method {
        "crc64nvme" | "crc32c" | "crc32" | "sha256" | "sha1" | "md5" | "composite" => {
            Strength::Checksum
        }
        _ => Strength::Length,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Algorithm, Method};

    #[test]
    fn every_digest_is_a_checksum_and_nothing_else_is() {
        use Algorithm::{Crc32, Crc32C, Crc64Nvme, Md5, Sha1, Sha256};
        for algorithm in [Sha256, Sha1, Crc64Nvme, Crc32C, Crc32, Md5] {
            assert_eq!(strength_of(Method::Checksum(algorithm).name()), Strength::Checksum);
        }
        assert_eq!(strength_of(Method::Composite.name()), Strength::Checksum);
        for method in [Method::Length.name(), Method::Range.name(), "not said", "blake3"] {
            assert_eq!(strength_of(method), Strength::Length, "{method}");
        }
    }
}
