//! Parts on their way, and what is left of an upload that is given up.

use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::multipart::Remote;
use super::part::Finished;
use crate::error::{Error, ErrorKind, Result};
use crate::proto::upload::{StoredPart, Upload};
use crate::send::Session;
use crate::send::lane::Lane;
use crate::send::memory::Reservation;

/// An upload in parts, sent by tasks.
pub(super) struct Sending {
    lane: Lane,
    /// With the session of the tasks' runtime.
    remote: Remote,
    under_way: Vec<UnderWay>,
    pub(super) upload: Upload,
    retries: u32,
}

struct UnderWay {
    number: u32,
    outcome: oneshot::Receiver<Outcome>,
}

/// What has become of a part, and how often it was repeated.
type Outcome = (Result<StoredPart>, u32);

impl Sending {
    pub(super) fn new(lane: Lane, remote: Remote) -> Self {
        let remote = Remote { session: Arc::clone(lane.session()), ..remote };
        Sending { lane, remote, under_way: Vec::new(), upload: Upload::default(), retries: 0 }
    }

    pub(super) fn remote(&self) -> &Remote {
        &self.remote
    }

    /// Requests repeated because they failed.
    pub(super) fn retries(&self) -> u32 {
        self.retries
    }

    pub(super) fn under_way(&self) -> usize {
        self.under_way.len()
    }

    /// Sends a part; its memory is given back when the server has it.
    pub(super) fn send(
        &mut self,
        number: u32,
        part: Finished,
        held: Reservation,
        cancel: &CancellationToken,
    ) {
        let (tell, outcome) = oneshot::channel();
        let (remote, cancel) = (self.remote.clone(), cancel.clone());
        self.lane.spawn(async move {
            let (crc64, payload) = (part.crc64, part.payload(remote.digest));
            let mut budget = remote.session.budget();
            let stored = remote.part(number, crc64, payload, &mut budget, &cancel).await;
            drop(held);
            // Nobody wants to know any more: the object was given up.
            let _ = tell.send((stored, budget.retries()));
        });
        self.under_way.push(UnderWay { number, outcome });
    }

    /// Takes in the parts that have arrived; ready once that was one at least.
    pub(super) fn poll_done(&mut self, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let before = self.under_way.len();
        let mut index = 0;
        while let Some(under_way) = self.under_way.get_mut(index) {
            let outcome = std::pin::Pin::new(&mut under_way.outcome).poll(cx);
            let Poll::Ready(outcome) = outcome else {
                index += 1;
                continue;
            };
            let number = self.under_way.swap_remove(index).number;
            let (stored, retries) = outcome.map_err(|_| ended())?;
            self.retries += retries;
            self.upload.stored(number, stored?);
        }
        if self.under_way.len() < before || before == 0 {
            Poll::Ready(Ok(()))
        } else {
            Poll::Pending
        }
    }

    /// What has to be removed if there is to be no object.
    pub(super) fn abandon(self) -> Abandoned {
        Abandoned { lane: self.lane, remote: self.remote, under_way: self.under_way }
    }
}

/// An upload that nobody completes.
pub(super) struct Abandoned {
    lane: Lane,
    remote: Remote,
    under_way: Vec<UnderWay>,
}

impl Abandoned {
    /// Removes it, with a session of the caller's runtime. A part that is under way could survive
    /// it: those have ended before.
    pub(super) async fn abort(self, session: &Arc<Session>) -> Result<()> {
        for part in self.under_way {
            // However it has ended.
            let _ = part.outcome.await;
        }
        Remote { session: Arc::clone(session), ..self.remote }.abort().await
    }

    /// The same without being waited for, as far as that goes: with the process it ends too.
    pub(super) fn abort_later(self) {
        let lane = self.lane.clone();
        lane.clone().spawn(async move {
            let _ = self.abort(lane.session()).await;
        });
    }
}

fn ended() -> Error {
    Error::new(ErrorKind::Internal, "the runtime that sends its parts has ended")
}
