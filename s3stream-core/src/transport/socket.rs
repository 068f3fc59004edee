//! A stream that counts what it delivers and keeps small replies fast.

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
    /// What is left of [`QUICK`] since the last request went out.
    quick: u64,
}

impl Socket {
    pub(super) fn new(stream: TcpStream) -> Self {
        Socket { stream, quick: 0 }
    }

    /// The same socket, woken by another runtime from now on.
    fn move_into(self, runtime: &Handle) -> io::Result<Self> {
        let stream = self.stream.into_std()?;
        let _context = runtime.enter();
        Ok(Socket { stream: TcpStream::from_std(stream)?, ..self })
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
        self.quick = self.quick.saturating_sub((buf.filled().len() - before) as u64);
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
pub(super) struct Stream {
    form: Form,
    /// Bytes delivered. What TLS sends for itself, a farewell above all, is no byte of a reply.
    received: Arc<AtomicU64>,
}

enum Form {
    Plain(Socket),
    Tls(Box<TlsStream<Socket>>),
}

impl Stream {
    pub(super) fn plain(socket: Socket) -> Self {
        Stream { form: Form::Plain(socket), received: Arc::default() }
    }

    pub(super) fn tls(stream: TlsStream<Socket>) -> Self {
        Stream { form: Form::Tls(Box::new(stream)), received: Arc::default() }
    }

    /// The counter of bytes received so far.
    pub(super) fn received(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.received)
    }

    /// The same stream in another runtime; `None` if it got lost, as a socket may at any time.
    /// TLS stays where it is, and goes on there.
    pub(super) fn move_into(self, runtime: &Handle) -> Option<Self> {
        let form = match self.form {
            Form::Plain(socket) => Form::Plain(socket.move_into(runtime).ok()?),
            tls @ Form::Tls(_) => tls,
        };
        Some(Stream { form, ..self })
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = match &mut self.form {
            Form::Plain(socket) => Pin::new(socket).poll_read(cx, buf),
            Form::Tls(tls) => Pin::new(tls).poll_read(cx, buf),
        };
        self.received.fetch_add((buf.filled().len() - before) as u64, Ordering::Relaxed);
        polled
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.form {
            Form::Plain(socket) => Pin::new(socket).poll_write(cx, buf),
            Form::Tls(tls) => Pin::new(tls).poll_write(cx, buf),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.form {
            Form::Plain(socket) => Pin::new(socket).poll_flush(cx),
            Form::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.form {
            Form::Plain(socket) => Pin::new(socket).poll_shutdown(cx),
            Form::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}
