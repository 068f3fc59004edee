//! What else than its bytes speaks for or against a reply.

use super::headers::Headers;
use super::marks;
use super::proof::Proof;
use super::response::{Framing, ObjectHead};
use crate::error::ErrorKind;
use crate::object::{ETag, Object};
use crate::verdict::{Integrity, Method};

/// What was said of an object before its reply: by a listing, or by HeadObject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    etag: Option<ETag>,
    size: u64,
}

/// What a first reply is held against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) listed: Option<&'a Listed>,
    pub(crate) version_id: Option<&'a str>,
    /// Whether all of the object was asked for: then a digest may prove it.
    pub(crate) is_whole: bool,
}

impl Listed {
    pub(crate) fn of(object: &Object) -> Self {
        Listed { etag: object.etag.clone(), size: object.size }
    }

    fn is_of(&self, object: &Object) -> bool {
        self.etag.is_some() && self.etag == object.etag
    }

    /// Whether an object is another one than was listed under its key.
    pub(crate) fn is_older_than(&self, object: &Object) -> bool {
        self.etag.is_some() && object.etag.is_some() && self.etag != object.etag
    }

    /// Whether a read may end with a proof by `method`: an object that was listed with another
    /// size needs a digest.
    pub(crate) fn settle(&self, object: &Object, method: Method) -> Result<(), Refused> {
        let is_proven = !matches!(method, Method::Length | Method::Range);
        if is_proven || !self.is_of(object) || self.size == object.size {
            return Ok(());
        }
        self.contradicts(object)
    }

    /// Whether a proxy has packed it, and marked the tag so: Apache writes `tag-gzip`, others
    /// `tag;gzip`, `tag--gzip`.
    fn is_packed(&self, head: &ObjectHead) -> bool {
        let (Some(listed), Some(etag)) = (&self.etag, &head.object.etag) else { return false };
        let rest = etag.as_str().strip_prefix(listed.as_str());
        head.marks.is_coded && rest.is_some_and(|rest| rest.starts_with(['-', ';']))
    }

    fn contradicts_empty(&self) -> Result<(), Refused> {
        let size = self.size;
        let message = format!("the reply is empty and has no ETag, but {size} bytes were listed");
        refused(ErrorKind::Protocol, message)
    }

    fn contradicts<T>(&self, object: &Object) -> Result<T, Refused> {
        refused(
            ErrorKind::Protocol,
            format!(
                "the reply's object has {} bytes, but under the same ETag {} were listed",
                object.size, self.size
            ),
        )
    }
}

/// Whether the first reply of a read is the object that was asked for, as far as anything but
/// its bytes tells.
pub(crate) fn check_first(asked: Asked<'_>, head: &ObjectHead) -> Result<(), Refused> {
    check_version(asked, &head.object)?;
    if let Some(listed) = asked.listed {
        if listed.is_of(&head.object) {
            return check_size(asked, listed, head);
        }
        if listed.is_packed(head) {
            return refused(
                ErrorKind::Protocol,
                "the reply was packed on its way: it has a Content-Encoding, and the ETag that \
                 was listed with a word behind it",
            );
        }
    }
    if head.object.etag.is_none() {
        return check_empty(asked.listed, head);
    }
    check_is_of_s3(asked.listed, head)
}

/// A version never changes: whoever answers with another one has ignored which was wanted.
fn check_version(asked: Asked<'_>, object: &Object) -> Result<(), Refused> {
    let Some(wanted) = asked.version_id else { return Ok(()) };
    if let Some(got) = object.version_id.as_deref().filter(|got| *got != wanted) {
        let message = format!("the reply is version {got}, but {wanted} was asked for");
        return refused(ErrorKind::Protocol, message);
    }
    // Only the one without an id is overwritten.
    if wanted != "null" && asked.listed.is_some_and(|listed| listed.is_older_than(object)) {
        let message =
            format!("the reply's ETag is not the one that version {wanted} was listed with");
        return refused(ErrorKind::Protocol, message);
    }
    Ok(())
}

/// The same ETag with another size is a contradiction. Swift lists its large objects (SLO, DLO)
/// with the size of nothing: those a digest may prove.
fn check_size(asked: Asked<'_>, listed: &Listed, head: &ObjectHead) -> Result<(), Refused> {
    let may_be_proven = listed.size == 0 && asked.is_whole && has_digest(head);
    if listed.size == head.object.size || may_be_proven {
        return Ok(());
    }
    listed.contradicts(&head.object)
}

/// No bytes need no proof, and nothing to be resumed by: MinIO sends no ETag with some markers
/// of folders. But an empty reply may be anybody's.
fn check_empty(listed: Option<&Listed>, head: &ObjectHead) -> Result<(), Refused> {
    match listed {
        Some(listed) if listed.size > 0 => listed.contradicts_empty(),
        Some(Listed { etag: None, .. }) => Ok(()),
        _ if head.marks.is_of_s3 => Ok(()),
        _ => no_etag(),
    }
}

/// A reply without an ETag, and not empty.
pub(super) fn no_etag<T>() -> Result<T, Refused> {
    refused(ErrorKind::Protocol, "the reply has no ETag: it is not an S3 object")
}

/// A page for browsers that has nothing of S3's is a login page, or a proxy's, under 200.
///
/// Not every server sends fields of its own, and pages are stored in buckets too: one whose ETag
/// was listed is one of those. Where nothing was listed, a page counts as stored if it says since
/// when (pages that are made for a request do not) and has a digest, which is checked.
fn check_is_of_s3(listed: Option<&Listed>, head: &ObjectHead) -> Result<(), Refused> {
    if !head.marks.is_page || head.marks.is_of_s3 {
        return Ok(());
    }
    let is_listed_otherwise = listed.is_some_and(|listed| listed.etag.is_some());
    if !is_listed_otherwise && head.object.last_modified.is_some() && has_digest(head) {
        return Ok(());
    }
    refused(
        ErrorKind::Protocol,
        "the reply is a web page, and nothing in it is of S3: a login page or a proxy may be \
         answering",
    )
}

fn has_digest(head: &ObjectHead) -> bool {
    !matches!(Proof::choose(head, Integrity::Full), Proof::Length(_))
}

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
    if head.object.etag.is_none() && !head.is_empty() {
        return no_etag();
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

#[cfg(test)]
#[path = "evidence_tests.rs"]
mod tests;
