//! Making a connection to an origin: name, proxy, TCP, TLS, within `connect_timeout`.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tower_service::Service;

use super::connection::{Connection, Form};
use super::socket::{Socket, Stream};
use super::{Broken, Cause, tls, unusable};
use crate::config::{Config, Proxy};
use crate::error::Result;
use crate::proto::endpoint::{Origin, Scheme};

/// Makes connections.
pub(super) struct Dialer {
    tcp: HttpConnector,
    tls: Arc<ClientConfig>,
    proxies: Matcher,
    timeout: Duration,
}

impl Dialer {
    pub(super) fn new(config: &Config) -> Result<Self> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        // An agent that pauses for hours wants to know that its server has gone.
        tcp.set_keepalive(Some(Duration::from_secs(60)));
        let proxies = match &config.proxy {
            Proxy::Environment => Matcher::from_env(),
            Proxy::None => Matcher::builder().build(),
            Proxy::Url(url) => {
                let shown = crate::proto::endpoint::without_userinfo(url);
                let is_http = url.starts_with("http://");
                if !is_http || url.parse::<Uri>().is_err() {
                    return Err(unusable("proxy", format!("'{shown}' is not http://host:port")));
                }
                Matcher::builder().all(url.clone()).build()
            }
        };
        let tls = tls::client_config(config)?;
        Ok(Dialer { tcp, tls, proxies, timeout: config.connect_timeout })
    }

    /// Connects; the connection is ready for a request.
    pub(super) async fn dial(&self, origin: &Origin) -> Result<Connection, Broken> {
        match tokio::time::timeout(self.timeout, self.connect(origin)).await {
            Ok(connected) => connected,
            Err(_) => Err(Broken::new(
                Cause::ConnectTimeout,
                format!("no connection to {} within {:?}", origin.authority(), self.timeout),
            )),
        }
    }

    async fn connect(&self, origin: &Origin) -> Result<Connection, Broken> {
        let uri: Uri = format!("{}://{}/", origin.scheme.name(), origin.authority())
            .parse()
            .map_err(|_| Broken::new(Cause::Connect, "the endpoint's host is not a valid name"))?;
        let proxy = self.proxies.intercept(&uri);
        let tcp = match (&proxy, origin.scheme) {
            (None, _) => self.tcp(uri, origin).await?,
            (Some(proxy), Scheme::Http) => self.tcp(proxy.uri().clone(), origin).await?,
            (Some(proxy), Scheme::Https) => self.tunnel(proxy, uri, origin).await?,
        };
        let stream = match origin.scheme {
            Scheme::Http => Stream::Plain(Socket::new(tcp)),
            Scheme::Https => self.encrypt(tcp, origin).await?,
        };
        let form = match (proxy, origin.scheme) {
            (Some(proxy), Scheme::Http) => Form::Absolute {
                authorization: proxy
                    .basic_auth()
                    .and_then(|value| Some(value.to_str().ok()?.to_owned())),
            },
            _ => Form::Origin,
        };
        Connection::start(stream, origin.clone(), form).await
    }

    async fn tcp(&self, uri: Uri, origin: &Origin) -> Result<TcpStream, Broken> {
        let mut connector = self.tcp.clone();
        let io = connector.call(uri).await.map_err(|error| cannot_connect(origin, &error))?;
        Ok(io.into_inner())
    }

    async fn tunnel(
        &self,
        proxy: &Intercept,
        uri: Uri,
        origin: &Origin,
    ) -> Result<TcpStream, Broken> {
        let mut tunnel = Tunnel::new(proxy.uri().clone(), self.tcp.clone());
        if let Some(authorization) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(authorization.clone());
        }
        let io = tunnel.call(uri).await.map_err(|error| {
            let broken = cannot_connect(origin, &error);
            Broken { message: format!("{} (through the proxy)", broken.message), ..broken }
        })?;
        Ok(io.into_inner())
    }

    async fn encrypt(&self, tcp: TcpStream, origin: &Origin) -> Result<Stream, Broken> {
        let name = ServerName::try_from(origin.host.clone())
            .map_err(|_| Broken::new(Cause::Connect, "the endpoint's host is not a valid name"))?;
        let connector = TlsConnector::from(Arc::clone(&self.tls));
        match connector.connect(name, Socket::new(tcp)).await {
            Ok(stream) => Ok(Stream::Tls(Box::new(stream))),
            Err(error) => Err(no_handshake(origin, &error)),
        }
    }
}

fn cannot_connect(origin: &Origin, error: &(dyn StdError + 'static)) -> Broken {
    Broken::new(
        Cause::Connect,
        format!("cannot connect to {}: {}", origin.authority(), innermost(error)),
    )
}

fn no_handshake(origin: &Origin, error: &std::io::Error) -> Broken {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let cause = match tls {
        Some(rustls::Error::InvalidCertificate(_)) => Cause::Certificate,
        Some(_) => Cause::NotHttp,
        None => Cause::Lost,
    };
    Broken::new(cause, format!("no TLS connection to {}: {}", origin.authority(), innermost(error)))
}

/// The cause at the bottom, which is the one that says something ("Connection refused").
pub(super) fn innermost(error: &(dyn StdError + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
