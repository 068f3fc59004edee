//! CopyObject and UploadPartCopy.

use std::ops::Range;
use std::sync::Arc;

use http::{HeaderMap, HeaderName};
use jiff::Timestamp;
use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopyPartResult, CopySource, ETag,
    UploadPartCopyInput, UploadPartCopyOutput,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::attributes::{
    ENCRYPTION, check_same_customer_key, claimed_algorithm, echo_encryption, tags, text,
    write_condition,
};
use super::multipart::{part_number, set_checksum_member};
use super::{Operations, set_header};
use crate::embedded::store::{
    Attributes, Bucket, ChecksumAlgorithm, Content, Found, ObjectData, UploadedPart, hex,
    opaque_tag, precondition_failed,
};

/// What one request copies at most.
const MAX_COPY: u64 = 5 << 30;

impl Operations {
    /// CopyObject: metadata and tags come along unless they are replaced; storage class,
    /// access control list, lock, redirect and encryption are the request's alone.
    pub(super) async fn copy_object(
        &self,
        request: S3Request<CopyObjectInput>,
    ) -> S3Result<S3Response<CopyObjectOutput>> {
        let input = &request.input;
        let target = self.store.bucket(&input.bucket)?;
        let condition = write_condition(&request.headers)?;
        let source = self.copy_source(&input.copy_source, &request.headers)?;
        if source.data.content.len() > MAX_COPY {
            return Err(s3_error!(
                InvalidRequest,
                "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120"
            ));
        }
        refuse_copy_of_nothing_new(input, &request.headers)?;
        let attributes = self.copied_attributes(&target, &source, &request.headers)?;
        let data = copied_data(&source.data, named_algorithm(&request.headers), attributes);
        let found = target.put(&input.key, Arc::new(data), &condition)?;
        let mut result = CopyObjectResult {
            e_tag: Some(ETag::Strong(found.data.etag.to_text())),
            last_modified: Some(std::time::SystemTime::from(found.last_modified).into()),
            ..Default::default()
        };
        if let (Some((checksum, kind)), Some(value)) =
            (found.data.checksum, found.data.checksum_text())
        {
            set_checksum_member!(result, checksum.algorithm(), value);
            result.checksum_type = Some(kind.name().to_owned().into());
        }
        let mut headers = HeaderMap::new();
        if let Some(own) = found.data.attributes() {
            echo_encryption(&mut headers, &own.headers);
        }
        let output = CopyObjectOutput {
            copy_object_result: Some(result),
            copy_source_version_id: source.version_id,
            version_id: found.version_id,
            ..Default::default()
        };
        Ok(S3Response::with_headers(output, headers))
    }

    /// UploadPartCopy.
    pub(super) async fn upload_part_copy(
        &self,
        request: S3Request<UploadPartCopyInput>,
    ) -> S3Result<S3Response<UploadPartCopyOutput>> {
        let input = &request.input;
        let target = self.store.bucket(&input.bucket)?;
        let number = part_number(Some(input.part_number))?;
        let upload = target.upload(&input.key, &input.upload_id)?;
        check_same_customer_key(&upload.attributes.headers, &request.headers)?;
        let source = self.copy_source(&input.copy_source, &request.headers)?;
        let range = copied_range(input.copy_source_range.as_deref(), source.data.content.len())?;
        let part = copied_part(&source, range, &upload.attributes, upload.checksum.map(|(a, _)| a));
        let mut result = CopyPartResult {
            e_tag: Some(ETag::Strong(hex(&part.md5))),
            last_modified: Some(std::time::SystemTime::from(part.last_modified).into()),
            ..Default::default()
        };
        if let Some(checksum) = part.checksum {
            set_checksum_member!(result, checksum.algorithm(), checksum.to_base64());
        }
        target.put_part(&input.key, &input.upload_id, number, part)?;
        let mut headers = HeaderMap::new();
        echo_encryption(&mut headers, &upload.attributes.headers);
        if let Some(id) = &source.version_id {
            set_header(&mut headers, "x-amz-copy-source-version-id", id)?;
        }
        let output = UploadPartCopyOutput { copy_part_result: Some(result), ..Default::default() };
        Ok(S3Response::with_headers(output, headers))
    }

    /// Finds what is to be copied, if it is as the request wants it.
    fn copy_source(&self, source: &CopySource, headers: &HeaderMap) -> S3Result<Found> {
        let CopySource::Bucket { bucket, key, version_id } = source else {
            return Err(s3_error!(NotImplemented, "Access points are not implemented"));
        };
        let bucket: Arc<Bucket> = self.store.bucket(bucket)?;
        let found = bucket.find(key, version_id.as_deref())?;
        check_conditions(headers, &found)?;
        let own = found.data.attributes();
        if own.is_some_and(|own| own.is_archived() && !own.is_restored(Timestamp::now())) {
            return Err(s3_error!(
                InvalidObjectState,
                "Operation is not valid for the source object's storage class"
            ));
        }
        Ok(found)
    }

    fn copied_attributes(
        &self,
        target: &Bucket,
        source: &Found,
        headers: &HeaderMap,
    ) -> S3Result<Attributes> {
        let own = source.data.attributes().cloned().unwrap_or_default();
        let mut attributes = self.attributes(target, headers)?;
        if text(headers, "x-amz-metadata-directive") != Some("REPLACE") {
            let asked = std::mem::replace(&mut attributes.headers, own.headers);
            for name in ENCRYPTION.into_iter().chain([REDIRECT]) {
                attributes.headers.remove(&name);
                if let Some(value) = asked.get(&name) {
                    attributes.headers.insert(name, value.clone());
                }
            }
        }
        attributes.tags = match text(headers, "x-amz-tagging-directive") {
            Some("REPLACE") => tags(headers)?,
            _ => own.tags,
        };
        Ok(attributes)
    }
}

const REDIRECT: HeaderName = HeaderName::from_static("x-amz-website-redirect-location");

/// An object is copied onto itself only where that changes something.
fn refuse_copy_of_nothing_new(input: &CopyObjectInput, headers: &HeaderMap) -> S3Result<()> {
    let CopySource::Bucket { bucket, key, version_id: None } = &input.copy_source else {
        return Ok(());
    };
    let is_itself = **bucket == *input.bucket && **key == *input.key;
    let changes = text(headers, "x-amz-metadata-directive") == Some("REPLACE")
        || headers.contains_key("x-amz-storage-class")
        || headers.contains_key(REDIRECT)
        || ENCRYPTION.iter().any(|name| headers.contains_key(name));
    if is_itself && !changes {
        return Err(s3_error!(
            InvalidRequest,
            "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes."
        ));
    }
    Ok(())
}

/// A copy is an object of one part, whatever the source was made of.
fn copied_data(
    source: &ObjectData,
    named: Option<ChecksumAlgorithm>,
    attributes: Attributes,
) -> ObjectData {
    let own = source.checksum.map(|(checksum, _)| checksum.algorithm());
    let algorithm = named.or(own);
    if attributes.hides_md5() {
        return ObjectData::hidden(source.content.clone(), algorithm, attributes);
    }
    let is_md5 = source.parts.is_empty() && !source.attributes().is_some_and(Attributes::hides_md5);
    if is_md5 && algorithm == own {
        return source.with_attributes(attributes);
    }
    ObjectData::new(source.content.clone(), algorithm, attributes)
}

fn copied_part(
    source: &Found,
    range: Range<u64>,
    attributes: &Attributes,
    algorithm: Option<ChecksumAlgorithm>,
) -> UploadedPart {
    let mut bytes = Vec::new();
    source.data.content.chunks(range).for_each(|chunk| bytes.extend_from_slice(&chunk));
    let content = Content::Whole(bytes.into());
    let (md5, checksum) = content.digests(algorithm);
    let md5 = if attributes.hides_md5() { opaque_tag(content.len()) } else { md5 };
    UploadedPart { bytes: content.to_bytes(), md5, checksum, last_modified: Timestamp::now() }
}

/// `x-amz-copy-source-range: bytes=FIRST-LAST`, of which both must be given.
fn copied_range(text: Option<&str>, size: u64) -> S3Result<Range<u64>> {
    let Some(text) = text else {
        return Ok(0..size);
    };
    let invalid = || {
        s3_error!(
            InvalidArgument,
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy"
        )
    };
    let (first, last) =
        text.strip_prefix("bytes=").and_then(|range| range.split_once('-')).ok_or_else(invalid)?;
    let first: u64 = first.parse().map_err(|_| invalid())?;
    let last: u64 = last.parse().map_err(|_| invalid())?;
    if first > last || last >= size {
        return Err(s3_error!(
            InvalidArgument,
            "Range specified is not valid for source object of size: {size}"
        ));
    }
    Ok(first..last + 1)
}

/// The algorithm that CopyObject names.
fn named_algorithm(headers: &HeaderMap) -> Option<ChecksumAlgorithm> {
    let named = text(headers, "x-amz-checksum-algorithm").and_then(ChecksumAlgorithm::from_name);
    named.or(claimed_algorithm(headers).ok()?)
}

fn check_conditions(headers: &HeaderMap, source: &Found) -> S3Result<()> {
    let own = source.data.etag.to_text();
    let is_own = |etag: &str| etag == "*" || etag.trim_matches('"') == own;
    let wanted = text(headers, "x-amz-copy-source-if-match");
    let unwanted = text(headers, "x-amz-copy-source-if-none-match");
    if wanted.is_some_and(|etag| !is_own(etag)) || unwanted.is_some_and(is_own) {
        return Err(precondition_failed());
    }
    Ok(())
}
