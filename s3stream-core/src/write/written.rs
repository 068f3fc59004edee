//! What became of an object that was written.

use crate::object::{Algorithm, Object};
use crate::proto::completion::By;

/// An object that the server has stored whole, and how that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written {
    /// The object: key, size, ETag, version and checksums, as far as the reply says.
    pub object: Object,
    /// Bytes that were written.
    pub bytes: u64,
    /// Parts that they were sent in; 0 for one PutObject.
    pub parts: u32,
    /// Requests repeated because they failed.
    pub retries: u32,
    /// How it is known that these bytes are stored.
    pub verdict: WriteVerdict,
    /// Whether the reply that says so was lost, and what it said was found out by proof.
    pub resolved_after_lost_reply: bool,
    /// What the server did not keep, where the object was read back
    /// ([`CreateOptions::read_back`](crate::CreateOptions::read_back)).
    pub differences: Vec<Difference>,
}

/// By what a stored object is known to be the bytes that were written, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WriteVerdict {
    /// The server states the digest of the whole object, and it is ours.
    FullChecksum(Algorithm),
    /// The ETag is the digest of the parts' digests.
    ChecksumEtag,
    /// A digest went with each part, which the server had to check.
    PartsSigned,
    /// The server has made it of another object, and says so.
    ServerCopied,
}

impl WriteVerdict {
    /// The name in lower case, the same in all languages.
    pub const fn name(self) -> &'static str {
        match self {
            WriteVerdict::FullChecksum(_) => "full_checksum",
            WriteVerdict::ChecksumEtag => "checksum_etag",
            WriteVerdict::PartsSigned => "parts_signed",
            WriteVerdict::ServerCopied => "server_copied",
        }
    }

    pub(super) const fn by(proof: By) -> Self {
        match proof {
            By::Checksum => WriteVerdict::FullChecksum(Algorithm::Crc64Nvme),
            By::Etag => WriteVerdict::ChecksumEtag,
        }
    }

    /// The digest that the server states.
    pub const fn algorithm(self) -> Option<Algorithm> {
        match self {
            WriteVerdict::FullChecksum(algorithm) => Some(algorithm),
            WriteVerdict::ChecksumEtag | WriteVerdict::PartsSigned | WriteVerdict::ServerCopied => {
                None
            }
        }
    }
}

/// One field that the server has not kept as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// Which: `content_type`, `metadata.NAME`, `tag_count`, `storage_class`, `retention`, ...
    pub field: String,
    /// What was sent; `None` for what the server has added.
    pub sent: Option<String>,
    /// What is stored, as far as the server says.
    pub stored: Option<String>,
}
