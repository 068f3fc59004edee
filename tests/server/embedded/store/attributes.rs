//! What clients say about objects beside their bytes, and what S3 adds.

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};

/// What a client said about an object beside its bytes.
#[derive(Clone, Debug, Default)]
pub struct Attributes {
    /// Content-Type, Cache-Control and their like, encryption, and `x-amz-meta-*`,
    /// as they came and in that order.
    pub headers: HeaderMap,
    /// Storage class, `STANDARD` if `None`.
    pub storage_class: Option<String>,
    /// Tags in the order given.
    pub tags: Vec<(String, String)>,
    /// Who may do what; empty if only the owner may, as without any ACL.
    pub grants: Vec<Grant>,
    /// Until when the version cannot be deleted.
    pub retention: Option<Retention>,
    /// `None` if never set.
    pub legal_hold: Option<LegalHold>,
    /// The copy of an archived object that can be read for a while.
    pub restore: Option<Restore>,
}

/// One right of an access control list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Who has it.
    pub grantee: Grantee,
    /// `FULL_CONTROL`, `READ`, `READ_ACP`, `WRITE` or `WRITE_ACP`.
    pub permission: String,
}

/// Who has a right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grantee {
    /// An account by its canonical id.
    Account(String),
    /// A predefined group by its URI.
    Group(String),
}

/// Until when a version cannot be deleted, and by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Who may lift it.
    pub mode: RetentionMode,
    /// Its end.
    pub until: Timestamp,
}

/// Who may lift a retention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetentionMode {
    /// Who says so in `x-amz-bypass-governance-retention`.
    Governance,
    /// Nobody.
    Compliance,
}

impl RetentionMode {
    /// The name in headers and XML.
    pub fn name(self) -> &'static str {
        match self {
            Self::Governance => "GOVERNANCE",
            Self::Compliance => "COMPLIANCE",
        }
    }

    /// The mode of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Governance, Self::Compliance].into_iter().find(|mode| mode.name() == name)
    }
}

/// Whether a version cannot be deleted, without an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegalHold {
    /// It cannot.
    On,
    /// It was so once.
    Off,
}

impl LegalHold {
    /// The name in headers and XML.
    pub fn name(self) -> &'static str {
        match self {
            Self::On => "ON",
            Self::Off => "OFF",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::On, Self::Off].into_iter().find(|hold| hold.name() == name)
    }
}

/// How far the restore of an archived object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restore {
    /// It was asked for, for so many days.
    Ongoing {
        /// How long the copy will be there.
        days: i32,
    },
    /// The copy is there until then.
    Until(Timestamp),
}

impl Restore {
    /// A copy that is there from now on, for so many days.
    pub(crate) fn until(days: i32) -> Self {
        let end = Timestamp::now().checked_add(SignedDuration::from_hours(i64::from(days) * 24));
        Self::Until(end.unwrap_or(Timestamp::MAX))
    }
}

/// Whether a delete says `x-amz-bypass-governance-retention`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bypass {
    No,
    Governance,
}

impl Attributes {
    /// Sets Content-Type.
    ///
    /// # Panics
    /// If `value` is no header value.
    #[must_use]
    pub fn content_type(self, value: &str) -> Self {
        self.header("content-type", value)
    }

    /// Adds user metadata; `name` without `x-amz-meta-`.
    ///
    /// # Panics
    /// If name or value cannot be sent in a header.
    #[must_use]
    pub fn metadata(self, name: &str, value: &str) -> Self {
        self.header(&format!("x-amz-meta-{name}"), value)
    }

    /// Sets the storage class; `GLACIER` and `DEEP_ARCHIVE` objects cannot be read
    /// before they are restored.
    #[must_use]
    pub fn storage_class(mut self, value: &str) -> Self {
        self.storage_class = Some(value.to_owned());
        self
    }

    /// Adds a tag.
    #[must_use]
    pub fn tag(mut self, name: &str, value: &str) -> Self {
        self.tags.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets any header that replies give back, such as `expires`.
    ///
    /// # Panics
    /// If name or value cannot be sent in a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a valid header name");
        let value = HeaderValue::from_str(value).expect("a valid header value");
        self.headers.insert(name, value);
        self
    }

    pub(crate) fn is_plain(&self) -> bool {
        self.headers.is_empty()
            && self.storage_class.is_none()
            && self.tags.is_empty()
            && self.grants.is_empty()
            && self.retention.is_none()
            && self.legal_hold.is_none()
            && self.restore.is_none()
    }

    /// Whether the bytes must be restored before they can be read.
    pub(crate) fn is_archived(&self) -> bool {
        matches!(self.storage_class.as_deref(), Some("GLACIER" | "DEEP_ARCHIVE"))
    }

    /// Whether an archived object can be read at that time.
    pub(crate) fn is_restored(&self, now: Timestamp) -> bool {
        matches!(self.restore, Some(Restore::Until(end)) if now < end)
    }

    /// Whether a lock forbids to delete the version at that time.
    pub(crate) fn is_locked(&self, now: Timestamp, bypass: Bypass) -> bool {
        self.legal_hold == Some(LegalHold::On)
            || self.retention.is_some_and(|retention| retention.holds(now, bypass))
    }

    /// What the object is encrypted with, of which neither ETag is an MD5.
    pub(crate) fn hides_md5(&self) -> bool {
        let is_kms = |value: &HeaderValue| value.as_bytes().starts_with(b"aws:kms");
        self.headers.get("x-amz-server-side-encryption").is_some_and(is_kms)
            || self.headers.contains_key("x-amz-server-side-encryption-customer-algorithm")
    }
}

impl Retention {
    /// Whether it forbids a delete at that time.
    pub(crate) fn holds(&self, now: Timestamp, bypass: Bypass) -> bool {
        let is_lifted = self.mode == RetentionMode::Governance && bypass == Bypass::Governance;
        now < self.until && !is_lifted
    }
}
