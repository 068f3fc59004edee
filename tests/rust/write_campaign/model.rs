//! A small S3 in memory that fails as it is told: what it has stored is known to the byte.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use s3stream_tests::fault::{Random, ReceivedRequest};

/// How a server treats what every server does in its own way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manners {
    /// AWS repeats the algorithm and states CRC64NVME; RadosGW does neither.
    pub(crate) checksums: bool,
    /// ETags are no digests, as under SSE-KMS, and another one for each request.
    pub(crate) opaque: bool,
    /// RadosGW's first Complete.
    pub(crate) empty_etag: bool,
    /// RadosGW ignores conditions of Complete.
    pub(crate) conditions: bool,
    pub(crate) again: Again,
}

/// What a Complete gets whose upload is completed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Again {
    /// As if nothing had happened, while the object is still ours: RadosGW, Swift.
    Same,
    /// `NoSuchUpload`: AWS, rclone.
    Gone,
    /// RadosGW, where the object is another by now.
    InternalError,
}

impl Manners {
    pub(crate) fn drawn(random: &mut Random) -> Self {
        Self {
            checksums: random.chance(500),
            opaque: random.chance(200),
            empty_etag: random.chance(200),
            conditions: random.chance(700),
            again: *random.pick(&[Again::Same, Again::Gone, Again::InternalError]),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) bytes: Vec<u8>,
    pub(crate) etag: String,
}

#[derive(Clone, Debug, Default)]
struct Upload {
    parts: BTreeMap<u32, Stored>,
}

/// One key of one bucket, and the uploads to it.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) manners: Manners,
    pub(crate) object: Option<Stored>,
    uploads: BTreeMap<String, Upload>,
    /// What each upload was completed as.
    completed: BTreeMap<String, Stored>,
    tags: u64,
}

/// A reply: status, headers, body.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn error(status: u16, code: &str) -> Self {
        let body = format!("<Error><Code>{code}</Code><Message></Message></Error>");
        Self { status, headers: Vec::new(), body }
    }

    pub(crate) fn bytes(&self, method: &str) -> Vec<u8> {
        let mut bytes = format!("HTTP/1.1 {} X\r\n", self.status);
        let is_told = self.headers.iter().any(|(name, _)| *name == "Content-Length");
        if !is_told && self.status != 204 {
            bytes.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        for (name, value) in &self.headers {
            bytes.push_str(&format!("{name}: {value}\r\n"));
        }
        bytes.push_str("\r\n");
        if method != "HEAD" {
            bytes.push_str(&self.body);
        }
        bytes.into_bytes()
    }
}

impl Model {
    pub(crate) fn new(manners: Manners, object: Option<Stored>) -> Self {
        let (uploads, completed) = (BTreeMap::new(), BTreeMap::new());
        Self { manners, object, uploads, completed, tags: 0 }
    }

    /// Ids of the uploads that are there.
    pub(crate) fn uploads(&self) -> Vec<String> {
        self.uploads.keys().cloned().collect()
    }

    /// How many bytes an upload has.
    pub(crate) fn size_of(&self, id: &str) -> usize {
        let parts = self.uploads.get(id).map(|upload| upload.parts.values());
        parts.into_iter().flatten().map(|part| part.bytes.len()).sum()
    }

    /// Does what a request asks for.
    pub(crate) fn apply(&mut self, request: &ReceivedRequest) -> Reply {
        let upload = field(request, "uploadId");
        let part = field(request, "partNumber").and_then(|number| number.parse().ok());
        match (request.method.as_str(), upload, part) {
            ("HEAD", ..) => self.describe(),
            ("PUT", Some(id), Some(number)) => self.put_part(&id, number, request),
            ("PUT", None, None) => self.put(request),
            ("POST", Some(id), None) => self.complete(&id, request),
            ("POST", None, None) => self.create(request),
            ("DELETE", Some(id), None) => match self.uploads.remove(&id) {
                Some(_) => Reply { status: 204, headers: Vec::new(), body: String::new() },
                None => Reply::error(404, "NoSuchUpload"),
            },
            _ => Reply::error(400, "Unknown"),
        }
    }

    fn describe(&self) -> Reply {
        let Some(object) = &self.object else { return Reply::error(404, "NoSuchKey") };
        let mut headers = vec![
            ("Content-Length", object.bytes.len().to_string()),
            ("ETag", format!("\"{}\"", object.etag)),
            ("Last-Modified", "Tue, 02 Jan 2024 03:04:05 GMT".to_owned()),
        ];
        if self.manners.opaque {
            headers.push(("x-amz-server-side-encryption", "aws:kms".to_owned()));
        }
        if self.manners.checksums {
            headers.extend(stated(&object.bytes));
        }
        Reply { status: 200, headers, body: String::new() }
    }

    fn stored(&mut self, bytes: Vec<u8>, digest: &[u8], suffix: &str) -> Stored {
        self.tags += 1;
        let etag = match self.manners.opaque {
            true => hex(&Md5::digest(format!("tag {}", self.tags))),
            false => hex(digest),
        };
        Stored { bytes, etag: format!("{etag}{suffix}") }
    }

    fn is_refused(&self, request: &ReceivedRequest) -> bool {
        request.header("if-none-match").is_some() && self.object.is_some()
    }

    fn put(&mut self, request: &ReceivedRequest) -> Reply {
        if self.is_refused(request) {
            return Reply::error(412, "PreconditionFailed");
        }
        let bytes = request.body.beginning.clone();
        let stored = self.stored(bytes, &Md5::digest(&request.body.beginning), "");
        let mut headers = vec![("ETag", format!("\"{}\"", stored.etag))];
        if self.manners.opaque {
            headers.push(("x-amz-server-side-encryption", "aws:kms".to_owned()));
        }
        if self.manners.checksums {
            headers.extend(stated(&stored.bytes));
        }
        self.object = Some(stored);
        Reply { status: 200, headers, body: String::new() }
    }

    fn create(&mut self, request: &ReceivedRequest) -> Reply {
        self.tags += 1;
        let id = format!("upload-{}", self.tags);
        self.uploads.insert(id.clone(), Upload::default());
        let mut headers = Vec::new();
        if self.manners.checksums && request.header("x-amz-checksum-algorithm").is_some() {
            headers.push(("x-amz-checksum-algorithm", "CRC64NVME".to_owned()));
            headers.push(("x-amz-checksum-type", "FULL_OBJECT".to_owned()));
        }
        let body = format!(
            "<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
        );
        Reply { status: 200, headers, body }
    }

    fn put_part(&mut self, id: &str, number: u32, request: &ReceivedRequest) -> Reply {
        if !self.uploads.contains_key(id) {
            return Reply::error(404, "NoSuchUpload");
        }
        let bytes = request.body.beginning.clone();
        let stored = self.stored(bytes, &Md5::digest(&request.body.beginning), "");
        let mut headers = vec![("ETag", format!("\"{}\"", stored.etag))];
        if self.manners.checksums {
            headers.extend(stated(&stored.bytes));
        }
        if let Some(upload) = self.uploads.get_mut(id) {
            upload.parts.insert(number, stored);
        }
        Reply { status: 200, headers, body: String::new() }
    }

    fn complete(&mut self, id: &str, request: &ReceivedRequest) -> Reply {
        let Some(upload) = self.uploads.get(id) else {
            let ours = self.completed.get(id).filter(|ours| self.object.as_ref() == Some(ours));
            return match (self.manners.again, ours) {
                (Again::Same, Some(ours)) => self.made(ours, false),
                (Again::InternalError, _) => Reply::error(500, "InternalError"),
                _ => Reply::error(404, "NoSuchUpload"),
            };
        };
        if self.manners.conditions && self.is_refused(request) {
            return Reply::error(412, "PreconditionFailed");
        }
        let document = request.body.text();
        let numbers = texts(&document, "PartNumber");
        let etags = texts(&document, "ETag");
        let mut bytes = Vec::new();
        let mut digests = Vec::new();
        for (number, etag) in numbers.iter().zip(&etags) {
            let part = number.parse().ok().and_then(|number: u32| upload.parts.get(&number));
            let Some(part) = part.filter(|part| part.etag == *etag) else {
                return Reply::error(400, "InvalidPart");
            };
            bytes.extend_from_slice(&part.bytes);
            digests.extend(Md5::digest(&part.bytes));
        }
        let suffix = format!("-{}", numbers.len());
        let stored = self.stored(bytes, &Md5::digest(&digests), &suffix);
        self.uploads.remove(id);
        self.completed.insert(id.to_owned(), stored.clone());
        self.object = Some(stored.clone());
        self.made(&stored, self.manners.empty_etag)
    }

    fn made(&self, stored: &Stored, is_empty: bool) -> Reply {
        let etag = if is_empty { "" } else { &stored.etag };
        let mut body = format!("<CompleteMultipartUploadResult><ETag>{etag}</ETag>");
        if self.manners.checksums {
            let value = crc64nvme(&stored.bytes);
            body.push_str(&format!(
                "<ChecksumCRC64NVME>{value}</ChecksumCRC64NVME><ChecksumType>FULL_OBJECT</ChecksumType>"
            ));
        }
        body.push_str("</CompleteMultipartUploadResult>");
        Reply { status: 200, headers: Vec::new(), body }
    }
}

/// A field of the query.
pub(crate) fn field(request: &ReceivedRequest, name: &str) -> Option<String> {
    let mut fields = request.query().split('&').filter_map(|field| field.split_once('='));
    fields.find(|(own, _)| *own == name).map(|(_, value)| value.to_owned())
}

fn texts(document: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let ends = document.split(&*open).skip(1).filter_map(|rest| rest.split(&*close).next());
    ends.map(|text| text.replace("&quot;", "\"").trim_matches('"').to_owned()).collect()
}

fn stated(bytes: &[u8]) -> [(&'static str, String); 2] {
    [
        ("x-amz-checksum-crc64nvme", crc64nvme(bytes)),
        ("x-amz-checksum-type", "FULL_OBJECT".to_owned()),
    ]
}

fn crc64nvme(bytes: &[u8]) -> String {
    STANDARD.encode(crc_fast::checksum(crc_fast::CrcAlgorithm::Crc64Nvme, bytes).to_be_bytes())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
