use super::*;
use crate::object::Algorithm;
use crate::proto::response::object_head;

const MD5: &str = "25f9e794323b453885f5181f1b624d0b";
const DATE: (&str, &str) = ("last-modified", "Fri, 24 May 2013 00:00:00 GMT");

/// Of a head: names and values.
type Fields<'a> = &'a [(&'a str, &'a str)];

fn head(fields: Fields<'_>) -> ObjectHead {
    object_head("k", &fields.iter().copied().collect()).unwrap()
}

fn listed(etag: &str, size: u64) -> Listed {
    let mut object = Object::new("k");
    object.etag = ETag::parse(etag);
    object.size = size;
    Listed::of(&object)
}

fn first(listed: Option<&Listed>, version_id: Option<&str>, head: &ObjectHead) -> bool {
    check_first(Asked { listed, version_id, is_whole: true }, head)
        .map_err(|why| assert_eq!(why.kind, ErrorKind::Protocol))
        .is_ok()
}

#[test]
fn the_same_tag_with_another_size_is_a_contradiction() {
    let reply = |etag: &str, size: &str| head(&[("etag", etag), ("content-length", size)]);
    let table = [
        (listed("a", 10), reply("a", "10"), true),
        (listed("a", 10), reply("W/\"a\"", "10"), true),
        (listed("a", 10), reply("a", "11"), false),
        (listed("a", 10), reply("a", "0"), false),
        (listed("a", 10), reply("W/\"a\"", "11"), false),
        // Written again since.
        (listed("a", 10), reply("b", "11"), true),
        (listed("", 10), reply("b", "11"), true),
        // A manifest object of Swift's, which a digest may prove.
        (listed("a", 0), reply("a", "11"), false),
        (listed(MD5, 0), reply(MD5, "11"), true),
        (listed(MD5, 1), reply(MD5, "11"), false),
    ];
    for (listed, reply, is_right) in table {
        assert_eq!(first(Some(&listed), None, &reply), is_right, "{listed:?} {reply:?}");
    }
    let part = head(&[("etag", MD5), ("content-length", "5"), ("content-range", "bytes 1-5/10")]);
    for (size, is_right) in [(10, true), (5, false), (0, false)] {
        let listed = listed(MD5, size);
        let asked = Asked { listed: Some(&listed), version_id: None, is_whole: false };
        assert_eq!(check_first(asked, &part).is_ok(), is_right, "{size}");
    }
}

#[test]
fn only_a_digest_settles_another_size() {
    let mut object = Object::new("k");
    (object.etag, object.size) = (ETag::parse(MD5), 11);
    let md5 = Method::Checksum(Algorithm::Md5);
    let table = [
        (listed(MD5, 11), Method::Length, true),
        (listed(MD5, 11), Method::Range, true),
        (listed(MD5, 0), md5, true),
        (listed(MD5, 0), Method::Composite, true),
        (listed(MD5, 0), Method::Length, false),
        (listed(MD5, 0), Method::Range, false),
        (listed("a", 0), Method::Length, true),
        (listed("", 0), Method::Length, true),
    ];
    for (listed, method, is_settled) in table {
        assert_eq!(listed.settle(&object, method).is_ok(), is_settled, "{listed:?} {method}");
    }
}

#[test]
fn another_tag_is_newer_and_none_is_not() {
    let mut object = Object::new("k");
    for (was, is, is_newer) in [
        ("a", "a", false),
        ("a", "W/\"a\"", false),
        ("a", "b", true),
        ("", "b", false),
        ("a", "", false),
    ] {
        object.etag = ETag::parse(is);
        assert_eq!(listed(was, 1).is_older_than(&object), is_newer, "{was} {is}");
    }
}

#[test]
fn a_version_is_the_one_that_was_asked_for() {
    let reply = |id: Option<&'static str>| {
        let mut fields = vec![("etag", "a"), ("content-length", "10")];
        fields.extend(id.map(|id| ("x-amz-version-id", id)));
        head(&fields)
    };
    let same = listed("a", 10);
    let other = listed("b", 10);
    let table = [
        (Some("1"), Some("1"), &same, true),
        (Some("1"), None, &same, true),
        (Some("1"), Some("2"), &same, false),
        (None, Some("2"), &same, true),
        (None, Some("2"), &other, true),
        (Some("1"), Some("1"), &other, false),
        (Some("1"), None, &other, false),
        (Some("null"), Some("null"), &other, true),
    ];
    for (asked, got, listed, is_right) in table {
        assert_eq!(first(Some(listed), asked, &reply(got)), is_right, "{asked:?} {got:?}");
    }
}

#[test]
fn a_tag_with_a_word_behind_it_is_a_proxys() {
    let table = [
        ("a-gzip", Some("gzip"), false),
        ("a;br", Some("br"), false),
        ("a--gzip", Some("gzip"), false),
        ("a-gzip", None, true),
        ("ab", Some("gzip"), true),
        ("b-gzip", Some("gzip"), true),
    ];
    for (etag, coding, is_right) in table {
        let mut fields = vec![("etag", etag), ("content-length", "10")];
        fields.extend(coding.map(|coding| ("content-encoding", coding)));
        assert_eq!(first(Some(&listed("a", 10)), None, &head(&fields)), is_right, "{etag}");
    }
}

#[test]
fn nothing_needs_no_tag_where_the_server_is_known() {
    let ours = ("x-amz-request-id", "1");
    let table: [(Option<Listed>, Fields<'_>, bool); 8] = [
        (None, &[ours], true),
        (None, &[], false),
        (Some(listed("", 0)), &[], true),
        (Some(listed("", 0)), &[ours], true),
        (Some(listed("a", 0)), &[ours], true),
        (Some(listed("a", 0)), &[], false),
        (Some(listed("a", 10)), &[ours], false),
        (Some(listed("", 10)), &[], false),
    ];
    for (listed, fields, is_right) in table {
        let mut all = vec![("content-length", "0")];
        all.extend(fields);
        assert_eq!(first(listed.as_ref(), None, &head(&all)), is_right, "{listed:?} {fields:?}");
    }
}

#[test]
fn a_page_that_nothing_of_s3_speaks_for_is_refused() {
    let page = ("content-type", "text/html; charset=utf-8");
    let ours = ("x-amz-request-id", "1");
    let tag = ("etag", "5f3e-1a2b");
    let md5 = ("etag", MD5);
    let sha = ("x-amz-checksum-sha256", "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=");
    let table: [(Option<Listed>, Fields<'_>, bool); 14] = [
        (None, &[page, tag], false),
        (None, &[page, tag, DATE], false),
        (None, &[page, md5], false),
        (None, &[page, md5, DATE], true),
        (None, &[page, tag, DATE, sha], true),
        (None, &[page, tag, ours], true),
        (None, &[("content-type", "text/plain"), tag], true),
        (None, &[tag], true),
        (Some(listed("5f3e-1a2b", 10)), &[page, tag], true),
        (Some(listed("other", 10)), &[page, tag, DATE], false),
        (Some(listed("other", 10)), &[page, md5, DATE], false),
        (Some(listed("other", 10)), &[page, md5, ours], true),
        (Some(listed("other", 10)), &[("content-type", "text/css"), tag], true),
        (Some(listed("", 10)), &[page, md5, DATE], true),
    ];
    for (listed, fields, is_right) in table {
        let mut all = vec![("content-length", "10")];
        all.extend(fields);
        assert_eq!(first(listed.as_ref(), None, &head(&all)), is_right, "{listed:?} {fields:?}");
    }
}

#[test]
fn a_description_tells_a_tag_and_a_size() {
    let table: [(u16, Fields<'_>, bool); 8] = [
        (200, &[("etag", "a"), ("content-length", "10")], true),
        (200, &[("etag", "a"), ("content-length", "0")], true),
        (200, &[("etag", "a")], false),
        (200, &[("content-length", "10")], false),
        (206, &[("etag", "a"), ("content-range", "bytes 0-4/10")], true),
        (206, &[("etag", "a"), ("content-range", "bytes 0-4/*")], false),
        (206, &[("etag", "a"), ("content-length", "10")], false),
        (202, &[("etag", "a"), ("content-length", "10")], false),
    ];
    for (status, fields, is_right) in table {
        assert_eq!(
            check_description(status, &head(fields)).is_ok(),
            is_right,
            "{status} {fields:?}"
        );
    }
}

#[test]
fn a_document_is_plain_and_comes_under_200() {
    let gzip: Headers = [("content-encoding", "gzip")].into_iter().collect();
    let identity: Headers = [("content-encoding", "identity")].into_iter().collect();
    for (status, headers, is_right) in [
        (200, &Headers::new(), true),
        (200, &identity, true),
        (200, &gzip, false),
        (202, &Headers::new(), false),
        (203, &Headers::new(), false),
        (206, &Headers::new(), false),
    ] {
        assert_eq!(check_document(status, headers).is_ok(), is_right, "{status} {headers:?}");
    }
    assert!(check_document(200, &gzip).unwrap_err().message.contains("gzip"));
}

#[test]
fn what_is_wrong_with_a_partial_reply_is_said() {
    let status = |content_type: &str| {
        let fields = [("etag", "e"), ("content-length", "9"), ("content-type", content_type)];
        check_status(206, &head(&fields)).unwrap_err().message
    };
    assert!(status("multipart/byteranges; boundary=x").contains("multipart/byteranges"));
    assert!(status("text/plain").contains("has no Content-Range"));
}
