//! A service beside a container or pod that hands out its keys.
//!
//! It is never asked through a proxy, and without TLS only where nobody else can be: on this
//! machine, and at the addresses that ECS and EKS use.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Method, Url};
use zeroize::Zeroizing;

use super::http::{Call, Reach, sensitive};
use super::{Document, Fetching, Http, Provider, failed};
use crate::config::way::{Container, Token};
use crate::credentials::Credentials;
use crate::error::{Error, ErrorKind, Result};
use crate::time::Timestamp;

const TIMES: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(5));
const ECS: IpAddr = IpAddr::V4(Ipv4Addr::new(169, 254, 170, 2));
const EKS: IpAddr = IpAddr::V4(Ipv4Addr::new(169, 254, 170, 23));
const EKS_IPV6: IpAddr = IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23));

impl Provider for Container {
    fn fetch<'a>(&'a self, http: &'a Http, _: Timestamp) -> Fetching<'a> {
        Box::pin(async move { self.ask(http).await })
    }
}

impl Container {
    async fn ask(&self, http: &Http) -> Result<Credentials> {
        let addresses = self.addresses().await?;
        let mut headers = HeaderMap::new();
        if let Some(token) = self.token()? {
            let wrong = || self.failed(ErrorKind::InvalidInput, "its token cannot be sent");
            headers.insert("authorization", sensitive(&token).ok_or_else(wrong)?);
        }
        let call = Call {
            method: Method::GET,
            url: &self.url,
            headers,
            body: String::new(),
            reach: Reach::Directly(&addresses),
            times: TIMES,
        };
        let answered = http.send(call).await.map_err(|it| self.failed(it.kind, &it.why))?;
        if answered.status != 200 {
            let kind = match answered.status {
                401 | 403 => ErrorKind::AccessDenied,
                500.. => ErrorKind::Service,
                _ => ErrorKind::Protocol,
            };
            return Err(self.failed(kind, &format!("it answers {}", answered.status)));
        }
        let document = Document::parse(&answered.body);
        let keys = document.and_then(Document::into_keys);
        keys.map_err(|why| self.failed(ErrorKind::Protocol, why))
    }

    /// What is to be connected to: every address that its name has, each of them allowed.
    async fn addresses(&self) -> Result<Vec<SocketAddr>> {
        let wrong = |why: &str| self.failed(ErrorKind::InvalidInput, why);
        let url: Url = self.url.parse().map_err(|_| wrong("its address is no URL"))?;
        match url.scheme() {
            "https" => return Ok(Vec::new()),
            "http" => {}
            _ => return Err(wrong("its address is neither http nor https")),
        }
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let port = url.port_or_known_default().unwrap_or(80);
        let addresses: Vec<SocketAddr> = match host.parse::<IpAddr>() {
            Ok(address) => vec![SocketAddr::new(address, port)],
            Err(_) => {
                let found = tokio::net::lookup_host((host.as_str(), port)).await;
                found.map_err(|_| wrong("the name of its host is not known"))?.collect()
            }
        };
        if addresses.is_empty() || !addresses.iter().all(|it| is_beside(it.ip())) {
            return Err(wrong(
                "over http only this machine, 169.254.170.2, 169.254.170.23 and fd00:ec2::23 are \
                 asked",
            ));
        }
        Ok(addresses)
    }

    /// What goes into `Authorization`; a file is read anew each time.
    fn token(&self) -> Result<Option<Zeroizing<String>>> {
        let text = match &self.token {
            None => return Ok(None),
            Some(Token::Text(text)) => Zeroizing::new(text.expose().to_owned()),
            Some(Token::File(path)) => {
                let read = std::fs::read_to_string(path).map_err(|error| {
                    let why = format!("cannot read {}: {error}", path.display());
                    self.failed(ErrorKind::InvalidInput, &why)
                })?;
                Zeroizing::new(read)
            }
        };
        if text.contains(['\r', '\n']) {
            let why = "its token has a line break in it";
            return Err(self.failed(ErrorKind::InvalidInput, why));
        }
        Ok(Some(text))
    }

    fn failed(&self, kind: ErrorKind, why: &str) -> Error {
        let way = format!("the container's service at {}", self.url);
        let advice = "check AWS_CONTAINER_CREDENTIALS_FULL_URI, _RELATIVE_URI and \
                      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
        failed(kind, &way, why, advice)
    }
}

/// Whether an address is of this machine, or of a service that only it has.
fn is_beside(address: IpAddr) -> bool {
    address.is_loopback() || [ECS, EKS, EKS_IPV6].contains(&address)
}
