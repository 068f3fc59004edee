//! What stands between the connection and s3s: checks that s3s lacks, and
//! replies that it cannot make.

use std::sync::atomic::AtomicU64;

use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use hyper::body::Incoming;
use s3s::service::S3Service;
use s3s::{Body, HttpError, HttpRequest, HttpResponse};

use super::access::{Counts, Keyring};
use super::encode::{decode_form, push_xml};
use super::service::{RawXml, Status};
use super::store::hex;
use crate::pattern::mix;

/// The service of every connection.
#[derive(Debug)]
pub(crate) struct Front {
    pub(crate) service: S3Service,
    pub(crate) keyring: Keyring,
    pub(crate) counts: Counts,
    /// The region that requests must be signed for, if that is checked.
    pub(crate) checked_region: Option<String>,
    pub(crate) request_ids: AtomicU64,
}

/// A request that is refused before s3s sees it.
struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// The region to name in body and header.
    region: Option<String>,
}

impl Front {
    pub(crate) async fn call(
        &self,
        request: http::Request<Incoming>,
    ) -> Result<HttpResponse, HttpError> {
        Counts::add(&self.counts.requests);
        let request_id = format!("{:016X}", mix(Counts::add(&self.request_ids)));
        let (parts, body) = request.into_parts();
        let method = parts.method.clone();
        let mut response = match self.check(&parts) {
            Ok(()) => {
                let request = HttpRequest::from_parts(parts, Body::from(body));
                self.service.call(request).await?
            }
            Err(refusal) => refusal.into_response(),
        };
        finish(&mut response, &method, &request_id);
        Ok(response)
    }

    fn check(&self, parts: &Parts) -> Result<(), Refusal> {
        refuse_signature_v2(parts)?;
        let Some(signed) = Signed::of(parts) else {
            return Ok(());
        };
        self.check_region(&signed)?;
        check_signed_headers(&signed, &parts.headers)?;
        self.check_token(&signed, &parts.headers)
    }

    /// AWS looks at the region first, and names the right one.
    fn check_region(&self, signed: &Signed) -> Result<(), Refusal> {
        let Some(region) = &self.checked_region else {
            return Ok(());
        };
        let given = signed.credential.rsplit('/').nth(2).unwrap_or_default();
        if given == region {
            return Ok(());
        }
        let code = match signed.place {
            Place::Header => "AuthorizationHeaderMalformed",
            Place::Query => "AuthorizationQueryParametersError",
        };
        Err(Refusal {
            status: StatusCode::BAD_REQUEST,
            code,
            message: format!(
                "The authorization header is malformed; the region '{given}' is wrong; expecting '{region}'"
            ),
            region: Some(region.clone()),
        })
    }

    fn check_token(&self, signed: &Signed, headers: &HeaderMap) -> Result<(), Refusal> {
        let in_header = headers.get("x-amz-security-token");
        let in_header = in_header.and_then(|value| value.to_str().ok());
        let given = in_header.or(signed.token.as_deref());
        let (status, code, message) = match (self.keyring.current().session_token, given) {
            (None, None) => return Ok(()),
            (Some(own), Some(given)) if own == given => return Ok(()),
            (Some(_), Some(_)) => {
                (StatusCode::BAD_REQUEST, "ExpiredToken", "The provided token has expired.")
            }
            (None, Some(_)) => (
                StatusCode::BAD_REQUEST,
                "InvalidToken",
                "The provided token is malformed or otherwise invalid.",
            ),
            (Some(_), None) => (
                StatusCode::FORBIDDEN,
                "InvalidAccessKeyId",
                "The AWS Access Key Id you provided does not exist in our records.",
            ),
        };
        Err(Refusal::new(status, code, message))
    }
}

/// AWS takes SigV2 only in regions older than 2014; s3s would take it, past
/// the checks made here.
fn refuse_signature_v2(parts: &Parts) -> Result<(), Refusal> {
    let authorization = parts.headers.get(header::AUTHORIZATION);
    let in_header = authorization.is_some_and(|value| value.as_bytes().starts_with(b"AWS "));
    let mut fields = parts.uri.query().unwrap_or_default().split('&');
    let in_query = fields.any(|field| field.starts_with("AWSAccessKeyId="));
    if in_header || in_query {
        return Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "InvalidRequest",
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
        ));
    }
    Ok(())
}

/// Every `x-amz-*` header has to be signed; s3s does not look.
fn check_signed_headers(signed: &Signed, headers: &HeaderMap) -> Result<(), Refusal> {
    let is_signed = |name: &str| signed.headers.split(';').any(|signed| signed == name);
    // A presigned URL may be sent with the hash of what is sent.
    let is_free = |name: &str| signed.place == Place::Query && name == "x-amz-content-sha256";
    let unsigned = headers
        .keys()
        .map(http::HeaderName::as_str)
        .any(|name| name.starts_with("x-amz-") && !is_signed(name) && !is_free(name));
    if unsigned || !is_signed("host") {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "AccessDenied",
            "There were headers present in the request which were not signed",
        ));
    }
    Ok(())
}

/// Where a signature stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Header,
    Query,
}

/// What a SigV4 request says about its signature.
struct Signed {
    place: Place,
    /// `KEY/DATE/REGION/s3/aws4_request`
    credential: String,
    /// Names, joined by semicolons.
    headers: String,
    /// X-Amz-Security-Token of a presigned URL.
    token: Option<String>,
}

impl Signed {
    fn of(parts: &Parts) -> Option<Self> {
        Self::in_header(&parts.headers).or_else(|| Self::in_query(parts.uri.query()?))
    }

    fn in_header(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let fields = value.strip_prefix("AWS4-HMAC-SHA256")?;
        let field = |name: &str| {
            let mut fields = fields.split(',').map(str::trim);
            let found = fields.find_map(|field| field.strip_prefix(name)?.strip_prefix('='));
            found.map(str::to_owned)
        };
        Some(Self {
            place: Place::Header,
            credential: field("Credential")?,
            headers: field("SignedHeaders")?,
            token: None,
        })
    }

    fn in_query(query: &str) -> Option<Self> {
        let field = |name: &str| {
            let mut fields = query.split('&').filter_map(|field| field.split_once('='));
            let found = fields.find(|(own, _)| *own == name);
            found.and_then(|(_, value)| decode_form(value))
        };
        Some(Self {
            place: Place::Query,
            credential: field("X-Amz-Credential")?,
            headers: field("X-Amz-SignedHeaders")?,
            token: field("X-Amz-Security-Token"),
        })
    }
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: &str) -> Self {
        Self { status, code, message: message.to_owned(), region: None }
    }

    fn into_response(self) -> HttpResponse {
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>");
        xml.push_str(self.code);
        xml.push_str("</Code><Message>");
        push_xml(&mut xml, &self.message);
        xml.push_str("</Message>");
        let mut response = HttpResponse::default();
        if let Some(region) = &self.region {
            xml.push_str("<Region>");
            push_xml(&mut xml, region);
            xml.push_str("</Region>");
            if let Ok(value) = HeaderValue::from_str(region) {
                response.headers_mut().insert("x-amz-bucket-region", value);
            }
        }
        xml.push_str("</Error>");
        *response.status_mut() = self.status;
        *response.body_mut() = Body::from(xml);
        set(&mut response, "content-type", "application/xml");
        response
    }
}

/// Completes a reply: our own XML, partial content, request ids, no body where
/// there must be none.
fn finish(response: &mut HttpResponse, method: &Method, request_id: &str) {
    if let Some(RawXml(xml)) = response.extensions_mut().remove() {
        *response.body_mut() = Body::from(xml);
    }
    if let Some(Status(status)) = response.extensions_mut().remove() {
        *response.status_mut() = status;
    }
    let is_partial = response.headers().contains_key(header::CONTENT_RANGE);
    if is_partial && response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    let host_id = hex(request_id.as_bytes());
    if response.status().is_client_error() || response.status().is_server_error() {
        complete_error(response, request_id, &host_id);
    }
    if response.status() == StatusCode::NOT_MODIFIED
        || (*method == Method::HEAD && !response.status().is_success())
    {
        *response.body_mut() = Body::empty();
    }
    set(response, "x-amz-request-id", request_id);
    set(response, "x-amz-id-2", &host_id);
    set(response, "server", "s3stream-embedded");
}

/// Adds RequestId and HostId to an error body.
fn complete_error(response: &mut HttpResponse, request_id: &str, host_id: &str) {
    let Some(bytes) = response.body().bytes() else {
        return;
    };
    let Some(head) = bytes.strip_suffix(b"</Error>") else {
        return;
    };
    let mut xml = String::from_utf8_lossy(head).into_owned();
    xml.extend(["<RequestId>", request_id, "</RequestId><HostId>", host_id, "</HostId></Error>"]);
    *response.body_mut() = Body::from(xml);
}

fn set(response: &mut HttpResponse, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
