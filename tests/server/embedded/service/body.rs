//! Request bodies: received in one buffer, checked while they arrive.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use http::HeaderMap;
use s3s::dto::StreamingBlob;
use s3s::stream::ByteStream as _;
use s3s::{S3Error, S3ErrorCode, S3Request, S3Result, s3_error};

use super::attributes::{claimed_algorithm, text};
use crate::embedded::store::{Checksum, ChecksumAlgorithm, ChecksumDigest, Md5};

/// A body that agrees with everything its client said about it.
pub(super) struct Received {
    pub(super) bytes: Bytes,
    pub(super) md5: [u8; 16],
    /// The checksum to keep.
    pub(super) checksum: Option<Checksum>,
}

/// Which checksum of a body is kept.
#[derive(Clone, Copy)]
pub(super) enum KeptChecksum {
    /// The client's, else this one (PutObject).
    ClaimedOr(Option<ChecksumAlgorithm>),
    /// Always this one: the upload's (UploadPart).
    Fixed(Option<ChecksumAlgorithm>),
}

/// Reads the body to its end and checks Content-MD5 and `x-amz-checksum-*`;
/// s3s checks `x-amz-content-sha256` and chunk signatures on the way.
pub(super) async fn receive<T>(
    request: &S3Request<T>,
    body: Option<StreamingBlob>,
    kept: KeptChecksum,
) -> S3Result<Received> {
    let claimed = claimed_algorithm(&request.headers)?;
    let kept = match kept {
        KeptChecksum::ClaimedOr(default) => claimed.or(default),
        KeptChecksum::Fixed(algorithm) => algorithm,
    };
    let mut digests: Vec<ChecksumDigest> = kept.map(ChecksumDigest::new).into_iter().collect();
    if claimed != kept {
        digests.extend(claimed.map(ChecksumDigest::new));
    }
    let (bytes, md5) = read_all(&request.headers, body, &mut digests).await?;
    check_md5(&request.headers, &md5)?;
    let checksums: Vec<Checksum> = digests.into_iter().map(ChecksumDigest::finish).collect();
    let of = |algorithm| {
        let mut found = checksums.iter().filter(move |one| Some(one.algorithm()) == algorithm);
        found.next().copied()
    };
    if let Some(computed) = of(claimed) {
        check_claim(request, &computed)?;
    }
    Ok(Received { bytes, md5, checksum: of(kept) })
}

async fn read_all(
    headers: &HeaderMap,
    body: Option<StreamingBlob>,
    digests: &mut [ChecksumDigest],
) -> S3Result<(Bytes, [u8; 16])> {
    let mut md5 = Md5::new();
    let Some(mut body) = body else {
        return Ok((Bytes::new(), md5.finish()));
    };
    let mut bytes = BytesMut::with_capacity(body.remaining_length().exact().unwrap_or_default());
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|_| body_error(headers))?;
        md5.update(&chunk);
        digests.iter_mut().for_each(|digest| digest.update(&chunk));
        bytes.extend_from_slice(&chunk);
    }
    Ok((bytes.freeze(), md5.finish()))
}

/// Why reading a body failed, as far as a client that still listens can tell:
/// a lost connection hears no answer, so it was a check of s3s.
fn body_error(headers: &HeaderMap) -> S3Error {
    let hash = text(headers, "x-amz-content-sha256").unwrap_or_default();
    if hash.starts_with("STREAMING-AWS4") {
        return s3_error!(
            SignatureDoesNotMatch,
            "The request signature we calculated does not match the signature you provided."
        );
    }
    if hash.starts_with("STREAMING") || hash == "UNSIGNED-PAYLOAD" {
        return s3_error!(
            IncompleteBody,
            "You did not provide the number of bytes specified by the Content-Length HTTP header."
        );
    }
    let mut error = S3Error::with_message(
        S3ErrorCode::Custom("XAmzContentSHA256Mismatch".into()),
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
    error.set_status_code(http::StatusCode::BAD_REQUEST);
    error
}

fn check_md5(headers: &HeaderMap, computed: &[u8; 16]) -> S3Result<()> {
    let Some(claimed) = text(headers, "content-md5") else {
        return Ok(());
    };
    match STANDARD.decode(claimed) {
        Ok(claimed) if claimed == computed => Ok(()),
        Ok(claimed) if claimed.len() == computed.len() => Err(s3_error!(
            BadDigest,
            "The Content-MD5 you specified did not match what we received."
        )),
        _ => Err(s3_error!(InvalidDigest, "The Content-MD5 you specified was invalid.")),
    }
}

/// Compares with the value in a header or, if not there, in the trailers.
fn check_claim<T>(request: &S3Request<T>, computed: &Checksum) -> S3Result<()> {
    let name = computed.algorithm().header();
    let trailing = request
        .trailing_headers
        .as_ref()
        .and_then(|trailers| trailers.read(|headers| text(headers, name).map(str::to_owned))?);
    let header = text(&request.headers, name).map(str::to_owned);
    let claimed =
        header.or(trailing).and_then(|value| Checksum::from_base64(computed.algorithm(), &value));
    match claimed {
        Some(claimed) if claimed == *computed => Ok(()),
        Some(_) => Err(s3_error!(
            BadDigest,
            "The {} you specified did not match the calculated checksum.",
            computed.algorithm().name()
        )),
        None => Err(s3_error!(InvalidRequest, "Value for {name} header is invalid.")),
    }
}
