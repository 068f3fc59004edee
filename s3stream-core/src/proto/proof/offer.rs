//! What a reply offers to prove an object by.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::response::ObjectHead;
use crate::object::Algorithm;
use crate::verdict::{Integrity, Unproven};

/// What a reply offers to prove an object by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// A digest of all bytes.
    Whole { algorithm: Algorithm, expected: Vec<u8> },
    /// A digest of the digests of that many parts.
    Parts { algorithm: Algorithm, expected: Vec<u8>, parts: u32 },
    /// Nothing but the length, and why.
    Length(Unproven),
}

impl Proof {
    /// The strongest proof that the reply offers and the setting wants.
    pub(crate) fn choose(head: &ObjectHead, integrity: Integrity) -> Self {
        let wanted = |proof: &Proof| match integrity {
            Integrity::Full => true,
            Integrity::Cheap => proof.algorithm().is_some_and(Algorithm::is_cheap),
            Integrity::Length => false,
        };
        let mut left_out = Unproven::NoneOffered;
        for proof in Proof::offered(head) {
            if wanted(&proof) {
                return proof;
            }
            left_out = Unproven::NotAsked;
        }
        // A checksum that nobody can read, with nothing beside it.
        if left_out == Unproven::NoneOffered && !head.object.checksums.is_empty() {
            left_out = Unproven::NotCheckable;
        }
        Proof::Length(left_out)
    }

    /// All that the reply offers, the strongest first.
    fn offered(head: &ObjectHead) -> impl Iterator<Item = Self> {
        let stated = head.object.checksums.iter();
        stated
            .filter_map(|c| parse_stated(c.algorithm, &c.value, head.composite))
            .chain(Proof::of_etag(head))
    }

    /// Whether its digest is too slow to run in the way of a read.
    pub(crate) fn is_slow(&self) -> bool {
        self.algorithm().is_some_and(Algorithm::is_slow)
    }

    fn algorithm(&self) -> Option<Algorithm> {
        match self {
            Proof::Whole { algorithm, .. } | Proof::Parts { algorithm, .. } => Some(*algorithm),
            Proof::Length(_) => None,
        }
    }

    fn of_etag(head: &ObjectHead) -> Option<Self> {
        let etag = head.object.etag.as_ref().filter(|_| head.etag_is_md5)?;
        let algorithm = Algorithm::Md5;
        if let Some(md5) = etag.md5() {
            return Some(Proof::Whole { algorithm, expected: md5.to_vec() });
        }
        let (md5, parts) = etag.multipart()?;
        Some(Proof::Parts { algorithm, expected: md5.to_vec(), parts })
    }
}

/// Reads `base64` or `base64-N`; anything else is as if it were not there.
fn parse_stated(algorithm: Algorithm, value: &str, composite: Option<bool>) -> Option<Proof> {
    let (digits, parts) = match value.rsplit_once('-') {
        Some((digits, parts)) => {
            (digits, Some(parts.parse().ok().filter(|n| (1..=10_000).contains(n))?))
        }
        None => (value, None),
    };
    let expected = STANDARD.decode(digits).ok().filter(|e| e.len() == algorithm.length())?;
    match (composite, parts) {
        (Some(false) | None, None) => Some(Proof::Whole { algorithm, expected }),
        (Some(true) | None, Some(parts)) => Some(Proof::Parts { algorithm, expected, parts }),
        // Composite of unknown parts, or a whole one of parts: not to be relied upon.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Algorithm::{Crc32C, Crc64Nvme, Md5, Sha256};
    use crate::proto::headers::Headers;
    use crate::proto::response::object_head;
    use crate::verdict::Method;

    /// Names and values of a reply's head.
    type Fields<'a> = &'a [(&'a str, &'a str)];

    /// The method that a verdict names when such a proof holds.
    fn named(proof: &Proof) -> Method {
        match proof {
            Proof::Whole { algorithm, .. } => Method::Checksum(*algorithm),
            Proof::Parts { .. } => Method::Composite,
            Proof::Length(_) => Method::Length,
        }
    }

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
            assert_eq!(named(&chosen(fields, integrity)), method, "{fields:?} {integrity:?}");
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
        let table: [(Fields<'_>, Method); 8] = [
            (&[crc("4waSgw==")], Method::Checksum(Crc32C)),
            (&[crc("4waSgw=="), full], Method::Checksum(Crc32C)),
            (&[crc("4waSgw==-2")], Method::Composite),
            (&[crc("4waSgw==-2"), composite], Method::Composite),
            (&[crc("4waSgw=="), composite], Method::Length),
            (&[crc("4waS")], Method::Length),
            (&[crc("not base64"), ("x-amz-checksum-md9", "AAAA")], Method::Length),
            (&[("x-goog-hash", "crc32c=n03x6A==")], Method::Checksum(Crc32C)),
        ];
        for (fields, method) in table {
            assert_eq!(named(&chosen(fields, Integrity::Full)), method, "{fields:?}");
        }
    }

    #[test]
    fn a_proof_is_slow_where_its_digest_is() {
        let full = |field| chosen(&[field], Integrity::Full).is_slow();
        assert!(full(MD5_ETAG));
        assert!(full(("etag", "\"25f9e794323b453885f5181f1b624d0b-3\"")));
        assert!(!full(CRC64));
        assert!(!full(("etag", "\"5f3c-18\"")), "nothing is digested");
    }
}
