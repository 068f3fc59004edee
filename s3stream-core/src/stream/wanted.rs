//! What a stream is asked for: objects, in the words of whoever names them.

use crate::error::{Error, Result};
use crate::object::{Entry, Object};
use crate::proto::evidence::Listed;

/// One object that a stream is to read.
///
/// ```
/// use s3stream_core::Wanted;
/// let pinned = Wanted::new("reports/2026.csv").if_match("25f9e794323b453885f5181f1b624d0b");
/// # let _ = pinned;
/// ```
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What is known of it so far.
    pub(crate) object: Object,
    pub(crate) is_described: bool,
    /// What its reply is held against.
    pub(crate) listed: Option<Listed>,
    pub(crate) if_match: Option<String>,
    pub(crate) is_ahead: bool,
    /// Why it cannot be read.
    pub(crate) unreadable: Option<String>,
}

impl Wanted {
    /// The newest version under a key, as it is when its request goes out.
    pub fn new(key: impl Into<String>) -> Self {
        let object = Object::new(key);
        Wanted {
            object,
            is_described: false,
            listed: None,
            if_match: None,
            is_ahead: true,
            unreadable: None,
        }
    }

    /// An entry of a listing that cannot be read, and why: nothing is asked for, and its reader
    /// fails as the listing did ([`Error::is_of_entry`]), in its place among the others.
    pub fn unreadable(key: impl Into<String>, why: impl Into<String>) -> Self {
        Wanted { unreadable: Some(why.into()), ..Wanted::new(key) }
    }

    /// This version.
    pub fn version_id(mut self, version_id: impl Into<String>) -> Self {
        self.object.version_id = Some(version_id.into());
        self
    }

    /// Only if its ETag is this one; otherwise reading it fails with `Changed`.
    pub fn if_match(mut self, etag: impl Into<String>) -> Self {
        self.if_match = Some(etag.into());
        self
    }

    /// Its size in bytes, as far as known: so much memory is planned for.
    pub fn size(mut self, bytes: u64) -> Self {
        self.object.size = bytes;
        self.is_described = true;
        self
    }

    /// Holds its reply against what a listing said of it, as an object of a listing is by
    /// itself: see [`OpenOptions::listed`](crate::OpenOptions::listed).
    pub fn listed(mut self, object: &Object) -> Self {
        self.listed = Some(Listed::of(object));
        self
    }

    pub(super) fn known_size(&self) -> Option<u64> {
        self.is_described.then_some(self.object.size)
    }

    /// Whether it is requested ahead; otherwise its request goes out at its first read, for
    /// an object that may not be read at all.
    pub fn ahead(mut self, ahead: bool) -> Self {
        self.is_ahead = ahead;
        self
    }
}

impl From<Object> for Wanted {
    /// The object that a listing gave: its version where the listing gave versions, else
    /// whatever is newest when its request goes out. The reply is held against the listing: see
    /// [`OpenOptions::listed`](crate::OpenOptions::listed).
    fn from(object: Object) -> Self {
        let listed = Some(Listed::of(&object));
        Wanted {
            object,
            is_described: true,
            listed,
            if_match: None,
            is_ahead: true,
            unreadable: None,
        }
    }
}

impl From<&str> for Wanted {
    fn from(key: &str) -> Self {
        Wanted::new(key)
    }
}

impl From<String> for Wanted {
    fn from(key: String) -> Self {
        Wanted::new(key)
    }
}

/// What a source of objects may give: keys, objects, entries of a listing, and the failure
/// of whatever it gets them from.
pub trait IntoWanted {
    /// The object that is wanted.
    ///
    /// # Errors
    /// The source's own failure; `InvalidInput` for a common prefix, which is no object.
    fn into_wanted(self) -> Result<Wanted>;
}

impl<T: Into<Wanted>> IntoWanted for T {
    fn into_wanted(self) -> Result<Wanted> {
        Ok(self.into())
    }
}

impl IntoWanted for Entry {
    fn into_wanted(self) -> Result<Wanted> {
        match self {
            Entry::Object(object) => Ok(object.into()),
            Entry::CommonPrefix(group) => Err(Error::invalid(format!(
                "'{}' is a common prefix, not an object: list without a delimiter",
                group.prefix
            ))),
        }
    }
}

impl<T: IntoWanted> IntoWanted for Result<T> {
    fn into_wanted(self) -> Result<Wanted> {
        match self {
            Ok(item) => item.into_wanted(),
            // One object's failure is its reader's; the source goes on.
            Err(error) if error.is_of_entry() => {
                Ok(Wanted::unreadable(error.key().unwrap_or_default(), error.message()))
            }
            Err(error) => Err(error),
        }
    }
}
