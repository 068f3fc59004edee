//! S3 objects as streams whose life is not a connection's life.
//!
//! A backup agent asks for one object after another, pauses for hours in the middle of one
//! while it writes tape, and must know afterwards, object by object, whether what it stored
//! is what the server holds. This crate is that: a minimal S3 client (Signature Version 4)
//! with listings that are complete or say that they are not, writers that publish nothing that
//! is not whole, and readers that take a broken body up again at its offset, guarded by ETag and
//! Content-Range, and end only when the length and the strongest checksum that the server offers
//! agree; where it offers none that can be compared, the verdict says so, and why.
//!
//! ```no_run
//! use s3stream_core::{Entry, ListOptions, OpenOptions, blocking::Client};
//! use std::io::Read;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::from_env()?;
//! for entry in client.list("bucket", ListOptions::new().prefix("logs/")) {
//!     let Entry::Object(object) = entry? else { continue };
//!     let mut reader = client.open("bucket", &object.key, OpenOptions::new())?;
//!     let mut buffer = vec![0; 256 * 1024];
//!     while reader.read(&mut buffer)? > 0 { /* hand the bytes over, take any time */ }
//!     let verdict = reader.verdict().expect("a reader ends with a verdict or an error");
//!     match verdict.unproven {
//!         None => println!("{}: proven by {}", object.key, verdict.method),
//!         Some(reason) => println!("{}: not proven by a digest: {reason}", object.key),
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! | want | look at |
//! |---|---|
//! | settings, environment, profiles | [`ClientBuilder`], [`SETTINGS`] |
//! | no async | [`blocking`] |
//! | what can go wrong | [`ErrorKind`], [`Error`] |
//! | what was proven | [`Verdict`], [`Method`], [`Unproven`]; asked for by [`Integrity`], [`RequireProof`] |
//! | what an object was written with | [`Metadata`], [`Details`] |
//! | keys as file names | [`name`] |

mod cancel;
mod client;
mod config;
mod credentials;
mod error;
mod list;
mod object;
mod proto;
#[cfg(feature = "credentials")]
mod providers;
mod read;
mod send;
mod stats;
mod stream;
mod sync;
mod thread;
mod time;
mod transport;
mod verdict;
mod write;

pub mod blocking;
#[cfg(fuzzing)]
pub mod fuzzing;
#[cfg(feature = "internals")]
#[doc(hidden)]
pub mod internals;
#[cfg(feature = "plan")]
pub mod plan;
#[cfg(feature = "report")]
pub mod report;

pub use cancel::Canceller;
pub use client::{Client, ClientBuilder};
pub use config::{SETTINGS, Setting, SettingKind};
pub use credentials::{Caller, Credentials};
pub use error::shown::shown;
pub use error::{Error, ErrorKind, Result};
pub use list::{ListOptions, ListSummary, ObjectList};
pub use object::{
    Acl, Algorithm, Bucket, Checksum, ChecksumType, CommonPrefix, Details, ETag, Encryption, Entry,
    Grant, Grantee, LegalHold, Metadata, MetadataValue, Object, RestoreStatus, Retention,
    RetentionMode,
};
pub use proto::ending::End;
pub use proto::fingerprint::{Fingerprint, NoFingerprint};
pub use proto::name;
pub use proto::order::Order;
pub use proto::service::AddressingStyle;
pub use read::{ObjectReader, OpenOptions};
pub use stats::Stats;
pub use stream::{IntoWanted, ObjectStream, StreamOptions, Streaming, Wanted};
pub use time::Timestamp;
pub use verdict::{Integrity, Method, RequireProof, Unproven, Verdict};
pub use write::{
    Condition, CopyOptions, CreateOptions, DeleteOptions, Deleted, Deleting, Difference, Expect,
    ObjectName, ObjectSink, ObjectWriter, PendingUpload, PutOutcome, RestoreTier, SinkOptions,
    WriteVerdict, Written,
};

#[cfg(all(test, model))]
#[path = "../../tests/models/mod.rs"]
mod models;
