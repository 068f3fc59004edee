//! Documents as servers send them, whole and in pieces.

use super::*;
use crate::object::{Entry, Object, RestoreStatus};

/// The page, fed whole; every way to cut it must give the same.
fn list_page(text: &str, versions: bool) -> Result<ListPage, String> {
    let whole = in_pieces(text, versions, text.len().max(1));
    for size in [1, 2, 3, 7, 64] {
        assert_eq!(in_pieces(text, versions, size).ok(), whole.clone().ok(), "{size}: {text}");
    }
    whole
}

fn in_pieces(text: &str, versions: bool, size: usize) -> Result<ListPage, String> {
    bytes_in_pieces(text.as_bytes(), versions, size).map_err(|no_page| match no_page {
        NoPage::Malformed(why) => why,
        NoPage::Refused(body) => format!("refused: {}", body.code.unwrap_or_default()),
    })
}

fn bytes_in_pieces(bytes: &[u8], versions: bool, size: usize) -> Result<ListPage, NoPage> {
    let mut parser = PageParser::new(versions, 1 << 20);
    for piece in bytes.chunks(size) {
        parser.feed(piece)?;
    }
    parser.finish()
}

fn objects(page: &ListPage) -> Vec<&Object> {
    let mut found = Vec::new();
    for entry in &page.entries {
        if let Listed::Entry(Entry::Object(object)) = entry {
            found.push(object);
        }
    }
    found
}

fn prefixes(page: &ListPage) -> Vec<&str> {
    let mut found = Vec::new();
    for entry in &page.entries {
        if let Listed::Entry(Entry::CommonPrefix(group)) = entry {
            found.push(group.prefix.as_str());
        }
    }
    assert_eq!(found.len(), page.groups);
    found
}

const PAGE: &str = r#"<?xml version='1.0' encoding='UTF-8'?>
    <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
      <Unknown><Deep>1</Deep></Unknown>
      <Contents><Size>3</Size><Key>a+b%2Fc</Key><ETag>&quot;x&quot;</ETag><Owner><ID>o</ID></Owner>
        <LastModified>2013-05-24T00:00:00.000Z</LastModified><StorageClass>STANDARD</StorageClass></Contents>
      <CommonPrefixes><Prefix>d%20/</Prefix></CommonPrefixes>
      <NextContinuationToken>t%2F+=</NextContinuationToken><KeyCount>2</KeyCount>
      <IsTruncated>true</IsTruncated><EncodingType>url</EncodingType><Prefix/>
    </ListBucketResult>"#;

#[test]
fn a_page_is_read_in_any_order_and_decoded_but_for_its_token() {
    let page = list_page(PAGE, false).unwrap();
    let object = objects(&page)[0];
    assert_eq!((object.key.as_str(), object.size), ("a b/c", 3));
    assert_eq!(object.etag.as_ref().unwrap().as_str(), "x");
    assert_eq!(object.storage_class.as_deref(), Some("STANDARD"));
    assert_eq!(prefixes(&page), ["d /"]);
    assert_eq!(page.next_token.as_deref(), Some("t%2F+="));
    assert!(page.is_truncated && page.key_count == Some(2) && !page.has_marker);
}

#[test]
fn a_page_without_encoding_type_is_taken_byte_for_byte() {
    let text = "<ListBucketResult><IsTruncated>false</IsTruncated><Contents>\
        <Key>a+b%20&amp;&#1;&#x1F600; </Key><Size>0</Size></Contents></ListBucketResult>";
    assert_eq!(objects(&list_page(text, false).unwrap())[0].key, "a+b%20&\u{1}😀 ");
}

#[test]
fn versions_and_markers_stay_in_their_order() {
    let text = "<ListVersionsResult><IsTruncated>false</IsTruncated>\
        <DeleteMarker><Key>k</Key><VersionId>2</VersionId><IsLatest>true</IsLatest></DeleteMarker>\
        <Version><Key>k</Key><VersionId>1</VersionId><IsLatest>false</IsLatest><Size>9</Size></Version>\
        </ListVersionsResult>";
    let page = list_page(text, true).unwrap();
    let seen: Vec<_> =
        objects(&page).iter().map(|o| (o.version_id.as_deref(), o.is_delete_marker)).collect();
    assert_eq!(seen, [(Some("2"), true), (Some("1"), false)]);
}

#[test]
fn what_is_no_whole_listing_is_refused_with_a_reason() {
    let whole = |inner: &str| format!("<ListBucketResult>{inner}</ListBucketResult>");
    let done = "<IsTruncated>false</IsTruncated>";
    let table = [
        (String::new(), "empty"),
        ("<html><body>Hello</body></html>".to_owned(), "<html>"),
        ("<Error><Code>SlowDown</Code></Error>".to_owned(), "refused: SlowDown"),
        ("<Error><Code>SlowDown</Code>".to_owned(), "refused: SlowDown"),
        ("<Error></Error>".to_owned(), "<Error>"),
        (whole(&format!("{done}<Error><Code>InternalError</Code></Error>")), "InternalError"),
        (whole(&format!("{done}<Error/>")), "an error"),
        (whole(""), "IsTruncated"),
        (whole("<IsTruncated>maybe</IsTruncated>"), "IsTruncated is 'maybe'"),
        (whole("<IsTruncated/>"), "IsTruncated is ''"),
        (whole(&format!("{done}{done}")), "says twice"),
        (whole(&format!("{done}<IsTruncated>true</IsTruncated>")), "says twice"),
        (whole(&format!("{done}<NextContinuationToken>t</NextContinuationToken>")), "but there is"),
        (whole(&format!("<NextMarker>t</NextMarker>{done}")), "a NextMarker"),
        (whole(&format!("<NextKeyMarker>t</NextKeyMarker>{done}")), "a NextKeyMarker"),
        (
            whole(
                "<NextContinuationToken>a</NextContinuationToken><IsTruncated>true</IsTruncated>\
                   <NextContinuationToken>b</NextContinuationToken>",
            ),
            "two of",
        ),
        (whole(&format!("{done}<KeyCount>1</KeyCount><KeyCount>2</KeyCount>")), "two KeyCounts"),
        (format!("<ListBucketResult>{done}"), "cut off"),
        (whole(&format!("{done}<Contents><Size>1</Size></Contents>")), "no Key"),
        (whole(&format!("{done}<Contents><Key/><Size/></Contents>")), "no Key"),
        (whole(&format!("{done}&bomb;")), "entity"),
        (format!("{}{}", whole(done), whole(done)), "one XML document"),
        (format!("<ListBucketResult>{done}</ListVersionsResult>"), "ends another"),
        (whole(&format!("{done}<x:Key></y:Key>")), "ends another"),
        (whole(&format!("{done}<Any></Other>")), "ends another"),
        (format!("{}</ListBucketResult>", whole(done)), "ends nothing"),
        (whole(&format!("{done}<EncodingType>url</EncodingType><EncodingType/>")), "two"),
        (whole(&format!("{done}<!-- not closed")), "not XML"),
        (whole(&format!("{done}<Key a='not closed></Key>")), "not XML"),
        (whole(&format!("{done}{}", "<a>".repeat(40))), "nested"),
    ];
    for (text, reason) in table {
        let error = list_page(&text, false).unwrap_err();
        assert!(error.contains(reason), "{text}: {error}");
    }
}

#[test]
fn an_error_is_read_even_when_cut() {
    let body =
        error("<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message/><Resou").unwrap();
    assert_eq!(body.code.as_deref(), Some("NoSuchKey"));
    assert_eq!(body.message, None);
    assert_eq!(error("<html>"), None);
    assert_eq!(error("oops"), None);
}

#[test]
fn buckets_are_read() {
    let whole = |inner: &str| format!("<ListAllMyBucketsResult>{inner}</ListAllMyBucketsResult>");
    let one = "<Owner><ID>i</ID></Owner><Buckets><Bucket><Name>b</Name>\
        <CreationDate>2013-05-24T00:00:00Z</CreationDate></Bucket></Buckets>";
    let page = buckets(&whole(one)).unwrap();
    assert_eq!((page.buckets[0].name.as_str(), page.buckets.len()), ("b", 1));
    assert!(page.buckets[0].created.is_some());
    assert_eq!((page.is_truncated, page.token, page.next_token), (None, None, None));
    let page = buckets(&whole(
        "<IsTruncated>True</IsTruncated><ContinuationToken>t</ContinuationToken>\
         <NextContinuationToken>u</NextContinuationToken>",
    ))
    .unwrap();
    assert_eq!(page.is_truncated, Some(true));
    assert_eq!((page.token.as_deref(), page.next_token.as_deref()), (Some("t"), Some("u")));
    let table = [
        ("<html/>".to_owned(), "<html>"),
        ("<Error/>".to_owned(), "<Error>"),
        (whole("<Buckets><Bucket/></Buckets>"), "no Name"),
        (whole("<IsTruncated>x</IsTruncated>"), "IsTruncated is 'x'"),
        (whole("<IsTruncated>true</IsTruncated><IsTruncated>true</IsTruncated>"), "says twice"),
        (whole("<Error><Code>InternalError</Code></Error>"), "InternalError"),
    ];
    for (text, reason) in table {
        match buckets(&text).unwrap_err() {
            NoPage::Malformed(why) => assert!(why.contains(reason), "{text}: {why}"),
            NoPage::Refused(_) => panic!("{text}"),
        }
    }
    assert!(matches!(buckets("<Error><Code>SlowDown</Code></Error>"), Err(NoPage::Refused(_))));
}

#[test]
fn a_boolean_is_read_in_any_case() {
    let page = |value: &str| {
        let text =
            format!("<ListBucketResult><IsTruncated>{value}</IsTruncated></ListBucketResult>");
        list_page(&text, false).map(|page| page.is_truncated).ok()
    };
    let table = [
        ("true", Some(true)),
        ("True", Some(true)),
        ("TRUE", Some(true)),
        (" true\n", Some(true)),
        ("false", Some(false)),
        ("False", Some(false)),
        ("FALSE ", Some(false)),
        ("0", None),
        ("no", None),
    ];
    for (value, expected) in table {
        assert_eq!(page(value), expected, "{value}");
    }
}

/// Name and reason of what cannot be read, in the order of a page.
fn unreadable(page: &ListPage) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for listed in &page.entries {
        if let Listed::Unreadable(it) = listed {
            found.push((it.name.as_str(), it.why));
        }
    }
    found
}

#[test]
fn what_cannot_be_read_is_one_entry_and_not_the_page() {
    let url = "<EncodingType>url</EncodingType>";
    let entry = |key: &str, size: &str| format!("<Contents><Key>{key}</Key>{size}</Contents>");
    let one = "<Size>1</Size>";
    let table = [
        (entry("k", ""), "k", "no Size"),
        (entry("k", "<Size/>"), "k", "not a number"),
        (entry("k", "<Size>-1</Size>"), "k", "not a number"),
        (entry("a%2Fk", "<Size>x</Size>"), "a/k", "not a number"),
        (entry("caf%E9", one), "caf%E9", "not UTF-8"),
        (entry("caf%E9", "<Size/>"), "caf%E9", "not UTF-8"),
        (entry("%", one), "%", "not percent-encoded"),
        ("<CommonPrefixes><Prefix>%FF/</Prefix></CommonPrefixes>".to_owned(), "%FF/", "UTF-8"),
    ];
    for (odd, name, reason) in table {
        // The encoding is known before it, and behind it.
        for (before, behind) in [(url, ""), ("", url)] {
            let text = format!(
                "<ListBucketResult>{before}<IsTruncated>false</IsTruncated>{}{odd}{}{behind}\
                 </ListBucketResult>",
                entry("a", one),
                entry("z", one)
            );
            let page = list_page(&text, false).unwrap();
            let keys: Vec<_> = objects(&page).iter().map(|object| object.key.as_str()).collect();
            assert_eq!(keys, ["a", "z"], "{text}");
            let [(found, why)] = unreadable(&page)[..] else { panic!("{text}: {page:?}") };
            assert!(found == name && why.contains(reason), "{text}: {found} {why}");
        }
    }
}

#[test]
fn what_looks_like_markup_inside_text_is_not_cut() {
    let text = "\u{feff}<!DOCTYPE x [<!ENTITY y 'z'>]><!-- <Key> > -- <a --><ListBucketResult a='<b>' \
        b=\"it's >\"><IsTruncated>false</IsTruncated><?pi <Key> > ?><Contents><Key>\u{feff}a<![CDATA[<Key>&amp;]] \
        >]]>&lt;é</Key><Size> 1 </Size ></Contents><s3:Other xmlns:s3='x'><s3:Key/></s3:Other></ListBucketResult>";
    let page = list_page(text, false).unwrap();
    assert_eq!(objects(&page)[0].key, "\u{feff}a<Key>&amp;]] ><é");
}

#[test]
fn bytes_that_are_no_text_are_one_entry_wherever_they_are_cut() {
    let entry = |key: &[u8]| {
        [b"<Contents><Key>", key, b"</Key><Size>1</Size><Owner><ID>\xff</ID></Owner></Contents>"]
            .concat()
    };
    let text = [
        b"<ListBucketResult><IsTruncated>false</IsTruncated>".to_vec(),
        entry("a\u{FDD0}ff".as_bytes()),
        entry(b"caf\xe9\xff\xef\xb7\x90 &amp;<![CDATA[<\xe9>]]>.txt"),
        entry("\u{e9}".as_bytes()),
        b"</ListBucketResult>".to_vec(),
    ]
    .concat();
    for size in [1, 2, 5, 64, text.len()] {
        let page = bytes_in_pieces(&text, false, size).unwrap();
        let keys: Vec<_> = objects(&page).iter().map(|object| object.key.as_str()).collect();
        assert_eq!(keys, ["a\u{FDD0}ff", "\u{e9}"], "{size}");
        let odd = unreadable(&page);
        assert_eq!(odd, [("caf%E9%FF\u{FDD0} &<%E9>.txt", "its name is not UTF-8")], "{size}");
    }
}

#[test]
fn a_document_of_bytes_that_are_no_text_is_refused() {
    let table: [&[u8]; 3] = [
        b"\x1f\x8b\x08\x00\x8b<&\xe1;",
        b"<ListBucketResult><IsTruncated>false</IsTruncated>&\xe1;</ListBucketResult>",
        b"<ListBucketResult><IsTruncated>false</IsTruncated></\xe1>",
    ];
    for text in table {
        for size in [1, text.len()] {
            let parsed = bytes_in_pieces(text, false, size);
            assert_eq!(parsed, Err(NoPage::Malformed("it is not UTF-8".to_owned())), "{text:?}");
        }
    }
}

#[test]
fn a_page_of_any_length_is_taken_as_far_as_memory_allows() {
    let entry = "<Contents><Key>k</Key><Size>1</Size></Contents>";
    let mut text = "<ListBucketResult><IsTruncated>false</IsTruncated>".to_owned();
    text.push_str(&entry.repeat(3_000));
    text.push_str("</ListBucketResult>");
    let fits = bytes_in_pieces(text.as_bytes(), false, 4096).unwrap();
    assert!(fits.entries.len() == 3_000 && fits.bytes <= 1 << 20, "{} bytes", fits.bytes);
    let mut parser = PageParser::new(false, fits.bytes - 1);
    let fed = text.as_bytes().chunks(4096).try_for_each(|piece| parser.feed(piece));
    let Err(NoPage::Malformed(why)) = fed else { panic!("{fed:?}") };
    assert!(why.contains("memory_limit"), "{why}");
}

#[test]
fn text_without_entries_is_not_read_for_ever() {
    let mut parser = PageParser::new(false, 1 << 20);
    parser.feed(b"<ListBucketResult>").unwrap();
    let piece = b"<Other>1</Other>".repeat(4096);
    let fed = (0..1000).find_map(|_| parser.feed(&piece).err());
    assert_eq!(fed, Some(NoPage::Malformed("it does not end".to_owned())));
}

#[test]
fn names_that_came_before_the_encoding_was_known_are_decoded_once() {
    let object = |key: &str| format!("<Contents><Key>{key}</Key><Size>1</Size></Contents>");
    let text = format!(
        "<ListBucketResult>{}<EncodingType>url</EncodingType>{}<IsTruncated>false</IsTruncated>\
         </ListBucketResult>",
        object("a%2525"),
        object("b%2525")
    );
    let page = list_page(&text, false).unwrap();
    assert_eq!(objects(&page).iter().map(|o| o.key.as_str()).collect::<Vec<_>>(), ["a%25", "b%25"]);
}

#[test]
fn a_construct_without_an_end_is_refused_before_it_fills_the_memory() {
    let mut parser = PageParser::new(false, 1 << 20);
    parser.feed(b"<ListBucketResult><!--").unwrap();
    let piece = [b'x'; 4096];
    let fed = (0..1000).find_map(|_| parser.feed(&piece).err());
    let why = "one of its elements does not end";
    assert_eq!(fed, Some(NoPage::Malformed(why.to_owned())));
}

#[test]
fn another_root_is_refused_as_soon_as_it_begins() {
    let mut parser = PageParser::new(false, 1 << 20);
    let fed = parser.feed(b"<!DOCTYPE html><html><head>");
    let Err(NoPage::Malformed(why)) = fed else { panic!("{fed:?}") };
    assert!(why.contains("<html>"), "{why}");
}

#[test]
fn a_restore_is_under_way_or_there_until_a_date() {
    let object = |status: &str| {
        let text = format!(
            "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>k</Key>\
             <Size>1</Size>{status}</Contents><Contents><Key>l</Key><Size>1</Size></Contents>\
             </ListBucketResult>"
        );
        let page = list_page(&text, false).unwrap();
        let found = objects(&page);
        assert_eq!(found[1].restore_status, None, "nothing is carried over");
        found[0].restore_status
    };
    let until = Timestamp::parse_iso8601("2012-12-21T00:00:00Z");
    let date = "<RestoreExpiryDate>2012-12-21T00:00:00.000Z</RestoreExpiryDate>";
    let of = |ongoing: &str, date: &str| {
        let ongoing = format!("<IsRestoreInProgress>{ongoing}</IsRestoreInProgress>");
        object(&format!("<RestoreStatus>{ongoing}{date}</RestoreStatus>"))
    };
    assert_eq!(object(""), None);
    assert_eq!(of("true", ""), Some(RestoreStatus::Ongoing));
    assert_eq!(of("false", date), Some(RestoreStatus::Restored { until }));
    assert_eq!(of("false", ""), None, "nobody has asked for it");
    assert_eq!(object("<RestoreStatus/>"), None);
}
