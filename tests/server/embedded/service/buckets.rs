//! Bucket operations.

use http::HeaderMap;
use s3s::dto::{
    Bucket, BucketVersioningStatus, CreateBucketInput, CreateBucketOutput, DeleteBucketInput,
    DeleteBucketOutput, GetBucketLocationInput, GetBucketLocationOutput, GetBucketVersioningInput,
    GetBucketVersioningOutput, HeadBucketInput, HeadBucketOutput, ListBucketsInput,
    ListBucketsOutput, Owner, PutBucketVersioningInput, PutBucketVersioningOutput,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::{Operations, set_header, xml_reply};
use crate::embedded::encode::{parse_token, push_xml, token};
use crate::embedded::store::Versioning;

/// Id of the account that owns everything.
pub(super) const OWNER_ID: &str =
    "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a";
/// Name of that account.
pub(super) const OWNER_NAME: &str = "s3stream";

impl Operations {
    /// CreateBucket.
    pub(super) async fn create_bucket(
        &self,
        request: S3Request<CreateBucketInput>,
    ) -> S3Result<S3Response<CreateBucketOutput>> {
        let name = &request.input.bucket;
        self.store.try_create_bucket(name)?;
        if request.input.object_lock_enabled_for_bucket == Some(true) {
            self.store.enable_object_lock(name);
        }
        Ok(S3Response::new(CreateBucketOutput { location: Some(format!("/{name}")) }))
    }

    /// HeadBucket.
    pub(super) async fn head_bucket(
        &self,
        request: S3Request<HeadBucketInput>,
    ) -> S3Result<S3Response<HeadBucketOutput>> {
        self.store.bucket(&request.input.bucket)?;
        let mut headers = HeaderMap::new();
        set_header(&mut headers, "x-amz-bucket-region", &self.region)?;
        Ok(S3Response::with_headers(HeadBucketOutput::default(), headers))
    }

    /// DeleteBucket.
    pub(super) async fn delete_bucket(
        &self,
        request: S3Request<DeleteBucketInput>,
    ) -> S3Result<S3Response<DeleteBucketOutput>> {
        self.store.delete_bucket(&request.input.bucket)?;
        Ok(S3Response::new(DeleteBucketOutput::default()))
    }

    /// ListBuckets.
    pub(super) async fn list_buckets(
        &self,
        request: S3Request<ListBucketsInput>,
    ) -> S3Result<S3Response<ListBucketsOutput>> {
        let input = &request.input;
        let prefix = input.prefix.as_deref().unwrap_or_default();
        let after = input.continuation_token.as_deref().map(|text| {
            parse_token(text).ok_or_else(|| {
                s3_error!(InvalidArgument, "The continuation token provided is incorrect")
            })
        });
        let after = after.transpose()?.unwrap_or_default();
        let max = input.max_buckets.unwrap_or(10_000).clamp(1, 10_000);
        let mut buckets = self.store.buckets();
        buckets.retain(|bucket| bucket.name.starts_with(prefix) && bucket.name > after);
        let page = usize::try_from(max).unwrap_or(usize::MAX);
        let next = buckets.get(page - 1).filter(|_| buckets.len() > page);
        let next = next.map(|last| token(&last.name));
        buckets.truncate(page);
        let listed = buckets.iter().map(|bucket| Bucket {
            name: Some(bucket.name.clone()),
            creation_date: Some(std::time::SystemTime::from(bucket.created).into()),
            ..Default::default()
        });
        Ok(S3Response::new(ListBucketsOutput {
            buckets: Some(listed.collect()),
            continuation_token: next,
            owner: Some(Owner {
                id: Some(OWNER_ID.to_owned()),
                display_name: Some(OWNER_NAME.to_owned()),
            }),
            prefix: input.prefix.clone(),
        }))
    }

    /// GetBucketLocation: `us-east-1` is said by an empty element.
    pub(super) async fn get_bucket_location(
        &self,
        request: S3Request<GetBucketLocationInput>,
    ) -> S3Result<S3Response<GetBucketLocationOutput>> {
        self.store.bucket(&request.input.bucket)?;
        let mut region = String::new();
        if self.region != "us-east-1" {
            push_xml(&mut region, &self.region);
        }
        Ok(xml_reply(format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{region}</LocationConstraint>"
        )))
    }

    /// GetBucketVersioning.
    pub(super) async fn get_bucket_versioning(
        &self,
        request: S3Request<GetBucketVersioningInput>,
    ) -> S3Result<S3Response<GetBucketVersioningOutput>> {
        let bucket = self.store.bucket(&request.input.bucket)?;
        let status = match bucket.versioning() {
            Versioning::Unversioned => None,
            Versioning::Enabled => Some(BucketVersioningStatus::ENABLED),
            Versioning::Suspended => Some(BucketVersioningStatus::SUSPENDED),
        };
        Ok(S3Response::new(GetBucketVersioningOutput {
            status: status.map(BucketVersioningStatus::from_static),
            ..Default::default()
        }))
    }

    /// PutBucketVersioning.
    pub(super) async fn put_bucket_versioning(
        &self,
        request: S3Request<PutBucketVersioningInput>,
    ) -> S3Result<S3Response<PutBucketVersioningOutput>> {
        let input = &request.input;
        let bucket = self.store.bucket(&input.bucket)?;
        let status = input.versioning_configuration.status.as_ref();
        let versioning = match status.map(BucketVersioningStatus::as_str) {
            Some(BucketVersioningStatus::ENABLED) => Versioning::Enabled,
            Some(BucketVersioningStatus::SUSPENDED) => Versioning::Suspended,
            _ => {
                return Err(s3_error!(
                    MalformedXML,
                    "The XML you provided was not well-formed or did not validate against our published schema"
                ));
            }
        };
        bucket.set_versioning(versioning);
        Ok(S3Response::new(PutBucketVersioningOutput::default()))
    }
}
