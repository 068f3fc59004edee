//! Where a server is, and how a bucket is addressed there.

use std::fmt;
use std::net::IpAddr;

/// `http` or `https`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scheme {
    Http,
    Https,
}

/// How a bucket is named in a request: in the path, or in the host name.
///
/// See "Virtual hosting of general purpose buckets" in the Amazon S3 user guide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AddressingStyle {
    /// Virtual-hosted for AWS itself, path for every other endpoint and for buckets with a dot.
    #[default]
    Auto,
    /// `https://host/bucket/key`.
    Path,
    /// `https://bucket.host/key`.
    Virtual,
}

impl std::str::FromStr for AddressingStyle {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(AddressingStyle::Auto),
            "path" => Ok(AddressingStyle::Path),
            "virtual" => Ok(AddressingStyle::Virtual),
            _ => Err(format!("'{text}' is not one of auto, path, virtual")),
        }
    }
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

    /// The endpoint of AWS itself for a region.
    pub(crate) fn aws(region: &str) -> Self {
        let china = if region.starts_with("cn-") { ".cn" } else { "" };
        let host = format!("s3.{region}.amazonaws.com{china}");
        let origin = Origin { scheme: Scheme::Https, host, port: 443 };
        Endpoint { origin, base_path: String::new() }
    }

    pub(crate) fn is_aws(&self) -> bool {
        let host = &self.origin.host;
        host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn")
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.origin.scheme == Scheme::Https
    }

    pub(crate) fn is_address(&self) -> bool {
        self.origin.host.parse::<IpAddr>().is_ok()
    }

    /// Where a redirect may lead with our signature: to the same service, never beyond.
    ///
    /// `host` is what a reply names, with or without a port. A redirect of a plain
    /// endpoint may only change the host within the endpoint's own domain, and a
    /// redirect of AWS stays within AWS; scheme and path are never taken over.
    pub(crate) fn redirected(&self, host: &str) -> Option<Endpoint> {
        let (host, port) = split_port(host)?;
        let host = host.to_ascii_lowercase();
        let own = &self.origin.host;
        let within = !self.is_address() && host.ends_with(&format!(".{own}"));
        let sibling = self.is_aws()
            && (host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn"));
        if host != *own && !within && !sibling {
            return None;
        }
        let port = port.unwrap_or(self.origin.port);
        // Another port of the same host may be anybody's service.
        (port == self.origin.port).then(|| Endpoint {
            origin: Origin { scheme: self.origin.scheme, host, port },
            base_path: self.base_path.clone(),
        })
    }

    /// The origin and the encoded path of a call on a bucket and key.
    pub(crate) fn locate(
        &self,
        style: AddressingStyle,
        bucket: Option<&str>,
        key: Option<&str>,
    ) -> Located {
        let key_path = key.map(|key| format!("/{}", super::encode::path(key)));
        let Some(bucket) = bucket else {
            return Located { origin: self.origin.clone(), path: format!("{}/", self.base_path) };
        };
        // A redirect may name the bucket's own host already.
        let named = self.origin.host.starts_with(&format!("{bucket}."));
        if self.is_virtual(style, bucket) {
            let mut origin = self.origin.clone();
            if !(named && self.is_aws()) {
                origin.host = format!("{bucket}.{}", origin.host);
            }
            let path = key_path.unwrap_or_else(|| "/".to_owned());
            return Located { origin, path: format!("{}{path}", self.base_path) };
        }
        let bucket = super::encode::path(bucket);
        let path = format!("{}/{bucket}{}", self.base_path, key_path.unwrap_or_default());
        Located { origin: self.origin.clone(), path }
    }

    fn is_virtual(&self, style: AddressingStyle, bucket: &str) -> bool {
        match style {
            AddressingStyle::Path => false,
            AddressingStyle::Virtual => true,
            // A certificate for *.s3.amazonaws.com does not cover a bucket with a dot.
            AddressingStyle::Auto => self.is_aws() && !bucket.contains('.'),
        }
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

fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
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

/// A URL for a message: a password that somebody wrote into it is not repeated.
pub(crate) fn without_userinfo(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme < at => {
            format!("{}://***{}", &url[..scheme], &url[at..])
        }
        (None, Some(at)) => format!("***{}", &url[at..]),
        _ => url.to_owned(),
    }
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

    #[test]
    fn buckets_are_addressed_by_style() {
        let custom = endpoint("http://h:7480/base");
        let aws = Endpoint::aws("eu-west-1");
        let table = [
            (&custom, AddressingStyle::Auto, "b", "h", "/base/b/k%20/../x"),
            (&custom, AddressingStyle::Virtual, "b", "b.h", "/base/k%20/../x"),
            (&aws, AddressingStyle::Auto, "b", "b.s3.eu-west-1.amazonaws.com", "/k%20/../x"),
            (&aws, AddressingStyle::Auto, "b.c", "s3.eu-west-1.amazonaws.com", "/b.c/k%20/../x"),
        ];
        for (endpoint, style, bucket, host, path) in table {
            let located = endpoint.locate(style, Some(bucket), Some("k /../x"));
            assert_eq!((located.origin.host.as_str(), located.path.as_str()), (host, path));
        }
        assert_eq!(custom.locate(AddressingStyle::Auto, Some("b"), None).path, "/base/b");
        assert_eq!(aws.locate(AddressingStyle::Auto, None, None).path, "/");
    }

    #[test]
    fn a_redirect_never_leaves_the_domain() {
        let own = endpoint("https://s3.example.org");
        assert!(own.redirected("b.s3.example.org").is_some());
        for host in
            ["evil.org", "s3.example.org.evil.org", "xs3.example.org", "s3.example.org:8443", ""]
        {
            assert_eq!(own.redirected(host), None, "{host}");
        }
        assert_eq!(endpoint("http://127.0.0.1:80").redirected("x.127.0.0.1"), None);
        let aws = Endpoint::aws("us-east-1");
        assert!(aws.redirected("b.s3-us-west-2.amazonaws.com").is_some());
        assert_eq!(aws.redirected("amazonaws.com.evil.org"), None);
    }
}
