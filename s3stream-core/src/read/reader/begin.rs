//! How a reader begins: with a request of its own, fed by a task, or with nothing yet.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use super::super::feed::Feed;
use super::super::open::{Opened, Target};
use super::super::proof::Prover;
use super::super::{Connections, OpenOptions};
use super::ahead::Ahead;
use super::{ObjectReader, State};
use crate::error::{Error, Result};
use crate::object::Object;
use crate::proto::retry::Budget;
use crate::proto::window::{Extent, Window};
use crate::send::Session;
use crate::verdict::Unproven;

impl ObjectReader {
    pub(crate) async fn open(
        session: &Arc<Session>,
        bucket: &str,
        key: &str,
        options: OpenOptions,
    ) -> Result<Self> {
        let target = Target::new(session, bucket, key, &options, session.cancel.child_token())?;
        ObjectReader::start(target, options.extent, options.connections).await
    }

    /// Opens an object for reading, over as many connections as are allowed.
    pub(crate) async fn start(
        target: Target,
        extent: Extent,
        connections: Connections,
    ) -> Result<Self> {
        let (mut reader, latency) = ObjectReader::connect(target, extent).await?;
        if connections == Connections::Adaptive && extent.length.is_none() {
            reader.ahead = Ahead::new(&reader.target.session, latency);
        }
        Ok(reader)
    }

    /// Opens one range of several.
    pub(crate) async fn range(target: Target, extent: Extent) -> Result<Self> {
        ObjectReader::connect(target, extent).await.map(|(reader, _)| reader)
    }

    async fn connect(target: Target, extent: Extent) -> Result<(Self, Duration)> {
        let mut budget = target.session.budget();
        if extent.length == Some(0) {
            let reader = ObjectReader::of_nothing(target, extent.offset).await?;
            return Ok((reader, Duration::ZERO));
        }
        let mut window = Window::new(extent);
        let Opened { latency, head, body } = target.get(&mut window, &mut budget).await?;
        let prover = if window.is_whole() {
            Prover::of_reply(&head, &target).await?
        } else {
            Prover::of_length(Unproven::Range)
        };
        let state = State::Streaming(target.session.bodies.admit(body));
        let reader = ObjectReader::new(target, head.object, window, budget, prover, state);
        Ok((reader, latency))
    }

    /// A read of no bytes still says whether the object is there.
    async fn of_nothing(target: Target, offset: u64) -> Result<Self> {
        let version = target.version_id.clone();
        let object =
            super::super::head(&target.session, &target.bucket, &target.key, version.as_deref())
                .await?;
        let extent = Extent { offset, length: Some(0) };
        let window = Window::pinned(extent, &object);
        let budget = target.session.budget();
        Ok(ObjectReader::new(
            target,
            object,
            window,
            budget,
            Prover::of_length(Unproven::Range),
            State::Idle,
        ))
    }

    /// A reader that sends its first request when it is read; until then `object` is what
    /// somebody else has said of it.
    pub(crate) fn unopened(target: Target, object: Object) -> Self {
        let (window, budget) = (Window::new(Extent::default()), target.session.budget());
        let prover = Prover::of_length(Unproven::Range);
        let mut reader = ObjectReader::new(target, object, window, budget, prover, State::Idle);
        reader.is_unopened = true;
        reader
    }

    /// A reader whose first read fails.
    pub(crate) fn failed(target: Target, object: Object, error: Error) -> Self {
        let mut reader = ObjectReader::unopened(target, object);
        reader.state = State::Failed(error);
        reader
    }

    /// A reader of what a task fetches.
    pub(crate) fn fed(target: Target, object: Object, feed: Feed) -> Self {
        let (window, budget) =
            (Window::pinned(Extent::default(), &object), target.session.budget());
        let state = State::Fed(feed);
        ObjectReader::new(target, object, window, budget, Prover::of_length(Unproven::Range), state)
    }

    pub(super) fn new(
        target: Target,
        object: Object,
        window: Window,
        budget: Budget,
        prover: Prover,
        state: State,
    ) -> Self {
        ObjectReader {
            target,
            object,
            window,
            budget,
            prover,
            state,
            ready: VecDeque::new(),
            is_unopened: false,
            has_delivered: false,
            has_reread: false,
            verdict: None,
            away_since: Some(Instant::now()),
            is_stale: false,
            stall: None,
            ahead: Ahead::off(),
            cancelled: None,
        }
    }

    /// Sends the request if none has been sent yet, and describes the object that it opened.
    ///
    /// # Errors
    /// As [`Client::open`](crate::Client::open). The reader has then failed.
    pub async fn opened(&mut self) -> Result<&Object> {
        if self.is_unopened {
            std::future::poll_fn(|cx| self.poll_opened(cx)).await?;
        }
        Ok(&self.object)
    }

    fn poll_opened(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        loop {
            match &mut self.state {
                State::Failed(error) => return Poll::Ready(Err(error.clone())),
                State::Idle if self.is_unopened => self.reopen(None),
                State::Reopening(reopening) => match reopening.as_mut().poll(cx) {
                    Poll::Pending => {
                        return self.poll_cancelled::<()>(cx).map(|failed| {
                            failed.unwrap_or_else(|| Err(self.cancelled())).map(drop)
                        });
                    }
                    Poll::Ready(reopened) => self.reopened(reopened),
                },
                _ => return Poll::Ready(Ok(())),
            }
        }
    }
}
