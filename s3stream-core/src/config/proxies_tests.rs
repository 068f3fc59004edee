//! Proxies of setting and environment, held to the same rules.

use super::*;

fn origin(url: &str) -> Origin {
    crate::proto::endpoint::Endpoint::parse(url).unwrap().origin
}

fn chosen(endpoint: &str, environment: &[(&str, &str)]) -> Result<Option<String>> {
    let variable = |name: &str| {
        environment.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned())
    };
    let surroundings = Surroundings { variable: &variable, file: &|_| Ok(None), home: &|| None };
    let endpoint = origin(endpoint);
    let proxies = Proxies::choose(None, &endpoint, &surroundings)?;
    Ok(proxies.to(&endpoint).unwrap().map(|proxy| proxy.origin.authority()))
}

#[test]
fn the_variable_of_the_endpoints_scheme_counts() {
    let all = [
        ("http_proxy", "http://a:1"),
        ("HTTP_PROXY", "http://b:2"),
        ("https_proxy", "http://c:3"),
        ("HTTPS_PROXY", "d:4"),
        ("all_proxy", "http://e:5"),
        ("ALL_PROXY", "http://f:6"),
    ];
    let via = |endpoint, environment: &[_]| chosen(endpoint, environment).unwrap();
    assert_eq!(via("http://h", &all).as_deref(), Some("a:1"));
    assert_eq!(via("http://h", &all[1..]).as_deref(), Some("b:2"));
    assert_eq!(via("https://h", &all).as_deref(), Some("c:3"));
    assert_eq!(via("https://h", &all[3..]).as_deref(), Some("d:4"));
    assert_eq!(via("http://h", &all[2..]).as_deref(), Some("e:5"));
    assert_eq!(via("https://h", &all[5..]).as_deref(), Some("f:6"));
    assert_eq!(via("https://h", &all[..2]), None);
    assert_eq!(via("http://h", &[("http_proxy", " ")]), None);
    // The header `Proxy` of a CGI program's client.
    assert_eq!(via("http://h", &[all[1], ("REQUEST_METHOD", "GET")]), None);
}

#[test]
fn a_proxy_that_would_get_what_it_must_not_is_refused_by_name_and_not_used() {
    for (url, part) in [
        ("https://user:hunter2@proxy:443", "behind TLS"),
        ("HTTPS://user:hunter2@proxy", "behind TLS"),
        ("socks5://user:hunter2@proxy:1080", "SOCKS"),
        ("socks5h://user:hunter2@proxy:1080", "SOCKS"),
        ("socks4://user:hunter2@proxy", "SOCKS"),
        ("ftp://user:hunter2@proxy", "http://host:port"),
        ("http://user:hunter2@", "http://host:port"),
        ("http://user:hunter2@proxy:port", "http://host:port"),
        ("http://user:hunter2@proxy/path", "http://host:port"),
        ("http://user:hunter2%zz@proxy", "http://host:port"),
    ] {
        for name in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
            let error = chosen("https://h", &[(name, url)]).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains(part), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
        let error = ProxyUrl::parse(url).unwrap_err();
        assert!(error.contains(part) && !error.contains("hunter2"), "{error}");
    }
    // It is not on the way of this endpoint.
    let socks = ("https_proxy", "socks5://proxy");
    assert_eq!(chosen("http://h", &[socks]).unwrap(), None);
    assert_eq!(chosen("https://h.example", &[socks, ("no_proxy", "example")]).unwrap(), None);
}

#[test]
fn a_password_of_a_proxy_is_decoded_and_hidden() {
    for (url, authorization) in [
        ("http://proxy", None),
        // "user:pass"
        ("http://user:pass@proxy", Some("Basic dXNlcjpwYXNz")),
        ("user:pass@proxy:3128/", Some("Basic dXNlcjpwYXNz")),
        // "user:p@ss"
        ("http://user:p%40ss@proxy", Some("Basic dXNlcjpwQHNz")),
        ("http://user:p@ss@proxy", Some("Basic dXNlcjpwQHNz")),
        // "user:"
        ("http://user@proxy", Some("Basic dXNlcjo=")),
    ] {
        let parsed = ProxyUrl::parse(url).unwrap();
        assert_eq!(parsed.authorization.as_ref().map(Secret::expose), authorization, "{url}");
        assert_eq!(parsed.origin.host, "proxy");
        assert!(!format!("{parsed:?}").contains("dXNlcj"), "{parsed:?}");
    }
    assert_eq!(ProxyUrl::parse("http://[::1]").unwrap().origin.authority(), "[::1]");
}

#[test]
fn exceptions_are_read_as_curl_and_go_read_them() {
    for (no_proxy, url, is_direct) in [
        ("*", "http://anything", true),
        ("a.example,*", "http://anything", true),
        ("s3.example.org", "http://s3.example.org", true),
        ("S3.Example.Org", "http://s3.example.org", true),
        ("s3.example.org", "http://S3.EXAMPLE.ORG", true),
        ("example.org", "http://s3.example.org", true),
        (".example.org", "http://s3.example.org", true),
        (".example.org", "http://example.org", true),
        ("*.example.org", "http://s3.example.org", true),
        ("example.org.", "http://s3.example.org", true),
        ("example.org", "http://s3.example.org.", true),
        ("ample.org", "http://example.org", false),
        ("s3.example.org", "http://example.org", false),
        ("other, example.org", "http://example.org", true),
        ("other example.org", "http://example.org", true),
        (" example.org ", "http://example.org", true),
        (",,", "http://example.org", false),
        ("example.org:80", "http://example.org", true),
        ("example.org:8080", "http://example.org", false),
        ("example.org:8080", "http://example.org:8080", true),
        ("localhost", "http://localhost:9000", true),
        ("127.0.0.1", "http://127.0.0.1:9000", true),
        ("127.0.0.1", "http://127.0.0.2:9000", false),
        ("127.0.0.0/8", "http://127.1.2.3", true),
        ("10.0.0.0/8", "http://10.255.0.1", true),
        ("10.0.0.0/8", "http://11.0.0.1", false),
        ("10.1.2.3/32", "http://10.1.2.3", true),
        ("10.1.2.3/32", "http://10.1.2.4", false),
        ("0.0.0.0/0", "http://8.8.8.8", true),
        ("0.0.0.0/0", "http://[::1]", false),
        ("0.0.0.0/0", "http://host", false),
        ("10.0.0.0/33", "http://10.0.0.1", false),
        ("0.1", "http://127.0.0.1", false),
        ("::1", "http://[::1]:9000", true),
        ("[::1]", "http://[::1]:9000", true),
        ("fd00::/8", "http://[fd12::1]", true),
        ("fd00::/8", "http://[fe80::1]", false),
    ] {
        let environment = [("http_proxy", "http://proxy:1"), ("no_proxy", no_proxy)];
        let via = chosen(url, &environment).unwrap();
        assert_eq!(via.is_none(), is_direct, "{no_proxy:?} {url}");
        let upper = [("http_proxy", "http://proxy:1"), ("NO_PROXY", no_proxy)];
        assert_eq!(chosen(url, &upper).unwrap(), via);
    }
}
