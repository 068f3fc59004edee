//! Documents as servers send them, whole and in pieces.

use super::*;
use crate::object::{Entry, Object};

/// The page, fed whole; every way to cut it must give the same.
fn list_page(text: &str, versions: bool) -> Result<ListPage, String> {
    let whole = in_pieces(text, versions, text.len().max(1));
    for size in [1, 2, 3, 7, 64] {
        assert_eq!(in_pieces(text, versions, size).ok(), whole.clone().ok(), "{size}: {text}");
    }
    whole
}

fn in_pieces(text: &str, versions: bool, size: usize) -> Result<ListPage, String> {
    let mut parser = PageParser::new(versions);
    for piece in text.as_bytes().chunks(size) {
        parser.feed(piece)?;
    }
    parser.finish()
}

fn objects(page: &ListPage) -> Vec<&Object> {
    let mut found = Vec::new();
    for entry in &page.entries {
        if let Entry::Object(object) = entry {
            found.push(object);
        }
    }
    found
}

fn prefixes(page: &ListPage) -> Vec<&str> {
    let mut found = Vec::new();
    for entry in &page.entries {
        if let Entry::CommonPrefix(group) = entry {
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
        ("<Error><Code>SlowDown</Code></Error>".to_owned(), "<Error>"),
        (whole(""), "IsTruncated"),
        (whole("<IsTruncated>maybe</IsTruncated>"), "IsTruncated"),
        (format!("<ListBucketResult>{done}"), "cut off"),
        (whole(&format!("{done}<Contents><Size>1</Size></Contents>")), "no Key"),
        (whole(&format!("{done}<Contents><Key>k</Key></Contents>")), "no Size"),
        (whole(&format!("{done}<Contents><Key>k</Key><Size>x</Size></Contents>")), "Size"),
        (
            whole(&format!(
                "{done}<EncodingType>url</EncodingType><Contents><Key>%</Key><Size>1</Size></Contents>"
            )),
            "percent",
        ),
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
    let text = "<ListAllMyBucketsResult><Owner><ID>i</ID></Owner><Buckets><Bucket><Name>b</Name>\
        <CreationDate>2013-05-24T00:00:00Z</CreationDate></Bucket></Buckets></ListAllMyBucketsResult>";
    assert_eq!(buckets(text).unwrap()[0].name, "b");
    assert!(buckets("<html/>").is_err());
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
fn bytes_that_are_no_text_are_refused_wherever_they_are_cut() {
    let text = b"<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>\xff</Key>\
        <Size>1</Size></Contents></ListBucketResult>";
    for size in [1, 5, text.len()] {
        let mut parser = PageParser::new(false);
        let fed = text.chunks(size).try_for_each(|piece| parser.feed(piece));
        let error = fed.and_then(|()| parser.finish().map(drop)).unwrap_err();
        assert_eq!(error, "it is not UTF-8");
    }
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
    let mut parser = PageParser::new(false);
    parser.feed(b"<ListBucketResult><!--").unwrap();
    let piece = [b'x'; 4096];
    let fed = (0..1000).find_map(|_| parser.feed(&piece).err());
    assert!(fed.is_some_and(|error| error.contains("does not end")));
}

#[test]
fn another_root_is_refused_as_soon_as_it_begins() {
    let mut parser = PageParser::new(false);
    let error = parser.feed(b"<!DOCTYPE html><html><head>").unwrap_err();
    assert!(error.contains("<html>"), "{error}");
}
