//! PutObject, DeleteObject and DeleteObjects.

use std::sync::Arc;

use http::HeaderMap;
use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, ETag,
    ObjectIdentifier, PutObjectInput, PutObjectOutput,
};
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};

use super::attributes::{echo_encryption, require_digest, text, write_condition};
use super::body::{KeptChecksum, receive};
use super::listing::{document, push_element};
use super::lock::bypass;
use super::{Operations, set_header, xml_reply};
use crate::embedded::store::{
    Attributes, Bucket, Condition, Content, Deleted, Found, ObjectData, opaque_tag,
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
        let prepared = self.prepared(&bucket, &request.headers);
        // Read also for a refusal: what is left unread would end the connection.
        let body = request.input.body.take();
        let kept = KeptChecksum::ClaimedOr(self.store.settings().default_checksum);
        let received = receive(&request, body, kept).await;
        let (attributes, condition) = prepared?;
        let received = received?;
        let md5 = match attributes.hides_md5() {
            true => opaque_tag(received.bytes.len() as u64),
            false => received.md5,
        };
        let data = ObjectData::with_digests(
            Content::Whole(received.bytes),
            md5,
            received.checksum,
            attributes,
        );
        let found = bucket.put(&request.input.key, Arc::new(data), &condition)?;
        let headers = stored_headers(&found)?;
        Ok(S3Response::with_headers(PutObjectOutput::default(), headers))
    }

    /// What the headers of a PutObject ask for, if they may.
    fn prepared(&self, bucket: &Bucket, headers: &HeaderMap) -> S3Result<(Attributes, Condition)> {
        let attributes = self.attributes(bucket, headers)?;
        if attributes.retention.is_some() || attributes.legal_hold.is_some() {
            require_digest(headers)?;
        }
        Ok((attributes, write_condition(headers)?))
    }

    /// DeleteObject.
    pub(super) async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        let input = &request.input;
        let bucket = self.store.bucket(&input.bucket)?;
        let version_id = input.version_id.as_deref();
        let wanted = text(&request.headers, "if-match");
        check_deleted(&bucket, &input.key, version_id, wanted)?;
        let deleted = bucket.delete(&input.key, version_id, bypass(&request.headers))?;
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
        require_digest(&request.headers)?;
        let input = &request.input;
        let bucket = self.store.bucket(&input.bucket)?;
        let bypass = bypass(&request.headers);
        let objects = &input.delete.objects;
        if objects.is_empty() || objects.len() > MAX_DELETED {
            return Err(s3_error!(
                MalformedXML,
                "The XML you provided was not well-formed or did not validate against our published schema"
            ));
        }
        let is_quiet = input.delete.quiet == Some(true);
        let mut xml = document("DeleteResult");
        for object in objects {
            let version_id = object.version_id.as_deref();
            let wanted = object.e_tag.as_ref().map(ETag::value);
            let checked = check_deleted(&bucket, &object.key, version_id, wanted);
            match checked.and_then(|()| bucket.delete(&object.key, version_id, bypass)) {
                Ok(_) if is_quiet => {}
                Ok(done) => push_deleted(&mut xml, object, &done),
                Err(error) => push_error(&mut xml, object, &error),
            }
        }
        xml.push_str("</DeleteResult>");
        Ok(xml_reply(xml))
    }
}

/// DeleteObject's `If-Match`, which nothing fulfils that is not there.
fn check_deleted(
    bucket: &Bucket,
    key: &str,
    version_id: Option<&str>,
    wanted: Option<&str>,
) -> S3Result<()> {
    let Some(wanted) = wanted else {
        return Ok(());
    };
    let found = bucket.find(key, version_id).map_err(|_| precondition_failed())?;
    match wanted == "*" || wanted.trim_matches('"') == found.data.etag.to_text() {
        true => Ok(()),
        false => Err(precondition_failed()),
    }
}

/// What a write answers: ETag, version, checksum, encryption.
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
    if let Some(own) = found.data.attributes() {
        echo_encryption(&mut headers, &own.headers);
    }
    Ok(headers)
}

fn push_deleted(xml: &mut String, object: &ObjectIdentifier, done: &Deleted) {
    xml.push_str("<Deleted>");
    push_element(xml, "Key", &object.key);
    if let Some(id) = &object.version_id {
        push_element(xml, "VersionId", id);
    }
    if done.is_delete_marker {
        push_element(xml, "DeleteMarker", "true");
        push_element(xml, "DeleteMarkerVersionId", done.version_id.as_deref().unwrap_or_default());
    }
    xml.push_str("</Deleted>");
}

fn push_error(xml: &mut String, object: &ObjectIdentifier, error: &S3Error) {
    xml.push_str("<Error>");
    push_element(xml, "Key", &object.key);
    if let Some(id) = &object.version_id {
        push_element(xml, "VersionId", id);
    }
    push_element(xml, "Code", error.code().as_str());
    push_element(xml, "Message", error.message().unwrap_or_default());
    xml.push_str("</Error>");
}
