//! What else than its bytes speaks for or against a reply.

use super::response::ObjectHead;
use crate::error::ErrorKind;

/// Why a reply or a body cannot serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) kind: ErrorKind,
    pub(crate) message: String,
}

pub(super) fn refused<T>(kind: ErrorKind, message: impl Into<String>) -> Result<T, Refused> {
    Err(Refused { kind, message: message.into() })
}

/// Whether a reply to HeadObject describes an object: who does not tell its size tells nothing
/// that could be relied upon, and 0 is a size.
pub(crate) fn check_description(status: u16, head: &ObjectHead) -> Result<(), Refused> {
    check_status(status, head)?;
    if head.object.etag.is_none() {
        return refused(ErrorKind::Protocol, "the reply has no ETag, so it is not an S3 object");
    }
    if !head.tells_size() {
        return refused(ErrorKind::Protocol, "the reply does not tell the object's size");
    }
    Ok(())
}

/// Whether an S3 server answers a GET with this status, and its head agrees.
///
/// rclone answers 200 with a Content-Range to a range, and others 200 with the whole: both say
/// what they hold. 206 alone says that something is missing.
pub(crate) fn check_status(status: u16, head: &ObjectHead) -> Result<(), Refused> {
    let is_single = head
        .content_range
        .is_some_and(|range| head.content_length == Some(range.length()) || !head.is_multipart());
    match status {
        200 => Ok(()),
        206 if is_single => Ok(()),
        206 if head.is_multipart() => refused(
            ErrorKind::Protocol,
            "the reply is multipart/byteranges: its body is not the object's bytes alone",
        ),
        206 => refused(
            ErrorKind::Protocol,
            "the reply is partial (206) and has no Content-Range: nobody knows which part it is",
        ),
        203 => refused(
            ErrorKind::Protocol,
            "a proxy has changed the reply on its way (203): it is not what is stored",
        ),
        status => refused(
            ErrorKind::Protocol,
            format!("the reply's status is {status}, which does not answer a read"),
        ),
    }
}
