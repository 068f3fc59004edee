//! Idle connections, kept per origin and dropped by age when they are next looked at.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::connection::{Connection, Form};
use super::socket::Stream;
use crate::proto::endpoint::Origin;
use crate::sync::{Mutex, lock};

/// More idle connections than this to one origin are of no use to anybody.
const MOST_IDLE: usize = 64;

/// The idle connections of one client. Nothing watches them: whoever comes next does.
pub(super) struct Pool {
    idle: Mutex<HashMap<Origin, Vec<Idle>>>,
    idle_timeout: Duration,
}

struct Idle {
    kept: Kept,
    since: Instant,
}

enum Kept {
    Connection(Connection),
    /// Behind the end of a body that was read straight from it.
    Stream(Stream, Form),
}

impl Pool {
    pub(super) fn new(idle_timeout: Duration) -> Self {
        Pool { idle: Mutex::default(), idle_timeout }
    }

    /// A pool of the same habits without a connection.
    pub(super) fn emptied(&self) -> Self {
        Pool::new(self.idle_timeout)
    }

    /// The idle connection that was used last, if one is young enough and still open.
    pub(super) async fn take(&self, origin: &Origin) -> Option<Connection> {
        while let Some(kept) = self.pop(origin) {
            let mut connection = match kept {
                Kept::Connection(connection) => connection,
                Kept::Stream(stream, form) => {
                    Connection::resume(stream, origin.clone(), form).await.ok()?
                }
            };
            if connection.is_open().await {
                return Some(connection);
            }
        }
        None
    }

    pub(super) fn put(&self, connection: Connection) {
        let origin = connection.origin().clone();
        self.keep(origin, Kept::Connection(connection));
    }

    pub(super) fn put_stream(&self, stream: Stream, origin: Origin, form: Form) {
        self.keep(origin, Kept::Stream(stream, form));
    }

    fn keep(&self, origin: Origin, kept: Kept) {
        let mut idle = lock(&self.idle);
        let connections = idle.entry(origin).or_default();
        connections.retain(|idle| idle.since.elapsed() < self.idle_timeout);
        if connections.len() < MOST_IDLE {
            connections.push(Idle { kept, since: Instant::now() });
        }
    }

    pub(super) fn forget(&self, origin: &Origin) {
        lock(&self.idle).remove(origin);
    }

    fn pop(&self, origin: &Origin) -> Option<Kept> {
        let mut idle = lock(&self.idle);
        let connections = idle.get_mut(origin)?;
        connections.retain(|idle| idle.since.elapsed() < self.idle_timeout);
        connections.pop().map(|idle| idle.kept)
    }
}
