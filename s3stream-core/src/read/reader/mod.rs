//! The reader: a stream of verified bytes that outlives its connections.

mod begin;
mod end;
mod traits;

use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio_util::sync::CancellationToken;

use super::cancellation::Cancellation;
use super::copy::copy;
use super::evidence::Evidence;
use super::open::Target;
use super::prover::{Claim, Delivery, Own, Prover};
use super::settling::Settling;
use super::sink::Sink;
use super::source::{Direct, Source, Yield};
use super::{Connections, Effort};
use crate::cancel::Canceller;
use crate::error::{Error, ErrorKind, Result};
use crate::object::Object;
use crate::proto::window::{Extent, Window};
use crate::verdict::Verdict;

/// One object being read; ends only when its bytes are proven to be the server's.
///
/// It is a `Stream` of `Bytes` and a `tokio::io::AsyncRead`. A pause of any length between
/// two calls is normal: no timer runs meanwhile, and the connection is made anew if it has
/// gone. An error ends the reader for good: every later read repeats it.
///
/// See "GetObject" in the Amazon S3 API reference; RFC 9110, 14 for ranges.
pub struct ObjectReader {
    target: Target,
    object: Object,
    described: Described,
    /// Offset behind the last byte that was asked for; `None` for all there are.
    limit: Option<u64>,
    prover: Prover,
    state: State,
    rereads: Rereads,
    cancellation: Cancellation,
}

/// Who has described the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Described {
    /// Somebody else, before it was opened.
    Listed,
    /// The reply that was opened.
    Replied,
}

/// Whether it was read again already because its digests disagreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rereads {
    None,
    Once,
}

enum State {
    Reading(Source),
    /// Every byte is here, and the digests leave a question.
    Settling(Box<Settling>),
    Ended(Verdict),
    Failed(Error),
    /// It is read through its pipe.
    Elsewhere,
}

/// What the consumer gets.
enum Got {
    Piece(Bytes),
    /// So many bytes, in its buffer already.
    Filled(usize),
}

impl ObjectReader {
    /// The object, as the reply that was opened describes it.
    pub fn object(&self) -> &Object {
        &self.object
    }

    /// Whether the object is another one than was listed, by its ETag: it was written again
    /// since then. False until the reply has come, and where nothing was listed: see
    /// [`OpenOptions::listed`](crate::OpenOptions::listed) and [`Wanted`](crate::Wanted).
    pub fn is_newer_than_listed(&self) -> bool {
        self.described == Described::Replied && self.target.is_newer_than_listed(&self.object)
    }

    /// The verdict; `None` until the end has been reached.
    pub fn verdict(&self) -> Option<&Verdict> {
        match &self.state {
            State::Ended(verdict) => Some(verdict),
            _ => None,
        }
    }

    /// Offset in the object of the next byte, in bytes.
    pub fn position(&self) -> u64 {
        self.prover.position()
    }

    /// Goes on at another offset; from there on the proof is by length: verdict `range`.
    ///
    /// The end of what was opened stays where it is. Nothing is requested until the next read.
    /// An offset at or beyond the end reads as the end; in a reader that has not been opened
    /// yet the read fails, as an open with that offset does (416): see
    /// [`opened`](ObjectReader::opened). A reader that has failed stays failed.
    pub fn seek(&mut self, offset: u64) {
        if matches!(self.state, State::Failed(_) | State::Elsewhere) || offset == self.position() {
            return;
        }
        self.start_at(offset);
    }

    fn start_at(&mut self, offset: u64) {
        let length = self.limit.map(|limit| limit.saturating_sub(offset));
        let extent = Extent { offset, length };
        let window = match self.described {
            // What others said of the object must not be taken for what was opened.
            Described::Listed => Window::new(extent),
            Described::Replied => Window::pinned(extent, &self.object),
        };
        self.prover = Prover::new(offset);
        if self.described == Described::Replied {
            self.prover.ends_at(window.end().max(offset));
        }
        let direct = match std::mem::replace(&mut self.state, State::Elsewhere) {
            State::Reading(Source::Direct(direct)) => direct.at(window),
            State::Reading(Source::Ranged(ranged)) => ranged.stop().at(window),
            _ => Direct::new(self.target.clone(), window, Connections::One),
        };
        self.state = State::Reading(Source::Direct(Box::new(direct)));
    }

    /// Ends a wait in another task or thread with `Cancelled`.
    pub fn canceller(&self) -> Canceller {
        Canceller::new(self.target.cancel.clone())
    }

    /// The next piece of the object, never empty; `None` at the proven end.
    ///
    /// # Errors
    /// `Changed` if another object is under the key now, `Integrity` if length or checksum
    /// disagree, those of a failed request when the retries are used up.
    pub async fn next_piece(&mut self) -> Result<Option<Bytes>> {
        let waiting = Waiting(self);
        std::future::poll_fn(|cx| waiting.0.poll_piece(cx)).await
    }

    pub(crate) fn token(&self) -> &CancellationToken {
        &self.target.cancel
    }

    pub(crate) fn at(&self, error: Error) -> Error {
        self.target.at(error)
    }

    /// Bytes still to be delivered; all that is known before the first reply is the object's.
    pub(crate) fn remaining(&self) -> u64 {
        self.prover.remaining().unwrap_or(self.object.size)
    }

    /// The consumer goes away, with bytes or without: no timer may run meanwhile, and its
    /// connection may be taken for others.
    pub(crate) fn leave(&mut self) {
        match &mut self.state {
            State::Reading(source) => source.leave(),
            State::Settling(settling) => settling.leave(),
            State::Ended(_) | State::Failed(_) | State::Elsewhere => {}
        }
    }

    pub(crate) fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>>> {
        Poll::Ready(Ok(match ready!(self.poll(cx, usize::MAX, None))? {
            Some(Got::Piece(piece)) => Some(piece),
            // There was no buffer to be filled.
            Some(Got::Filled(_)) | None => None,
        }))
    }

    /// Reads into `buffer`, straight from the socket where that can be done; 0 only at the
    /// proven end, or for an empty buffer.
    pub(crate) fn poll_into(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<Result<usize>> {
        if buffer.is_empty() {
            return Poll::Ready(Ok(0));
        }
        let most = buffer.len();
        Poll::Ready(Ok(match ready!(self.poll(cx, most, Some(&mut *buffer)))? {
            None => 0,
            Some(Got::Filled(bytes)) => bytes,
            Some(Got::Piece(piece)) => {
                copy(&piece, &mut buffer[..piece.len()]);
                piece.len()
            }
        }))
    }

    /// What comes next; an error stays.
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        most: usize,
        buffer: Option<&mut [u8]>,
    ) -> Poll<Result<Option<Got>>> {
        let polled = self.advance(cx, most, buffer);
        let outcome = match polled {
            Poll::Ready(outcome) => outcome,
            Poll::Pending if self.cancellation.poll(&self.target.cancel, cx).is_ready() => {
                Err(self.cancelled())
            }
            Poll::Pending => return Poll::Pending,
        };
        if let Err(error) = &outcome {
            self.state = State::Failed(error.clone());
        }
        Poll::Ready(outcome)
    }

    fn advance(
        &mut self,
        cx: &mut Context<'_>,
        most: usize,
        mut buffer: Option<&mut [u8]>,
    ) -> Poll<Result<Option<Got>>> {
        loop {
            if self.target.cancel.is_cancelled() && self.is_under_way() {
                return Poll::Ready(Err(self.cancelled()));
            }
            let yielded = match &mut self.state {
                State::Ended(_) => {
                    return Poll::Ready(Ok(self.prover.released(most).map(Got::Piece)));
                }
                State::Failed(error) => return Poll::Ready(Err(error.clone())),
                State::Elsewhere => {
                    let error = Error::invalid("it is read through its pipe");
                    return Poll::Ready(Err(self.target.at(error)));
                }
                State::Settling(settling) => {
                    let step = ready!(settling.poll(cx))?;
                    self.settled(step)?;
                    continue;
                }
                State::Reading(source) => {
                    let mut sink = self.prover.sink(most, buffer.as_deref_mut());
                    ready!(source.poll(cx, &mut sink))?
                }
            };
            let got = match yielded {
                Yield::Piece(piece) => match self.prover.take(piece) {
                    Ok(Delivery::Held) => continue,
                    Ok(Delivery::Bytes(bytes)) => Ok(Got::Piece(bytes)),
                    Err(error) => Err(error),
                },
                Yield::Filled(at) => {
                    let bytes = buffer.as_deref().unwrap_or_default();
                    self.prover.filled(&at, bytes).map(Got::Filled)
                }
                Yield::Opened(evidence) => {
                    self.describe(*evidence)?;
                    continue;
                }
                Yield::Successor(next) => {
                    self.prover.follows(next.next_offset()).map_err(|error| self.at(error))?;
                    self.state = State::Reading(next.arrive(&self.target));
                    continue;
                }
                Yield::End(effort) => {
                    self.finish(effort)?;
                    continue;
                }
            };
            let got = got.map_err(|error| self.at(error))?;
            self.look_for_the_end(cx)?;
            return Poll::Ready(Ok(Some(got)));
        }
    }

    /// With the last bytes comes the end, where it is known already: damage is then an error
    /// instead of them.
    fn look_for_the_end(&mut self, cx: &mut Context<'_>) -> Result<()> {
        if !self.prover.is_complete() {
            return Ok(());
        }
        let State::Reading(source) = &mut self.state else { return Ok(()) };
        match source.poll(cx, &mut Sink::Cut(1)) {
            Poll::Pending => {
                // It is the consumer's turn.
                source.leave();
                Ok(())
            }
            Poll::Ready(Ok(Yield::End(effort))) => self.finish(effort),
            Poll::Ready(Ok(_)) => {
                let error = Error::new(ErrorKind::Internal, "a source goes on behind its end");
                Err(self.at(error))
            }
            Poll::Ready(Err(error)) => Err(error),
        }
    }

    fn describe(&mut self, evidence: Evidence) -> Result<()> {
        let claim = Claim::of(&evidence, &self.target);
        let own = match self.target.session.config.own_digest {
            true => Own::Wanted,
            false => Own::Unwanted,
        };
        self.prover.opened(&evidence, claim, own).map_err(|error| self.target.at(error))?;
        if self.described == Described::Listed {
            self.described = Described::Replied;
            self.object = evidence.into_object();
        }
        Ok(())
    }

    /// Whether there is something left that a cancellation takes away.
    fn is_under_way(&self) -> bool {
        match &self.state {
            State::Reading(_) | State::Settling(_) => true,
            State::Ended(_) => self.prover.is_holding(),
            State::Failed(_) | State::Elsewhere => false,
        }
    }

    fn cancelled(&self) -> Error {
        self.target.at(Error::new(ErrorKind::Cancelled, ""))
    }
}

/// A wait of the consumer; whoever drops it in the middle has left the reader.
struct Waiting<'a>(&'a mut ObjectReader);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.leave();
    }
}
