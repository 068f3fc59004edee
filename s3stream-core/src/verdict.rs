//! The verdict: by which method the bytes of one object were proven, and what it took.

use std::fmt;

use crate::object::{Algorithm, Checksum};

/// How much proof a reader asks for at the end of an object.
///
/// ```
/// use s3stream_core::Integrity;
/// assert_eq!("cheap".parse::<Integrity>().unwrap(), Integrity::Cheap);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Integrity {
    /// The strongest that the reply offers, the MD5 of an ETag included.
    #[default]
    Full,
    /// Only what runs at 2 GB/s and more: the CRCs.
    Cheap,
    /// The length alone.
    Length,
}

impl std::str::FromStr for Integrity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "full" => Ok(Integrity::Full),
            "cheap" => Ok(Integrity::Cheap),
            "length" => Ok(Integrity::Length),
            _ => Err(format!("'{text}' is not one of full, cheap, length")),
        }
    }
}

/// By which method the end of an object was proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Method {
    /// A checksum of the whole object, or the MD5 that its ETag is.
    Checksum(Algorithm),
    /// A checksum of the checksums of the parts of a multipart upload.
    Composite,
    /// The length: the server offered nothing else, or nothing that could be checked.
    Length,
    /// The length of the range that was asked for: no checksum speaks of a range.
    Range,
}

impl Method {
    /// The method's name: `crc64nvme`, `md5`, ..., `composite`, `length`, `range`.
    pub const fn name(self) -> &'static str {
        match self {
            Method::Checksum(algorithm) => algorithm.name(),
            Method::Composite => "composite",
            Method::Length => "length",
            Method::Range => "range",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why the bytes of an object are not proven by a digest.
///
/// ```
/// use s3stream_core::Unproven;
/// assert_eq!(Unproven::NotCheckable.to_string(), "not checkable");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Unproven {
    /// The reply offered no checksum, and no ETag that is an MD5: encrypted objects, and
    /// servers that make their ETags of something else.
    NoneOffered,
    /// A digest of the digests of parts was offered, but nobody tells how large the parts
    /// are, and no usual part size fits size and number of them for certain.
    NotCheckable,
    /// The digest of the parts disagrees at a likely part size. The object was read a second
    /// time, and both reads were the same: the network did no damage. Damage where the object
    /// is stored is not found so.
    ReadTwice,
    /// The digest of the parts disagrees at a likely part size, and `read_twice` is off.
    NotReadTwice,
    /// A digest was offered, but the `integrity` of the client leaves it out.
    NotAsked,
    /// A part of the object was read, and no checksum speaks of a part.
    Range,
}

impl Unproven {
    /// Every reason.
    #[cfg(test)]
    pub(crate) const ALL: &[Unproven] = &[
        Unproven::NoneOffered,
        Unproven::NotCheckable,
        Unproven::ReadTwice,
        Unproven::NotReadTwice,
        Unproven::NotAsked,
        Unproven::Range,
    ];

    /// The reason in a few words, the same in Rust, Python, C, manifest and report:
    /// `none offered`, `not checkable`, `read twice`, `not read twice`, `not asked for`, `range`.
    pub const fn name(self) -> &'static str {
        match self {
            Unproven::NoneOffered => "none offered",
            Unproven::NotCheckable => "not checkable",
            Unproven::ReadTwice => "read twice",
            Unproven::NotReadTwice => "not read twice",
            Unproven::NotAsked => "not asked for",
            Unproven::Range => "range",
        }
    }
}

impl fmt::Display for Unproven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What becomes of an object whose bytes no digest proves.
///
/// Such objects are counted in any case, by
/// [`Stats::unproven`](crate::Stats::unproven).
///
/// ```
/// use s3stream_core::RequireProof;
/// assert_eq!("yes".parse::<RequireProof>().unwrap(), RequireProof::Yes);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequireProof {
    /// It ends with an error of kind `Integrity` instead of its end.
    Yes,
    /// It ends well; programs say once a job how many there were, and why.
    #[default]
    Warn,
    /// It ends well, and nobody wants to hear of it.
    No,
}

impl std::str::FromStr for RequireProof {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "yes" => Ok(RequireProof::Yes),
            "warn" => Ok(RequireProof::Warn),
            "no" => Ok(RequireProof::No),
            _ => Err(format!("'{text}' is not one of yes, warn, no")),
        }
    }
}

/// What was proven about the bytes of one reader, and what it took to get them.
///
/// A reader that reached its end has one, and its length is always proven; whether a digest
/// proved the bytes too is what [`is_proven`](Verdict::is_proven) says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// By which method the end was proven.
    pub method: Method,
    /// Why the bytes are not proven by a digest; `None` where they are.
    pub unproven: Option<Unproven>,
    /// The digest disagrees at the one part size at which all other objects of the bucket
    /// agreed; only where the bytes are not proven.
    pub is_probably_damaged: bool,
    /// The digest that proves the bytes, as the server states it: an ETag that is an MD5 too, in
    /// base64 like any other. `None` where none proves them.
    pub digest: Option<Checksum>,
    /// Our own digest of the bytes that were delivered, whatever proves them: their
    /// CRC-64/NVME. It is what a copy can be held against when the server is gone. `None` where
    /// a part of an object was read, and where the setting `own_digest` is off.
    pub own_digest: Option<Checksum>,
    /// Bytes delivered.
    pub bytes: u64,
    /// Bytes of a second read of the object, made only to compare it with the first.
    pub reread: u64,
    /// How often the body was taken up again at an offset on another connection.
    pub resumes: u32,
    /// How many requests were repeated because they failed.
    pub retries: u32,
}

impl Verdict {
    /// Whether a digest that the server stated proves the bytes, and not their number alone.
    pub fn is_proven(&self) -> bool {
        self.unproven.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<_> =
            Unproven::ALL.iter().map(|reason| reason.name()).collect();
        assert_eq!(names.len(), Unproven::ALL.len());
    }
}
