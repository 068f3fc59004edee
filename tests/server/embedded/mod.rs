//! An S3 server in this process: what tests and examples run against.
//!
//! Requests are dispatched and their signatures checked by the `s3s` crate, code
//! that is not ours; the store behind it is in memory and behaves as AWS does
//! where the two could differ: odd keys, encodings, versions, checksums.
//!
//! ```
//! use s3stream_tests::embedded::EmbeddedServer;
//!
//! # fn main() -> std::io::Result<()> {
//! let server = EmbeddedServer::builder().page_size(7).start()?;
//! server.store().create_bucket("b");
//! server.store().put("b", "key", "content");
//! assert!(server.endpoint_url().starts_with("http://127.0.0.1:"));
//! # Ok(())
//! # }
//! ```
//!
//! Differences from AWS that remain: a malformed or multiple Range is refused
//! with 400 (AWS sends the whole object); creating a bucket twice is a 409 in
//! every region; an `Expires` that is no date is refused with 400 (AWS keeps it;
//! [`Attributes::header`] stores it); keys for SSE-C are taken over plain HTTP, too; a restore of an
//! archived object is done at once if it is `Expedited`, else when a test says so
//! ([`Store::finish_restores`]).

mod access;
pub(crate) mod encode;
mod front;
mod server;
mod service;
mod store;

pub use access::Credentials;
pub use server::{Builder, EmbeddedServer};
pub use store::{
    Attributes, Checksum, ChecksumAlgorithm, ChecksumChoice, ChecksumType, Chunks, Content,
    Deleted, EtagChoice, GenerateSpec, Generated, Grant, Grantee, LegalHold, NULL_VERSION,
    ODD_KEYS, PutOptions, Restore, Retention, RetentionMode, Store, Stored, Versioning,
};
