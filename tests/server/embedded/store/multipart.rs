//! Multipart uploads in progress.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use s3s::{S3Error, S3ErrorCode, S3Result, s3_error};

use super::attributes::Attributes;
use super::bucket::{Bucket, Condition, Found, check_condition, check_key};
use super::checksum::{Checksum, ChecksumAlgorithm, ChecksumDigest, ChecksumType};
use super::content::Content;
use super::object::{Etag, Md5, ObjectData, Part, hex};
use super::version_id;

/// An upload between CreateMultipartUpload and its end.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) key: String,
    pub(crate) attributes: Attributes,
    /// What the parts' checksums are made with, `None` on servers without any.
    pub(crate) checksum: Option<(ChecksumAlgorithm, ChecksumType)>,
    pub(crate) parts: BTreeMap<u16, UploadedPart>,
    pub(crate) initiated: Timestamp,
}

/// A part as UploadPart left it.
#[derive(Clone, Debug)]
pub(crate) struct UploadedPart {
    pub(crate) bytes: Bytes,
    pub(crate) md5: [u8; 16],
    pub(crate) checksum: Option<Checksum>,
    pub(crate) last_modified: Timestamp,
}

/// A part as CompleteMultipartUpload names it.
#[derive(Clone, Debug)]
pub(crate) struct NamedPart {
    pub(crate) number: u16,
    /// Without quotes.
    pub(crate) etag: String,
    pub(crate) checksum: Option<Checksum>,
}

/// What CompleteMultipartUpload says beside the parts.
#[derive(Clone, Debug)]
pub(crate) struct Completion {
    pub(crate) parts: Vec<NamedPart>,
    /// `x-amz-checksum-*` of the object as text, since composite ones end in `-N`.
    pub(crate) checksum: Option<String>,
    /// `x-amz-mp-object-size`
    pub(crate) size: Option<u64>,
    pub(crate) condition: Condition,
}

impl Bucket {
    /// CreateMultipartUpload: returns the upload id.
    pub(crate) fn create_upload(
        &self,
        key: &str,
        checksum: Option<(ChecksumAlgorithm, ChecksumType)>,
        attributes: Attributes,
    ) -> S3Result<String> {
        check_key(key)?;
        // Numbered from the other end, so that no upload id is a version id.
        let id = version_id::encode(!self.next_sequence());
        let upload = Upload {
            key: key.to_owned(),
            attributes,
            checksum,
            parts: BTreeMap::new(),
            initiated: Timestamp::now(),
        };
        self.write().uploads.insert(id.clone(), upload);
        Ok(id)
    }

    /// The upload without its parts' bytes being copied.
    pub(crate) fn upload(&self, key: &str, id: &str) -> S3Result<Upload> {
        let state = self.read();
        let upload = state.uploads.get(id).filter(|upload| upload.key == key);
        upload.cloned().ok_or_else(no_such_upload)
    }

    /// UploadPart: a part that was there is replaced.
    pub(crate) fn put_part(
        &self,
        key: &str,
        id: &str,
        number: u16,
        part: UploadedPart,
    ) -> S3Result<()> {
        let mut state = self.write();
        let upload = state.uploads.get_mut(id).filter(|upload| upload.key == key);
        let upload = upload.ok_or_else(no_such_upload)?;
        upload.parts.insert(number, part);
        Ok(())
    }

    /// AbortMultipartUpload.
    pub(crate) fn abort_upload(&self, key: &str, id: &str) -> S3Result<()> {
        self.upload(key, id)?;
        self.write().uploads.remove(id);
        Ok(())
    }

    /// CompleteMultipartUpload.
    pub(crate) fn complete_upload(
        &self,
        key: &str,
        id: &str,
        completion: &Completion,
    ) -> S3Result<Found> {
        let upload = self.upload(key, id)?;
        let parts = chosen_parts(&upload, &completion.parts)?;
        check_sizes(&parts, self.settings.min_part_size, completion.size)?;
        let data = assemble(&upload, &parts);
        if let Some(expected) = &completion.checksum
            && data.checksum_text().as_ref() != Some(expected)
            // A client may leave the suffix out.
            && !composite_equals(&data, expected)
        {
            return Err(s3_error!(
                BadDigest,
                "The checksum you specified did not match the calculated checksum."
            ));
        }
        check_condition(self.read().objects.get(key), &completion.condition)?;
        let found = self.put(key, Arc::new(data), &completion.condition)?;
        self.write().uploads.remove(id);
        Ok(found)
    }
}

fn composite_equals(data: &ObjectData, expected: &str) -> bool {
    data.checksum.is_some_and(|(checksum, _)| checksum.to_base64() == expected)
}

/// The uploaded parts that the completion names.
fn chosen_parts<'a>(upload: &'a Upload, named: &[NamedPart]) -> S3Result<Vec<&'a UploadedPart>> {
    if named.is_empty() {
        return Err(s3_error!(
            MalformedXML,
            "The XML you provided was not well-formed or did not validate against our published schema"
        ));
    }
    if !named.is_sorted_by(|one, next| one.number < next.number) {
        return Err(s3_error!(
            InvalidPartOrder,
            "The list of parts was not in ascending order. Parts must be ordered by part number."
        ));
    }
    named
        .iter()
        .map(|named| {
            upload
                .parts
                .get(&named.number)
                .filter(|part| hex(&part.md5) == named.etag)
                .filter(|part| named.checksum.is_none() || part.checksum == named.checksum)
                .ok_or_else(invalid_part)
        })
        .collect()
}

fn check_sizes(parts: &[&UploadedPart], minimum: u64, size: Option<u64>) -> S3Result<()> {
    let length = |part: &&UploadedPart| part.bytes.len() as u64;
    if let Some((_last, others)) = parts.split_last()
        && others.iter().any(|part| length(part) < minimum)
    {
        return Err(s3_error!(
            EntityTooSmall,
            "Your proposed upload is smaller than the minimum allowed size"
        ));
    }
    if size.is_some_and(|size| size != parts.iter().map(length).sum::<u64>()) {
        return Err(s3_error!(
            InvalidRequest,
            "The provided 'x-amz-mp-object-size' header value does not match what was computed"
        ));
    }
    Ok(())
}

/// The object that the parts make.
fn assemble(upload: &Upload, parts: &[&UploadedPart]) -> ObjectData {
    let mut md5 = Md5::new();
    parts.iter().for_each(|part| md5.update(&part.md5));
    let etag = Etag {
        md5: md5.finish(),
        parts: u16::try_from(parts.len()).expect("part numbers end at 10,000"),
    };
    let content: Vec<Bytes> = parts.iter().map(|part| part.bytes.clone()).collect();
    let checksum = upload.checksum.and_then(|(algorithm, checksum_type)| {
        let checksum = match checksum_type {
            ChecksumType::FullObject => full_object_checksum(parts),
            ChecksumType::Composite => composite_checksum(algorithm, parts),
        };
        Some((checksum?, checksum_type))
    });
    let parts =
        parts.iter().map(|part| Part { size: part.bytes.len() as u64, checksum: part.checksum });
    ObjectData::multipart(
        Content::Parts(content.into()),
        etag,
        checksum,
        parts.collect(),
        upload.attributes.clone(),
    )
}

fn full_object_checksum(parts: &[&UploadedPart]) -> Option<Checksum> {
    let (first, rest) = parts.split_first()?;
    rest.iter().try_fold(first.checksum?, |whole, part| {
        whole.combine(&part.checksum?, part.bytes.len() as u64)
    })
}

fn composite_checksum(algorithm: ChecksumAlgorithm, parts: &[&UploadedPart]) -> Option<Checksum> {
    let mut digest = ChecksumDigest::new(algorithm);
    for part in parts {
        digest.update(part.checksum.as_ref()?.as_bytes());
    }
    Some(digest.finish())
}

fn no_such_upload() -> S3Error {
    s3_error!(
        NoSuchUpload,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
    )
}

fn invalid_part() -> S3Error {
    S3Error::with_message(
        S3ErrorCode::InvalidPart,
        "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    )
}
