//! A read from its first byte to its proven end.
//!
//! A [`Window`] is the part of one object that a reader delivers. It says what to ask for
//! (the whole, or the rest, guarded by `If-Match`), checks each reply against the object
//! that was opened, and keeps count of the body: what is skipped, what is delivered, whether
//! the end has come. Some servers ignore `If-Match`, some answer 200 to a range: the reply is
//! judged by its ETag, its Content-Range and its total, never by its status. See
//! "GetObject" in the Amazon S3 API reference and RFC 9110, 13.1.1 and 14.

use bytes::Bytes;

use super::response::ObjectHead;
use crate::error::ErrorKind;
use crate::object::{ETag, Object};

/// The part of an object that is asked for, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) offset: u64,
    /// `None` for all that follows.
    pub(crate) length: Option<u64>,
}

impl Extent {
    pub(crate) fn is_whole(&self) -> bool {
        self.offset == 0 && self.length.is_none()
    }
}

/// What is known of the object since its first reply; later ones must agree.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pin {
    /// `None` only for an object that was described from elsewhere.
    etag: Option<ETag>,
    total: u64,
}

/// A read in progress.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    extent: Extent,
    pin: Option<Pin>,
    /// Offset in the object of the next byte to deliver.
    position: u64,
    /// Offset behind the last byte to deliver; known once pinned.
    end: u64,
    /// Bytes at the front of the current body that were delivered before.
    skip: u64,
}

/// Why a reply or a body cannot serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) kind: ErrorKind,
    pub(crate) message: String,
}

fn refused<T>(kind: ErrorKind, message: impl Into<String>) -> Result<T, Refused> {
    Err(Refused { kind, message: message.into() })
}

impl Window {
    pub(crate) fn new(extent: Extent) -> Self {
        Window { extent, pin: None, position: extent.offset, end: u64::MAX, skip: 0 }
    }

    /// A window on an object that was described before, for a read that asks for nothing yet.
    pub(crate) fn pinned(extent: Extent, object: &Object) -> Self {
        let mut window = Window::new(extent);
        window.pin = Some(Pin { etag: object.etag.clone(), total: object.size });
        window.end = window.limit(object.size);
        window
    }

    /// The object's size in bytes, once the first reply has come.
    pub(crate) fn total(&self) -> Option<u64> {
        self.pin.as_ref().map(|pin| pin.total)
    }

    /// Offset in the object of the next byte to deliver.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Bytes delivered.
    pub(crate) fn delivered(&self) -> u64 {
        self.position - self.extent.offset
    }

    /// Bytes still to be delivered, once the first reply has come.
    pub(crate) fn remaining(&self) -> u64 {
        self.end.saturating_sub(self.position)
    }

    /// Offset behind the last byte to deliver; beyond all offsets before the first reply.
    pub(crate) fn end(&self) -> u64 {
        self.end
    }

    /// Whether everything behind the offset is read.
    pub(crate) fn is_open_ended(&self) -> bool {
        self.extent.length.is_none()
    }

    /// Another read of a part of the same object.
    pub(crate) fn part(&self, extent: Extent) -> Self {
        let mut window = Window::new(extent);
        if let Some(pin) = &self.pin {
            window.pin = Some(pin.clone());
            window.end = window.limit(pin.total);
        }
        window
    }

    /// Whether every byte has been delivered.
    pub(crate) fn is_complete(&self) -> bool {
        self.pin.is_some() && self.position >= self.end
    }

    /// Whether all of the object is read, from its first byte.
    pub(crate) fn is_whole(&self) -> bool {
        self.extent.is_whole()
    }

    /// Whether the next byte of the body is the next one to be delivered.
    pub(crate) fn is_exact(&self) -> bool {
        self.skip == 0
    }

    /// The `Range` to ask for, if it is not the whole object: checksums come with whole
    /// replies only, so a read that has delivered nothing asks for the whole again.
    pub(crate) fn range(&self) -> Option<String> {
        let last = match (&self.pin, self.extent.length) {
            (Some(_), _) => Some(self.end.saturating_sub(1)),
            // What reaches beyond the greatest offset reaches to the end.
            (None, Some(length)) => {
                self.extent.offset.checked_add(length).map(|end| end.saturating_sub(1))
            }
            (None, None) => None,
        };
        if self.extent.is_whole() && self.position == 0 {
            return None;
        }
        Some(match last {
            Some(last) => format!("bytes={}-{last}", self.position),
            None => format!("bytes={}-", self.position),
        })
    }

    /// The `If-Match` to send: nothing but the object that was opened will do.
    pub(crate) fn if_match(&self) -> Option<String> {
        self.pin.as_ref()?.etag.as_ref().map(ETag::quoted)
    }

    /// Checks the head of a reply, and pins the object if it is the first.
    pub(crate) fn accept(&mut self, head: &ObjectHead) -> Result<(), Refused> {
        let etag = &head.object.etag;
        match &self.pin {
            None if etag.is_none() => {
                return refused(
                    ErrorKind::Protocol,
                    "the reply has no ETag: it is not an S3 object",
                );
            }
            Some(Pin { etag: Some(_), .. }) if etag.is_none() => {
                return refused(ErrorKind::Protocol, "the reply has no ETag: it is not the object");
            }
            Some(Pin { etag: Some(pinned), .. }) if etag.as_ref() != Some(pinned) => {
                let now = etag.as_ref().map_or("", ETag::as_str);
                let message = format!("the object's ETag was {pinned} and is now {now}");
                return refused(ErrorKind::Changed, message);
            }
            _ => {}
        }
        let (first, total, length) = match head.content_range {
            Some(range) => {
                let total = range.total.or(self.pin.as_ref().map(|pin| pin.total));
                let Some(total) = total else {
                    return refused(
                        ErrorKind::Protocol,
                        "the reply does not tell the object's size",
                    );
                };
                (range.first, total, range.length())
            }
            None => match head.content_length {
                Some(length) => (0, length, length),
                None => return refused(ErrorKind::Protocol, "the reply has no Content-Length"),
            },
        };
        if let Some(pin) = &self.pin
            && pin.total != total
        {
            return refused(
                ErrorKind::Changed,
                format!("the object's size was {} bytes and is now {total}", pin.total),
            );
        }
        if head.content_length.is_some_and(|stated| stated != length) {
            return refused(ErrorKind::Protocol, "Content-Length and Content-Range disagree");
        }
        let end = self.limit(total);
        // At the very end there is nothing to come, wherever the reply begins.
        let starts_right = first <= self.position;
        let skip = self.position.saturating_sub(first);
        if !starts_right || first.saturating_add(length) < end || (skip > 0 && first != 0) {
            return refused(
                ErrorKind::Protocol,
                format!(
                    "the reply holds bytes {first} to {} but {} to {} were asked for",
                    first.saturating_add(length),
                    self.position,
                    end,
                ),
            );
        }
        if self.extent.offset > total {
            return refused(
                ErrorKind::InvalidInput,
                format!("offset {} is beyond the object's {total} bytes", self.extent.offset),
            );
        }
        self.pin.get_or_insert_with(|| Pin { etag: etag.clone(), total });
        self.end = end;
        self.skip = skip;
        Ok(())
    }

    /// Cuts from a piece of the body what was delivered before and what was not asked for.
    pub(crate) fn trim(&mut self, mut piece: Bytes) -> Bytes {
        let skipped = self.skip.min(piece.len() as u64);
        self.skip -= skipped;
        let _ = piece.split_to(usize::try_from(skipped).unwrap_or(piece.len()));
        // A server that sends more than a range was asked for: the rest is not wanted.
        let wanted = usize::try_from(self.remaining()).unwrap_or(usize::MAX).min(piece.len());
        piece.truncate(wanted);
        piece
    }

    /// So many bytes of a trimmed piece have been taken.
    pub(crate) fn advance(&mut self, bytes: usize) {
        debug_assert!(bytes as u64 <= self.remaining());
        self.position += bytes as u64;
    }

    fn limit(&self, total: u64) -> u64 {
        match self.extent.length {
            Some(length) => self.extent.offset.saturating_add(length).min(total),
            None => total,
        }
        .max(self.extent.offset.min(total))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::headers::Headers;
    use crate::proto::response::object_head;

    fn head(etag: &str, length: u64, range: Option<&str>) -> ObjectHead {
        let mut headers = Headers::new();
        headers.push("etag", etag);
        headers.push("content-length", length.to_string());
        if let Some(range) = range {
            headers.push("content-range", range);
        }
        object_head("k", &headers).unwrap()
    }

    fn take(window: &mut Window, length: usize) -> usize {
        let taken = window.trim(Bytes::from(vec![1; length])).len();
        window.advance(taken);
        taken
    }

    fn opened(extent: Extent, delivered: usize) -> Window {
        let mut window = Window::new(extent);
        let first = match extent {
            Extent { offset: 0, length: None } => head("e", 100, None),
            Extent { offset, length } => {
                let end = length.map_or(100, |l| (offset + l).min(100));
                head("e", end - offset, Some(&format!("bytes {offset}-{}/100", end - 1)))
            }
        };
        window.accept(&first).unwrap();
        assert_eq!(take(&mut window, delivered), delivered);
        window
    }

    fn extent(offset: u64, length: Option<u64>) -> Extent {
        Extent { offset, length }
    }

    #[test]
    fn a_read_asks_for_the_whole_and_a_resume_for_the_rest() {
        let mut window = Window::new(extent(0, None));
        assert_eq!((window.range(), window.if_match()), (None, None));
        window.accept(&head("e", 100, None)).unwrap();
        assert_eq!(window.range(), None);
        take(&mut window, 40);
        assert_eq!(window.range().as_deref(), Some("bytes=40-99"));
        assert_eq!(window.if_match().as_deref(), Some("\"e\""));
        assert_eq!(Window::new(extent(5, None)).range().as_deref(), Some("bytes=5-"));
        assert_eq!(Window::new(extent(5, Some(9))).range().as_deref(), Some("bytes=5-13"));
        assert_eq!(Window::new(extent(0, Some(9))).range().as_deref(), Some("bytes=0-8"));
    }

    #[test]
    fn replies_to_a_resume_are_judged_by_what_they_hold() {
        let table = [
            (head("e", 60, Some("bytes 40-99/100")), Ok(0)),
            (head("e", 60, Some("bytes 40-99/*")), Ok(0)),
            (head("e", 100, None), Ok(40)),
            (head("e", 100, Some("bytes 0-99/100")), Ok(40)),
            (head("other", 60, Some("bytes 40-99/100")), Err(ErrorKind::Changed)),
            (head("e", 60, Some("bytes 40-99/101")), Err(ErrorKind::Changed)),
            (head("e", 101, None), Err(ErrorKind::Changed)),
            (head("e", 59, Some("bytes 41-99/100")), Err(ErrorKind::Protocol)),
            (head("e", 61, Some("bytes 39-99/100")), Err(ErrorKind::Protocol)),
            (head("e", 59, Some("bytes 40-98/100")), Err(ErrorKind::Protocol)),
            (head("e", 50, Some("bytes 40-99/100")), Err(ErrorKind::Protocol)),
            (head("", 60, Some("bytes 40-99/100")), Err(ErrorKind::Protocol)),
        ];
        for (reply, outcome) in table {
            let mut window = opened(extent(0, None), 40);
            let got = window.accept(&reply).map(|()| window.skip).map_err(|refused| refused.kind);
            assert_eq!(got, outcome, "{reply:?}");
        }
    }

    #[test]
    fn a_whole_reply_to_a_resume_is_skipped_up_to_the_offset() {
        let mut window = opened(extent(0, None), 40);
        window.accept(&head("e", 100, None)).unwrap();
        assert_eq!(take(&mut window, 30), 0);
        assert_eq!(take(&mut window, 30), 20);
        assert_eq!(window.position(), 60);
        assert!(!window.is_complete());
        assert_eq!(take(&mut window, 400), 40);
        assert!(window.is_complete());
    }

    #[test]
    fn ranges_end_where_the_object_does() {
        let window = opened(extent(90, Some(50)), 10);
        assert!(window.is_complete());
        let window = opened(extent(10, Some(5)), 5);
        assert!(window.is_complete() && window.delivered() == 5);
    }

    #[test]
    fn an_empty_object_is_complete_at_once() {
        let mut window = Window::new(extent(0, None));
        window.accept(&head("e", 0, None)).unwrap();
        assert!(window.is_complete());
    }
}
