//! What a proper S3 server would answer to whoever writes the object: the ground that
//! faults of writing are put on.

use super::content::{Algorithm, Content, EtagKind};
use super::honest::Reply;
use super::request::ReceivedRequest;

/// The id of every upload.
const UPLOAD_ID: &str = "upload-1";

/// Answers PUT, POST and DELETE. Where the content has a CRC64NVME the server knows
/// checksums, as AWS does; else it ignores them, as RadosGW does.
pub(crate) fn answer_write(content: &Content, request: &ReceivedRequest) -> Reply {
    let has =
        |name: &str| request.query().split('&').any(|pair| pair.split('=').next() == Some(name));
    let crc64nvme = content.checksums.contains(&Algorithm::Crc64Nvme);
    match request.method.as_str() {
        "PUT" => stored(content, request, crc64nvme && request.query() != "tagging"),
        "POST" if has("uploads") => created(request, crc64nvme),
        "POST" if has("uploadId") => completed(content, request, crc64nvme),
        "POST" if has("delete") => document(200, "<DeleteResult></DeleteResult>"),
        "DELETE" => Reply { status: 204, headers: id(), body: 0..0, error: Vec::new() },
        _ => Reply::error(501, "NotImplemented"),
    }
}

/// PutObject or UploadPart: the ETag is the MD5 of what came, the object's own where that
/// is none.
fn stored(content: &Content, request: &ReceivedRequest, echoes: bool) -> Reply {
    let is_part = request.query().contains("partNumber=");
    let etag = match (is_part, content.etag_kind, content.etag()) {
        (false, EtagKind::Opaque, Some(etag)) => etag.to_owned(),
        _ => format!("\"{}\"", request.body.md5),
    };
    let mut headers = id();
    headers.push(("ETag".to_owned(), etag));
    headers.push(("Content-Length".to_owned(), "0".to_owned()));
    if echoes {
        headers.push(("x-amz-checksum-crc64nvme".to_owned(), request.body.crc64nvme.clone()));
        headers.push(("x-amz-checksum-type".to_owned(), "FULL_OBJECT".to_owned()));
    }
    Reply { status: 200, headers, body: 0..0, error: Vec::new() }
}

fn created(request: &ReceivedRequest, echoes: bool) -> Reply {
    let mut reply = document(
        200,
        &format!(
            "<InitiateMultipartUploadResult><UploadId>{UPLOAD_ID}</UploadId></InitiateMultipartUploadResult>"
        ),
    );
    for name in ["x-amz-checksum-algorithm", "x-amz-checksum-type"] {
        if let Some(value) = request.header(name)
            && echoes
        {
            reply.set(name, value);
        }
    }
    reply
}

fn completed(content: &Content, request: &ReceivedRequest, echoes: bool) -> Reply {
    let etag = content.etag().unwrap_or_default().replace('"', "&quot;");
    let mut xml = format!("<ETag>{etag}</ETag>");
    if echoes {
        let value = content.checksum(Algorithm::Crc64Nvme);
        xml.push_str(&format!(
            "<ChecksumCRC64NVME>{value}</ChecksumCRC64NVME><ChecksumType>FULL_OBJECT</ChecksumType>"
        ));
    }
    let path = request.path();
    document(
        200,
        &format!(
            "<CompleteMultipartUploadResult><Location>{path}</Location>{xml}</CompleteMultipartUploadResult>"
        ),
    )
}

fn document(status: u16, xml: &str) -> Reply {
    let document = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{xml}").into_bytes();
    let mut headers = id();
    headers.push(("Content-Type".to_owned(), "application/xml".to_owned()));
    headers.push(("Content-Length".to_owned(), document.len().to_string()));
    Reply { status, headers, body: 0..0, error: document }
}

fn id() -> Vec<(String, String)> {
    vec![("x-amz-request-id".to_owned(), "fault".to_owned())]
}
