//! The I/O thread: a runtime that goes on while the consumer is away, for what reads ahead.

use std::thread::JoinHandle;

use tokio::runtime::Builder;
use tokio_util::sync::CancellationToken;

use crate::error::{Error, ErrorKind, Result};
use crate::send::Session;
use crate::send::lane::Lane;
use crate::sync::{Mutex, lock};
use crate::thread;

/// A thread with a runtime and connections of its own; it ends when this is dropped.
pub(super) struct IoThread {
    lane: Lane,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

impl IoThread {
    pub(super) fn start(session: &Session) -> Result<Self> {
        let failed = |error| Error::new(ErrorKind::Internal, format!("no I/O thread: {error}"));
        let runtime = Builder::new_current_thread()
            .enable_all()
            .on_thread_start(thread::block_signals)
            .build()
            .map_err(failed)?;
        let lane = Lane::new(runtime.handle().clone(), session.twin());
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let body = move || runtime.block_on(stopped);
        let thread = thread::spawn("s3stream-io", body).map_err(failed)?;
        Ok(IoThread { lane, stop, thread: Some(thread) })
    }

    pub(super) fn lane(&self) -> &Lane {
        &self.lane
    }
}

impl Drop for IoThread {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            // It waits for nothing but its runtime's next turn; its panics were its tasks'.
            let _ = thread.join();
        }
    }
}

/// The I/O thread of one process, started when it is first needed.
#[derive(Default)]
pub(super) struct OnDemand(Mutex<Option<IoThread>>);

impl OnDemand {
    pub(super) fn lane(&self, session: &Session) -> Result<Lane> {
        let mut thread = lock(&self.0);
        if let Some(thread) = &*thread {
            return Ok(thread.lane().clone());
        }
        let started = thread.insert(IoThread::start(session)?);
        Ok(started.lane().clone())
    }
}
