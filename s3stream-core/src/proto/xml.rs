//! The XML of replies: listings, buckets, errors.
//!
//! Servers differ in order, quoting, white space and namespaces, and add elements of their
//! own; all that is tolerated. A wrong root, a cut document or an element that cannot be
//! what it says is not: a listing is complete or says that it is not.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::encode;
use crate::object::{Bucket, ETag, Object};
use crate::time::Timestamp;

/// One page of ListObjectsV2, ListObjects or ListObjectVersions, decoded.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ListPage {
    /// In the order of the page.
    pub(crate) objects: Vec<Object>,
    /// In the order of the page.
    pub(crate) prefixes: Vec<String>,
    pub(crate) is_truncated: bool,
    /// To be sent back as it is.
    pub(crate) next_token: Option<String>,
    /// To be sent back as it is.
    pub(crate) next_version_id_marker: Option<String>,
    pub(crate) key_count: Option<u64>,
    /// Whether the reply has a `Marker`: the server answered in the words of version 1.
    pub(crate) has_marker: bool,
}

/// What an `<Error>` holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ErrorBody {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) endpoint: Option<String>,
}

/// Parses an error; `None` if it is not S3's.
pub(crate) fn error(text: &str) -> Option<ErrorBody> {
    let mut error = ErrorBody::default();
    let mut is_error = false;
    // A cut error body is still worth its code.
    let _ = walk(text, |path, text| match path {
        ["Error"] => is_error = true,
        ["Error", field] => {
            is_error = true;
            let value = (!text.is_empty()).then(|| text.to_owned());
            match *field {
                "Code" => error.code = value,
                "Message" => error.message = value,
                "RequestId" => error.request_id = value,
                "Region" => error.region = value,
                "Endpoint" => error.endpoint = value,
                _ => {}
            }
        }
        _ => {}
    });
    is_error.then_some(error)
}

/// Parses ListAllMyBucketsResult.
pub(crate) fn buckets(text: &str) -> Result<Vec<Bucket>, String> {
    let mut buckets = Vec::new();
    let (mut name, mut created) = (None, None);
    let root = walk(text, |path, text| match path {
        [_, "Buckets", "Bucket", "Name"] => name = Some(text.to_owned()),
        [_, "Buckets", "Bucket", "CreationDate"] => created = Timestamp::parse_iso8601(text),
        [_, "Buckets", "Bucket"] => {
            if let Some(name) = name.take() {
                buckets.push(Bucket { name, created: created.take() });
            }
        }
        _ => {}
    })?;
    expect_root(&root, "ListAllMyBucketsResult")?;
    Ok(buckets)
}

/// Parses a page of a listing of objects, or of versions.
pub(crate) fn list_page(text: &str, versions: bool) -> Result<ListPage, String> {
    let mut raw = RawPage::default();
    let root = walk(text, |path, text| raw.element(path, text))?;
    expect_root(&root, if versions { "ListVersionsResult" } else { "ListBucketResult" })?;
    raw.decode()
}

/// A page before it is known whether its names are encoded: `EncodingType` may come last.
#[derive(Default)]
struct RawPage {
    page: ListPage,
    current: Option<RawObject>,
    is_truncated: Option<bool>,
    is_encoded: bool,
    wrong: Option<String>,
}

#[derive(Default)]
struct RawObject {
    object: Option<Object>,
    has_size: bool,
}

impl RawPage {
    fn element(&mut self, path: &[&str], text: &str) {
        match path {
            [_, "Contents" | "Version" | "DeleteMarker", field] => self.field(field, text),
            [_, kind @ ("Contents" | "Version" | "DeleteMarker")] => self.finish_object(kind),
            [_, "CommonPrefixes", "Prefix"] => self.page.prefixes.push(text.to_owned()),
            [_, "IsTruncated"] => self.is_truncated = boolean(text),
            [_, "NextContinuationToken"] => self.page.next_token = filled(text),
            [_, "NextVersionIdMarker"] => self.page.next_version_id_marker = filled(text),
            [_, "KeyCount"] => self.page.key_count = text.trim().parse().ok(),
            [_, "Marker"] => self.page.has_marker = true,
            [_, "EncodingType"] => self.is_encoded = text.trim().eq_ignore_ascii_case("url"),
            _ => {}
        }
    }

    fn field(&mut self, field: &str, text: &str) {
        let current = self.current.get_or_insert_default();
        if field == "Size" {
            current.has_size = true;
        }
        let object = current.object.get_or_insert_with(|| Object::new(""));
        match field {
            "Key" => object.key = text.to_owned(),
            "Size" => match text.trim().parse() {
                Ok(size) => object.size = size,
                Err(_) => self.wrong = Some("a Size is not a number".to_owned()),
            },
            "ETag" => object.etag = ETag::parse(text),
            "LastModified" => object.last_modified = Timestamp::parse_iso8601(text),
            "StorageClass" => object.storage_class = filled(text),
            "VersionId" => object.version_id = filled(text),
            "IsLatest" => object.is_latest = boolean(text).unwrap_or(true),
            _ => {}
        }
    }

    fn finish_object(&mut self, kind: &str) {
        let raw = self.current.take().unwrap_or_default();
        let Some(mut object) = raw.object.filter(|object| !object.key.is_empty()) else {
            self.wrong = Some(format!("a {kind} has no Key"));
            return;
        };
        object.is_delete_marker = kind == "DeleteMarker";
        if !raw.has_size && !object.is_delete_marker {
            self.wrong = Some(format!("a {kind} has no Size"));
        }
        self.page.objects.push(object);
    }

    fn decode(self) -> Result<ListPage, String> {
        let mut page = self.page;
        if let Some(wrong) = self.wrong {
            return Err(wrong);
        }
        page.is_truncated = self.is_truncated.ok_or("IsTruncated is missing")?;
        if self.is_encoded {
            let keys = page.objects.iter_mut().map(|object| &mut object.key);
            for name in keys.chain(&mut page.prefixes) {
                *name = encode::decode_listed(name)
                    .ok_or_else(|| format!("'{name}' is not a percent-encoded UTF-8 name"))?;
            }
        }
        Ok(page)
    }
}

fn expect_root(root: &str, expected: &str) -> Result<(), String> {
    if root == expected {
        return Ok(());
    }
    Err(format!("its root element is <{root}>, not <{expected}>"))
}

fn boolean(text: &str) -> Option<bool> {
    match text.trim() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// The elements that mean something here; the path of any other holds an empty name.
const KNOWN: [&str; 34] = [
    "Bucket",
    "Buckets",
    "Code",
    "CommonPrefixes",
    "Contents",
    "CreationDate",
    "DeleteMarker",
    "ETag",
    "EncodingType",
    "Endpoint",
    "Error",
    "IsLatest",
    "IsTruncated",
    "Key",
    "KeyCount",
    "LastModified",
    "ListAllMyBucketsResult",
    "ListBucketResult",
    "ListVersionsResult",
    "Marker",
    "Message",
    "Name",
    "NextContinuationToken",
    "NextVersionIdMarker",
    "Owner",
    "Prefix",
    "Region",
    "RequestId",
    "Size",
    "StorageClass",
    "Version",
    "VersionId",
    "ChecksumAlgorithm",
    "ID",
];

/// Calls `element` at the end of each element with the path to it and its text; returns
/// the root's name once the document is whole.
fn walk(text: &str, mut element: impl FnMut(&[&str], &str)) -> Result<String, String> {
    const DEEPEST: usize = 32;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}').trim_start());
    reader.config_mut().expand_empty_elements = true;
    let mut path: Vec<&str> = Vec::with_capacity(8);
    let mut value = String::new();
    let mut root: Option<String> = None;
    loop {
        match reader.read_event().map_err(|error| format!("it is not XML: {error}"))? {
            Event::Start(start) => {
                let name = start.local_name().into_inner();
                if path.is_empty() && root.replace(name.to_owned()).is_some() {
                    return Err("it is not one XML document".to_owned());
                }
                if path.len() == DEEPEST {
                    return Err("its elements are nested too deeply".to_owned());
                }
                path.push(KNOWN.iter().find(|known| **known == name).copied().unwrap_or(""));
                value.clear();
            }
            Event::Text(part) => value.push_str(&part),
            Event::CData(part) => value.push_str(&part),
            Event::GeneralRef(reference) => value.push(resolve(&reference)?),
            Event::End(_) => {
                element(&path, &value);
                value.clear();
                path.pop();
            }
            Event::Eof if path.is_empty() => break,
            Event::Eof => return Err("it is cut off".to_owned()),
            _ => {}
        }
    }
    root.ok_or_else(|| "it is empty".to_owned())
}

/// A character reference or one of XML's five entities. RadosGW without `encoding-type`
/// writes references to characters that XML forbids: they are taken at their word.
fn resolve(reference: &str) -> Result<char, String> {
    let named = match reference {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    };
    let numbered = || {
        let digits = reference.strip_prefix('#')?;
        let number = match digits.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => digits.parse().ok()?,
        };
        char::from_u32(number)
    };
    named.or_else(numbered).ok_or_else(|| format!("it has an unknown entity &{reference};"))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(page.objects[0].key, "a b/c");
        assert_eq!(page.objects[0].size, 3);
        assert_eq!(page.objects[0].etag.as_ref().unwrap().as_str(), "x");
        assert_eq!(page.prefixes, ["d /"]);
        assert_eq!(page.next_token.as_deref(), Some("t%2F+="));
        assert!(page.is_truncated && page.key_count == Some(2) && !page.has_marker);
    }

    #[test]
    fn a_page_without_encoding_type_is_taken_byte_for_byte() {
        let text = "<ListBucketResult><IsTruncated>false</IsTruncated><Contents>\
            <Key>a+b%20&amp;&#1;&#x1F600; </Key><Size>0</Size></Contents></ListBucketResult>";
        assert_eq!(list_page(text, false).unwrap().objects[0].key, "a+b%20&\u{1}😀 ");
    }

    #[test]
    fn versions_and_markers_stay_in_their_order() {
        let text = "<ListVersionsResult><IsTruncated>false</IsTruncated>\
            <DeleteMarker><Key>k</Key><VersionId>2</VersionId><IsLatest>true</IsLatest></DeleteMarker>\
            <Version><Key>k</Key><VersionId>1</VersionId><IsLatest>false</IsLatest><Size>9</Size></Version>\
            </ListVersionsResult>";
        let page = list_page(text, true).unwrap();
        let seen: Vec<_> =
            page.objects.iter().map(|o| (o.version_id.as_deref(), o.is_delete_marker)).collect();
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
}
