//! PutObject, CopyObject, DeleteObject and DeleteObjects.

use std::sync::Arc;

use http::HeaderMap;
use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, DeleteObjectInput,
    DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, ETag,
    ObjectIdentifier, PutObjectInput, PutObjectOutput, Timestamp,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::attributes::{attributes, claimed_algorithm, text, write_condition};
use super::body::{KeptChecksum, receive};
use super::{Operations, set_header};
use crate::embedded::store::{
    Attributes, Bucket, ChecksumAlgorithm, Condition, Content, Deleted, Found, ObjectData,
    precondition_failed,
};

/// What DeleteObjects takes at most.
const MAX_DELETED: usize = 1000;

impl Operations {
    /// PutObject.
    pub(super) async fn put_object(
        &self,
        mut request: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        let bucket = self.store.bucket(&request.input.bucket)?;
        let attributes = attributes(&request.headers)?;
        let condition = write_condition(&request.headers)?;
        let body = request.input.body.take();
        let kept = KeptChecksum::ClaimedOr(self.store.settings().default_checksum);
        let received = receive(&request, body, kept).await?;
        let data = ObjectData::with_digests(
            Content::Whole(received.bytes),
            received.md5,
            received.checksum,
            attributes,
        );
        let found = bucket.put(&request.input.key, Arc::new(data), &condition)?;
        let headers = stored_headers(&found)?;
        Ok(S3Response::with_headers(PutObjectOutput::default(), headers))
    }

    /// CopyObject.
    pub(super) async fn copy_object(
        &self,
        request: S3Request<CopyObjectInput>,
    ) -> S3Result<S3Response<CopyObjectOutput>> {
        let input = &request.input;
        let target = self.store.bucket(&input.bucket)?;
        let source = self.copy_source(&input.copy_source)?;
        check_copy_conditions(&request.headers, &source)?;
        let replaces = text(&request.headers, "x-amz-metadata-directive") == Some("REPLACE");
        let attributes = if replaces {
            attributes(&request.headers)?
        } else {
            source.data.attributes().cloned().unwrap_or_default()
        };
        let data = copied_data(&source.data, named_algorithm(&request.headers), attributes);
        let found = target.put(&input.key, Arc::new(data), &Condition::None)?;
        let result = CopyObjectResult {
            e_tag: Some(ETag::Strong(found.data.etag.to_text())),
            last_modified: Some(Timestamp::from(std::time::SystemTime::from(found.last_modified))),
            ..Default::default()
        };
        let output = CopyObjectOutput {
            copy_object_result: Some(result),
            copy_source_version_id: source.version_id,
            version_id: found.version_id,
            ..Default::default()
        };
        Ok(S3Response::new(output))
    }

    /// DeleteObject.
    pub(super) async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        let input = &request.input;
        let bucket = self.store.bucket(&input.bucket)?;
        let deleted = bucket.delete(&input.key, input.version_id.as_deref())?;
        Ok(S3Response::new(DeleteObjectOutput {
            delete_marker: deleted.is_delete_marker.then_some(true),
            version_id: deleted.version_id,
            ..Default::default()
        }))
    }

    /// DeleteObjects.
    pub(super) async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let input = &request.input;
        let bucket = self.store.bucket(&input.bucket)?;
        let objects = &input.delete.objects;
        if objects.is_empty() || objects.len() > MAX_DELETED {
            return Err(s3_error!(
                MalformedXML,
                "The XML you provided was not well-formed or did not validate against our published schema"
            ));
        }
        let mut deleted = Vec::new();
        let mut errors = Vec::new();
        for object in objects {
            match bucket.delete(&object.key, object.version_id.as_deref()) {
                Ok(done) => deleted.push(deleted_object(object, done)),
                Err(error) => errors.push(s3s::dto::Error {
                    code: Some(error.code().as_str().to_owned()),
                    key: Some(object.key.clone()),
                    message: error.message().map(str::to_owned),
                    version_id: object.version_id.clone(),
                }),
            }
        }
        let is_quiet = input.delete.quiet == Some(true);
        Ok(S3Response::new(DeleteObjectsOutput {
            deleted: (!is_quiet).then_some(deleted),
            errors: (!errors.is_empty()).then_some(errors),
            ..Default::default()
        }))
    }

    fn copy_source(&self, source: &CopySource) -> S3Result<Found> {
        let CopySource::Bucket { bucket, key, version_id } = source else {
            return Err(s3_error!(NotImplemented, "Access points are not implemented"));
        };
        let bucket: Arc<Bucket> = self.store.bucket(bucket)?;
        bucket.find(key, version_id.as_deref())
    }
}

/// What a write answers: ETag, version, checksum.
pub(super) fn stored_headers(found: &Found) -> S3Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    set_header(&mut headers, "etag", &format!("\"{}\"", found.data.etag.to_text()))?;
    if let Some(id) = &found.version_id {
        set_header(&mut headers, "x-amz-version-id", id)?;
    }
    if let (Some((checksum, kind)), Some(value)) =
        (&found.data.checksum, found.data.checksum_text())
    {
        set_header(&mut headers, checksum.algorithm().header(), &value)?;
        set_header(&mut headers, "x-amz-checksum-type", kind.name())?;
    }
    Ok(headers)
}

/// A copy is an object of one part, whatever the source was made of.
fn copied_data(
    source: &ObjectData,
    named: Option<ChecksumAlgorithm>,
    attributes: Attributes,
) -> ObjectData {
    let own = source.checksum.map(|(checksum, _)| checksum.algorithm());
    let algorithm = named.or(own);
    if source.parts.is_empty() && algorithm == own {
        return source.with_attributes(attributes);
    }
    ObjectData::new(source.content.clone(), algorithm, attributes)
}

/// The algorithm that CopyObject names.
fn named_algorithm(headers: &HeaderMap) -> Option<ChecksumAlgorithm> {
    let named = text(headers, "x-amz-checksum-algorithm").and_then(ChecksumAlgorithm::from_name);
    named.or(claimed_algorithm(headers).ok()?)
}

fn check_copy_conditions(headers: &HeaderMap, source: &Found) -> S3Result<()> {
    let own = source.data.etag.to_text();
    let is_own = |etag: &str| etag == "*" || etag.trim_matches('"') == own;
    let wanted = text(headers, "x-amz-copy-source-if-match");
    let unwanted = text(headers, "x-amz-copy-source-if-none-match");
    if wanted.is_some_and(|etag| !is_own(etag)) || unwanted.is_some_and(is_own) {
        return Err(precondition_failed());
    }
    Ok(())
}

fn deleted_object(object: &ObjectIdentifier, done: Deleted) -> DeletedObject {
    let marker_version_id = done.version_id.filter(|_| done.is_delete_marker);
    DeletedObject {
        key: Some(object.key.clone()),
        version_id: object.version_id.clone(),
        delete_marker: done.is_delete_marker.then_some(true),
        delete_marker_version_id: marker_version_id,
    }
}
