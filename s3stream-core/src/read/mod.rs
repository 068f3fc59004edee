//! Reading one object: opened once, taken up again as often as it takes, proven at its end.

mod cancellation;
mod copy;
mod evidence;
mod open;
mod parts;
pub(crate) mod piece;
pub(crate) mod pipe;
mod prover;
mod reader;
pub(crate) mod rights;
mod settling;
mod sink;
pub(crate) mod source;

pub use reader::ObjectReader;

pub(crate) use open::{Target, check_key, head};

use crate::object::Object;
use crate::proto::evidence::Listed;
use crate::proto::window::Extent;

/// Which object to open, and which part of it.
///
/// See "GetObject" in the Amazon S3 API reference.
///
/// ```
/// use s3stream_core::OpenOptions;
/// let options = OpenOptions::new().offset(1 << 20).length(4096);
/// # let _ = options;
/// ```
#[derive(Clone, Debug, Default)]
pub struct OpenOptions {
    pub(crate) extent: Extent,
    pub(crate) version_id: Option<String>,
    pub(crate) if_match: Option<String>,
    pub(crate) listed: Option<Listed>,
    pub(crate) connections: Connections,
}

/// What a read took besides its bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Effort {
    /// Bodies taken up again at an offset.
    pub(crate) resumes: u32,
    /// Requests repeated because they failed.
    pub(crate) retries: u32,
}

impl Effort {
    /// Both together.
    fn and(self, other: Effort) -> Self {
        Effort {
            resumes: self.resumes.saturating_add(other.resumes),
            retries: self.retries.saturating_add(other.retries),
        }
    }
}

/// Over how many connections one object may be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Connections {
    /// Over as many as pay.
    #[default]
    Adaptive,
    One,
}

impl OpenOptions {
    /// All of the newest version.
    pub fn new() -> Self {
        OpenOptions::default()
    }

    /// Starts at this byte.
    pub fn offset(mut self, bytes: u64) -> Self {
        self.extent.offset = bytes;
        self
    }

    /// Reads at most this many bytes.
    pub fn length(mut self, bytes: u64) -> Self {
        self.extent.length = Some(bytes);
        self
    }

    /// Reads this version.
    pub fn version_id(mut self, version_id: impl Into<String>) -> Self {
        self.version_id = Some(version_id.into());
        self
    }

    /// Holds the reply against what a listing or HeadObject said of the object: its ETag and
    /// size.
    ///
    /// The same ETag with another size is an error (`Protocol`). Another ETag is not: the object
    /// was written again since, which
    /// [`is_newer_than_listed`](ObjectReader::is_newer_than_listed) then says; whoever needs the
    /// listed one asks with [`if_match`](OpenOptions::if_match).
    ///
    /// ```
    /// use s3stream_core::{Object, OpenOptions};
    /// # let listed = Object::new("key");
    /// let options = OpenOptions::new().listed(&listed);
    /// # let _ = options;
    /// ```
    pub fn listed(mut self, object: &Object) -> Self {
        self.listed = Some(Listed::of(object));
        self
    }

    /// Whether a large object from far away may be read over several connections, as ranges
    /// ahead of the consumer; true unless set. They stay within the client's `window` and
    /// `memory_limit`, and are used only where they are found to be faster.
    pub fn parallel(mut self, parallel: bool) -> Self {
        self.connections = if parallel { Connections::Adaptive } else { Connections::One };
        self
    }

    /// Opens the object only if its ETag is this one; otherwise `Changed`.
    pub fn if_match(mut self, etag: impl Into<String>) -> Self {
        self.if_match = Some(etag.into());
        self
    }
}
