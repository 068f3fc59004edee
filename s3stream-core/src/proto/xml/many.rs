//! Documents that tell of many objects or uploads at once.

use super::NoPage;
use super::element::Element;
use super::outcome::fields;
use super::page::boolean;
use crate::proto::encode;
use crate::time::Timestamp;

/// What became of one key of DeleteObjects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DeletedKey {
    pub(crate) key: String,
    pub(crate) version_id: Option<String>,
    pub(crate) is_delete_marker: bool,
    pub(crate) marker_version_id: Option<String>,
    /// Code and message, where it was refused.
    pub(crate) refused: Option<(String, String)>,
}

/// The reply to DeleteObjects.
pub(crate) fn deleted(text: &str) -> Result<Vec<DeletedKey>, NoPage> {
    use Element::{
        Code, DeleteMarker, DeleteMarkerVersionId, DeleteResult, Deleted, Error, Key, Message,
        VersionId,
    };
    let mut keys = Vec::new();
    let mut draft = DeletedKey::default();
    fields(text, &[DeleteResult], |path, text| match path {
        [_, Deleted | Error, Key] => text.clone_into(&mut draft.key),
        [_, Deleted | Error, VersionId] => draft.version_id = filled(text),
        [_, Deleted, DeleteMarker] => draft.is_delete_marker = boolean(text) == Some(true),
        [_, Deleted, DeleteMarkerVersionId] => draft.marker_version_id = filled(text),
        [_, Error, Code] => text.clone_into(&mut draft.refused.get_or_insert_default().0),
        [_, Error, Message] => text.clone_into(&mut draft.refused.get_or_insert_default().1),
        [_, Deleted] => keys.push(std::mem::take(&mut draft)),
        [_, Error] => {
            draft.refused.get_or_insert_default();
            keys.push(std::mem::take(&mut draft));
        }
        _ => {}
    })?;
    Ok(keys)
}

/// An upload in parts that was neither completed nor aborted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PendingUpload {
    /// The key under which it would make an object, byte for byte.
    pub key: String,
    /// The id by which it is aborted.
    pub upload_id: String,
    /// When it was begun.
    pub initiated: Option<Timestamp>,
    /// The storage class of the object that it would make.
    pub storage_class: Option<String>,
}

/// A page of ListMultipartUploads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct UploadsPage {
    pub(crate) uploads: Vec<PendingUpload>,
    pub(crate) is_truncated: bool,
}

/// The reply to ListMultipartUploads.
pub(crate) fn uploads(text: &str) -> Result<UploadsPage, NoPage> {
    use Element::{
        EncodingType, Initiated, IsTruncated, Key, ListMultipartUploadsResult, StorageClass,
        Upload, UploadId,
    };
    let mut page = UploadsPage::default();
    let mut is_encoded = false;
    let mut says_end = false;
    let empty = || PendingUpload {
        key: String::new(),
        upload_id: String::new(),
        initiated: None,
        storage_class: None,
    };
    let mut draft = empty();
    fields(text, &[ListMultipartUploadsResult], |path, text| match path {
        [_, EncodingType] => is_encoded = text.trim().eq_ignore_ascii_case("url"),
        [_, IsTruncated] => {
            says_end = true;
            page.is_truncated = boolean(text) == Some(true);
        }
        [_, Upload, Key] => text.clone_into(&mut draft.key),
        [_, Upload, UploadId] => text.trim().clone_into(&mut draft.upload_id),
        [_, Upload, Initiated] => draft.initiated = Timestamp::parse_iso8601(text),
        [_, Upload, StorageClass] => draft.storage_class = filled(text),
        [_, Upload] => page.uploads.push(std::mem::replace(&mut draft, empty())),
        _ => {}
    })?;
    if !says_end {
        return Err(NoPage::Malformed("it does not say whether it is truncated".to_owned()));
    }
    for upload in &mut page.uploads {
        if is_encoded {
            let key =
                encode::decode_listed(&upload.key).and_then(|key| String::from_utf8(key).ok());
            upload.key = key.ok_or_else(|| NoPage::Malformed("a key is not UTF-8".to_owned()))?;
        }
        if upload.key.is_empty() || upload.upload_id.is_empty() {
            return Err(NoPage::Malformed("an Upload has no Key or no UploadId".to_owned()));
        }
    }
    Ok(page)
}

fn filled(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_own_fate() {
        let text = "<DeleteResult xmlns=\"x\">\
            <Deleted><Key>a &amp; b</Key></Deleted>\
            <Deleted><Key>c</Key><DeleteMarker>true</DeleteMarker>\
            <DeleteMarkerVersionId>m</DeleteMarkerVersionId></Deleted>\
            <Error><Key>d</Key><VersionId>v</VersionId><Code>AccessDenied</Code>\
            <Message>no</Message></Error><Error><Key>e</Key></Error></DeleteResult>";
        let keys = deleted(text).unwrap();
        let names: Vec<_> = keys.iter().map(|key| key.key.as_str()).collect();
        assert_eq!(names, ["a & b", "c", "d", "e"]);
        assert_eq!(keys[0], DeletedKey { key: "a & b".to_owned(), ..DeletedKey::default() });
        assert!(keys[1].is_delete_marker);
        assert_eq!(keys[1].marker_version_id.as_deref(), Some("m"));
        assert_eq!(keys[2].refused, Some(("AccessDenied".to_owned(), "no".to_owned())));
        assert_eq!(keys[2].version_id.as_deref(), Some("v"));
        assert!(keys[3].refused.is_some(), "an error without a word is one");
        assert!(matches!(deleted("<DeleteResult><Deleted>"), Err(NoPage::Malformed(_))));
        let refused = deleted("<Error><Code>MalformedXML</Code></Error>");
        assert!(matches!(refused, Err(NoPage::Refused(_))));
    }

    #[test]
    fn uploads_are_listed_or_the_page_is_none() {
        let one = "<Upload><Key>a%2Bb+c</Key><UploadId>2~x</UploadId>\
            <Initiated>2024-01-02T03:04:05.000Z</Initiated></Upload>";
        let page = |inner: &str| {
            uploads(&format!("<ListMultipartUploadsResult>{inner}</ListMultipartUploadsResult>"))
        };
        let plain = page(&format!("<IsTruncated>true</IsTruncated>{one}")).unwrap();
        assert!(plain.is_truncated);
        assert_eq!(plain.uploads[0].key, "a%2Bb+c");
        assert!(plain.uploads[0].initiated.is_some());
        let encoded =
            format!("{one}<EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>");
        let encoded = page(&encoded).unwrap();
        assert_eq!((encoded.uploads[0].key.as_str(), encoded.is_truncated), ("a+b c", false));
        for wrong in [
            one,
            "<IsTruncated>false</IsTruncated><Upload><Key>k</Key></Upload>",
            "<IsTruncated>false</IsTruncated><Upload><UploadId>k</UploadId></Upload>",
        ] {
            assert!(matches!(page(wrong), Err(NoPage::Malformed(_))), "{wrong}");
        }
        assert!(uploads("<ListBucketResult/>").is_err());
    }
}
