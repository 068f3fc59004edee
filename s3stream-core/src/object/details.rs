//! What a reply says of an object besides its bytes and its metadata.

use super::{ChecksumType, Metadata};
use crate::time::Timestamp;

/// What the reply to HeadObject or GetObject says of an object, and no listing does.
///
/// Absent means that the server did not say: it may not know of it, or the caller's rights do
/// not reach so far (S3 leaves lock and legal hold out then). See "HeadObject", response
/// elements, in the Amazon S3 API reference.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Details {
    /// What it was written with.
    pub metadata: Metadata,
    /// How many tags it has; left out where it has none.
    pub tag_count: Option<u32>,
    /// How the server keeps it encrypted.
    pub encryption: Option<Encryption>,
    /// Until when it may not be deleted.
    pub retention: Option<Retention>,
    /// Whether it may not be deleted, without an end.
    pub legal_hold: Option<LegalHold>,
    /// In how many parts it was written, where the reply says so (`x-amz-mp-parts-count`); the
    /// ETag of most such objects tells it too: [`ETag::parts`](crate::ETag::parts).
    pub parts_count: Option<u32>,
    /// Of what its checksums are.
    pub checksum_type: Option<ChecksumType>,
    /// How its replication stands: `COMPLETED`, `PENDING`, `FAILED` or `REPLICA`.
    pub replication_status: Option<String>,
    /// The fields that were there and that nobody can read, by their names in the reply's head,
    /// in lower case.
    pub unread: Vec<String>,
}

/// How a server keeps an object encrypted.
///
/// See "Protecting data with server-side encryption" in the Amazon S3 user guide.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encryption {
    /// With keys of the service's own (SSE-S3): `AES256`.
    S3,
    /// With a key of a key management service: `aws:kms`.
    Kms {
        /// The key, where the server says which.
        key_id: Option<String>,
    },
    /// The same in two layers: `aws:kms:dsse`.
    KmsDual {
        /// The key, where the server says which.
        key_id: Option<String>,
    },
    /// With a key that came with the request (SSE-C), and that the server does not keep.
    Customer {
        /// The algorithm: `AES256`.
        algorithm: String,
    },
    /// In another way, by the server's name for it: `aws:fsx`.
    Other(String),
}

impl Encryption {
    /// S3's word for it: `AES256`, `aws:kms`, `aws:kms:dsse`; `customer` for SSE-C, for which
    /// S3 has a field of its own instead.
    pub fn name(&self) -> &str {
        match self {
            Encryption::S3 => "AES256",
            Encryption::Kms { .. } => "aws:kms",
            Encryption::KmsDual { .. } => "aws:kms:dsse",
            Encryption::Customer { .. } => "customer",
            Encryption::Other(name) => name,
        }
    }

    /// The key of the key management service, where the server says which.
    pub fn kms_key_id(&self) -> Option<&str> {
        match self {
            Encryption::Kms { key_id } | Encryption::KmsDual { key_id } => key_id.as_deref(),
            Encryption::S3 | Encryption::Customer { .. } | Encryption::Other(_) => None,
        }
    }

    /// The algorithm of a customer's key.
    pub fn customer_algorithm(&self) -> Option<&str> {
        match self {
            Encryption::Customer { algorithm } => Some(algorithm),
            _ => None,
        }
    }
}

/// Until when a version may not be deleted, and by whom not even then.
///
/// See "Object Lock" in the Amazon S3 user guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Retention {
    /// Who may lift it.
    pub mode: RetentionMode,
    /// When it ends.
    pub until: Timestamp,
}

/// Who may lift a retention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RetentionMode {
    /// Whoever has the right to.
    Governance,
    /// Nobody.
    Compliance,
}

impl RetentionMode {
    /// S3's word for it: `GOVERNANCE` or `COMPLIANCE`.
    pub const fn name(self) -> &'static str {
        match self {
            RetentionMode::Governance => "GOVERNANCE",
            RetentionMode::Compliance => "COMPLIANCE",
        }
    }

    /// The mode of S3's word for it, in any case.
    pub fn of(name: &str) -> Option<Self> {
        let modes = [RetentionMode::Governance, RetentionMode::Compliance];
        modes.into_iter().find(|mode| mode.name().eq_ignore_ascii_case(name.trim()))
    }
}

/// Whether a version may not be deleted until somebody says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LegalHold {
    /// It may not.
    On,
    /// It may.
    Off,
}

impl LegalHold {
    /// S3's word for it: `ON` or `OFF`.
    pub const fn name(self) -> &'static str {
        match self {
            LegalHold::On => "ON",
            LegalHold::Off => "OFF",
        }
    }

    /// The state of S3's word for it, in any case.
    pub fn of(name: &str) -> Option<Self> {
        let states = [LegalHold::On, LegalHold::Off];
        states.into_iter().find(|state| state.name().eq_ignore_ascii_case(name.trim()))
    }
}

/// How the restore of an archived object stands. An object that nobody has asked for has none.
///
/// See "RestoreObject" in the Amazon S3 API reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RestoreStatus {
    /// It was asked for and is under way: the object cannot be read yet.
    Ongoing,
    /// The object can be read for now.
    Restored {
        /// Until when, where the server says so.
        until: Option<Timestamp>,
    },
}

impl RestoreStatus {
    /// Whether the object can be read for now.
    pub fn is_restored(self) -> bool {
        matches!(self, RestoreStatus::Restored { .. })
    }
}
