use super::*;

/// Names and values of a head.
type Fields<'a> = &'a [(&'a str, &'a str)];

fn head(fields: Fields<'_>) -> ObjectHead {
    object_head("k", &fields.iter().copied().collect()).unwrap()
}

fn refusal(status: u16, code: &str, fields: Fields<'_>) -> Refusal {
    let body = format!("<Error><Code>{code}</Code></Error>");
    let body = if code.is_empty() { "" } else { &body };
    Refusal::read(status, &fields.iter().copied().collect(), body.as_bytes())
}

#[test]
fn content_ranges_parse_or_are_refused() {
    let range = |first, last, total| Some(ContentRange { first, last, total });
    let table = [
        ("bytes 0-9/10", range(0, 9, Some(10))),
        ("bytes 5-9/*", range(5, 9, None)),
        ("Bytes 0-9/10", range(0, 9, Some(10))),
        (" BYTES  0-9/10 ", range(0, 9, Some(10))),
        ("bits 0-9/10", None),
        ("byte", None),
        ("é", None),
        ("bytes 9-5/10", None),
        ("bytes 0-10/10", None),
        ("bytes */10", None),
        ("bytes 0-+9/10", None),
        ("0-9/10", None),
        ("", None),
    ];
    for (text, expected) in table {
        assert_eq!(ContentRange::parse(text), expected, "{text}");
    }
}

#[test]
fn a_refusal_without_s3_xml_says_so() {
    let refusal = Refusal::read(403, &Headers::new(), b"<html><body>Forbidden</body></html>");
    assert_eq!(refusal.kind(false), ErrorKind::AccessDenied);
    assert_eq!(refusal.describe(), "the reply is not S3's XML");
    assert!(refusal.advice().unwrap().contains("endpoint_url"));
    assert_eq!(Refusal::read(412, &Headers::new(), b"").describe(), "");
}

#[test]
fn what_a_gateway_says_in_json_is_repeated() {
    let body = b" {\"error\": {\n  \"message\": \"quota of tenant 7 is used up\"}}\n";
    let refusal = Refusal::read(403, &Headers::new(), body);
    let expected =
        r#"the reply is not S3's XML: {"error": { "message": "quota of tenant 7 is used up"}}"#;
    assert_eq!(refusal.describe(), expected);
    assert!(refusal.advice().unwrap().contains("endpoint_url"));
    let long = format!("{{\"m\": \"{}\"}}", "é".repeat(9_000));
    assert!(Refusal::read(403, &Headers::new(), long.as_bytes()).describe().len() < 700);
}

#[test]
fn googles_hash_is_a_checksum() {
    for (fields, expected) in [
        (&["crc32c=n03x6A==,md5=Ojk9c3dhfxgoKVVHYwFbHQ=="][..], Some("n03x6A==")),
        (&["md5=Ojk9c3dhfxgoKVVHYwFbHQ==", "crc32c=n03x6A=="], Some("n03x6A==")),
        (&["md5=Ojk9c3dhfxgoKVVHYwFbHQ== , crc32c=n03x6A=="], Some("n03x6A==")),
        (&["md5=Ojk9c3dhfxgoKVVHYwFbHQ=="], None),
        (&["crc32c="], None),
        (&[], None),
    ] {
        let headers: Headers = fields.iter().map(|value| ("x-goog-hash", *value)).collect();
        let stated = checksums(&headers);
        assert_eq!(stated.first().map(|sum| sum.value.as_str()), expected, "{fields:?}");
        assert!(stated.iter().all(|sum| sum.algorithm == Algorithm::Crc32C));
    }
}

#[test]
fn retry_after_is_seconds_or_a_date() {
    let now = Timestamp::parse_http_date("Fri, 24 May 2013 00:00:00 GMT");
    let table = [
        ("0", Some(0)),
        (" 7 ", Some(7)),
        ("Fri, 24 May 2013 00:00:30 GMT", Some(30)),
        ("Thu, 24 May 2012 00:00:30 GMT", Some(0)),
        ("-1", None),
        ("soon", None),
    ];
    for (text, seconds) in table {
        assert_eq!(retry_after(text, now), seconds.map(Duration::from_secs), "{text}");
    }
    assert_eq!(retry_after("Fri, 24 May 2013 00:00:30 GMT", None), None);
}

#[test]
fn an_etag_is_no_md5_under_kms_or_customer_keys() {
    let plain: Headers = [("etag", "\"a\"")].into_iter().collect();
    assert!(object_head("k", &plain).unwrap().etag_is_md5);
    for field in [
        ("x-amz-server-side-encryption", "aws:kms"),
        ("x-amz-server-side-encryption", "aws:kms:dsse"),
        ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
    ] {
        assert!(!object_head("k", &[field].into_iter().collect()).unwrap().etag_is_md5);
    }
}

#[test]
fn a_code_says_more_than_its_status() {
    let table = [
        ("NoSuchKey", ErrorKind::NotFound),
        ("NoSuchBucket", ErrorKind::NotFound),
        ("NoSuchVersion", ErrorKind::NotFound),
        ("InvalidObjectState", ErrorKind::Archived),
        ("AccessDenied", ErrorKind::AccessDenied),
        ("InvalidAccessKeyId", ErrorKind::AccessDenied),
        ("SignatureDoesNotMatch", ErrorKind::AccessDenied),
        ("ExpiredToken", ErrorKind::AccessDenied),
        ("InvalidToken", ErrorKind::AccessDenied),
        ("TokenRefreshRequired", ErrorKind::AccessDenied),
        ("RequestTimeTooSkewed", ErrorKind::AccessDenied),
        ("AuthorizationHeaderMalformed", ErrorKind::AccessDenied),
        ("AllAccessDisabled", ErrorKind::AccessDenied),
        ("AccountProblem", ErrorKind::AccessDenied),
        ("SlowDown", ErrorKind::Throttled),
        ("Throttling", ErrorKind::Throttled),
        ("ThrottlingException", ErrorKind::Throttled),
        ("KMS.ThrottlingException", ErrorKind::Throttled),
        ("TooManyRequests", ErrorKind::Throttled),
        ("RequestLimitExceeded", ErrorKind::Throttled),
        ("BandwidthLimitExceeded", ErrorKind::Throttled),
        ("RequestTimeout", ErrorKind::TimedOut),
        ("NotImplemented", ErrorKind::Unsupported),
        ("SomethingElse", ErrorKind::Service),
        ("", ErrorKind::Service),
    ];
    // A status that says nothing by itself.
    for (code, kind) in table {
        assert_eq!(refusal(400, code, &[]).kind(false), kind, "{code}");
    }
}

#[test]
fn without_a_code_that_is_known_the_status_says_it() {
    let marker = ("x-amz-delete-marker", "true");
    let table: [(u16, Fields<'_>, bool, ErrorKind); 23] = [
        (404, &[], false, ErrorKind::NotFound),
        (405, &[marker], false, ErrorKind::NotFound),
        (405, &[("x-amz-delete-marker", "false")], false, ErrorKind::Service),
        (405, &[], true, ErrorKind::NotFound),
        (405, &[], false, ErrorKind::Service),
        (400, &[marker], true, ErrorKind::Service),
        (401, &[], false, ErrorKind::AccessDenied),
        (403, &[], false, ErrorKind::AccessDenied),
        (407, &[], false, ErrorKind::AccessDenied),
        (408, &[], false, ErrorKind::TimedOut),
        (409, &[], false, ErrorKind::Service),
        (412, &[], false, ErrorKind::Changed),
        (416, &[], false, ErrorKind::InvalidInput),
        (429, &[], false, ErrorKind::Throttled),
        (503, &[], false, ErrorKind::Throttled),
        (509, &[], false, ErrorKind::Throttled),
        (501, &[], false, ErrorKind::Unsupported),
        (301, &[], false, ErrorKind::Service),
        (400, &[], false, ErrorKind::Service),
        (500, &[], false, ErrorKind::Service),
        (502, &[], false, ErrorKind::Service),
        (504, &[], false, ErrorKind::Service),
        (600, &[], false, ErrorKind::Service),
    ];
    for (status, fields, of_version, kind) in table {
        for code in ["", "SomethingElse"] {
            let got = refusal(status, code, fields).kind(of_version);
            assert_eq!(got, kind, "{status} {code} {fields:?} {of_version}");
        }
    }
}

#[test]
fn what_may_pass_is_tried_again() {
    let later = ("retry-after", "7");
    let wait = Some(Duration::from_secs(7));
    let table: [(u16, &str, Fields<'_>, Failure); 16] = [
        (503, "SlowDown", &[], Failure::Throttled(None)),
        (503, "SlowDown", &[later], Failure::Throttled(wait)),
        (429, "", &[later], Failure::Throttled(wait)),
        (400, "RequestTimeout", &[], Failure::Transient),
        (408, "", &[later], Failure::Transient),
        (500, "InternalError", &[], Failure::Transient),
        (500, "InternalError", &[later], Failure::Throttled(wait)),
        (502, "", &[], Failure::Transient),
        (499, "", &[], Failure::Final),
        (400, "InvalidRequest", &[later], Failure::Final),
        (404, "NoSuchKey", &[], Failure::Final),
        (403, "AccessDenied", &[], Failure::Final),
        (403, "InvalidObjectState", &[], Failure::Final),
        (412, "", &[], Failure::Final),
        (416, "", &[], Failure::Final),
        (501, "NotImplemented", &[], Failure::Final),
    ];
    for (status, code, fields, failure) in table {
        assert_eq!(refusal(status, code, fields).failure(), failure, "{status} {code} {fields:?}");
    }
}

#[test]
fn another_region_is_taken_from_replies_about_regions_only() {
    let there = ("x-amz-bucket-region", "eu-west-1");
    let table: [(u16, &str, Fields<'_>, Option<&str>); 15] = [
        (400, "AuthorizationHeaderMalformed", &[there], Some("eu-west-1")),
        (404, "PermanentRedirect", &[there], Some("eu-west-1")),
        (400, "IllegalLocationConstraintException", &[there], Some("eu-west-1")),
        (301, "SomethingElse", &[there], Some("eu-west-1")),
        (307, "TemporaryRedirect", &[there], Some("eu-west-1")),
        // HEAD: a status and headers.
        (400, "", &[there], Some("eu-west-1")),
        (403, "", &[there], Some("eu-west-1")),
        (404, "", &[there], None),
        (400, "InvalidRequest", &[there], None),
        (403, "AccessDenied", &[there], None),
        (503, "SlowDown", &[there], None),
        (301, "", &[], None),
        (301, "", &[("x-amz-bucket-region", "us-east-1")], None),
        (301, "", &[("x-amz-bucket-region", "eu/west")], None),
        (301, "", &[("x-amz-bucket-region", "")], None),
    ];
    for (status, code, fields, region) in table {
        let got = refusal(status, code, fields);
        assert_eq!(got.other_region("us-east-1"), region, "{status} {code} {fields:?}");
    }
}

#[test]
fn the_header_wins_over_the_document_about_the_region() {
    let body = b"<Error><Code>PermanentRedirect</Code><Region>eu-west-2</Region></Error>";
    let there: Headers = [("x-amz-bucket-region", "eu-west-1")].into_iter().collect();
    assert_eq!(Refusal::read(301, &there, body).other_region("x"), Some("eu-west-1"));
    assert_eq!(Refusal::read(301, &Headers::new(), body).other_region("x"), Some("eu-west-2"));
}

#[test]
fn a_region_is_a_short_plain_word() {
    for (text, is_one) in [
        ("eu-west-1", true),
        ("ceph_zone", true),
        ("A1", true),
        ("", false),
        ("a b", false),
        ("a.b", false),
        ("us-east-2!", false),
        (&"r".repeat(64), true),
        (&"r".repeat(65), false),
    ] {
        assert_eq!(is_region(text), is_one, "{text}");
    }
}

#[test]
fn another_host_is_taken_from_redirects_only() {
    let location = [("location", "https://other.test:9000/b/k?x")];
    let hint = Hint::Host { host: "other.test:9000", path: Some("/b/k") };
    for (status, is_redirect) in
        [(301, true), (307, true), (308, true), (302, false), (303, false), (400, false)]
    {
        let expected = is_redirect.then_some(hint);
        assert_eq!(refusal(status, "", &location).hint("r"), expected, "{status}");
    }
    let body = b"<Error><Code>TemporaryRedirect</Code><Endpoint>told.test</Endpoint></Error>";
    let told = Refusal::read(307, &location.into_iter().collect(), body);
    assert_eq!(told.hint("r"), Some(Hint::Host { host: "told.test", path: None }));
    assert_eq!(refusal(307, "TemporaryRedirect", &[]).hint("r"), None);
}

#[test]
fn a_location_names_a_host_and_a_path() {
    for (location, expected) in [
        ("http://a", Some(("a", ""))),
        ("http://a:1/b", Some(("a:1", "/b"))),
        ("http:///b", None),
        ("http://", None),
        ("/b/k", None),
        ("a", None),
    ] {
        assert_eq!(host_and_path(location), expected, "{location}");
    }
}

#[test]
fn a_location_is_told_without_what_may_be_a_secret() {
    for (status, location, told) in [
        (301, "https://h/b?X-Amz-Signature=s", Some("https://h/b")),
        (302, "https://user:pw@h/b", Some("https://***@h/b")),
        (200, "https://h/b", None),
        (404, "https://h/b", None),
    ] {
        let refusal = refusal(status, "", &[("location", location)]);
        assert_eq!(refusal.location().as_deref(), told, "{status} {location}");
    }
}

#[test]
fn servers_that_take_no_bucket_in_the_path_are_known_by_their_codes() {
    for code in ["SecondLevelDomainForbidden", "PathStyleDomainForbidden", "InvalidPathAccess"] {
        assert_eq!(refusal(403, code, &[]).hint("us-east-1"), Some(Hint::VirtualHost), "{code}");
    }
    assert_eq!(refusal(403, "AccessDenied", &[]).hint("us-east-1"), None);
}

#[test]
fn a_clock_is_learnt_from_the_refusal_of_what_was_signed_with_another() {
    let time = |text| Timestamp::parse_iso8601(text).unwrap();
    let server = time("2026-01-01T12:00:00Z");
    let dated: Headers = [("date", "Thu, 01 Jan 2026 12:00:00 GMT")].into_iter().collect();
    let skewed = "<Error><Code>RequestTimeTooSkewed</Code></Error>";
    let expired = "<Error><Code>RequestExpired</Code></Error>";
    let told = "<Error><Code>RequestTimeTooSkewed</Code>\
                 <ServerTime>2026-01-01T12:00:00Z</ServerTime></Error>";
    let denied = "<Error><Code>AccessDenied</Code></Error>";
    let none = Headers::new();
    let table = [
        (403, &dated, skewed, "2026-01-01T11:00:00Z", true),
        (403, &dated, expired, "2026-01-01T11:00:00Z", true),
        (403, &dated, skewed, "2026-01-01T13:00:00Z", true),
        // It was signed with the right time: something else is wrong.
        (403, &dated, skewed, "2026-01-01T12:00:30Z", false),
        (403, &none, told, "2026-01-01T11:00:00Z", true),
        (403, &none, skewed, "2026-01-01T11:00:00Z", false),
        (403, &dated, denied, "2026-01-01T11:00:00Z", false),
        // HEAD.
        (403, &dated, "", "2026-01-01T11:00:00Z", true),
        (403, &dated, "", "2026-01-01T11:50:00Z", false),
        (404, &dated, "", "2026-01-01T11:00:00Z", false),
        (403, &dated, "<html>no</html>", "2026-01-01T11:00:00Z", false),
    ];
    for (status, headers, body, signed, learns) in table {
        let refusal = Refusal::read(status, headers, body.as_bytes());
        let learnt = refusal.other_clock(time(signed));
        assert_eq!(learnt, learns.then_some(server), "{status} {body} {signed}");
    }
}

#[test]
fn a_refusal_is_of_ended_keys_by_its_code_or_by_their_own_time() {
    let now = Timestamp::from_unix_seconds(1_000).unwrap();
    let at = |seconds| Timestamp::from_unix_seconds(seconds);
    let table = [
        (400, "ExpiredToken", None, true),
        (403, "ExpiredTokenException", at(2_000), true),
        (400, "TokenRefreshRequired", at(2_000), true),
        (403, "AccessDenied", at(1_000), true),
        (403, "AccessDenied", at(1_001), false),
        (403, "AccessDenied", None, false),
        (403, "InvalidAccessKeyId", at(999), true),
        (403, "SignatureDoesNotMatch", at(999), false),
        (404, "NoSuchKey", at(999), false),
        (400, "", at(999), true),
        (403, "", at(1_001), false),
        (404, "", at(999), false),
    ];
    for (status, code, expires, expected) in table {
        let found = refusal(status, code, &[]).has_ended_keys(expires, now);
        assert_eq!(found, expected, "{status} {code} {expires:?}");
    }
}

#[test]
fn a_request_id_is_the_headers_or_the_documents() {
    let body = b"<Error><Code>X</Code><Message>m</Message><RequestId>doc</RequestId></Error>";
    let given: Headers = [("x-amz-request-id", "head")].into_iter().collect();
    let refusal = Refusal::read(400, &given, body);
    assert_eq!((refusal.request_id.as_deref(), &*refusal.message), (Some("head"), "m"));
    assert_eq!(Refusal::read(400, &Headers::new(), body).request_id.as_deref(), Some("doc"));
}

#[test]
fn every_piece_of_advice_fits_its_code() {
    for (code, word) in [
        ("InvalidAccessKeyId", "access_key_id"),
        ("SignatureDoesNotMatch", "secret_access_key"),
        ("ExpiredToken", "new one"),
        ("TokenRefreshRequired", "new one"),
        ("InvalidToken", "session_token"),
        ("NoSuchKey", "key"),
        ("NoSuchBucket", "bucket"),
        ("RequestTimeTooSkewed", "clock"),
        ("InvalidObjectState", "restore"),
        ("AuthorizationHeaderMalformed", "region"),
    ] {
        let refusal = refusal(400, code, &[]);
        assert!(refusal.advice().is_some_and(|advice| advice.contains(word)), "{code}");
    }
    assert_eq!(refusal(400, "SomethingElse", &[]).advice(), None);
    assert_eq!(refusal(400, "", &[]).advice(), None);
}

#[test]
fn a_body_of_blanks_is_no_foreign_one_and_a_coding_is_named() {
    let blank = Refusal::read(404, &Headers::new(), b" \r\n");
    assert_eq!((blank.describe().as_str(), blank.advice()), ("", None));
    let gzip: Headers = [("content-encoding", "gzip")].into_iter().collect();
    let packed = Refusal::read(404, &gzip, b"\x1f\x8b");
    assert!(packed.describe().contains("compressed (gzip)"), "{}", packed.describe());
    assert_eq!(Refusal::read(404, &gzip, b"").describe(), "");
    let said = b"<Error><Code>X</Code><Message>Not there. </Message></Error>";
    assert_eq!(Refusal::read(404, &gzip, said).describe(), "Not there");
}

#[test]
fn a_head_describes_the_object() {
    let head = head(&[
        ("etag", "\"a\""),
        ("last-modified", "Fri, 24 May 2013 00:00:00 GMT"),
        ("x-amz-version-id", "v1"),
        ("x-amz-storage-class", "GLACIER"),
        ("content-type", "text/plain"),
        ("content-length", "10"),
        ("x-amz-meta-one", "1"),
        ("x-amz-metadata", "no"),
        ("x-amz-meta-", "empty"),
        ("meta-two", "no"),
        ("x-amz-meta-three", "three"),
        ("x-amz-checksum-crc32", " y/Q5Jg== "),
        ("x-amz-checksum-sha1", ""),
        ("x-amz-checksum-sha256", "abc"),
    ]);
    let object = &head.object;
    assert_eq!(object.key, "k");
    assert_eq!(object.etag.as_ref().map(ETag::as_str), Some("a"));
    assert_eq!(object.last_modified.map(|time| time.unix_seconds()), Some(1_369_353_600));
    assert_eq!(object.version_id.as_deref(), Some("v1"));
    assert_eq!(object.storage_class.as_deref(), Some("GLACIER"));
    assert_eq!(object.content_type().as_deref(), Some("text/plain"));
    assert_eq!((object.size, head.content_length), (10, Some(10)));
    assert!(!object.is_delete_marker);
    let pair = |name: &str, value: &str| (name.to_owned(), value.into());
    assert_eq!(
        object.metadata().user,
        [pair("one", "1"), pair("", "empty"), pair("three", "three")]
    );
    let sums: Vec<_> = object.checksums.iter().map(|sum| (sum.algorithm, &*sum.value)).collect();
    assert_eq!(sums, [(Algorithm::Sha256, "abc"), (Algorithm::Crc32, "y/Q5Jg==")]);
}

#[test]
fn a_delete_marker_and_its_like_are_told_by_true() {
    for (value, is_one) in [("true", true), ("false", false), ("", false)] {
        let head = head(&[("x-amz-delete-marker", value)]);
        assert_eq!(head.object.is_delete_marker, is_one, "{value}");
    }
}

#[test]
fn a_checksum_type_is_one_of_two_words() {
    for (value, composite) in
        [("COMPOSITE", Some(true)), ("FULL_OBJECT", Some(false)), ("SOMETHING", None), ("", None)]
    {
        assert_eq!(head(&[("x-amz-checksum-type", value)]).composite, composite, "{value}");
    }
    assert_eq!(head(&[]).composite, None);
}

#[test]
fn a_size_is_the_ranges_total_or_the_length() {
    let range = |text| ("content-range", text);
    let length = ("content-length", "5");
    let table: [(Fields<'_>, u64, bool, bool); 6] = [
        (&[length], 5, true, false),
        (&[length, range("bytes 0-4/10")], 10, true, false),
        (&[length, range("bytes 0-4/*")], 0, false, false),
        (&[range("bytes 0-4/10")], 10, true, false),
        (&[("content-length", "0")], 0, true, true),
        (&[], 0, false, false),
    ];
    for (fields, size, is_told, is_empty) in table {
        let head = head(fields);
        let got = (head.object.size, head.tells_size(), head.is_empty());
        assert_eq!(got, (size, is_told, is_empty), "{fields:?}");
    }
    for fields in [("content-length", "-1"), ("content-length", "5x"), range("bytes 5-4/10")] {
        assert!(object_head("k", &[fields].into_iter().collect()).is_err(), "{fields:?}");
    }
    assert_eq!(ContentRange::parse("bytes 3-7/10").unwrap().length(), 5);
}

#[test]
fn a_refused_range_may_tell_the_size() {
    for (text, size) in [
        ("bytes */0", Some(0)),
        ("Bytes */10", Some(10)),
        (" bytes  * / 10 ", Some(10)),
        ("bytes */*", None),
        ("bytes 0-9/10", None),
        ("*/10", None),
        ("bytes *", None),
        ("", None),
    ] {
        let refusal = refusal(416, "InvalidRange", &[("content-range", text)]);
        assert_eq!(refusal.object_size, size, "{text}");
    }
    assert_eq!(refusal(416, "", &[]).object_size, None);
}

#[test]
fn a_body_ends_by_count_chunk_or_connection() {
    let length = ("content-length", "5");
    let table: [(Fields<'_>, Framing); 6] = [
        (&[length], Framing::Counted),
        (&[("transfer-encoding", "chunked")], Framing::Chunked),
        (&[length, ("transfer-encoding", "gzip, Chunked")], Framing::Chunked),
        (&[length, ("transfer-encoding", "identity")], Framing::UntilClose),
        (&[("transfer-encoding", "gzip")], Framing::UntilClose),
        (&[], Framing::UntilClose),
    ];
    for (fields, framing) in table {
        assert_eq!(head(fields).framing, framing, "{fields:?}");
    }
}

#[test]
fn several_parts_are_told_by_the_media_type() {
    for (media_type, is_multipart) in [
        ("multipart/byteranges; boundary=x", true),
        (" Multipart/Byteranges", true),
        ("multipart/byterange", false),
        ("multipart/mixed", false),
        ("text/plain; a=multipart/byteranges", false),
        ("", false),
        ("multipart/byterangé", false),
    ] {
        assert_eq!(
            head(&[("content-type", media_type)]).is_multipart(),
            is_multipart,
            "{media_type}"
        );
    }
}

#[test]
fn a_refusal_under_success_is_judged_by_its_code() {
    let table = [
        ("SlowDown", ErrorKind::Throttled, Failure::Throttled(None)),
        ("ServiceUnavailable", ErrorKind::Throttled, Failure::Throttled(None)),
        ("InternalError", ErrorKind::Service, Failure::Transient),
        ("AccessDenied", ErrorKind::AccessDenied, Failure::Final),
        ("NoSuchBucket", ErrorKind::NotFound, Failure::Final),
        ("Whatever", ErrorKind::Service, Failure::Final),
    ];
    for (code, kind, failure) in table {
        let body = xml::ErrorBody {
            code: Some(code.to_owned()),
            message: Some("said so".to_owned()),
            ..xml::ErrorBody::default()
        };
        let refusal = Refusal::under_success(200, &Headers::new(), body);
        assert_eq!((refusal.kind(false), refusal.failure()), (kind, failure), "{code}");
        assert_eq!((refusal.status, refusal.describe().as_str()), (200, "said so"));
    }
}
