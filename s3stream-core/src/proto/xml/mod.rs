//! The XML of replies: listings, buckets, errors.
//!
//! Servers differ in order, quoting, white space and namespaces, and add elements of their
//! own; all that is tolerated. A wrong root, a cut document or an element that cannot be
//! what it says is not: a listing is complete or says that it is not.

mod document;
mod element;
mod page;

use self::document::{Document, Sink};
use self::element::Element;
pub(crate) use self::page::{ListPage, PageParser};
use crate::object::Bucket;
use crate::time::Timestamp;

/// What an `<Error>` holds.
#[derive(Debug, Default, PartialEq, Eq)]
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

/// Parses ListAllMyBucketsResult.
pub(crate) fn buckets(text: &str) -> Result<Vec<Bucket>, String> {
    let mut draft = BucketsDraft::default();
    read(text, &mut draft)?;
    Ok(draft.buckets)
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
            Element::ServerTime => self.body.server_time = Timestamp::parse_iso8601(text),
            _ => {}
        }
        Ok(())
    }
}

#[derive(Default)]
struct BucketsDraft {
    buckets: Vec<Bucket>,
    name: Option<String>,
    created: Option<Timestamp>,
}

impl Sink for BucketsDraft {
    fn begin(&mut self, name: &str) -> Result<(), String> {
        expect_root(name, Element::ListAllMyBucketsResult)
    }

    fn end(&mut self, path: &[Element], text: &str) -> Result<(), String> {
        use Element::{Bucket as One, Buckets, CreationDate, Name};
        match path {
            [_, Buckets, One, Name] => self.name = Some(text.to_owned()),
            [_, Buckets, One, CreationDate] => self.created = Timestamp::parse_iso8601(text),
            [_, Buckets, One] => {
                let created = self.created.take();
                self.buckets.extend(self.name.take().map(|name| Bucket { name, created }));
            }
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
