//! Making a connection to an origin: name, proxy, TCP, TLS, within `connect_timeout`.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Uri};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tower_service::Service;

use super::addresses::ByName;
use super::connection::{Connection, Form, Room};
use super::socket::{Socket, Stream};
use super::{Broken, Cause, tls};
use crate::config::{Config, Proxies, ProxyUrl};
use crate::credentials::Secret;
use crate::error::Result;
use crate::proto::endpoint::{Origin, Scheme};

/// Makes connections.
pub(super) struct Dialer {
    tcp: ByName,
    /// `None` where nothing is encrypted: a machine without root certificates can do that.
    tls: Option<Arc<ClientConfig>>,
    proxies: Proxies,
    timeout: Duration,
}

impl Dialer {
    pub(super) fn new(config: &Config) -> Result<Self> {
        Ok(Dialer {
            tcp: ByName::new(),
            tls: tls::client_config(config)?,
            proxies: config.proxies.clone(),
            timeout: config.connect_timeout,
        })
    }

    /// Connects; the connection is ready for a request.
    pub(super) async fn dial(&self, origin: &Origin, room: Room) -> Result<Connection, Broken> {
        match tokio::time::timeout(self.timeout, self.connect(origin, room)).await {
            Ok(connected) => connected,
            Err(_) => Err(Broken::new(
                Cause::ConnectTimeout,
                format!("no connection to {} within {:?}", origin.authority(), self.timeout),
            )),
        }
    }

    async fn connect(&self, origin: &Origin, room: Room) -> Result<Connection, Broken> {
        let proxy = self.proxies.to(origin).map_err(|why| Broken::new(Cause::Proxy, why))?;
        let tcp = match (proxy, origin.scheme) {
            (None, _) => self.tcp(origin).await.map_err(|why| Broken::new(Cause::Connect, why))?,
            (Some(proxy), Scheme::Http) => {
                let broken = |why| Broken::new(Cause::Proxy, format!("{why} (the proxy)"));
                self.tcp(&proxy.origin).await.map_err(broken)?
            }
            (Some(proxy), Scheme::Https) => self.tunnel(proxy, origin).await?,
        };
        let stream = match (&self.tls, origin.scheme) {
            (_, Scheme::Http) => Stream::plain(Socket::new(tcp)),
            (Some(tls), Scheme::Https) => encrypt(tls, tcp, origin).await?,
            (None, Scheme::Https) => unreachable!("no place of a plain endpoint is encrypted"),
        };
        let form = match (proxy, origin.scheme) {
            (Some(proxy), Scheme::Http) => {
                Form::Absolute { authorization: proxy.authorization.clone() }
            }
            _ => Form::Origin,
        };
        Connection::start(stream, origin.clone(), form, room).await
    }

    async fn tcp(&self, origin: &Origin) -> Result<TcpStream, String> {
        let failed = |error: &(dyn StdError + 'static)| {
            format!("cannot connect to {}: {}", origin.authority(), innermost(error))
        };
        let uri = uri(origin).map_err(|broken| broken.message)?;
        match self.tcp.clone().call(uri).await {
            Ok(io) => Ok(io.into_inner()),
            Err(error) => Err(failed(&*error)),
        }
    }

    async fn tunnel(&self, proxy: &ProxyUrl, origin: &Origin) -> Result<TcpStream, Broken> {
        let mut tunnel = Tunnel::new(uri(&proxy.origin)?, self.tcp.clone());
        let authorization = proxy.authorization.as_ref().map(Secret::expose);
        if let Some(Ok(value)) = authorization.map(HeaderValue::from_str) {
            tunnel = tunnel.with_auth(value);
        }
        let io = tunnel.call(uri(origin)?).await.map_err(|error| {
            let proxy = proxy.origin.authority();
            let why = innermost(&error);
            Broken::new(
                Cause::Proxy,
                format!(
                    "cannot connect to {} through the proxy {proxy}: {why}",
                    origin.authority()
                ),
            )
        })?;
        Ok(io.into_inner())
    }
}

async fn encrypt(
    tls: &Arc<ClientConfig>,
    tcp: TcpStream,
    origin: &Origin,
) -> Result<Stream, Broken> {
    let name = ServerName::try_from(origin.host.clone()).map_err(|_| no_name())?;
    match TlsConnector::from(Arc::clone(tls)).connect(name, Socket::new(tcp)).await {
        Ok(stream) => Ok(Stream::tls(stream)),
        Err(error) => Err(no_handshake(origin, &error)),
    }
}

fn uri(origin: &Origin) -> Result<Uri, Broken> {
    let url = format!("{}://{}/", origin.scheme.name(), origin.authority());
    url.parse().map_err(|_| no_name())
}

fn no_name() -> Broken {
    Broken::new(Cause::Connect, "the endpoint's host is not a valid name")
}

fn no_handshake(origin: &Origin, error: &std::io::Error) -> Broken {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let (cause, why) = match tls {
        Some(error) => tls::failure(error),
        None => (Cause::Lost, None),
    };
    let why = why.map_or_else(|| innermost(error), str::to_owned);
    Broken::new(cause, format!("no TLS connection to {}: {why}", origin.authority()))
}

/// The cause at the bottom, which is the one that says something ("Connection refused").
pub(super) fn innermost(error: &(dyn StdError + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
