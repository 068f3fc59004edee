//! A manifest against what is there today: the archive on disk, the bucket.

mod archive;

pub use archive::{ArchiveCheck, MemberError};
