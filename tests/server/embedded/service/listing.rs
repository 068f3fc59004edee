//! ListObjects, ListObjectsV2 and ListObjectVersions, written as XML here:
//! s3s would sort delete markers behind the versions and emit characters that
//! no XML parser takes.

use std::fmt::Write as _;

use http::HeaderMap;
use s3s::dto::{
    EncodingType, ListObjectVersionsInput, ListObjectVersionsOutput, ListObjectsInput,
    ListObjectsOutput, ListObjectsV2Input, ListObjectsV2Output,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::attributes::text;
use super::buckets::{OWNER_ID, OWNER_NAME};
use super::{Operations, set_header, xml_reply};
use crate::embedded::encode::{KeyEncoding, parse_token, push_xml, token};
use crate::embedded::store::{Item, Last, PageQuery, Restore, Shown, Start, hex};

/// What a page holds at most on AWS.
const MAX_KEYS: i32 = 1000;

/// What the three requests have in common.
struct Listing<'a> {
    bucket: &'a str,
    prefix: &'a str,
    delimiter: Option<&'a str>,
    max_keys: i32,
    encoding: KeyEncoding,
    shown: Shown,
    with_owner: bool,
    /// Whether `x-amz-optional-object-attributes` asks for it.
    with_restore: bool,
}

/// A page as XML, without what stands before the entries.
struct Page {
    entries: String,
    common_prefixes: String,
    count: usize,
    last: Option<Last>,
}

/// [`Listing`] of one of the typed inputs, which share these members.
macro_rules! listing {
    ($request:expr, $shown:expr, $with_owner:expr) => {
        Listing {
            bucket: &$request.input.bucket,
            prefix: $request.input.prefix.as_deref().unwrap_or_default(),
            delimiter: $request.input.delimiter.as_deref().filter(|text| !text.is_empty()),
            max_keys: max_keys($request.input.max_keys)?,
            encoding: encoding($request.input.encoding_type.as_ref())?,
            shown: $shown,
            with_owner: $with_owner,
            with_restore: wants_restore(&$request.headers),
        }
    };
}

impl Operations {
    /// ListObjectsV2.
    pub(super) async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = &request.input;
        let listing = listing!(request, Shown::Objects, input.fetch_owner == Some(true));
        let start_after = input.start_after.as_deref().filter(|key| !key.is_empty());
        let start = match (input.continuation_token.as_deref(), start_after) {
            (Some(text), _) => Start::After(parse_token(text).ok_or_else(|| {
                s3_error!(InvalidArgument, "The continuation token provided is incorrect")
            })?),
            (None, Some(key)) => Start::After(key.to_owned()),
            (None, None) => Start::Beginning,
        };
        let page = self.page(&listing, start)?;
        let mut xml = listing.head("ListBucketResult", page.last.is_some());
        if let Some(key) = start_after {
            listing.push_key(&mut xml, "StartAfter", key);
        }
        if let Some(text) = &input.continuation_token {
            push_element(&mut xml, "ContinuationToken", text);
        }
        push_element(&mut xml, "KeyCount", &page.count.to_string());
        if let Some(last) = &page.last {
            push_element(&mut xml, "NextContinuationToken", &token(&last.name));
        }
        self.listing_reply(finish(xml, &page, "ListBucketResult"))
    }

    /// ListObjects.
    pub(super) async fn list_objects(
        &self,
        request: S3Request<ListObjectsInput>,
    ) -> S3Result<S3Response<ListObjectsOutput>> {
        let input = &request.input;
        let listing = listing!(request, Shown::Objects, true);
        let marker = input.marker.as_deref().unwrap_or_default();
        let page = self.page(&listing, start_after(marker))?;
        let mut xml = listing.head("ListBucketResult", page.last.is_some());
        listing.push_key(&mut xml, "Marker", marker);
        if let Some(last) = &page.last
            && listing.delimiter.is_some()
        {
            // As on AWS: without a delimiter the last key is the next marker.
            listing.push_key(&mut xml, "NextMarker", &last.name);
        }
        self.listing_reply(finish(xml, &page, "ListBucketResult"))
    }

    /// ListObjectVersions.
    pub(super) async fn list_object_versions(
        &self,
        request: S3Request<ListObjectVersionsInput>,
    ) -> S3Result<S3Response<ListObjectVersionsOutput>> {
        let input = &request.input;
        let listing = listing!(request, Shown::Versions, true);
        let key_marker = input.key_marker.as_deref().unwrap_or_default();
        let id_marker = input.version_id_marker.as_deref().unwrap_or_default();
        let start = match (key_marker, id_marker) {
            ("", "") => Start::Beginning,
            ("", _) => {
                return Err(s3_error!(
                    InvalidArgument,
                    "A version-id marker cannot be specified without a key marker."
                ));
            }
            (key, "") => Start::After(key.to_owned()),
            (key, id) => Start::AfterVersion { key: key.to_owned(), version_id: id.to_owned() },
        };
        let page = self.page(&listing, start)?;
        let mut xml = listing.head("ListVersionsResult", page.last.is_some());
        listing.push_key(&mut xml, "KeyMarker", key_marker);
        push_element(&mut xml, "VersionIdMarker", id_marker);
        if let Some(last) = &page.last {
            listing.push_key(&mut xml, "NextKeyMarker", &last.name);
            if let Some(id) = &last.version_id {
                push_element(&mut xml, "NextVersionIdMarker", id);
            }
        }
        self.listing_reply(finish(xml, &page, "ListVersionsResult"))
    }

    /// Listings name the bucket's region, as HeadBucket does.
    fn listing_reply<T: Default>(&self, xml: String) -> S3Result<S3Response<T>> {
        let mut response = xml_reply(xml);
        set_header(&mut response.headers, "x-amz-bucket-region", &self.region)?;
        Ok(response)
    }

    fn page(&self, listing: &Listing<'_>, start: Start) -> S3Result<Page> {
        let bucket = self.store.bucket(listing.bucket)?;
        let max_keys = usize::try_from(listing.max_keys).unwrap_or_default();
        let query = PageQuery {
            shown: listing.shown,
            prefix: listing.prefix,
            delimiter: listing.delimiter,
            start,
            max_keys: max_keys.min(self.store.settings().page_size),
        };
        let mut page = Page {
            entries: String::with_capacity(query.max_keys.min(1000) * 400),
            common_prefixes: String::new(),
            count: 0,
            last: None,
        };
        let (entries, prefixes, count) =
            (&mut page.entries, &mut page.common_prefixes, &mut page.count);
        page.last = bucket.list(&query, |item| {
            *count += 1;
            match item {
                Item::CommonPrefix(prefix) => {
                    prefixes.push_str("<CommonPrefixes>");
                    listing.push_key(prefixes, "Prefix", prefix);
                    prefixes.push_str("</CommonPrefixes>");
                }
                Item::Version { .. } => listing.push_entry(entries, item),
            }
        })?;
        Ok(page)
    }
}

impl Listing<'_> {
    /// The root element and the members that all three replies have.
    fn head(&self, root: &str, is_truncated: bool) -> String {
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <{root} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
        );
        push_element(&mut xml, "Name", self.bucket);
        self.push_key(&mut xml, "Prefix", self.prefix);
        push_element(&mut xml, "MaxKeys", &self.max_keys.to_string());
        if let Some(delimiter) = self.delimiter {
            self.push_key(&mut xml, "Delimiter", delimiter);
        }
        if self.encoding == KeyEncoding::Url {
            push_element(&mut xml, "EncodingType", "url");
        }
        push_element(&mut xml, "IsTruncated", if is_truncated { "true" } else { "false" });
        xml
    }

    /// An element that holds a key or what is encoded like one.
    fn push_key(&self, xml: &mut String, name: &str, key: &str) {
        xml.extend(["<", name, ">"]);
        self.encoding.push(xml, key);
        xml.extend(["</", name, ">"]);
    }

    /// Contents, Version or DeleteMarker.
    fn push_entry(&self, xml: &mut String, item: Item<'_>) {
        let Item::Version { key, version, is_latest } = item else {
            return;
        };
        let name = match (self.shown, &version.data) {
            (Shown::Objects, _) => "Contents",
            (Shown::Versions, Some(_)) => "Version",
            (Shown::Versions, None) => "DeleteMarker",
        };
        xml.extend(["<", name, ">"]);
        self.push_key(xml, "Key", key);
        if self.shown == Shown::Versions {
            push_element(xml, "VersionId", &version.id());
            push_element(xml, "IsLatest", if is_latest { "true" } else { "false" });
        }
        write!(xml, "<LastModified>{:.3}</LastModified>", version.last_modified)
            .expect("writing to a String");
        if let Some(data) = &version.data {
            push_data(xml, data);
            if self.with_restore {
                push_restore(xml, data);
            }
        }
        if self.with_owner {
            xml.extend([
                "<Owner><ID>",
                OWNER_ID,
                "</ID><DisplayName>",
                OWNER_NAME,
                "</DisplayName></Owner>",
            ]);
        }
        xml.extend(["</", name, ">"]);
    }
}

/// What a listing says about an object that is not a delete marker.
fn push_data(xml: &mut String, data: &crate::embedded::store::ObjectData) {
    xml.extend(["<ETag>&quot;", &hex(&data.etag.md5)]);
    if data.etag.parts > 0 {
        write!(xml, "-{}", data.etag.parts).expect("writing to a String");
    }
    xml.push_str("&quot;</ETag>");
    if let Some((checksum, kind)) = &data.checksum {
        push_element(xml, "ChecksumAlgorithm", checksum.algorithm().name());
        push_element(xml, "ChecksumType", kind.name());
    }
    write!(xml, "<Size>{}</Size>", data.content.len()).expect("writing to a String");
    push_element(xml, "StorageClass", data.storage_class().unwrap_or("STANDARD"));
}

/// RestoreStatus, which only objects have that were archived and asked for.
fn push_restore(xml: &mut String, data: &crate::embedded::store::ObjectData) {
    let is_ongoing = match data.attributes().and_then(|own| own.restore) {
        None => return,
        Some(Restore::Ongoing { .. }) => "true",
        Some(Restore::Until(_)) => "false",
    };
    xml.push_str("<RestoreStatus>");
    push_element(xml, "IsRestoreInProgress", is_ongoing);
    if let Some(Restore::Until(end)) = data.attributes().and_then(|own| own.restore) {
        write!(xml, "<RestoreExpiryDate>{end:.3}</RestoreExpiryDate>")
            .expect("writing to a String");
    }
    xml.push_str("</RestoreStatus>");
}

fn wants_restore(headers: &HeaderMap) -> bool {
    let asked = text(headers, "x-amz-optional-object-attributes").unwrap_or_default();
    asked.split(',').any(|name| name.trim() == "RestoreStatus")
}

pub(super) fn push_element(xml: &mut String, name: &str, text: &str) {
    xml.extend(["<", name, ">"]);
    push_xml(xml, text);
    xml.extend(["</", name, ">"]);
}

/// The beginning of a document in S3's namespace.
pub(super) fn document(root: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <{root} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
    )
}

fn finish(mut xml: String, page: &Page, root: &str) -> String {
    xml.push_str(&page.entries);
    xml.push_str(&page.common_prefixes);
    xml.extend(["</", root, ">"]);
    xml
}

fn start_after(marker: &str) -> Start {
    match marker {
        "" => Start::Beginning,
        marker => Start::After(marker.to_owned()),
    }
}

fn max_keys(wanted: Option<i32>) -> S3Result<i32> {
    match wanted.unwrap_or(MAX_KEYS) {
        negative if negative < 0 => Err(s3_error!(
            InvalidArgument,
            "Argument maxKeys must be an integer between 0 and 2147483647"
        )),
        wanted => Ok(wanted.min(MAX_KEYS)),
    }
}

pub(super) fn encoding(wanted: Option<&EncodingType>) -> S3Result<KeyEncoding> {
    match wanted.map(EncodingType::as_str) {
        None => Ok(KeyEncoding::Xml),
        Some(EncodingType::URL) => Ok(KeyEncoding::Url),
        Some(_) => Err(s3_error!(InvalidArgument, "Invalid Encoding Method specified in Request")),
    }
}
