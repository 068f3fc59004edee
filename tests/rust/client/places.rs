//! Where requests go, and where no reply can send them: seen by the proxy through which all
//! of them pass.

use std::io::Read as _;

use s3stream_core::blocking::Client;
use s3stream_core::{ErrorKind, ListOptions, OpenOptions};
use s3stream_tests::fault::{Action, FaultServer, ReceivedRequest};

const OBJECT: &str = "HTTP/1.1 200 OK\r\nETag: \"5d41402abc4b2a76b9719d911017c592\"\r\n\
    Content-Length: 5\r\nLast-Modified: Fri, 24 May 2013 00:00:00 GMT\r\n\r\nhello";

/// A proxy that answers by what it is asked for, and a client of an endpoint behind it.
fn behind(
    endpoint: &str,
    answer: impl Fn(&str) -> String + Send + 'static,
) -> (FaultServer, Client) {
    let script =
        move |request: &ReceivedRequest| vec![Action::Send(answer(&request.target).into_bytes())];
    let proxy = FaultServer::with_script(Box::new(script)).unwrap();
    let client = s3stream_core::Client::builder()
        .endpoint_url(endpoint)
        .region("us-east-1")
        .credentials("AKID", "secret")
        .session_token("token")
        .max_attempts(2)
        .proxy(&proxy.endpoint_url())
        .build_blocking()
        .unwrap();
    (proxy, client)
}

fn reply(status: &str, fields: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{fields}Content-Length: {}\r\n\r\n{body}", body.len())
}

/// The URLs that were asked for, in order.
fn seen(proxy: &FaultServer) -> Vec<String> {
    proxy.requests().into_iter().map(|request| request.target).collect()
}

fn read(client: &Client, bucket: &str) -> Result<String, s3stream_core::Error> {
    let mut text = String::new();
    client.open(bucket, "k", OpenOptions::new())?.read_to_string(&mut text).unwrap();
    Ok(text)
}

#[test]
fn no_reply_sends_a_signature_off_a_written_endpoint() {
    for (host, by_path) in [
        ("my-ceph.us-east-1.elb.amazonaws.com", true),
        ("s3-fips.dualstack.us-east-1.amazonaws.com", false),
        ("bucket.vpce-1a2b-3c.s3.us-east-1.vpce.amazonaws.com", true),
        ("s3.example.test", true),
    ] {
        let own = if by_path {
            format!("http://{host}/photos/k")
        } else {
            format!("http://photos.{host}/k")
        };
        for elsewhere in [
            "anybody-1.us-east-1.elb.amazonaws.com",
            "photos.s3.eu-west-1.amazonaws.com",
            "evil.example",
        ] {
            let (proxy, client) = behind(&format!("http://{host}"), move |_| {
                let location = format!("Location: http://{elsewhere}/photos/k\r\n");
                let body = format!(
                    "<Error><Code>TemporaryRedirect</Code><Endpoint>{elsewhere}</Endpoint></Error>"
                );
                reply("307 Temporary Redirect", &location, &body)
            });
            let error = read(&client, "photos").unwrap_err();
            assert_eq!((error.kind(), error.status()), (ErrorKind::Service, Some(307)));
            assert!(error.to_string().contains(elsewhere), "where it leads: {error}");
            assert_eq!(seen(&proxy), std::slice::from_ref(&own));
        }
        let (proxy, client) = behind(&format!("http://{host}"), |_| {
            let body = "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region>\
                        </Error>";
            reply("400 Bad Request", "", body)
        });
        read(&client, "photos").unwrap_err();
        assert_eq!(seen(&proxy), [own.clone(), own], "signed anew, at the same place");
        let last = proxy.requests().pop().unwrap();
        assert!(last.header("authorization").unwrap().contains("/eu-west-1/s3/"));
    }
}

#[test]
fn a_redirect_to_the_buckets_own_host_reads_the_same_object() {
    let (proxy, client) = behind("http://s3.example.test", |target| match target {
        "http://s3.example.test/photos/k" => {
            reply("307 Temporary Redirect", "Location: http://photos.s3.example.test/k\r\n", "")
        }
        _ => OBJECT.to_owned(),
    });
    assert_eq!(read(&client, "photos").unwrap(), "hello");
    assert_eq!(read(&client, "photos").unwrap(), "hello");
    let there = "http://photos.s3.example.test/k";
    assert_eq!(seen(&proxy), ["http://s3.example.test/photos/k", there, there]);
}

#[test]
fn a_bucket_named_like_the_endpoint_is_addressed_all_the_same() {
    for (host, bucket, expected) in [
        (
            "bucket.vpce-1a2b-3c.s3.us-east-1.vpce.amazonaws.com",
            "bucket",
            "http://bucket.vpce-1a2b-3c.s3.us-east-1.vpce.amazonaws.com/bucket/k",
        ),
        (
            "s3-fips.us-east-1.amazonaws.com",
            "s3-fips",
            "http://s3-fips.s3-fips.us-east-1.amazonaws.com/k",
        ),
        ("s3.us-east-1.amazonaws.com", "MyPhotos", "http://s3.us-east-1.amazonaws.com/MyPhotos/k"),
        (
            "s3.us-east-1.amazonaws.com",
            "my_photos",
            "http://s3.us-east-1.amazonaws.com/my_photos/k",
        ),
        ("s3.us-east-1.amazonaws.com", "photos", "http://photos.s3.us-east-1.amazonaws.com/k"),
    ] {
        let (proxy, client) = behind(&format!("http://{host}"), |_| OBJECT.to_owned());
        assert_eq!(read(&client, bucket).unwrap(), "hello");
        assert_eq!(seen(&proxy), [expected]);
    }
}

#[test]
fn a_server_that_forbids_the_path_gets_the_bucket_before_its_host() {
    for code in ["SecondLevelDomainForbidden", "PathStyleDomainForbidden", "InvalidPathAccess"] {
        let (proxy, client) = behind("http://oss.example.test", move |target| {
            if target.starts_with("http://photos.oss.example.test/") {
                return OBJECT.to_owned();
            }
            reply("403 Forbidden", "", &format!("<Error><Code>{code}</Code></Error>"))
        });
        assert_eq!(read(&client, "photos").unwrap(), "hello");
        assert_eq!(seen(&proxy).len(), 2);
        let error = read(&client, "My_Photos").unwrap_err().to_string();
        assert!(error.contains("set addressing_style=virtual"), "{error}");
    }
}

#[test]
fn what_the_endpoint_should_have_been_is_said() {
    let (_proxy, client) = behind("http://s3.example.test", |_| {
        reply("301 Moved Permanently", "Location: https://s3.example.test/photos/k?sig=x\r\n", "")
    });
    let error = read(&client, "photos").unwrap_err().to_string();
    assert!(error.contains("set endpoint_url to https://") && !error.contains("sig="), "{error}");

    let missing = "<Error><Code>NoSuchKey</Code><Message>The key does not exist.</Message></Error>";
    for endpoint in ["http://s3.example.test/photos", "http://photos.s3.example.test"] {
        let (_proxy, client) = behind(endpoint, |_| reply("404 Not Found", "", missing));
        let listed = client.list("photos", ListOptions::new()).next().unwrap();
        let error = listed.unwrap_err().to_string();
        assert!(error.contains("endpoint_url seems to name 'photos' already"), "{error}");
    }
}

#[test]
fn what_no_bucket_of_the_service_can_be_is_refused_before_anything_is_sent() {
    let (proxy, client) = behind("http://s3.us-east-1.amazonaws.com", |_| OBJECT.to_owned());
    for bucket in [
        "bucket!",
        "tenant:photos",
        "photos--use1-az4--x-s3",
        "arn:aws:s3-object-lambda:us-west-2:123456789012:accesspoint/x",
        "arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-1/accesspoint/x",
        "arn:aws:s3:us-west-2:123456789012:accesspoint/x",
    ] {
        let opened = read(&client, bucket).unwrap_err();
        let listed = client.list(bucket, ListOptions::new()).next().unwrap().unwrap_err();
        for error in [opened, listed] {
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{error}");
            assert!(!error.to_string().contains('\n'));
        }
    }
    assert_eq!(seen(&proxy), [""; 0]);
}
