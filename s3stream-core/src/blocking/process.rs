//! What belongs to one process: a runtime, and a client whose connections live in it.

use std::fmt;
use std::sync::{Arc, OnceLock};

use tokio::runtime::{Builder, Handle, Runtime};

use super::io_thread::OnDemand;
use crate::client::{Client, ClientBuilder};
use crate::error::{Error, ErrorKind, Result};
use crate::send::lane::Lane;

/// The runtime and client of this process; made anew in a child after a fork.
///
/// A chain and no lock: one that another thread holds at the moment of a fork is never given
/// back in the child.
pub(super) struct Processes {
    builder: ClientBuilder,
    first: Generation,
}

/// What one process has made, and the child that its memory was copied to.
struct Generation {
    process: Arc<Process>,
    child: OnceLock<Box<Generation>>,
}

impl Generation {
    fn start(builder: &ClientBuilder) -> Result<Self> {
        let process = Arc::new(Process::start(builder)?);
        Ok(Generation { process, child: OnceLock::new() })
    }
}

impl Processes {
    pub(super) fn start(builder: ClientBuilder) -> Result<Self> {
        let first = Generation::start(&builder)?;
        Ok(Processes { builder, first })
    }

    pub(super) fn current(&self) -> Result<Arc<Process>> {
        let mut generation = &self.first;
        while !generation.process.is_ours() {
            generation = match generation.child.get() {
                Some(child) => child,
                None => {
                    let child = Box::new(Generation::start(&self.builder)?);
                    // Another thread of this process may have been faster.
                    generation.child.get_or_init(|| child)
                }
            };
        }
        Ok(Arc::clone(&generation.process))
    }
}

impl fmt::Debug for Processes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.builder.fmt(f)
    }
}

pub(super) struct Process {
    id: u32,
    /// `None` only while it is dropped.
    inner: Option<Inner>,
}

struct Inner {
    /// Before the client, or its tasks would outlive what they use.
    io_thread: OnDemand,
    client: Client,
    runtime: Runtime,
}

impl Process {
    fn start(builder: &ClientBuilder) -> Result<Self> {
        let client = builder.clone().build()?;
        // Host names are looked up on threads of the runtime.
        let runtime = Builder::new_current_thread()
            .enable_all()
            .on_thread_start(crate::thread::block_signals)
            .build()
            .map_err(|error| Error::new(ErrorKind::Internal, format!("no runtime: {error}")))?;
        let inner = Inner { io_thread: OnDemand::default(), client, runtime };
        Ok(Process { id: std::process::id(), inner: Some(inner) })
    }

    pub(super) fn client(&self) -> Result<&Client> {
        self.inner().map(|inner| &inner.client)
    }

    /// Where read-ahead runs: the I/O thread, which starts with the first call of this.
    pub(super) fn lane(&self) -> Result<Lane> {
        let inner = self.inner()?;
        inner.io_thread.lane(inner.client.session())
    }

    /// Drives a future on the caller's thread until it is done, or [given up](super::watched).
    pub(super) fn run<T>(&self, future: impl Future<Output = T>) -> Result<T> {
        let inner = self.inner()?;
        if Handle::try_current().is_ok() {
            return Err(Error::invalid(
                "a blocking call inside an async runtime would block it: use the async client",
            ));
        }
        super::watch::unless_given_up(&inner.runtime, future)
            .ok_or_else(|| Error::new(ErrorKind::Cancelled, "the wait was interrupted"))
    }

    /// Whether the caller is in the process that started this.
    pub(super) fn is_ours(&self) -> bool {
        self.id == std::process::id()
    }

    /// What must not be touched in another process.
    ///
    /// # Errors
    /// `InvalidInput` after a fork.
    pub(super) fn check_ours(&self) -> Result<()> {
        self.inner().map(drop)
    }

    fn inner(&self) -> Result<&Inner> {
        self.inner.as_ref().filter(|_| self.is_ours()).ok_or_else(|| {
            Error::invalid("it was opened before a fork: open it anew in the child process")
        })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.is_ours() {
            // Dropped in a child, it would take the parent's sockets out of its epoll.
            std::mem::forget(self.inner.take());
        }
    }
}
