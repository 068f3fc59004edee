//! What else than its bytes speaks for or against a reply.

use super::headers::Headers;
use super::marks;
use super::response::{Framing, ObjectHead};
use crate::error::ErrorKind;
use crate::object::ETag;

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

/// Whether a body is the stored one, as far as the head of its reply tells. What was asked for
/// is `identity`: an object that is stored compressed comes as it is, with its coding.
pub(super) fn check_coding(head: &ObjectHead) -> Result<(), Refused> {
    let is_weak = head.object.etag.as_ref().is_some_and(ETag::is_weak);
    if head.marks.is_transformed {
        return refused(
            ErrorKind::Protocol,
            "the reply says that its content was unpacked or changed: it is not what is stored",
        );
    }
    // nginx: it takes length and strength away from what it packs.
    if head.marks.is_coded && is_weak && head.framing != Framing::Counted {
        return refused(
            ErrorKind::Protocol,
            "the reply was packed on its way: it has a Content-Encoding, no length and a weak ETag",
        );
    }
    Ok(())
}

/// Whether the head of a reply to anything but an object can be read: its text is XML.
pub(crate) fn check_document(status: u16, headers: &Headers) -> Result<(), Refused> {
    if status != 200 {
        return refused(
            ErrorKind::Protocol,
            format!("the reply's status is {status}, which no S3 server answers with"),
        );
    }
    match marks::coding(headers) {
        None => Ok(()),
        Some(coding) => refused(
            ErrorKind::Protocol,
            format!(
                "the reply is compressed (Content-Encoding: {coding}), which was not asked for: \
                 switch that off in the proxy in between"
            ),
        ),
    }
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
