//! The seam to the network: requests and replies as plain values, and one trait.
//!
//! Only this module and those below it name an HTTP library. Today that is hyper, driven
//! by hand: a connection is polled inside the call that reads from it, so nothing runs
//! while nobody reads, and dropping a body closes its socket there and then.

mod addresses;
mod connection;
mod dial;
mod outgoing;
mod pool;
mod raw;
mod socket;
mod tls;
mod traffic;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;

use crate::config::Config;
use crate::error::{Error, Result};
use crate::proto::endpoint::Origin;
use crate::proto::headers::Headers;
use crate::proto::payload::Payload;
use crate::proto::request::Verb;

pub(crate) use self::connection::READ_BUFFER;
use self::connection::Room;
use self::dial::Dialer;
use self::pool::Pool;

/// The TLS configuration of a client for whatever else it has to ask.
///
/// # Errors
/// `InvalidInput` where there is nobody to trust.
#[cfg(feature = "credentials")]
pub(crate) fn tls_config(config: &Config) -> Result<Arc<rustls::ClientConfig>> {
    tls::any_client_config(config)
}

/// A request as it goes over the wire: addressed, signed, complete.
#[derive(Clone, Debug)]
pub(crate) struct WireRequest {
    pub(crate) verb: Verb,
    pub(crate) origin: Origin,
    /// Path and query, exactly as signed.
    pub(crate) target: String,
    pub(crate) headers: Headers,
    pub(crate) payload: Payload,
    /// How much of its head and body the socket has taken so far, for whoever waits.
    pub(crate) sent: Arc<AtomicU64>,
}

/// A reply whose body is still on the wire.
pub(crate) struct WireReply {
    /// From the request, on a connection that was there, to the head of its reply.
    pub(crate) latency: Duration,
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: Box<dyn Body>,
}

/// A body in progress; dropping it before its end closes the connection.
pub(crate) trait Body: Send {
    /// The next piece; `None` at the end that the framing promised.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Broken>>>;

    /// Reads straight into `buffer`, one byte at least, where that can be done without a copy
    /// in between; `None` where the next bytes come as a piece, or none come any more.
    fn poll_into(
        &mut self,
        _cx: &mut Context<'_>,
        _buffer: &mut [u8],
    ) -> Option<Poll<Result<usize, Broken>>> {
        None
    }

    /// Moves the connection into the runtime in which this is called, until the body has been
    /// read; where that cannot be done it goes on where it is.
    fn move_here(&mut self) {}
}

/// The body of a reply that has none.
pub(crate) struct NoBody;

impl Body for NoBody {
    fn poll_piece(&mut self, _cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Broken>>> {
        Poll::Ready(None)
    }
}

/// Sends requests. Dropping the future abandons the request.
pub(crate) trait Transport: Send + Sync {
    fn send(&self, request: WireRequest) -> Sending<'_>;
}

pub(crate) type Sending<'a> = Pin<Box<dyn Future<Output = Result<WireReply, Broken>> + Send + 'a>>;

/// Why there is no reply, or no more of it.
#[derive(Clone, Debug)]
pub(crate) struct Broken {
    pub(crate) cause: Cause,
    pub(crate) message: String,
}

/// The sort of a transport failure, for the retry table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// No connection could be made.
    Connect,
    /// The peer's certificate is not trusted, or not its own.
    Certificate,
    /// No connection to or through the proxy could be made.
    Proxy,
    /// Server and client have nothing in common by which to speak TLS.
    Handshake,
    /// No connection within `connect_timeout`.
    ConnectTimeout,
    /// A pooled connection ended before any byte of a reply.
    Stale,
    /// The connection ended or broke.
    Lost,
    /// No byte came within `stall_timeout`.
    Stalled,
    /// The head of a reply is longer than usual: asked for again where there is room for it.
    LongHead,
    /// What came is not HTTP.
    NotHttp,
    /// The HTTP library would send another path than was signed.
    Path,
}

impl Broken {
    pub(crate) fn new(cause: Cause, message: impl Into<String>) -> Self {
        Broken { cause, message: message.into() }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// The transport over hyper: a dialer and a pool of idle connections.
pub(crate) struct HyperTransport {
    dialer: Arc<Dialer>,
    pool: Arc<Pool>,
    user_agent: String,
}

impl HyperTransport {
    pub(crate) fn new(config: &Config) -> Result<Self> {
        let dialer = Arc::new(Dialer::new(config)?);
        let pool = Arc::new(Pool::new(config.idle_timeout));
        Ok(HyperTransport { dialer, pool, user_agent: config.user_agent.clone() })
    }

    /// The same transport with connections of its own.
    pub(crate) fn twin(&self) -> Self {
        HyperTransport {
            dialer: Arc::clone(&self.dialer),
            pool: Arc::new(self.pool.emptied()),
            user_agent: self.user_agent.clone(),
        }
    }

    async fn exchange(&self, request: WireRequest) -> Result<WireReply, Broken> {
        let connection = match self.pool.take(&request.origin).await {
            Some(connection) => connection,
            None => self.dialer.dial(&request.origin, Room::Usual).await?,
        };
        match connection.send(&request, &self.user_agent, &self.pool).await {
            Err(Broken { cause: Cause::LongHead, .. }) => {
                let connection = self.dialer.dial(&request.origin, Room::Large).await?;
                connection.send(&request, &self.user_agent, &self.pool).await
            }
            Err(broken) if broken.cause == Cause::Stale => {
                // Its neighbours are as old as it was.
                self.pool.forget(&request.origin);
                Err(broken)
            }
            reply => reply,
        }
    }
}

impl Transport for HyperTransport {
    fn send(&self, request: WireRequest) -> Sending<'_> {
        Box::pin(self.exchange(request))
    }
}

/// Why one of the settings that only the transport reads cannot work.
fn unusable(setting: &str, why: impl fmt::Display) -> Error {
    Error::invalid(format!("{setting}: {why}"))
}
