//! A long body read straight from the socket, without hyper's buffer in between.
//!
//! hyper parses the head; what is left of a body of known length is a number of bytes. For
//! those the stream is taken from hyper and read into the consumer's own memory, which
//! halves what a byte costs. Behind the last byte the stream is where a kept-alive
//! connection begins again, and is given back as one.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::runtime::Handle;
use tokio_util::io::poll_read_buf;

use super::connection::{Form, READ_BUFFER};
use super::pool::Pool;
use super::socket::Stream;
use super::{Body, Broken, Cause};
use crate::proto::endpoint::Origin;

/// A shorter body is not worth the change.
pub(super) const LONG: u64 = 128 * 1024;

/// What is left of a body, and the stream that it comes from.
pub(super) struct RawBody {
    /// `None` once it has ended.
    stream: Option<Stream>,
    /// Came with the head, in order; no piece is empty.
    buffered: VecDeque<Bytes>,
    /// Of the body, in bytes.
    remaining: u64,
    spare: BytesMut,
    home: Home,
    is_away: bool,
}

/// Where the stream goes when the body has been read.
pub(super) struct Home {
    pub(super) pool: Arc<Pool>,
    pub(super) origin: Origin,
    pub(super) form: Form,
    /// Whether the server keeps it open.
    pub(super) is_kept: bool,
    /// Where it lives; `None` outside of a runtime.
    pub(super) runtime: Option<Handle>,
}

impl RawBody {
    /// A body of `length` bytes, of which some have come already; without a stream it breaks
    /// off behind those.
    pub(super) fn new(
        stream: Option<Stream>,
        mut buffered: VecDeque<Bytes>,
        length: u64,
        mut home: Home,
    ) -> Self {
        buffered.retain(|piece| !piece.is_empty());
        if buffered.iter().map(|piece| piece.len() as u64).sum::<u64>() > length {
            // Bytes that belong to nothing: the next reply could not be trusted.
            home.is_kept = false;
        }
        RawBody {
            stream,
            buffered,
            remaining: length,
            spare: BytesMut::new(),
            home,
            is_away: false,
        }
    }

    /// Counts what has been read; none of it means that the peer has closed.
    fn received(&mut self, bytes: usize) -> Result<usize, Broken> {
        if bytes == 0 {
            self.stream = None;
            return Err(lost(&format!("{} bytes before its end", self.remaining)));
        }
        self.remaining -= bytes as u64;
        if self.remaining == 0 {
            self.give_back();
        }
        Ok(bytes)
    }

    fn failed(&mut self, error: &std::io::Error) -> Broken {
        self.stream = None;
        lost(&super::dial::innermost(error))
    }

    fn give_back(&mut self) {
        let Some(mut stream) = self.stream.take().filter(|_| self.home.is_kept) else { return };
        if self.is_away {
            let Some(runtime) = &self.home.runtime else { return };
            let Some(returned) = stream.move_into(runtime) else { return };
            stream = returned;
        }
        let (origin, form) = (self.home.origin.clone(), self.home.form.clone());
        self.home.pool.put_stream(stream, origin, form);
    }

    fn wanted(&self, most: usize) -> usize {
        usize::try_from(self.remaining).unwrap_or(usize::MAX).min(most)
    }
}

impl Body for RawBody {
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Broken>>> {
        if self.remaining == 0 {
            return Poll::Ready(None);
        }
        if let Some(mut piece) = self.buffered.pop_front() {
            piece.truncate(self.wanted(usize::MAX));
            return Poll::Ready(Some(self.received(piece.len()).map(|_| piece)));
        }
        let wanted = self.wanted(READ_BUFFER);
        let Some(stream) = &mut self.stream else {
            return Poll::Ready(Some(Err(lost("it was closed"))));
        };
        self.spare.reserve(READ_BUFFER);
        let mut limited = bytes::BufMut::limit(&mut self.spare, wanted);
        let read = match ready!(poll_read_buf(Pin::new(stream), cx, &mut limited)) {
            Ok(read) => self.received(read),
            Err(error) => Err(self.failed(&error)),
        };
        Poll::Ready(Some(read.map(|read| self.spare.split_to(read).freeze())))
    }

    fn poll_into(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Option<Poll<Result<usize, Broken>>> {
        if !self.buffered.is_empty() || self.remaining == 0 || buffer.is_empty() {
            return None;
        }
        let wanted = self.wanted(buffer.len().min(READ_BUFFER));
        let stream = self.stream.as_mut()?;
        let mut buffer = ReadBuf::new(&mut buffer[..wanted]);
        Some(match Pin::new(stream).poll_read(cx, &mut buffer) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(())) => Poll::Ready(self.received(buffer.filled().len())),
            Poll::Ready(Err(error)) => Poll::Ready(Err(self.failed(&error))),
        })
    }

    fn move_here(&mut self) {
        if let Ok(here) = Handle::try_current()
            && let Some(stream) = self.stream.take()
        {
            self.stream = stream.move_into(&here);
            self.is_away = true;
        }
    }
}

fn lost(why: &str) -> Broken {
    Broken::new(Cause::Lost, format!("the body broke off: {why}"))
}
