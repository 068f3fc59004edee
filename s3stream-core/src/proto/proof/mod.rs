//! The proof of an object: what a reply offers, and what comes of the bytes that were delivered.
//!
//! See "Checking object integrity" in the Amazon S3 user guide: `x-amz-checksum-*` is of the
//! whole object or a composite of its parts; the ETag is the MD5 of a single-part upload
//! that is not under SSE-KMS or SSE-C, and the MD5 of the parts' MD5s of a multipart upload.
//!
//! A composite that disagrees is no proof of damage where nobody told the part size. So it is
//! asked for, and where nobody tells it the object is read a second time: [`Judge`] says
//! which step comes next, and whoever reads takes it.

mod etags;
mod judge;
mod offer;
mod require;

pub(crate) use etags::Etags;
pub(crate) use judge::{Census, Damage, FirstPart, Judge, Step, Sum, Told};
pub(crate) use offer::Proof;
pub(crate) use require::demand;
