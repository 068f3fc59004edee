//! Multipart uploads.

use std::fmt::Write as _;

use http::HeaderMap;
use jiff::Timestamp;
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput, CompletedPart, CreateMultipartUploadInput,
    CreateMultipartUploadOutput, ListPartsInput, ListPartsOutput, UploadPartInput,
    UploadPartOutput,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::attributes::{
    check_same_customer_key, claimed_algorithm, echo_encryption, text, write_condition,
};
use super::body::{KeptChecksum, receive};
use super::listing::{document, push_element};
use super::{Operations, set_header, xml_reply};
use crate::embedded::store::{
    Checksum, ChecksumAlgorithm, ChecksumType, Completion, Found, NamedPart, UploadedPart, hex,
    opaque_tag,
};

/// The largest part number.
const MAX_PARTS: u16 = 10_000;

/// The checksum members of a typed output, which has one for each algorithm.
macro_rules! set_checksum_member {
    ($output:expr, $algorithm:expr, $value:expr) => {
        match $algorithm {
            ChecksumAlgorithm::Crc32 => $output.checksum_crc32 = Some($value),
            ChecksumAlgorithm::Crc32c => $output.checksum_crc32c = Some($value),
            ChecksumAlgorithm::Crc64Nvme => $output.checksum_crc64nvme = Some($value),
            ChecksumAlgorithm::Sha1 => $output.checksum_sha1 = Some($value),
            ChecksumAlgorithm::Sha256 => $output.checksum_sha256 = Some($value),
        }
    };
}
pub(super) use set_checksum_member;

impl Operations {
    /// CreateMultipartUpload.
    pub(super) async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let input = &request.input;
        let bucket = self.store.bucket(&input.bucket)?;
        let default = self.store.settings().default_checksum;
        let checksum = upload_checksum(&request.headers, default)?;
        let attributes = self.attributes(&bucket, &request.headers)?;
        let mut headers = HeaderMap::new();
        echo_encryption(&mut headers, &attributes.headers);
        let id = bucket.create_upload(&input.key, checksum, attributes)?;
        if text(&request.headers, "x-amz-checksum-algorithm").is_some()
            && let Some((algorithm, checksum_type)) = checksum
        {
            set_header(&mut headers, "x-amz-checksum-algorithm", algorithm.name())?;
            set_header(&mut headers, "x-amz-checksum-type", checksum_type.name())?;
        }
        let mut xml = document("InitiateMultipartUploadResult");
        push_element(&mut xml, "Bucket", &input.bucket);
        push_element(&mut xml, "Key", &input.key);
        push_element(&mut xml, "UploadId", &id);
        xml.push_str("</InitiateMultipartUploadResult>");
        let mut response = xml_reply(xml);
        response.headers = headers;
        Ok(response)
    }

    /// UploadPart.
    pub(super) async fn upload_part(
        &self,
        mut request: S3Request<UploadPartInput>,
    ) -> S3Result<S3Response<UploadPartOutput>> {
        let bucket = self.store.bucket(&request.input.bucket)?;
        let number = part_number(Some(request.input.part_number))?;
        let upload = bucket.upload(&request.input.key, &request.input.upload_id)?;
        check_same_customer_key(&upload.attributes.headers, &request.headers)?;
        let body = request.input.body.take();
        let algorithm = upload.checksum.map(|(algorithm, _)| algorithm);
        let received = receive(&request, body, KeptChecksum::Fixed(algorithm)).await?;
        let md5 = match upload.attributes.hides_md5() {
            true => opaque_tag(received.bytes.len() as u64),
            false => received.md5,
        };
        let etag = hex(&md5);
        let part = UploadedPart {
            bytes: received.bytes,
            md5,
            checksum: received.checksum,
            last_modified: Timestamp::now(),
        };
        let input = &request.input;
        bucket.put_part(&input.key, &input.upload_id, number, part)?;
        let mut headers = HeaderMap::new();
        set_header(&mut headers, "etag", &format!("\"{etag}\""))?;
        if let Some(checksum) = received.checksum {
            set_header(&mut headers, checksum.algorithm().header(), &checksum.to_base64())?;
        }
        echo_encryption(&mut headers, &upload.attributes.headers);
        Ok(S3Response::with_headers(UploadPartOutput::default(), headers))
    }

    /// CompleteMultipartUpload.
    pub(super) async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let input = &request.input;
        let bucket = self.store.bucket(&input.bucket)?;
        let completion = completion(&request)?;
        let found = bucket.complete_upload(&input.key, &input.upload_id, &completion)?;
        let mut headers = HeaderMap::new();
        if let Some(id) = &found.version_id {
            set_header(&mut headers, "x-amz-version-id", id)?;
        }
        if let Some(own) = found.data.attributes() {
            echo_encryption(&mut headers, &own.headers);
        }
        let mut response = xml_reply(completed(input, &found));
        response.headers = headers;
        Ok(response)
    }

    /// AbortMultipartUpload.
    pub(super) async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        let input = &request.input;
        let bucket = self.store.bucket(&input.bucket)?;
        bucket.abort_upload(&input.key, &input.upload_id)?;
        Ok(S3Response::new(AbortMultipartUploadOutput::default()))
    }

    /// ListParts.
    pub(super) async fn list_parts(
        &self,
        request: S3Request<ListPartsInput>,
    ) -> S3Result<S3Response<ListPartsOutput>> {
        let input = &request.input;
        let upload = self.store.bucket(&input.bucket)?;
        let upload = upload.upload(&input.key, &input.upload_id)?;
        let after = input.part_number_marker.unwrap_or(0);
        let max_parts = input.max_parts.unwrap_or(1000).clamp(0, 1000);
        let mut parts: Vec<(&u16, &UploadedPart)> = upload
            .parts
            .iter()
            .filter(|(number, _)| i32::from(**number) > after)
            .take(usize::try_from(max_parts).unwrap_or_default() + 1)
            .collect();
        let page = usize::try_from(max_parts).unwrap_or_default();
        let is_truncated = parts.len() > page;
        parts.truncate(page);
        let mut xml = document("ListPartsResult");
        push_element(&mut xml, "Bucket", &input.bucket);
        push_element(&mut xml, "Key", &input.key);
        push_element(&mut xml, "UploadId", &input.upload_id);
        push_element(&mut xml, "PartNumberMarker", &after.to_string());
        push_element(&mut xml, "MaxParts", &max_parts.to_string());
        push_element(&mut xml, "IsTruncated", if is_truncated { "true" } else { "false" });
        if let Some((number, _)) = parts.last() {
            push_element(&mut xml, "NextPartNumberMarker", &number.to_string());
        }
        parts.iter().for_each(|(number, part)| push_part(&mut xml, **number, part));
        xml.push_str("</ListPartsResult>");
        Ok(xml_reply(xml))
    }
}

/// The algorithm and type that an upload's parts and object have.
fn upload_checksum(
    headers: &HeaderMap,
    default: Option<ChecksumAlgorithm>,
) -> S3Result<Option<(ChecksumAlgorithm, ChecksumType)>> {
    let named = text(headers, "x-amz-checksum-algorithm")
        .map(|name| ChecksumAlgorithm::from_name(name).ok_or(name))
        .transpose()
        .map_err(|name| {
            s3_error!(InvalidRequest, "Checksum algorithm provided is unsupported: {name}")
        })?;
    let Some(algorithm) = named.or(default) else {
        return Ok(None);
    };
    let is_full = algorithm == ChecksumAlgorithm::Crc64Nvme;
    let is_hash = matches!(algorithm, ChecksumAlgorithm::Sha1 | ChecksumAlgorithm::Sha256);
    let checksum_type = match text(headers, "x-amz-checksum-type") {
        Some("FULL_OBJECT") if !is_hash => ChecksumType::FullObject,
        Some("COMPOSITE") if !is_full => ChecksumType::Composite,
        None if is_full => ChecksumType::FullObject,
        None => ChecksumType::Composite,
        Some(other) => {
            return Err(s3_error!(
                InvalidRequest,
                "The {other} checksum type cannot be used with the {} checksum algorithm.",
                algorithm.name()
            ));
        }
    };
    Ok(Some((algorithm, checksum_type)))
}

fn completion(request: &S3Request<CompleteMultipartUploadInput>) -> S3Result<Completion> {
    let input = &request.input;
    let named = input.multipart_upload.as_ref().and_then(|upload| upload.parts.as_ref());
    let claimed = claimed_algorithm(&request.headers)?;
    Ok(Completion {
        parts: named
            .map(Vec::as_slice)
            .unwrap_or_default()
            .iter()
            .map(named_part)
            .collect::<S3Result<_>>()?,
        checksum: claimed
            .and_then(|algorithm| text(&request.headers, algorithm.header()))
            .map(str::to_owned),
        size: input.mpu_object_size.and_then(|size| u64::try_from(size).ok()),
        condition: write_condition(&request.headers)?,
    })
}

fn named_part(part: &CompletedPart) -> S3Result<NamedPart> {
    let values = [
        (ChecksumAlgorithm::Crc32, &part.checksum_crc32),
        (ChecksumAlgorithm::Crc32c, &part.checksum_crc32c),
        (ChecksumAlgorithm::Crc64Nvme, &part.checksum_crc64nvme),
        (ChecksumAlgorithm::Sha1, &part.checksum_sha1),
        (ChecksumAlgorithm::Sha256, &part.checksum_sha256),
    ];
    let checksum = values
        .into_iter()
        .find_map(|(algorithm, value)| Checksum::from_base64(algorithm, value.as_deref()?));
    Ok(NamedPart {
        number: part_number(part.part_number)?,
        etag: part.e_tag.as_ref().map(|etag| etag.value().to_owned()).unwrap_or_default(),
        checksum,
    })
}

pub(super) fn part_number(number: Option<i32>) -> S3Result<u16> {
    number
        .and_then(|number| u16::try_from(number).ok())
        .filter(|number| (1..=MAX_PARTS).contains(number))
        .ok_or_else(|| {
            s3_error!(
                InvalidArgument,
                "Part number must be an integer between 1 and 10000, inclusive"
            )
        })
}

/// The document of a completed upload; s3s would refuse keys with control characters.
fn completed(input: &CompleteMultipartUploadInput, found: &Found) -> String {
    let mut xml = document("CompleteMultipartUploadResult");
    push_element(&mut xml, "Location", &format!("/{}/{}", input.bucket, input.key));
    push_element(&mut xml, "Bucket", &input.bucket);
    push_element(&mut xml, "Key", &input.key);
    push_element(&mut xml, "ETag", &format!("\"{}\"", found.data.etag.to_text()));
    if let (Some((checksum, kind)), Some(value)) =
        (&found.data.checksum, found.data.checksum_text())
    {
        push_element(&mut xml, &format!("Checksum{}", checksum.algorithm().name()), &value);
        push_element(&mut xml, "ChecksumType", kind.name());
    }
    xml.push_str("</CompleteMultipartUploadResult>");
    xml
}

fn push_part(xml: &mut String, number: u16, part: &UploadedPart) {
    xml.push_str("<Part>");
    push_element(xml, "PartNumber", &number.to_string());
    write!(xml, "<LastModified>{:.3}</LastModified>", part.last_modified)
        .expect("writing to a String");
    push_element(xml, "ETag", &format!("\"{}\"", hex(&part.md5)));
    push_element(xml, "Size", &part.bytes.len().to_string());
    if let Some(checksum) = part.checksum {
        let name = format!("Checksum{}", checksum.algorithm().name());
        push_element(xml, &name, &checksum.to_base64());
    }
    xml.push_str("</Part>");
}
