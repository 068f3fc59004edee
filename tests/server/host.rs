//! What every server here stands on: a port, a few threads, TLS if asked for, HTTP/1.1.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::HttpService;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

use crate::tls::tls;

/// Where a server is to listen, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) address: IpAddr,
    /// 0 for a free one.
    pub(crate) port: u16,
    pub(crate) is_tls: bool,
}

impl Default for Place {
    fn default() -> Self {
        Place { address: Ipv4Addr::LOCALHOST.into(), port: 0, is_tls: false }
    }
}

/// A running host; dropping it closes the port and all connections.
pub(crate) struct Host {
    address: SocketAddr,
    ca_pem: Option<String>,
    /// `None` only while it is dropped.
    runtime: Option<Runtime>,
}

impl Host {
    /// Listens, and serves each connection by what `service` makes for it.
    ///
    /// # Errors
    /// If the port is taken or threads or certificates cannot be made.
    pub(crate) fn start<S: Service>(
        name: &str,
        place: Place,
        service: impl Fn() -> S + Send + 'static,
    ) -> io::Result<Self> {
        let tls = place.is_tls.then(tls).transpose()?;
        let (acceptor, ca_pem) = tls.map(|tls| (tls.acceptor, tls.ca_pem)).unzip();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name(name)
            .enable_all()
            .build()?;
        let address = SocketAddr::from((place.address, place.port));
        let listener = runtime.block_on(TcpListener::bind(address))?;
        let address = listener.local_addr()?;
        runtime.spawn(accept(listener, acceptor, service));
        Ok(Host { address, ca_pem, runtime: Some(runtime) })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://ADDRESS:PORT`, or `https://localhost:PORT` with TLS.
    pub(crate) fn endpoint_url(&self) -> String {
        match self.ca_pem {
            Some(_) => format!("https://localhost:{}", self.address.port()),
            None => format!("http://{}", self.address),
        }
    }

    pub(crate) fn ca_pem(&self) -> Option<&str> {
        self.ca_pem.as_deref()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let runtime = self.runtime.take();
        // A runtime waits for its threads, which is not allowed inside of another.
        let ended = std::thread::spawn(move || drop(runtime)).join();
        debug_assert!(ended.is_ok(), "a server's thread panicked");
    }
}

/// What answers the requests of one connection.
pub(crate) trait Service: Send + 'static {
    /// Serves them to its end; how it ends is the client's business.
    fn serve(
        self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send,
    ) -> impl Future<Output = ()> + Send;
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

impl<S, B> Service for S
where
    S: HttpService<Incoming, ResBody = B, Future: Send, Error: Into<Failure>> + Send + 'static,
    B: Body<Data: Send, Error: Into<Failure>> + Send + 'static,
{
    async fn serve(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send) {
        // The client left in the middle of something: nobody to tell.
        let _served = http1::Builder::new().serve_connection(TokioIo::new(stream), self).await;
    }
}

async fn accept<S: Service>(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    service: impl Fn() -> S + Send + 'static,
) {
    loop {
        // An error is of the connection that was to be, not of the listener.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        tokio::spawn(greet(stream, acceptor.clone(), service()));
    }
}

async fn greet(stream: TcpStream, acceptor: Option<TlsAcceptor>, service: impl Service) {
    // Without it, each small reply would wait for the client's delayed ACK.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    match acceptor {
        None => service.serve(stream).await,
        Some(acceptor) => {
            if let Ok(stream) = acceptor.accept(stream).await {
                service.serve(stream).await;
            }
        }
    }
}
