//! Idle connections, kept per origin and dropped by age when they are next looked at.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::connection::{Connection, Form};
use super::socket::Stream;
use crate::proto::endpoint::Origin;
use crate::sync::{Mutex, lock};

/// More idle connections than this are of no use to anybody, to however many origins: each
/// bucket of a virtual-hosted service is one.
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
        self.drop_aged(&mut idle);
        if idle.values().map(Vec::len).sum::<usize>() >= MOST_IDLE {
            drop_oldest(&mut idle);
        }
        idle.entry(origin).or_default().push(Idle { kept, since: Instant::now() });
    }

    /// Of all origins: one that nobody asks for any more would keep its connections for ever.
    fn drop_aged(&self, idle: &mut HashMap<Origin, Vec<Idle>>) {
        idle.retain(|_, connections| {
            connections.retain(|idle| idle.since.elapsed() < self.idle_timeout);
            !connections.is_empty()
        });
    }

    pub(super) fn forget(&self, origin: &Origin) {
        lock(&self.idle).remove(origin);
    }

    fn pop(&self, origin: &Origin) -> Option<Kept> {
        let mut idle = lock(&self.idle);
        self.drop_aged(&mut idle);
        idle.get_mut(origin)?.pop().map(|idle| idle.kept)
    }
}

fn drop_oldest(idle: &mut HashMap<Origin, Vec<Idle>>) {
    // The first of each origin has waited longest.
    let age = |(origin, connections): (&Origin, &Vec<Idle>)| {
        connections.first().map(|idle| (idle.since, origin.clone()))
    };
    let oldest = idle.iter().filter_map(age).min_by_key(|(since, _)| *since);
    if let Some(connections) = oldest.and_then(|(_, origin)| idle.get_mut(&origin)) {
        connections.remove(0);
    }
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::super::socket::Socket;
    use super::*;
    use crate::proto::endpoint::Scheme;

    fn origin(number: usize) -> Origin {
        Origin { scheme: Scheme::Http, host: format!("bucket-{number}.h"), port: 80 }
    }

    /// Keeps one connection for each of so many origins.
    fn fill(pool: &Pool, count: usize) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let _context = runtime.enter();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        for number in 0..count {
            let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            stream.set_nonblocking(true).unwrap();
            let stream = tokio::net::TcpStream::from_std(stream).unwrap();
            pool.put_stream(Stream::plain(Socket::new(stream)), origin(number), Form::Origin);
        }
    }

    fn count(pool: &Pool) -> usize {
        lock(&pool.idle).values().map(Vec::len).sum()
    }

    #[test]
    fn connections_of_all_origins_together_are_bounded_and_the_oldest_goes() {
        let pool = Pool::new(Duration::from_secs(3_600));
        fill(&pool, MOST_IDLE + 10);
        assert_eq!(count(&pool), MOST_IDLE);
        assert!(pool.pop(&origin(0)).is_none(), "it was the oldest");
        assert!(pool.pop(&origin(MOST_IDLE + 9)).is_some());
    }

    #[test]
    fn whoever_comes_next_drops_what_has_aged_of_every_origin() {
        let pool = Pool::new(Duration::ZERO);
        fill(&pool, 5);
        assert_eq!(count(&pool), 1, "the last that came");
        assert!(pool.pop(&origin(100)).is_none());
        assert_eq!(count(&pool), 0);
    }
}
