//! A stream that counts what it delivers and keeps small replies fast.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio_rustls::client::TlsStream;

use super::traffic::Traffic;

/// Bytes of a reply during which acknowledgements go out at once; a longer one streams
/// by itself, and should not pay for a system call a read.
const QUICK: u64 = 32 * 1024;

/// A TCP stream under a connection.
pub(super) struct Socket {
    stream: TcpStream,
    /// What is left of [`QUICK`] since the last request went out.
    quick: u64,
    traffic: Arc<Traffic>,
    /// Whether closing it takes back what it has not sent.
    is_abrupt: bool,
}

impl Socket {
    pub(super) fn new(stream: TcpStream) -> Self {
        Socket { stream, quick: 0, traffic: Arc::default(), is_abrupt: false }
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

impl Socket {
    /// A body that is given up must not arrive behind our back, when it has been sent once more
    /// or given up for good: closing the socket before it was answered takes back what the
    /// kernel has not sent yet.
    fn be_abrupt(&mut self, is_abrupt: bool) {
        if is_abrupt == self.is_abrupt {
            return;
        }
        self.is_abrupt = is_abrupt;
        // Where a kernel refuses, a late duplicate is possible as it is with everybody else.
        if is_abrupt {
            let _ = self.stream.set_zero_linger();
        } else {
            #[expect(deprecated, reason = "it is set back to what blocks nobody")]
            let _ = self.stream.set_linger(None);
        }
    }

    /// A peer that takes no more may have said why (RFC 9112, 9.5): what it said is still to be
    /// read, so writing goes on as if it were heard.
    fn write<'a>(
        &mut self,
        length: usize,
        write: impl FnOnce(Pin<&mut TcpStream>) -> Poll<io::Result<usize>> + 'a,
    ) -> Poll<io::Result<usize>> {
        self.quick = QUICK;
        if self.traffic.is_deaf() {
            return Poll::Ready(Ok(length));
        }
        self.be_abrupt(self.traffic.is_upload());
        match ready!(write(Pin::new(&mut self.stream))) {
            Err(error) if has_hung_up(&error) => {
                self.traffic.turn_deaf();
                Poll::Ready(Ok(length))
            }
            written => Poll::Ready(written),
        }
    }
}

fn has_hung_up(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset)
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
        let read = buf.filled().len() - before;
        self.quick = self.quick.saturating_sub(read as u64);
        if read > 0 {
            self.be_abrupt(false);
        }
        polled
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.write(buf.len(), |stream| stream.poll_write(cx, buf))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let length = bufs.iter().map(|buf| buf.len()).sum();
        self.write(length, |stream| stream.poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
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
    traffic: Arc<Traffic>,
}

enum Form {
    Plain(Socket),
    Tls(Box<TlsStream<Socket>>),
}

impl Stream {
    pub(super) fn plain(socket: Socket) -> Self {
        let traffic = Arc::clone(&socket.traffic);
        Stream { form: Form::Plain(socket), traffic }
    }

    pub(super) fn tls(stream: TlsStream<Socket>) -> Self {
        let traffic = Arc::clone(&stream.get_ref().0.traffic);
        Stream { form: Form::Tls(Box::new(stream)), traffic }
    }

    /// The counters of what goes over it.
    pub(super) fn traffic(&self) -> Arc<Traffic> {
        Arc::clone(&self.traffic)
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
        self.traffic.receive(buf.filled().len() - before);
        polled
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(match &mut self.form {
            Form::Plain(socket) => Pin::new(socket).poll_write(cx, buf),
            Form::Tls(tls) => Pin::new(tls).poll_write(cx, buf),
        })?;
        self.traffic.send(written);
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(match &mut self.form {
            Form::Plain(socket) => Pin::new(socket).poll_write_vectored(cx, bufs),
            Form::Tls(tls) => Pin::new(tls).poll_write_vectored(cx, bufs),
        })?;
        self.traffic.send(written);
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        match &self.form {
            Form::Plain(socket) => socket.is_write_vectored(),
            Form::Tls(tls) => tls.is_write_vectored(),
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
