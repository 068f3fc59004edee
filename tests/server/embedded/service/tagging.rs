//! GetObjectTagging, PutObjectTagging and DeleteObjectTagging.

use s3s::dto::{
    DeleteObjectTaggingInput, DeleteObjectTaggingOutput, GetObjectTaggingInput,
    GetObjectTaggingOutput, PutObjectTaggingInput, PutObjectTaggingOutput, Tag,
};
use s3s::{S3Request, S3Response, S3Result};

use super::Operations;
use super::attributes::{check_tags, require_digest};

impl Operations {
    /// GetObjectTagging.
    pub(super) async fn get_object_tagging(
        &self,
        request: S3Request<GetObjectTaggingInput>,
    ) -> S3Result<S3Response<GetObjectTaggingOutput>> {
        let input = &request.input;
        let bucket = self.store.bucket(&input.bucket)?;
        let found = bucket.find(&input.key, input.version_id.as_deref())?;
        let tags = found.data.attributes().map(|attributes| &attributes.tags);
        let tag_set = tags
            .into_iter()
            .flatten()
            .map(|(key, value)| Tag { key: Some(key.clone()), value: Some(value.clone()) });
        Ok(S3Response::new(GetObjectTaggingOutput {
            tag_set: tag_set.collect(),
            version_id: found.version_id,
        }))
    }

    /// PutObjectTagging.
    pub(super) async fn put_object_tagging(
        &self,
        request: S3Request<PutObjectTaggingInput>,
    ) -> S3Result<S3Response<PutObjectTaggingOutput>> {
        require_digest(&request.headers)?;
        let input = request.input;
        let tags = input.tagging.tag_set.into_iter();
        let tags = tags.map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()));
        let tags: Vec<_> = tags.collect();
        check_tags(&tags)?;
        let version_id =
            self.set_tags(&input.bucket, &input.key, input.version_id.as_deref(), tags)?;
        Ok(S3Response::new(PutObjectTaggingOutput { version_id }))
    }

    /// DeleteObjectTagging.
    pub(super) async fn delete_object_tagging(
        &self,
        request: S3Request<DeleteObjectTaggingInput>,
    ) -> S3Result<S3Response<DeleteObjectTaggingOutput>> {
        let input = &request.input;
        let version_id =
            self.set_tags(&input.bucket, &input.key, input.version_id.as_deref(), Vec::new())?;
        Ok(S3Response::new(DeleteObjectTaggingOutput { version_id }))
    }

    fn set_tags(
        &self,
        bucket: &str,
        key: &str,
        version_id: Option<&str>,
        tags: Vec<(String, String)>,
    ) -> S3Result<Option<String>> {
        let bucket = self.store.bucket(bucket)?;
        bucket.update_attributes(key, version_id, |own| own.tags = tags)
    }
}
