//! A TCP stream that counts what it receives and keeps small replies fast.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio_rustls::client::TlsStream;

/// Bytes of a reply during which acknowledgements go out at once; a longer one streams
/// by itself, and should not pay for a system call a read.
const QUICK: u64 = 32 * 1024;

/// A TCP stream under a connection.
pub(super) struct Socket {
    stream: TcpStream,
    received: Arc<AtomicU64>,
    /// What is left of [`QUICK`] since the last request went out.
    quick: u64,
}

impl Socket {
    pub(super) fn new(stream: TcpStream) -> Self {
        Socket { stream, received: Arc::default(), quick: 0 }
    }

    /// The same socket, woken by another runtime from now on.
    fn move_into(self, runtime: &Handle) -> io::Result<Self> {
        let stream = self.stream.into_std()?;
        let _context = runtime.enter();
        Ok(Socket { stream: TcpStream::from_std(stream)?, ..self })
    }

    /// The counter of bytes received so far.
    pub(super) fn received(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.received)
    }

    /// RadosGW writes head and body in two pieces with Nagle's algorithm on: the second
    /// waits for our acknowledgement, which Linux delays by 40 ms unless told otherwise,
    /// anew for every receive.
    fn acknowledge_at_once(&self) {
        #[cfg(target_os = "linux")]
        if self.quick > 0 {
            // It is only an optimisation: a kernel that refuses leaves us as slow as others.
            let _ = self.stream.set_quickack(true);
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.acknowledge_at_once();
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        let received = (buf.filled().len() - before) as u64;
        self.received.fetch_add(received, Ordering::Relaxed);
        self.quick = self.quick.saturating_sub(received);
        polled
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.quick = QUICK;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A stream to an origin: plain, or TLS over it.
pub(super) enum Stream {
    Plain(Socket),
    Tls(Box<TlsStream<Socket>>),
}

impl Stream {
    pub(super) fn received(&self) -> Arc<AtomicU64> {
        match self {
            Stream::Plain(socket) => socket.received(),
            Stream::Tls(tls) => tls.get_ref().0.received(),
        }
    }

    /// The same stream in another runtime; `None` if it got lost, as a socket may at any time.
    /// TLS stays where it is, and goes on there.
    pub(super) fn move_into(self, runtime: &Handle) -> Option<Self> {
        match self {
            Stream::Plain(socket) => socket.move_into(runtime).ok().map(Stream::Plain),
            Stream::Tls(_) => Some(self),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(socket) => Pin::new(socket).poll_read(cx, buf),
            Stream::Tls(tls) => Pin::new(tls).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Plain(socket) => Pin::new(socket).poll_write(cx, buf),
            Stream::Tls(tls) => Pin::new(tls).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(socket) => Pin::new(socket).poll_flush(cx),
            Stream::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(socket) => Pin::new(socket).poll_shutdown(cx),
            Stream::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}
