//! A reply's body that becomes a value, whatever status it came under.
//!
//! A page of a listing, the list of buckets, the outcome of CompleteMultipartUpload: each is read
//! piece by piece and judged once it is whole. Who repeats a request is `send`'s to know; what
//! its reply means stands here and in what implements [`Answer`].

use super::headers::Headers;
use super::xml::{self, ErrorBody, NoPage};
use crate::error::{Error, ErrorKind};

/// What is made of one reply of status 200 to 299.
pub(crate) trait Answer {
    /// What it comes to.
    type Value;

    /// Takes the next piece of the body; an error where nothing behind it can mend it.
    fn feed(&mut self, piece: &[u8]) -> Result<(), Unfit>;

    /// The body has ended as its framing promised.
    fn finish(self, status: u16, headers: &Headers) -> Result<Self::Value, Unfit>;
}

/// Why a reply of status 200 to 299 is not what was asked for.
#[derive(Debug)]
pub(crate) enum Unfit {
    /// It is S3's `<Error>`: some servers send their status before they know how it ends. Its
    /// code tells whether asking again may help.
    Refused(Box<ErrorBody>),
    /// It is not S3's, and would be no other if it were asked for again.
    Final(Error),
}

impl Unfit {
    /// What is wrong with a document that was asked for as `what`.
    pub(crate) fn document(no_page: NoPage, what: &str) -> Self {
        match no_page {
            NoPage::Refused(body) => Unfit::Refused(body),
            NoPage::Malformed(why) => Unfit::malformed(&why, what),
        }
    }

    /// A reply that is not `what`.
    pub(crate) fn malformed(why: &str, what: &str) -> Self {
        Unfit::Final(malformed(why, what))
    }
}

/// The error about a reply that is not `what`.
pub(crate) fn malformed(why: &str, what: &str) -> Error {
    let message = format!("the {what} cannot be relied upon: {why}");
    let advice = "check endpoint_url, and what stands between here and the server";
    Error::new(ErrorKind::Protocol, message).with_advice(Some(advice))
}

/// A short document: collected whole, then parsed.
pub(crate) struct Text<P> {
    what: &'static str,
    longest: usize,
    bytes: Vec<u8>,
    parse: P,
}

impl<P> Text<P> {
    /// A document called `what` in messages, of fewer than so many bytes.
    pub(crate) fn new(what: &'static str, longest: usize, parse: P) -> Self {
        Text { what, longest, bytes: Vec::new(), parse }
    }
}

impl<T, P: FnOnce(&str, &Headers) -> Result<T, NoPage>> Answer for Text<P> {
    type Value = T;

    fn feed(&mut self, piece: &[u8]) -> Result<(), Unfit> {
        self.bytes.extend_from_slice(piece);
        if self.bytes.len() >= self.longest {
            return Err(Unfit::malformed("it does not end", self.what));
        }
        Ok(())
    }

    fn finish(self, _: u16, headers: &Headers) -> Result<T, Unfit> {
        let text = std::str::from_utf8(&self.bytes)
            .map_err(|_| Unfit::malformed("it is not UTF-8", self.what))?;
        (self.parse)(text, headers).map_err(|no_page| Unfit::document(no_page, self.what))
    }
}

/// A reply of which the head is what counts: its fields. A body is looked at for an `<Error>`
/// only, which some servers send behind a status of success.
#[derive(Default)]
pub(crate) struct Done {
    bytes: Vec<u8>,
}

/// An error is shorter, and nothing else is read.
const LONGEST_ERROR: usize = 64 << 10;

impl Answer for Done {
    type Value = Headers;

    fn feed(&mut self, piece: &[u8]) -> Result<(), Unfit> {
        let room = LONGEST_ERROR - self.bytes.len();
        self.bytes.extend_from_slice(&piece[..piece.len().min(room)]);
        Ok(())
    }

    fn finish(self, _: u16, headers: &Headers) -> Result<Headers, Unfit> {
        let error = std::str::from_utf8(&self.bytes).ok().and_then(xml::error);
        match error.filter(|error| error.code.is_some()) {
            Some(error) => Err(Unfit::Refused(Box::new(error))),
            None => Ok(headers.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> Result<usize, Unfit> {
        let mut text = Text::new("list of buckets", 1_000, |text: &str, _: &Headers| {
            xml::buckets(text).map(|page| page.buckets.len())
        });
        for piece in pieces {
            text.feed(piece)?;
        }
        text.finish(200, &Headers::new())
    }

    #[test]
    fn an_error_behind_a_status_of_success_is_a_refusal() {
        let finish = |body: &[u8]| {
            let mut done = Done::default();
            body.chunks(7).for_each(|piece| done.feed(piece).unwrap());
            done.finish(200, &Headers::from_iter([("etag", "e")]))
        };
        assert_eq!(finish(b"").unwrap().first("etag"), Some("e"));
        assert!(finish(b"<html/>").is_ok());
        assert!(finish(&vec![b'x'; 2 * LONGEST_ERROR]).is_ok());
        match finish(b"<Error><Code>InternalError</Code></Error>") {
            Err(Unfit::Refused(body)) => assert_eq!(body.code.as_deref(), Some("InternalError")),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_document_is_whole_or_says_what_it_is() {
        let empty = "<ListAllMyBucketsResult/>".as_bytes();
        assert_eq!(read(&[&empty[..7], &empty[7..]]).unwrap(), 0);
        match read(&[b"<Error><Code>SlowDown</Code></Error>"]) {
            Err(Unfit::Refused(body)) => assert_eq!(body.code.as_deref(), Some("SlowDown")),
            other => panic!("{other:?}"),
        }
        let long = vec![b' '; 1_000];
        let table: [(&[&[u8]], &str); 4] = [
            (&[b"<html/>"], "root element"),
            (&[b"<ListAllMyBucketsResult>"], "list of buckets cannot be relied upon"),
            (&[b"\xff"], "UTF-8"),
            (&[&long], "does not end"),
        ];
        for (pieces, part) in table {
            let Err(Unfit::Final(error)) = read(pieces) else { panic!("{part}") };
            assert_eq!(error.kind(), ErrorKind::Protocol);
            assert!(error.to_string().contains(part), "{error} lacks {part}");
        }
    }
}
