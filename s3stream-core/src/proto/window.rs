//! A read from its first byte to its proven end.
//!
//! A [`Window`] is the part of one object that a reader delivers. It says what to ask for
//! (the whole, or the rest, guarded by `If-Match`), checks each reply against the object
//! that was opened, and keeps count of the body: what is skipped, what is delivered, whether
//! the end has come. Some servers ignore `If-Match`, some answer 200 to a range: the reply is
//! judged by its ETag, its Content-Range and its total, never by its status. See
//! "GetObject" in the Amazon S3 API reference and RFC 9110, 13.1.1 and 14.

use bytes::Bytes;

use super::evidence::{self, Refused, refused};
use super::response::{Framing, ObjectHead};
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
    /// The current body ends where its framing says, and that has not been seen: until then
    /// nobody knows whether it goes on behind the last byte that was promised.
    awaits_end: bool,
    framing: Framing,
    /// The current body has a content coding.
    is_coded: bool,
}

/// Where a body has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyEnd {
    /// Where the read does.
    Read,
    /// Too early, as by a connection that broke.
    Short,
    /// Too early, but its sender means that this was all.
    Closed,
}

impl Window {
    pub(crate) fn new(extent: Extent) -> Self {
        Window {
            extent,
            pin: None,
            position: extent.offset,
            end: u64::MAX,
            skip: 0,
            awaits_end: false,
            framing: Framing::Counted,
            is_coded: false,
        }
    }

    /// A window on an object that was described before, for a read that asks for nothing yet.
    pub(crate) fn pinned(extent: Extent, object: &Object) -> Self {
        let mut window = Window::new(extent);
        window.pin = Some(Pin { etag: object.etag.clone(), total: object.size });
        window.end = window.limit(object.size);
        window
    }

    /// Whether an object of that size ends where this window begins.
    pub(crate) fn begins_at(&self, size: u64) -> bool {
        self.extent.offset == size
    }

    /// Pins an object that ends where this window begins, and says whether it does.
    pub(crate) fn begins_at_the_end_of(&mut self, object: &Object) -> bool {
        let is_at_the_end = self.begins_at(object.size);
        if is_at_the_end {
            *self = Window::pinned(self.extent, object);
        }
        is_at_the_end
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

    /// Whether every byte has been delivered, and the last body was seen to end there.
    pub(crate) fn is_complete(&self) -> bool {
        self.pin.is_some() && self.position >= self.end && !self.awaits_end
    }

    /// Whether all of the object is read, from its first byte.
    pub(crate) fn is_whole(&self) -> bool {
        self.extent.is_whole()
    }

    /// Whether the next byte of the body is the next one to be delivered.
    pub(crate) fn is_exact(&self) -> bool {
        self.skip == 0
    }

    /// The current body is given up for others.
    pub(crate) fn leave_body(&mut self) {
        self.skip = 0;
        self.awaits_end = false;
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
        // No range lies in an empty object.
        if (self.extent.is_whole() && self.position == 0) || self.total() == Some(0) {
            return None;
        }
        let first = self.first_asked();
        Some(match last {
            Some(last) => format!("bytes={first}-{last}"),
            None => format!("bytes={first}-"),
        })
    }

    /// Offset of the first byte that is asked for: the next one to deliver, or the last one
    /// once more, where the end of its body was not seen.
    fn first_asked(&self) -> u64 {
        if self.awaits_end && self.position >= self.end {
            self.end.saturating_sub(1)
        } else {
            self.position
        }
    }

    /// The `If-Match` to send: nothing but the object that was opened will do.
    pub(crate) fn if_match(&self) -> Option<String> {
        self.pin.as_ref()?.etag.as_ref()?.if_match()
    }

    /// Checks the head of a reply, and pins the object if it is the first.
    pub(crate) fn accept(&mut self, status: u16, head: &ObjectHead) -> Result<(), Refused> {
        evidence::check_status(status, head)?;
        evidence::check_coding(head)?;
        self.check_identity(head)?;
        let held = self.held(head)?;
        if let Some(pin) = &self.pin
            && pin.total != held.total
        {
            return refused(
                ErrorKind::Changed,
                format!("the object's size was {} bytes and is now {}", pin.total, held.total),
            );
        }
        if head.content_length.is_some_and(|stated| stated != held.length) {
            return refused(ErrorKind::Protocol, "Content-Length and Content-Range disagree");
        }
        self.check_bytes(&held)?;
        let end = self.limit(held.total);
        // What is more than was asked for is cut on purpose; all else must end with its last byte.
        self.awaits_end = head.framing != Framing::Counted
            && held.end() == end
            && (self.position < end || held.total == 0 || self.awaits_end);
        self.pin.get_or_insert_with(|| Pin { etag: head.object.etag.clone(), total: held.total });
        self.end = end;
        self.skip = self.position.saturating_sub(held.first);
        self.framing = head.framing;
        self.is_coded = head.marks.is_coded;
        Ok(())
    }

    /// Whether the reply is about the object that was opened.
    fn check_identity(&self, head: &ObjectHead) -> Result<(), Refused> {
        let etag = &head.object.etag;
        match &self.pin {
            None if etag.is_none() && !head.is_empty() => evidence::no_etag(),
            Some(Pin { etag: Some(_), .. }) if etag.is_none() => {
                refused(ErrorKind::Protocol, "the reply has no ETag: it is not the object")
            }
            Some(Pin { etag: Some(pinned), .. }) if etag.as_ref() != Some(pinned) => {
                let now = etag.as_ref().map_or("", ETag::as_str);
                let message = format!("the object's ETag was {pinned} and is now {now}");
                refused(ErrorKind::Changed, message)
            }
            _ => Ok(()),
        }
    }

    /// Which bytes a reply says that it holds, of how many.
    fn held(&self, head: &ObjectHead) -> Result<Held, Refused> {
        let Some(range) = head.content_range else {
            let Some(length) = head.content_length else {
                return refused(ErrorKind::Protocol, "the reply has no Content-Length");
            };
            return Ok(Held { first: 0, length, total: length });
        };
        match range.total.or(self.total()) {
            Some(total) => Ok(Held { first: range.first, length: range.length(), total }),
            None => refused(ErrorKind::Protocol, "the reply does not tell the object's size"),
        }
    }

    /// Whether the bytes that a reply holds are those that were asked for, or all of them.
    fn check_bytes(&self, held: &Held) -> Result<(), Refused> {
        let (from, end) = (self.first_asked(), self.limit(held.total));
        // At the very end there is nothing to come, wherever the reply begins.
        let starts_right = held.first == from || (held.first == 0 && from > 0);
        if !starts_right || held.end() < end {
            return refused(
                ErrorKind::Protocol,
                format!(
                    "the reply holds bytes {} to {} but {from} to {end} were asked for",
                    held.first,
                    held.end(),
                ),
            );
        }
        if self.extent.offset > held.total {
            return refused(
                ErrorKind::InvalidInput,
                format!(
                    "offset {} is beyond the object's {} bytes",
                    self.extent.offset, held.total
                ),
            );
        }
        Ok(())
    }

    /// Cuts from a piece of the body what was delivered before and what was not asked for.
    ///
    /// # Errors
    /// `Protocol` where the body goes on beyond the end that its head promised.
    pub(crate) fn trim(&mut self, mut piece: Bytes) -> Result<Bytes, Refused> {
        let skipped = self.skip.min(piece.len() as u64);
        self.skip -= skipped;
        let _ = piece.split_to(usize::try_from(skipped).unwrap_or(piece.len()));
        // A server that sends more than a range was asked for: the rest is not wanted.
        let wanted = usize::try_from(self.remaining()).unwrap_or(usize::MAX).min(piece.len());
        if self.awaits_end && wanted < piece.len() {
            return refused(
                ErrorKind::Protocol,
                format!(
                    "the body goes on beyond byte {}, where it had to end: what comes is not what \
                     is stored, as if it were unpacked on the way",
                    self.end
                ),
            );
        }
        piece.truncate(wanted);
        Ok(piece)
    }

    /// The body has ended where its framing says; whether the read ends there too.
    ///
    /// # Errors
    /// `Protocol` for one in chunks that is packed, and shorter than the object: what is
    /// missing would be taken from bytes that are not packed.
    pub(crate) fn body_ended(&mut self) -> Result<BodyEnd, Refused> {
        if self.position >= self.end && self.skip == 0 {
            self.awaits_end = false;
            return Ok(BodyEnd::Read);
        }
        match self.framing {
            Framing::Chunked if self.is_coded => Err(self.ended_short()),
            Framing::Chunked => Ok(BodyEnd::Closed),
            Framing::Counted | Framing::UntilClose => Ok(BodyEnd::Short),
        }
    }

    /// The refusal of a body that its sender has closed too early.
    pub(crate) fn ended_short(&self) -> Refused {
        Refused {
            kind: ErrorKind::Protocol,
            message: format!(
                "the body was closed {} bytes short: what comes is not what is stored, as if it \
                 were changed on the way",
                self.remaining()
            ),
        }
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

/// The bytes that a reply says it holds.
struct Held {
    first: u64,
    length: u64,
    /// The object's size.
    total: u64,
}

impl Held {
    /// Offset behind the last of them.
    fn end(&self) -> u64 {
        self.first.saturating_add(self.length)
    }
}

#[cfg(test)]
#[path = "window_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "window_nouns_tests.rs"]
mod nouns;
