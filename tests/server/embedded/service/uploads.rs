//! ListMultipartUploads, written as XML here for the sake of odd keys.

use std::fmt::Write as _;

use s3s::dto::{ListMultipartUploadsInput, ListMultipartUploadsOutput};
use s3s::{S3Request, S3Response, S3Result};

use super::buckets::{OWNER_ID, OWNER_NAME};
use super::listing::{document, encoding, push_element};
use super::{Operations, xml_reply};
use crate::embedded::encode::KeyEncoding;
use crate::embedded::store::Upload;

/// What a page holds at most on AWS.
const MAX_UPLOADS: i32 = 1000;

/// An entry of a page: an upload, or what several keys begin with.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Entry {
    Upload { key: String, id: String },
    Prefix(String),
}

impl Entry {
    /// What the markers of the next page say.
    fn markers(&self) -> (&str, &str) {
        match self {
            Self::Upload { key, id } => (key, id),
            Self::Prefix(prefix) => (prefix, ""),
        }
    }
}

impl Operations {
    /// ListMultipartUploads: by key, then in the order in which the uploads began.
    pub(super) async fn list_multipart_uploads(
        &self,
        request: S3Request<ListMultipartUploadsInput>,
    ) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
        let input = &request.input;
        let encoding = encoding(input.encoding_type.as_ref())?;
        let bucket = self.store.bucket(&input.bucket)?;
        let most = input.max_uploads.unwrap_or(MAX_UPLOADS).clamp(0, MAX_UPLOADS);
        let page = usize::try_from(most).unwrap_or_default().min(bucket.settings.page_size);
        let state = bucket.read();
        let mut uploads: Vec<(&String, &Upload)> = state.uploads.iter().collect();
        uploads.sort_by_key(|(id, upload)| (&upload.key, upload.initiated, *id));
        let mut entries = entries(&uploads, input);
        let is_truncated = entries.len() > page && page > 0;
        entries.truncate(page);

        let mut xml = head(input, encoding, most);
        push_element(&mut xml, "IsTruncated", if is_truncated { "true" } else { "false" });
        if let Some(last) = entries.last().filter(|_| is_truncated) {
            let (key, id) = last.markers();
            push_key(&mut xml, encoding, "NextKeyMarker", key);
            push_element(&mut xml, "NextUploadIdMarker", id);
        }
        for entry in &entries {
            match entry {
                Entry::Upload { id, .. } => push_upload(&mut xml, encoding, id, &state.uploads[id]),
                Entry::Prefix(prefix) => {
                    xml.push_str("<CommonPrefixes>");
                    push_key(&mut xml, encoding, "Prefix", prefix);
                    xml.push_str("</CommonPrefixes>");
                }
            }
        }
        xml.push_str("</ListMultipartUploadsResult>");
        Ok(xml_reply(xml))
    }
}

/// Everything from the markers on, keys with a delimiter as prefixes.
fn entries(uploads: &[(&String, &Upload)], input: &ListMultipartUploadsInput) -> Vec<Entry> {
    let prefix = input.prefix.as_deref().unwrap_or_default();
    let delimiter = input.delimiter.as_deref().filter(|text| !text.is_empty());
    let key_marker = input.key_marker.as_deref().unwrap_or_default();
    let id_marker = input.upload_id_marker.as_deref().filter(|text| !text.is_empty());
    let mut is_past_marker = false;
    let mut entries: Vec<Entry> = Vec::new();
    for (id, upload) in uploads {
        let key = upload.key.as_str();
        let is_after = match (key == key_marker, id_marker) {
            // As on AWS, an id marker counts only with a key marker.
            (true, Some(_)) if is_past_marker => true,
            (true, Some(marker)) => {
                is_past_marker = *id == marker;
                false
            }
            _ => key > key_marker,
        };
        let Some(rest) = key.strip_prefix(prefix).filter(|_| is_after) else { continue };
        let common = delimiter.and_then(|delimiter| {
            let end = rest.find(delimiter)? + delimiter.len();
            Some(format!("{prefix}{}", &rest[..end]))
        });
        match common {
            Some(common) if common == key_marker => {}
            Some(common) if entries.last().is_some_and(|last| last.markers().0 == common) => {}
            Some(common) => entries.push(Entry::Prefix(common)),
            None => entries.push(Entry::Upload { key: key.to_owned(), id: (*id).clone() }),
        }
    }
    entries
}

fn head(input: &ListMultipartUploadsInput, encoding: KeyEncoding, most: i32) -> String {
    let mut xml = document("ListMultipartUploadsResult");
    push_element(&mut xml, "Bucket", &input.bucket);
    push_key(&mut xml, encoding, "KeyMarker", input.key_marker.as_deref().unwrap_or_default());
    push_element(&mut xml, "UploadIdMarker", input.upload_id_marker.as_deref().unwrap_or_default());
    push_key(&mut xml, encoding, "Prefix", input.prefix.as_deref().unwrap_or_default());
    if let Some(delimiter) = &input.delimiter {
        push_key(&mut xml, encoding, "Delimiter", delimiter);
    }
    if encoding == KeyEncoding::Url {
        push_element(&mut xml, "EncodingType", "url");
    }
    push_element(&mut xml, "MaxUploads", &most.to_string());
    xml
}

fn push_upload(xml: &mut String, encoding: KeyEncoding, id: &str, upload: &Upload) {
    xml.push_str("<Upload>");
    push_key(xml, encoding, "Key", &upload.key);
    push_element(xml, "UploadId", id);
    for role in ["Initiator", "Owner"] {
        xml.extend(["<", role, "><ID>", OWNER_ID, "</ID><DisplayName>", OWNER_NAME]);
        xml.extend(["</DisplayName></", role, ">"]);
    }
    let class = upload.attributes.storage_class.as_deref();
    push_element(xml, "StorageClass", class.unwrap_or("STANDARD"));
    write!(xml, "<Initiated>{:.3}</Initiated>", upload.initiated).expect("writing to a String");
    if let Some((algorithm, kind)) = upload.checksum {
        push_element(xml, "ChecksumAlgorithm", algorithm.name());
        push_element(xml, "ChecksumType", kind.name());
    }
    xml.push_str("</Upload>");
}

fn push_key(xml: &mut String, encoding: KeyEncoding, name: &str, key: &str) {
    xml.extend(["<", name, ">"]);
    encoding.push(xml, key);
    xml.extend(["</", name, ">"]);
}
