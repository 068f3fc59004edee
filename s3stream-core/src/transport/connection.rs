//! One HTTP/1.1 connection, driven by whoever waits for it.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::Body as _;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, Parts};
use hyper_util::rt::TokioIo;
use tokio::runtime::Handle;

use super::dial::innermost;
use super::outgoing::Outgoing;
use super::pool::Pool;
use super::raw::{self, Home, RawBody};
use super::socket::Stream;
use super::traffic::Traffic;
use super::{Body, Broken, Cause, WireReply, WireRequest};
use crate::credentials::Secret;
use crate::proto::endpoint::Origin;
use crate::proto::headers::Headers;
use crate::proto::request::Verb;

/// Bytes per read of the socket: reads beyond the L2 cache cost three times the CPU.
pub(crate) const READ_BUFFER: usize = 64 * 1024;

/// What the head of a reply may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    /// What nearly every head has room in.
    Usual,
    /// S3 has 2 KiB of metadata; RadosGW and Swift take a hundred times as much.
    Large,
}

impl Room {
    fn bytes(self) -> usize {
        match self {
            Room::Usual => READ_BUFFER,
            Room::Large => 512 * 1024,
        }
    }

    fn fields(self) -> usize {
        match self {
            Room::Usual => 256,
            Room::Large => 4_096,
        }
    }
}

type Driver = Pin<Box<http1::Connection<TokioIo<Stream>, Outgoing>>>;

/// How a request names its target.
#[derive(Clone, Debug)]
pub(super) enum Form {
    /// `GET /path`
    Origin,
    /// `GET http://host/path`, to a proxy.
    Absolute { authorization: Option<Secret> },
}

/// A connection that no body is using.
pub(super) struct Connection {
    origin: Origin,
    form: Form,
    sender: http1::SendRequest<Outgoing>,
    /// `None` once the connection has ended.
    driver: Option<Driver>,
    traffic: Arc<Traffic>,
    is_reused: bool,
    /// Whether it serves no other request.
    is_used_up: bool,
    room: Room,
}

impl Connection {
    pub(super) async fn start(
        stream: Stream,
        origin: Origin,
        form: Form,
        room: Room,
    ) -> Result<Self, Broken> {
        let traffic = stream.traffic();
        let (sender, driver) = http1::Builder::new()
            .read_buf_exact_size(Some(room.bytes()))
            .max_headers(room.fields())
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| Broken::new(Cause::Lost, innermost(&error)))?;
        let driver = Some(Box::pin(driver));
        Ok(Connection {
            origin,
            form,
            sender,
            driver,
            traffic,
            is_reused: false,
            is_used_up: false,
            room,
        })
    }

    /// A stream that has carried replies before, and stands behind the last.
    pub(super) async fn resume(stream: Stream, origin: Origin, form: Form) -> Result<Self, Broken> {
        let mut connection = Connection::start(stream, origin, form, Room::Usual).await?;
        connection.is_reused = true;
        Ok(connection)
    }

    pub(super) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Whether the peer has kept it open, as far as the socket tells now.
    pub(super) async fn is_open(&mut self) -> bool {
        poll_fn(|cx| {
            self.drive(cx);
            Poll::Ready(self.driver.is_some() && self.sender.is_ready())
        })
        .await
    }

    /// Sends a request and waits for the head of its reply.
    pub(super) async fn send(
        mut self,
        request: &WireRequest,
        user_agent: &str,
        pool: &Arc<Pool>,
    ) -> Result<WireReply, Broken> {
        let (received, sent) = (self.traffic.received(), self.traffic.sent());
        let progress = |traffic: &Traffic| traffic.sent() - sent;
        self.traffic.upload(request.payload.length() > 0);
        let begun = Instant::now();
        let mut reply = Box::pin(self.sender.send_request(self.to_hyper(request, user_agent)?));
        let reply = poll_fn(|cx| {
            if let Poll::Ready(reply) = reply.as_mut().poll(cx) {
                return Poll::Ready(reply);
            }
            self.drive(cx);
            request.sent.store(progress(&self.traffic), Ordering::Relaxed);
            reply.as_mut().poll(cx)
        })
        .await;
        self.traffic.upload(false);
        let reply = reply.map_err(|error| self.no_reply(&error, received))?;
        let is_whole = progress(&self.traffic) > request.payload.length();
        if reply.status().is_success() && !is_whole {
            let why = "the server said that it has all of the body before it could have it";
            return Err(Broken::new(Cause::Lost, why));
        }
        // Behind a refusal that came early the rest of the body would have to be sent.
        self.is_used_up |= !is_whole || self.traffic.is_deaf();
        self.reply(reply, request.verb, pool, begun.elapsed())
    }

    fn to_hyper(
        &self,
        request: &WireRequest,
        user_agent: &str,
    ) -> Result<http::Request<Outgoing>, Broken> {
        let mut authorization = None;
        let uri = match &self.form {
            Form::Origin => request.target.clone(),
            Form::Absolute { authorization: value } => {
                authorization.clone_from(value);
                format!("http://{}{}", request.origin.authority(), request.target)
            }
        };
        let mut builder = http::Request::builder().method(request.verb.name()).uri(uri);
        for (name, value) in request.headers.iter_bytes() {
            builder = builder.header(name, value);
        }
        builder = builder.header("user-agent", user_agent);
        if let Some(value) = authorization {
            builder = builder.header("proxy-authorization", value.expose());
        }
        let built = builder
            .body(Outgoing::new(&request.payload))
            .map_err(|error| Broken::new(Cause::Path, format!("it cannot be sent: {error}")))?;
        // What is signed must be what is sent, or another object might be read.
        let target = built.uri().path_and_query().map(http::uri::PathAndQuery::as_str);
        if target != Some(request.target.as_str()) {
            return Err(Broken::new(Cause::Path, "its path cannot be sent as it was signed"));
        }
        Ok(built)
    }

    fn reply(
        mut self,
        reply: http::Response<Incoming>,
        verb: Verb,
        pool: &Arc<Pool>,
        latency: Duration,
    ) -> Result<WireReply, Broken> {
        let (head, mut incoming) = reply.into_parts();
        let status = head.status.as_u16();
        let mut headers = Headers::new();
        for (name, value) in &head.headers {
            headers.push_bytes(name.as_str(), value.as_bytes());
        }
        if let Some(length) = incoming.size_hint().exact().filter(|length| *length >= raw::LONG)
            && verb == Verb::Get
            && let Some(driver) = self.driver.take()
        {
            let is_kept = is_kept_alive(&head) && self.room == Room::Usual;
            // What hyper has parsed already comes first, what it has only read behind that.
            let (mut begun, broke_off) = take_begun(&mut incoming);
            let Parts { io, read_buf, .. } = Pin::into_inner(driver).into_parts();
            begun.push_back(read_buf);
            let home = Home {
                pool: Arc::clone(pool),
                origin: self.origin,
                form: self.form,
                is_kept,
                runtime: Handle::try_current().ok(),
            };
            let stream = if broke_off { None } else { Some(io.into_inner()) };
            let body = RawBody::new(stream, begun, length, home);
            return Ok(WireReply { latency, status, headers, body: Box::new(body) });
        }
        self.is_reused = true;
        let mut body = ConnectionBody { incoming, connection: Some(self), pool: Arc::clone(pool) };
        if verb == Verb::Head || body.incoming.is_end_stream() {
            body.give_back();
        }
        Ok(WireReply { latency, status, headers, body: Box::new(body) })
    }

    fn no_reply(&self, error: &hyper::Error, before: u64) -> Broken {
        let is_silent = self.traffic.received() == before;
        let cause = if error.is_parse_too_large() && self.room == Room::Usual {
            Cause::LongHead
        } else if error.is_parse() {
            Cause::NotHttp
        } else if self.is_reused && is_silent {
            Cause::Stale
        } else {
            Cause::Lost
        };
        let what = match cause {
            Cause::NotHttp => "the reply is not HTTP",
            Cause::LongHead => "the head of the reply is long",
            _ => "the connection ended before a reply",
        };
        Broken::new(cause, format!("{what}: {}", innermost(error)))
    }

    /// Lets the connection do what it can without waiting.
    fn drive(&mut self, cx: &mut Context<'_>) {
        if let Some(driver) = &mut self.driver
            && driver.as_mut().poll(cx).is_ready()
        {
            // How it ended reaches whoever waits for a reply or a body.
            self.driver = None;
        }
    }
}

/// The beginning of a body as far as it is there, and whether it broke off behind that.
fn take_begun(incoming: &mut Incoming) -> (VecDeque<Bytes>, bool) {
    let mut begun = VecDeque::new();
    let mut cx = Context::from_waker(Waker::noop());
    while let Poll::Ready(Some(frame)) = Pin::new(&mut *incoming).poll_frame(&mut cx) {
        match frame.map(hyper::body::Frame::into_data) {
            Ok(Ok(piece)) => begun.push_back(piece),
            Ok(Err(_)) => {}
            Err(_) => return (begun, true),
        }
    }
    (begun, false)
}

/// Whether the connection serves another request (RFC 9112, 9.3).
fn is_kept_alive(head: &http::response::Parts) -> bool {
    let closes = |value: &http::HeaderValue| {
        let options = value.as_bytes().split(|byte| *byte == b',');
        options.into_iter().any(|option| option.trim_ascii().eq_ignore_ascii_case(b"close"))
    };
    head.version == http::Version::HTTP_11
        && !head.headers.get_all(http::header::CONNECTION).iter().any(closes)
}

/// A body and the connection that it comes from.
struct ConnectionBody {
    incoming: Incoming,
    connection: Option<Connection>,
    pool: Arc<Pool>,
}

impl ConnectionBody {
    fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.incoming).poll_frame(cx);
        match &mut self.connection {
            Some(connection) if polled.is_pending() => {
                connection.drive(cx);
                Pin::new(&mut self.incoming).poll_frame(cx)
            }
            _ => polled,
        }
    }

    fn give_back(&mut self) {
        if let Some(connection) = self.connection.take()
            && connection.driver.is_some()
            // Its buffer would stay as large.
            && connection.room == Room::Usual
            && !connection.is_used_up
        {
            self.pool.put(connection);
        }
    }
}

impl Body for ConnectionBody {
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Broken>>> {
        loop {
            let frame = match self.poll_frame(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(frame) => frame,
            };
            match frame {
                None => {
                    self.give_back();
                    return Poll::Ready(None);
                }
                Some(Err(error)) => {
                    self.connection = None;
                    let message = format!("the body broke off: {}", innermost(&error));
                    return Poll::Ready(Some(Err(Broken::new(Cause::Lost, message))));
                }
                // Trailers say nothing that a read relies upon.
                Some(Ok(frame)) => {
                    if let Ok(piece) = frame.into_data() {
                        if self.incoming.is_end_stream() {
                            self.give_back();
                        }
                        return Poll::Ready(Some(Ok(piece)));
                    }
                }
            }
        }
    }
}
