//! The HTTP client of the providers: few requests, small answers, no connection kept.
//!
//! A client is made for each fetch. A kept connection would stall where nobody drives the runtime
//! that it was made in; and where a host must resolve to certain addresses, the client is pinned
//! to those that were looked at.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Method, Url, redirect};
use rustls::ClientConfig;

use crate::config::{Proxies, ProxyUrl};
use crate::error::ErrorKind;
use crate::proto::endpoint::{Origin, Scheme};

/// No answer with keys is longer.
const LONGEST: usize = 256 * 1024;

/// What all providers of a client share.
pub(crate) struct Http {
    /// An error where there are no roots to trust: only `https` needs them.
    tls: Result<Arc<ClientConfig>, String>,
    proxies: Proxies,
    user_agent: String,
}

/// How a host is reached.
#[derive(Clone, Copy)]
pub(super) enum Reach<'a> {
    /// Through the proxy that the settings or the environment name for it.
    AsConfigured,
    /// Directly, at these addresses if any are given: it is on this machine, or beside it.
    Directly(&'a [SocketAddr]),
}

/// One call.
pub(super) struct Call<'a> {
    pub(super) method: Method,
    pub(super) url: &'a str,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
    pub(super) reach: Reach<'a>,
    /// For a connection, and for all of it.
    pub(super) times: (Duration, Duration),
}

/// What was answered; its body may hold secrets.
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) body: zeroize::Zeroizing<Vec<u8>>,
}

/// Why nothing was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unanswered {
    pub(super) kind: ErrorKind,
    pub(super) why: String,
}

impl Http {
    pub(crate) fn new(
        tls: Result<Arc<ClientConfig>, String>,
        proxies: Proxies,
        user_agent: String,
    ) -> Self {
        Http { tls, proxies, user_agent }
    }

    /// Sends one request, follows no redirect: keys and tokens go nowhere else.
    pub(super) async fn send(&self, call: Call<'_>) -> Result<Answered, Unanswered> {
        let url: Url = call.url.parse().map_err(|_| refused("its address is no URL"))?;
        let client = self.client(&url, &call)?;
        let request = client.request(call.method, url).headers(call.headers).body(call.body);
        let mut response = request.send().await.map_err(|error| unanswered(&error))?;
        let status = response.status().as_u16();
        let mut body = zeroize::Zeroizing::new(Vec::new());
        while let Some(piece) = response.chunk().await.map_err(|error| unanswered(&error))? {
            if body.len() + piece.len() > LONGEST {
                return Err(Unanswered {
                    kind: ErrorKind::Protocol,
                    why: "its answer does not end".to_owned(),
                });
            }
            body.extend_from_slice(&piece);
        }
        Ok(Answered { status, body })
    }

    fn client(&self, url: &Url, call: &Call<'_>) -> Result<reqwest::Client, Unanswered> {
        let (connect, whole) = call.times;
        let mut builder = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .connect_timeout(connect)
            .timeout(whole)
            .user_agent(&self.user_agent)
            .no_proxy();
        builder = builder.tls_backend_preconfigured(match &self.tls {
            Ok(tls) => ClientConfig::clone(tls),
            Err(why) if url.scheme() == "https" => return Err(refused(why)),
            // No certificate is looked at over http, but a configuration is wanted.
            Err(_) => without_roots()?,
        });
        match call.reach {
            Reach::Directly(addresses) => {
                if let (Some(host), false) = (url.host_str(), addresses.is_empty()) {
                    builder = builder.resolve_to_addrs(host, addresses);
                }
            }
            Reach::AsConfigured => {
                if let Some(proxy) = self.proxy(url)? {
                    builder = builder.proxy(proxy);
                }
            }
        }
        builder.build().map_err(|_| refused("an HTTP client cannot be made"))
    }

    fn proxy(&self, url: &Url) -> Result<Option<reqwest::Proxy>, Unanswered> {
        let scheme = if url.scheme() == "https" { Scheme::Https } else { Scheme::Http };
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let port = url.port_or_known_default().unwrap_or(80);
        let origin = Origin { scheme, host, port };
        let Some(ProxyUrl { origin, authorization }) =
            self.proxies.to(&origin).map_err(|why| refused(&why))?
        else {
            return Ok(None);
        };
        let address = format!("http://{}", origin.authority());
        let proxy = reqwest::Proxy::all(address).map_err(|_| refused("its proxy is no URL"))?;
        let Some(authorization) = authorization else { return Ok(Some(proxy)) };
        let mut value = reqwest::header::HeaderValue::from_str(authorization.expose())
            .map_err(|_| refused("the proxy's password cannot be sent"))?;
        value.set_sensitive(true);
        Ok(Some(proxy.custom_http_auth(value)))
    }
}

fn without_roots() -> Result<ClientConfig, Unanswered> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| refused("there is no TLS"))?;
    Ok(builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
}

fn refused(why: &str) -> Unanswered {
    Unanswered { kind: ErrorKind::InvalidInput, why: why.to_owned() }
}

/// In words; the library's would repeat the URL, and what is in it.
fn unanswered(error: &reqwest::Error) -> Unanswered {
    let (kind, why) = if error.is_timeout() {
        (ErrorKind::TimedOut, "it does not answer in time")
    } else if error.is_connect() {
        (ErrorKind::Connection, "it cannot be reached")
    } else {
        (ErrorKind::Connection, "its answer broke off, or is not HTTP")
    };
    Unanswered { kind, why: why.to_owned() }
}

/// The value of a header, marked so that no log shows it.
pub(super) fn sensitive(text: &str) -> Option<reqwest::header::HeaderValue> {
    let mut value = reqwest::header::HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}
