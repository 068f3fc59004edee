//! How a reader begins: with a request of its own, fed by a task, or with nothing yet; and how
//! it moves to another runtime.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::super::prover::Prover;
use super::super::source::{Direct, Feed, Source};
use super::super::{Connections, OpenOptions, Target};
use super::{Cancellation, Described, Evidence, ObjectReader, Rereads, State};
use crate::error::{Error, Result};
use crate::object::Object;
use crate::proto::window::{Extent, Window};
use crate::send::Session;
use crate::verdict::Verdict;

impl ObjectReader {
    /// Opens an object for reading, over as many connections as are allowed.
    pub(crate) async fn open(
        session: &Arc<Session>,
        bucket: &str,
        key: &str,
        options: OpenOptions,
    ) -> Result<Self> {
        let target = Target::new(session, bucket, key, &options, session.cancel.child_token())?;
        let extent = options.extent;
        if extent.length == Some(0) {
            return ObjectReader::of_nothing(target, extent.offset).await;
        }
        let mut direct = Direct::new(target.clone(), Window::new(extent), options.connections);
        let evidence = direct.open().await?;
        let state = State::Reading(Source::Direct(Box::new(direct)));
        let object = Object::new(target.key.as_str());
        let mut reader = ObjectReader::new(target, object, extent.offset, state);
        reader.limit = extent.length.map(|length| extent.offset.saturating_add(length));
        reader.describe(*evidence)?;
        Ok(reader)
    }

    /// A read of no bytes still says whether the object is there.
    async fn of_nothing(target: Target, offset: u64) -> Result<Self> {
        let object = target.describe(&mut target.session.budget()).await?.object;
        target.check_wanted(&object)?;
        let mut reader = ObjectReader::unopened(target, object);
        reader.described = Described::Replied;
        reader.limit = Some(offset);
        reader.start_at(offset);
        Ok(reader)
    }

    /// A reader of what a task fetches, which says so in its reply's words.
    pub(crate) fn fed(target: Target, object: Object, evidence: Evidence, feed: Feed) -> Self {
        let mut reader = ObjectReader::new(target, object, 0, State::Reading(Source::Fed(feed)));
        if let Err(error) = reader.describe(evidence) {
            reader.state = State::Failed(error);
        }
        reader
    }

    /// A reader that sends its first request when it is read; until then `object` is what
    /// somebody else has said of it.
    pub(crate) fn unopened(target: Target, object: Object) -> Self {
        let window = Window::new(Extent::default());
        let direct = Direct::new(target.clone(), window, Connections::Adaptive);
        let state = State::Reading(Source::Direct(Box::new(direct)));
        ObjectReader::new(target, object, 0, state)
    }

    /// A reader whose first read fails.
    pub(crate) fn failed(target: Target, object: Object, error: Error) -> Self {
        ObjectReader::new(target, object, 0, State::Failed(error))
    }

    fn new(target: Target, object: Object, offset: u64, state: State) -> Self {
        let prover = Prover::new(offset);
        ObjectReader {
            target,
            object,
            described: Described::Listed,
            limit: None,
            prover,
            state,
            rereads: Rereads::None,
            cancellation: Cancellation::default(),
        }
    }

    /// Sends the request if none has been sent yet, and describes the object that it opened.
    ///
    /// # Errors
    /// As [`Client::open`](crate::Client::open). The reader has then failed.
    pub async fn opened(&mut self) -> Result<&Object> {
        if self.described == Described::Listed {
            std::future::poll_fn(|cx| self.poll_opened(cx)).await?;
        }
        Ok(&self.object)
    }

    fn poll_opened(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let polled = match &mut self.state {
            State::Failed(error) => return Poll::Ready(Err(error.clone())),
            State::Reading(Source::Direct(direct)) => direct.poll_open(cx),
            // Only what has not been asked for yet is undescribed.
            _ => return Poll::Ready(Ok(())),
        };
        let opened = match polled {
            Poll::Ready(opened) => opened,
            Poll::Pending => {
                ready!(self.cancellation.poll(&self.target.cancel, cx));
                Err(self.cancelled())
            }
        };
        let outcome = opened.and_then(|evidence| self.describe(*evidence));
        if let Err(error) = &outcome {
            self.state = State::Failed(error.clone());
        }
        Poll::Ready(outcome)
    }

    /// Hands the read over to another session, which goes on where this one was left; this
    /// reader then only describes the object.
    pub(crate) fn hand_over(&mut self, session: &Arc<Session>) -> ObjectReader {
        let target = self.target.on(session, self.target.cancel.clone());
        let state = match std::mem::replace(&mut self.state, State::Elsewhere) {
            State::Reading(source) => State::Reading(source.relocate(session)),
            State::Settling(settling) => State::Settling(Box::new(settling.relocate(session))),
            state @ (State::Ended(_) | State::Failed(_) | State::Elsewhere) => state,
        };
        let prover = Prover::new(self.position());
        ObjectReader {
            target,
            object: self.object.clone(),
            described: self.described,
            limit: self.limit,
            prover: std::mem::replace(&mut self.prover, prover),
            state,
            rereads: self.rereads,
            cancellation: Cancellation::default(),
        }
    }

    /// Takes over what became of a read that was handed over.
    pub(crate) fn conclude_elsewhere(&mut self, outcome: &Result<Verdict>) {
        self.state = match outcome {
            Ok(verdict) => State::Ended(verdict.clone()),
            Err(error) => State::Failed(error.clone()),
        };
    }
}
