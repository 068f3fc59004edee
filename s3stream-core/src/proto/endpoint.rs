//! Where a server is: URLs, taken apart and put together.

use std::fmt;
use std::net::IpAddr;

/// `http` or `https`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scheme {
    Http,
    Https,
}

/// A server: scheme, host and port; connections are kept per origin.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    pub(crate) scheme: Scheme,
    /// In lower case; an IPv6 address without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Origin {
    /// The host as a URL and a `Host` header have it: brackets around IPv6, no default port.
    pub(crate) fn authority(&self) -> String {
        let host =
            if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == self.scheme.default_port() { host } else { format!("{host}:{}", self.port) }
    }
}

impl Scheme {
    fn default_port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }
}

/// The endpoint of an S3 service: an origin, and a path before the bucket for some gateways.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) origin: Origin,
    /// Empty, or a path without a slash at its end.
    base_path: String,
}

impl Endpoint {
    /// Parses `http(s)://host[:port][/path]`; the error says what is wrong with it.
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        let wrong = |why: &str| format!("'{}' {why}", without_userinfo(url));
        let (scheme, rest) = match url.split_once("://") {
            Some((s, rest)) if s.eq_ignore_ascii_case("http") => (Scheme::Http, rest),
            Some((s, rest)) if s.eq_ignore_ascii_case("https") => (Scheme::Https, rest),
            _ => return Err(wrong("does not start with http:// or https://")),
        };
        let (authority, path) = match rest.find('/') {
            Some(at) => rest.split_at(at),
            None => (rest, ""),
        };
        if authority.contains('@') {
            return Err(wrong("must not hold a user name or password"));
        }
        if rest.contains(['?', '#']) || rest.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(wrong("must be a host and at most a path, nothing behind"));
        }
        let (host, port) = split_port(authority).ok_or_else(|| wrong("has no valid host:port"))?;
        let origin = Origin {
            scheme,
            host: host.to_ascii_lowercase(),
            port: port.unwrap_or(scheme.default_port()),
        };
        Ok(Endpoint { origin, base_path: path.trim_end_matches('/').to_owned() })
    }

    /// The endpoint at the root of a server.
    pub(crate) fn of(origin: Origin) -> Self {
        Endpoint { origin, base_path: String::new() }
    }

    /// The path before the bucket: empty, or without a slash at its end.
    pub(crate) fn base_path(&self) -> &str {
        &self.base_path
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.origin.scheme == Scheme::Https
    }

    pub(crate) fn is_address(&self) -> bool {
        self.origin.host.parse::<IpAddr>().is_ok()
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Origin { scheme, .. } = self.origin;
        write!(f, "{}://{}{}", scheme.name(), self.origin.authority(), self.base_path)
    }
}

/// Where one call goes: the origin, and the path exactly as it is signed and sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Located {
    pub(crate) origin: Origin,
    pub(crate) path: String,
}

/// A host and its port, if it has one; brackets around IPv6 are taken off.
pub(crate) fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (host, rest) = rest.split_once(']')?;
        host.parse::<std::net::Ipv6Addr>().ok()?;
        (host, rest.strip_prefix(':').map(Some).or(rest.is_empty().then_some(None))?)
    } else {
        match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        }
    };
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':');
    if host.is_empty() || !host.bytes().all(plain) {
        return None;
    }
    match port {
        None => Some((host, None)),
        Some(port) => port.parse().ok().filter(|p| *p != 0).map(|p| (host, Some(p))),
    }
}

/// A URL for a message: a password that somebody wrote into it is not repeated, nor what
/// stands behind a question mark, which may be a signature.
pub(crate) fn without_userinfo(url: &str) -> String {
    let shown = match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => {
            format!("{}://***{}", &url[..scheme], &url[at..])
        }
        (None, Some(at)) => format!("***{}", &url[at..]),
        _ => url.to_owned(),
    };
    shown.split('?').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(url: &str) -> Endpoint {
        Endpoint::parse(url).unwrap()
    }

    #[test]
    fn endpoints_parse_and_print_again() {
        for (url, shown) in [
            ("http://127.0.0.1:7480", "http://127.0.0.1:7480"),
            ("HTTPS://Host/", "https://host"),
            ("https://host:443/base/", "https://host/base"),
            ("http://[::1]:9000", "http://[::1]:9000"),
        ] {
            assert_eq!(endpoint(url).to_string(), shown);
        }
    }

    #[test]
    fn a_bad_endpoint_is_refused_and_its_password_not_repeated() {
        for url in [
            "host",
            "ftp://host",
            "http://",
            "http://h:0",
            "http://h:x",
            "http://h?q",
            "http://[::1",
            "http://a b",
        ] {
            assert!(Endpoint::parse(url).is_err(), "{url}");
        }
        let error = Endpoint::parse("http://user:hunter2@host").unwrap_err();
        assert!(!error.contains("hunter2"), "{error}");
    }
}
