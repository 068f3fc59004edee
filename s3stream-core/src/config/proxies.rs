//! Proxies: of the setting, or of the environment by the same rules.
//!
//! The variables are read as curl and Go read them: `http_proxy` or `https_proxy` by the
//! endpoint's scheme, else `all_proxy`; `no_proxy` names hosts (and what is below them),
//! addresses, networks, or `*`.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Surroundings;
use crate::credentials::Secret;
use crate::error::{Error, Result};
use crate::proto::encode;
use crate::proto::endpoint::{Origin, Scheme, split_port, without_userinfo};

/// What the setting says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Proxy {
    /// None, whatever the environment says.
    None,
    /// This one, for every request.
    Url(ProxyUrl),
}

/// A proxy that speaks HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProxyUrl {
    pub(crate) origin: Origin,
    /// The value of `Proxy-Authorization`.
    pub(crate) authorization: Option<Secret>,
}

/// Which proxy each host is reached through.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proxies {
    /// An error where the environment names one that cannot be used: it is only one for hosts
    /// that would need it.
    proxy: Option<Result<ProxyUrl, String>>,
    except: Exceptions,
}

/// `no_proxy`.
#[derive(Clone, Debug, Default)]
struct Exceptions(Vec<Exception>);

#[derive(Clone, Debug)]
enum Exception {
    All,
    /// A host and all below it, and its port where one is named.
    Host(String, Option<u16>),
    /// An address, and how many of its bits count.
    Network(IpAddr, u8),
}

impl ProxyUrl {
    /// Parses `[http://][user:password@]host[:port]`; the error repeats no password.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let shown = without_userinfo(text);
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let scheme = scheme.to_ascii_lowercase();
        match scheme.as_str() {
            "http" => {}
            "https" => {
                return Err(format!("'{shown}' is a proxy behind TLS, which is not supported"));
            }
            _ if scheme.starts_with("socks") => {
                return Err(format!("'{shown}' is a SOCKS proxy, which is not supported"));
            }
            _ => return Err(format!("'{shown}' is not http://host:port")),
        }
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (userinfo, authority) = match rest.rsplit_once('@') {
            Some((userinfo, authority)) => (Some(userinfo), authority),
            None => (None, rest),
        };
        let wrong = || format!("'{shown}' is not http://host:port");
        let (host, port) = split_port(authority).ok_or_else(wrong)?;
        let authorization = userinfo.map(authorization).transpose().map_err(|()| wrong())?;
        let origin = Origin {
            scheme: Scheme::Http,
            host: host.to_ascii_lowercase(),
            port: port.unwrap_or(80),
        };
        Ok(ProxyUrl { origin, authorization })
    }
}

/// The value of `Proxy-Authorization` (RFC 7617), of what stands before the `@`.
fn authorization(userinfo: &str) -> Result<Secret, ()> {
    let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
    let mut bytes = percent_decoded(user).ok_or(())?;
    bytes.push(b':');
    bytes.extend(percent_decoded(password).ok_or(())?);
    Ok(Secret::new(format!("Basic {}", STANDARD.encode(bytes))))
}

fn percent_decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = match (first, tail) {
            (b'%', [high, low, tail @ ..]) => {
                bytes.push(encode::hex_value(*high)? << 4 | encode::hex_value(*low)?);
                tail
            }
            (b'%', _) => return None,
            (byte, tail) => {
                bytes.push(*byte);
                tail
            }
        };
    }
    Some(bytes)
}

impl Proxies {
    /// The setting's, or the environment's for an endpoint.
    ///
    /// # Errors
    /// `InvalidInput` that names the variable of a proxy that the endpoint would need and that
    /// cannot be used.
    pub(crate) fn choose(
        setting: Option<Proxy>,
        endpoint: &Origin,
        surroundings: &Surroundings<'_>,
    ) -> Result<Self> {
        match setting {
            Some(Proxy::None) => return Ok(Proxies::default()),
            Some(Proxy::Url(url)) => {
                return Ok(Proxies { proxy: Some(Ok(url)), except: Exceptions::default() });
            }
            None => {}
        }
        let names: &[&'static str] = match endpoint.scheme {
            Scheme::Https => &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
            // A CGI program's HTTP_PROXY is what its client sent in a header `Proxy`.
            Scheme::Http if surroundings.variable("REQUEST_METHOD")?.is_some() => {
                &["http_proxy", "all_proxy", "ALL_PROXY"]
            }
            Scheme::Http => &["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"],
        };
        let Some((name, url)) = surroundings.first(names)? else { return Ok(Proxies::default()) };
        let except = surroundings.first(&["no_proxy", "NO_PROXY"])?;
        let proxies = Proxies {
            proxy: Some(ProxyUrl::parse(&url).map_err(|why| {
                format!("{name}: {why}; unset it, name the endpoint in no_proxy, or set proxy")
            })),
            except: Exceptions::parse(&except.map(|(_, text)| text).unwrap_or_default()),
        };
        proxies.to(endpoint).map_err(Error::invalid)?;
        Ok(proxies)
    }

    /// The proxy on the way to a server, if there is one.
    pub(crate) fn to(&self, origin: &Origin) -> Result<Option<&ProxyUrl>, String> {
        match &self.proxy {
            Some(proxy) if !self.except.hold(origin) => {
                proxy.as_ref().map(Some).map_err(String::clone)
            }
            _ => Ok(None),
        }
    }
}

impl Exceptions {
    fn parse(text: &str) -> Self {
        let entries = text.split([',', ' ', '\t']).map(str::trim);
        Exceptions(entries.filter_map(Exception::parse).collect())
    }

    fn hold(&self, origin: &Origin) -> bool {
        let host = origin.host.strip_suffix('.').unwrap_or(&origin.host);
        let address = host.parse::<IpAddr>().ok();
        self.0.iter().any(|exception| match exception {
            Exception::All => true,
            Exception::Network(network, bits) => {
                address.is_some_and(|address| is_within(address, *network, *bits))
            }
            Exception::Host(name, port) => {
                let rest = host.strip_suffix(name.as_str());
                let is_host = rest.is_some_and(|rest| {
                    rest.is_empty() || (rest.ends_with('.') && address.is_none())
                });
                is_host && port.is_none_or(|port| port == origin.port)
            }
        })
    }
}

impl Exception {
    /// One entry; `None` for what names no host.
    fn parse(entry: &str) -> Option<Self> {
        if entry == "*" {
            return Some(Exception::All);
        }
        if let Some((network, bits)) = entry.split_once('/') {
            let network: IpAddr = network.trim_matches(['[', ']']).parse().ok()?;
            let bits = bits.parse().ok().filter(|bits| *bits <= width(network))?;
            return Some(Exception::Network(network, bits));
        }
        if let Ok(address) = entry.trim_matches(['[', ']']).parse::<IpAddr>() {
            return Some(Exception::Network(address, width(address)));
        }
        let (host, port) = split_port(entry.trim_start_matches("*."))?;
        let host = host.trim_matches('.').to_ascii_lowercase();
        (!host.is_empty()).then_some(Exception::Host(host, port))
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn is_within(address: IpAddr, network: IpAddr, bits: u8) -> bool {
    let number = |address: IpAddr| match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
        IpAddr::V6(address) => address.to_bits(),
    };
    let ignored = 128 - u32::from(bits);
    address.is_ipv4() == network.is_ipv4()
        && (number(address) ^ number(network)).checked_shr(ignored).unwrap_or(0) == 0
}

#[cfg(test)]
#[path = "proxies_tests.rs"]
mod tests;
