//! An object written into a pipe in the background, for agents that read(2) themselves.

use std::io;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::ObjectReader;
use crate::error::{Error, ErrorKind, Result};
use crate::send::lane::Lane;
use crate::sync::{Mutex, lock};
use crate::verdict::Verdict;

/// What comes of a pipe: known once everything has been written, or nothing more will be.
#[derive(Clone, Default)]
pub(crate) struct Outcome(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    outcome: Option<Result<Verdict>>,
    waiter: Option<Waker>,
}

impl Outcome {
    pub(crate) fn poll(&self, cx: &mut Context<'_>) -> Poll<Result<Verdict>> {
        let mut state = lock(&self.0);
        match &state.outcome {
            Some(outcome) => Poll::Ready(outcome.clone()),
            None => {
                state.waiter = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn set(&self, outcome: Result<Verdict>) {
        let mut state = lock(&self.0);
        state.outcome.get_or_insert(outcome);
        if let Some(waiter) = state.waiter.take() {
            waiter.wake();
        }
    }
}

/// Whatever becomes of the task, whoever waits for it is told.
struct Teller(Outcome);

impl Drop for Teller {
    fn drop(&mut self) {
        self.0.set(Err(Error::new(ErrorKind::Cancelled, "")));
    }
}

/// Feeds a pipe from a reader of the lane's session; returns the end to read from.
///
/// # Errors
/// `Connection` if the system has no descriptors left.
pub(crate) fn open(lane: &Lane, reader: ObjectReader) -> Result<(UnixStream, Outcome)> {
    let failed = |error: io::Error| {
        Error::new(ErrorKind::Connection, format!("no pipe: {error}"))
            .advised("close files, or raise the limit of open ones (ulimit -n)")
    };
    // A socket pair, not a pipe: it needs no thread that blocks. Writing to it when the other
    // end has gone would raise SIGPIPE in the writing thread, which blocks all signals.
    let (ours, theirs) = UnixStream::pair().map_err(failed)?;
    ours.set_nonblocking(true).map_err(failed)?;
    let outcome = Outcome::default();
    let teller = Teller(outcome.clone());
    lane.spawn(async move {
        let outcome = write(ours, reader).await;
        teller.0.set(outcome);
    });
    Ok((theirs, outcome))
}

async fn write(pipe: UnixStream, mut reader: ObjectReader) -> Result<Verdict> {
    let gone = |reader: &ObjectReader, error: &io::Error| {
        reader.at(Error::new(ErrorKind::Cancelled, format!("its pipe was closed: {error}")))
    };
    let pipe = tokio::net::UnixStream::from_std(pipe).map_err(|error| gone(&reader, &error))?;
    while let Some(mut piece) = reader.next_piece().await? {
        while !piece.is_empty() {
            match pipe.try_write(&piece) {
                Ok(written) => drop(piece.split_to(written)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let writable = pipe.writable();
                    match reader.token().run_until_cancelled(writable).await {
                        Some(Ok(())) => {}
                        Some(Err(error)) => return Err(gone(&reader, &error)),
                        None => return Err(reader.at(Error::new(ErrorKind::Cancelled, ""))),
                    }
                }
                Err(error) => return Err(gone(&reader, &error)),
            }
        }
    }
    // The verdict stands before the other end sees the end of the file.
    reader.verdict().cloned().ok_or_else(|| reader.at(Error::new(ErrorKind::Internal, "")))
}
