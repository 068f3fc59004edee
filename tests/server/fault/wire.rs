//! One connection, plain or TLS, and the ways in which it can end.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use socket2::SockRef;

/// A socket that the server keeps a hold on, so that it can wake a thread that
/// reads from it or writes to it.
pub(crate) struct Socket(pub(crate) Arc<TcpStream>);

impl Read for Socket {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        (&*self.0).read(buf)
    }
}

impl Write for Socket {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        (&*self.0).write(buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        (&*self.0).flush()
    }
}

/// Whether a FIN under TLS is announced as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Farewell {
    /// `close_notify` first.
    Proper,
    /// Nothing first: a truncated TLS stream.
    Truncated,
}

/// A connection as the server sees it.
pub(crate) enum Wire {
    Plain(Socket),
    Tls(Box<StreamOwned<ServerConnection, Socket>>, Farewell),
}

impl Wire {
    /// Does the TLS handshake on a new connection.
    ///
    /// # Errors
    ///
    /// When the client does not like what it is shown, among others.
    pub(crate) fn tls(
        socket: Socket,
        config: Arc<ServerConfig>,
        farewell: Farewell,
    ) -> io::Result<Self> {
        let connection = ServerConnection::new(config).map_err(io::Error::other)?;
        let mut stream = StreamOwned::new(connection, socket);
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        Ok(Self::Tls(Box::new(stream), farewell))
    }

    /// Sends all of `data`.
    pub(crate) fn send(&mut self, data: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.write_all(data),
            Self::Tls(stream, _) => {
                stream.write_all(data)?;
                stream.flush()
            }
        }
    }

    /// Ends the sending side with a FIN, then reads until the client closes.
    ///
    /// Without the reading the kernel would send a RST for any byte that was
    /// not read, and the test would be about another fault.
    pub(crate) fn close_fin(&mut self) -> io::Result<()> {
        if let Self::Tls(stream, Farewell::Proper) = self {
            stream.conn.send_close_notify();
            stream.flush()?;
        }
        self.socket().shutdown(Shutdown::Write)?;
        self.read_until_closed();
        Ok(())
    }

    /// Makes the coming drop of the socket a RST; data that the client's kernel
    /// did not take yet is lost.
    pub(crate) fn close_rst(&mut self) -> io::Result<()> {
        SockRef::from(self.socket()).set_linger(Some(Duration::ZERO))
    }

    /// Throws away what comes until the client closes or the server stops.
    pub(crate) fn read_until_closed(&mut self) {
        let mut socket = self.socket();
        let mut sink = [0; 8192];
        loop {
            match socket.read(&mut sink) {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    }

    fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(socket) => &socket.0,
            Self::Tls(stream, _) => &stream.sock.0,
        }
    }
}

impl Read for Wire {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(buf),
            Self::Tls(stream, _) => stream.read(buf),
        }
    }
}
