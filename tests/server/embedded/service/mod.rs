//! The S3 operations, over the store.
//!
//! What s3s cannot express (headers common to GET and HEAD, listings with
//! interleaved delete markers, control characters) is handed to the front as
//! [`RawXml`], [`Status`] or as plain headers.

mod acl;
mod archive;
mod attributes;
mod body;
mod buckets;
mod copy;
mod listing;
mod lock;
mod multipart;
mod read;
mod tagging;
mod uploads;
mod write;

use http::{HeaderMap, HeaderName, HeaderValue};
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput, CopyObjectInput, CopyObjectOutput, CreateBucketInput,
    CreateBucketOutput, CreateMultipartUploadInput, CreateMultipartUploadOutput, DeleteBucketInput,
    DeleteBucketOutput, DeleteObjectInput, DeleteObjectOutput, DeleteObjectTaggingInput,
    DeleteObjectTaggingOutput, DeleteObjectsInput, DeleteObjectsOutput, GetBucketLocationInput,
    GetBucketLocationOutput, GetBucketVersioningInput, GetBucketVersioningOutput,
    GetObjectAclInput, GetObjectAclOutput, GetObjectInput, GetObjectLegalHoldInput,
    GetObjectLegalHoldOutput, GetObjectLockConfigurationInput, GetObjectLockConfigurationOutput,
    GetObjectOutput, GetObjectRetentionInput, GetObjectRetentionOutput, GetObjectTaggingInput,
    GetObjectTaggingOutput, HeadBucketInput, HeadBucketOutput, HeadObjectInput, HeadObjectOutput,
    ListBucketsInput, ListBucketsOutput, ListMultipartUploadsInput, ListMultipartUploadsOutput,
    ListObjectVersionsInput, ListObjectVersionsOutput, ListObjectsInput, ListObjectsOutput,
    ListObjectsV2Input, ListObjectsV2Output, ListPartsInput, ListPartsOutput,
    PutBucketVersioningInput, PutBucketVersioningOutput, PutObjectAclInput, PutObjectAclOutput,
    PutObjectInput, PutObjectLegalHoldInput, PutObjectLegalHoldOutput, PutObjectOutput,
    PutObjectRetentionInput, PutObjectRetentionOutput, PutObjectTaggingInput,
    PutObjectTaggingOutput, RestoreObjectInput, RestoreObjectOutput, UploadPartCopyInput,
    UploadPartCopyOutput, UploadPartInput, UploadPartOutput,
};
use s3s::{S3, S3Error, S3Request, S3Response, S3Result};

use super::store::Store;

/// An XML body that replaces the one s3s made.
#[derive(Clone, Debug)]
pub(crate) struct RawXml(pub(crate) String);

/// A status that s3s has no way to say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Status(pub(crate) http::StatusCode);

/// The S3 operations over a [`Store`].
#[derive(Clone, Debug)]
pub(crate) struct Operations {
    pub(crate) store: Store,
    pub(crate) region: String,
}

/// Implements [`S3`] by the functions of the same name in this folder.
macro_rules! operations {
    ($($name:ident($input:ident) -> $output:ident;)*) => {
        #[async_trait::async_trait]
        impl S3 for Operations {
            $(
                async fn $name(&self, request: S3Request<$input>) -> S3Result<S3Response<$output>> {
                    self.$name(request).await
                }
            )*
        }
    };
}

operations! {
    abort_multipart_upload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput;
    complete_multipart_upload(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput;
    copy_object(CopyObjectInput) -> CopyObjectOutput;
    create_bucket(CreateBucketInput) -> CreateBucketOutput;
    create_multipart_upload(CreateMultipartUploadInput) -> CreateMultipartUploadOutput;
    delete_bucket(DeleteBucketInput) -> DeleteBucketOutput;
    delete_object(DeleteObjectInput) -> DeleteObjectOutput;
    delete_object_tagging(DeleteObjectTaggingInput) -> DeleteObjectTaggingOutput;
    delete_objects(DeleteObjectsInput) -> DeleteObjectsOutput;
    get_bucket_location(GetBucketLocationInput) -> GetBucketLocationOutput;
    get_bucket_versioning(GetBucketVersioningInput) -> GetBucketVersioningOutput;
    get_object(GetObjectInput) -> GetObjectOutput;
    get_object_acl(GetObjectAclInput) -> GetObjectAclOutput;
    get_object_legal_hold(GetObjectLegalHoldInput) -> GetObjectLegalHoldOutput;
    get_object_lock_configuration(GetObjectLockConfigurationInput) -> GetObjectLockConfigurationOutput;
    get_object_retention(GetObjectRetentionInput) -> GetObjectRetentionOutput;
    get_object_tagging(GetObjectTaggingInput) -> GetObjectTaggingOutput;
    head_bucket(HeadBucketInput) -> HeadBucketOutput;
    head_object(HeadObjectInput) -> HeadObjectOutput;
    list_buckets(ListBucketsInput) -> ListBucketsOutput;
    list_multipart_uploads(ListMultipartUploadsInput) -> ListMultipartUploadsOutput;
    list_object_versions(ListObjectVersionsInput) -> ListObjectVersionsOutput;
    list_objects(ListObjectsInput) -> ListObjectsOutput;
    list_objects_v2(ListObjectsV2Input) -> ListObjectsV2Output;
    list_parts(ListPartsInput) -> ListPartsOutput;
    put_bucket_versioning(PutBucketVersioningInput) -> PutBucketVersioningOutput;
    put_object(PutObjectInput) -> PutObjectOutput;
    put_object_acl(PutObjectAclInput) -> PutObjectAclOutput;
    put_object_legal_hold(PutObjectLegalHoldInput) -> PutObjectLegalHoldOutput;
    put_object_retention(PutObjectRetentionInput) -> PutObjectRetentionOutput;
    put_object_tagging(PutObjectTaggingInput) -> PutObjectTaggingOutput;
    restore_object(RestoreObjectInput) -> RestoreObjectOutput;
    upload_part(UploadPartInput) -> UploadPartOutput;
    upload_part_copy(UploadPartCopyInput) -> UploadPartCopyOutput;
}

/// Sets a reply header; a value that no header can hold is the server's fault.
fn set_header(headers: &mut HeaderMap, name: &'static str, value: &str) -> S3Result<()> {
    let value = HeaderValue::from_str(value).map_err(S3Error::internal_error)?;
    headers.insert(HeaderName::from_static(name), value);
    Ok(())
}

/// A reply whose body is `xml` and whose typed output is ignored.
fn xml_reply<T: Default>(xml: String) -> S3Response<T> {
    let mut response = S3Response::new(T::default());
    response.extensions.insert(RawXml(xml));
    response
}
