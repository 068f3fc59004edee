//! The way back into S3: objects that come into being whole or not at all.

mod copy;
mod delete;
mod delete_all;
mod expect;
mod multipart;
mod options;
mod part;
mod properties;
mod put;
mod read_back;
mod sending;
mod sink;
mod uploads;
mod writer;
mod written;

pub use self::copy::CopyOptions;
pub(crate) use self::copy::copy;
pub(crate) use self::delete::delete;
pub use self::delete::{DeleteOptions, Deleted};
pub use self::delete_all::{Deleting, ObjectName};
pub use self::options::{Condition, CreateOptions, Expect};
pub use self::properties::RestoreTier;
pub(crate) use self::properties::{Of, restore_archived, set_acl, set_tags};
pub(crate) use self::put::{Whole, put};
pub use self::sink::{ObjectSink, PutOutcome, SinkOptions};
pub(crate) use self::uploads::{abort_upload, uploads};
pub use self::writer::ObjectWriter;
pub(crate) use self::writer::Starting;
pub use self::written::{Difference, WriteVerdict, Written};
use crate::error::{Error, ErrorKind, Result};
use crate::list::check_bucket;
pub use crate::proto::xml::PendingUpload;
use crate::read::check_key;

/// Nobody can tell whether an object was stored: its reply was lost, and nothing proves it.
pub(crate) fn unknown(error: &Error, upload_id: Option<&str>) -> Error {
    let upload = upload_id.map(|id| format!(" (upload {id})")).unwrap_or_default();
    let message = format!(
        "the object may or may not have been stored{upload}: a reply was lost, and what is there \
         proves neither; the last answer was: {}",
        if error.message().is_empty() { "nothing" } else { error.message() }
    );
    let unknown = Error::new(ErrorKind::Protocol, message).like(error);
    let advice = "look at the object, or write it anew";
    unknown.with_code(COMPLETION_UNKNOWN).with_advice(Some(advice))
}

/// The code of such an error, which no server sends.
const COMPLETION_UNKNOWN: &str = "CompletionUnknown";

/// Refuses what no object can be called, before anything is sent.
pub(crate) fn check_place(operation: &'static str, bucket: &str, key: &str) -> Result<()> {
    check_bucket(operation, bucket)?;
    check_key(key).map_err(|why| Error::invalid(why).at(operation, Some(bucket), Some(key)))
}
