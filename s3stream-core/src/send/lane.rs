//! Where read-ahead runs: a runtime, and the session whose connections live there.

use std::sync::Arc;

use tokio::runtime::Handle;

use super::Session;
use crate::error::{Error, Result};

/// A runtime to start tasks in, and the client's session there.
#[derive(Clone)]
pub(crate) struct Lane {
    runtime: Handle,
    session: Arc<Session>,
}

impl Lane {
    /// In a runtime whose thread goes on while the consumer is away.
    pub(crate) fn new(runtime: Handle, session: Arc<Session>) -> Self {
        Lane { runtime, session }
    }

    /// In the caller's own runtime.
    ///
    /// # Errors
    /// `InvalidInput` outside of a Tokio runtime.
    pub(crate) fn here(session: &Arc<Session>) -> Result<Self> {
        let runtime = Handle::try_current().map_err(|_| {
            Error::invalid("reading ahead needs a Tokio runtime: call it from within one")
        })?;
        Ok(Lane { runtime, session: Arc::clone(session) })
    }

    pub(crate) fn session(&self) -> &Arc<Session> {
        &self.session
    }

    /// Starts a task; it ends by itself, or with the runtime.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        drop(self.runtime.spawn(task));
    }
}
