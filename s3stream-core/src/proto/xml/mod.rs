//! The XML of replies: listings, buckets, errors.
//!
//! Servers differ in order, quoting, white space and namespaces, and add elements of their
//! own; all that is tolerated. A wrong root, a cut document or an element that cannot be
//! what it says is not: a listing is complete or says that it is not.

mod buckets;
mod document;
mod element;
mod escape;
mod listed;
mod many;
#[cfg(feature = "credentials")]
mod named;
mod outcome;
mod page;
mod rights;
mod write;

pub(crate) use self::buckets::{BucketsPage, buckets};
use self::document::{Document, Sink};
use self::element::Element;
pub(crate) use self::listed::Listed;
#[cfg(test)]
pub(crate) use self::listed::Unreadable;
pub use self::many::PendingUpload;
pub(crate) use self::many::{DeletedKey, deleted, uploads};
#[cfg(feature = "credentials")]
pub(crate) use self::named::text_of;
pub(crate) use self::outcome::{Made, initiated, made};
pub(crate) use self::page::{ListPage, PageParser};
pub(crate) use self::rights::{acl, tags};
pub(crate) use self::write::{Writer, can_carry};
use crate::time::Timestamp;

/// What an `<Error>` holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ErrorBody {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) endpoint: Option<String>,
    /// The server's clock, in an answer about ours.
    pub(crate) server_time: Option<Timestamp>,
}

/// Parses an error; `None` if it is not S3's.
pub(crate) fn error(text: &str) -> Option<ErrorBody> {
    let mut error = ErrorDraft::default();
    // A cut error body is still worth its code.
    let _ = read(text, &mut error);
    error.is_error.then_some(error.body)
}

/// Why a reply is not what was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoPage {
    /// It is S3's `<Error>`: some servers send their status before they know how it ends.
    Refused(Box<ErrorBody>),
    /// What is wrong with it, in one line.
    Malformed(String),
}

fn read(text: &str, sink: &mut impl Sink) -> Result<(), String> {
    let mut document = Document::default();
    document.feed(text.as_bytes(), sink)?;
    document.finish(sink)
}

#[derive(Default)]
struct ErrorDraft {
    body: ErrorBody,
    is_error: bool,
}

impl Sink for ErrorDraft {
    fn begin(&mut self, name: &str) -> Result<(), String> {
        expect_root(name, Element::Error)
    }

    fn end(&mut self, path: &[Element], text: &str) -> Result<(), String> {
        self.is_error |= path.len() <= 2;
        let [_, field] = path else { return Ok(()) };
        let value = (!text.is_empty()).then(|| text.to_owned());
        match field {
            Element::Code => self.body.code = value,
            Element::Message => self.body.message = value,
            Element::RequestId => self.body.request_id = value,
            Element::Region => self.body.region = value,
            Element::Endpoint => self.body.endpoint = value,
            Element::ServerTime => self.body.server_time = Timestamp::parse_any(text),
            _ => {}
        }
        Ok(())
    }
}

/// Refuses a document that begins otherwise.
fn expect_root(name: &str, expected: Element) -> Result<(), String> {
    if Element::of(name) == expected {
        return Ok(());
    }
    Err(format!("its root element is <{name}>, not <{expected:?}>"))
}

#[cfg(test)]
mod tests;
