//! The verdict: by which method the bytes of one object were proven, and what it took.

use std::fmt;

use crate::object::Algorithm;

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

/// What was proven about the bytes of one reader, and what it took to get them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// By which method the end was proven.
    pub method: Method,
    /// Bytes delivered.
    pub bytes: u64,
    /// How often the body was taken up again at an offset on another connection.
    pub resumes: u32,
    /// How many requests were repeated because they failed.
    pub retries: u32,
}
