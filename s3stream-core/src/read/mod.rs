//! Reading one object: opened once, taken up again as often as it takes, proven at its end.

mod hashing;
mod open;
mod proof;
mod reader;

pub use reader::ObjectReader;

pub(crate) use open::head;

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

    /// Opens the object only if its ETag is this one; otherwise `Changed`.
    pub fn if_match(mut self, etag: impl Into<String>) -> Self {
        self.if_match = Some(etag.into());
        self
    }
}
