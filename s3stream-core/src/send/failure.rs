//! From a transport failure or a refusal to the error that a caller sees.

use std::time::Duration;

use crate::credentials::Credentials;
use crate::error::{Error, ErrorKind};
use crate::proto::request::Request;
use crate::proto::response::Refusal;
use crate::proto::retry::Failure;
use crate::proto::service::Service;
use crate::transport::{Broken, Cause};

/// The failure of a wait that lasted `stall_timeout`.
pub(crate) fn stalled(timeout: Duration) -> Broken {
    Broken::new(Cause::Stalled, format!("no byte came for {timeout:?}"))
}

/// What a transport failure means.
pub(crate) fn from_broken(broken: &Broken) -> (Failure, Error) {
    let (failure, kind, advice) = match broken.cause {
        Cause::Stale => (Failure::Stale, ErrorKind::Connection, None),
        Cause::Connect => (
            Failure::Unreachable,
            ErrorKind::Connection,
            Some("check endpoint_url and the network"),
        ),
        Cause::Proxy => (
            Failure::Unreachable,
            ErrorKind::Connection,
            Some("check proxy, or http_proxy, https_proxy and all_proxy of the environment"),
        ),
        Cause::Handshake => (
            Failure::Final,
            ErrorKind::Connection,
            Some(
                "let the server offer TLS 1.3, or TLS 1.2 with ECDHE and AES-GCM or ChaCha20, and a key of RSA, P-256, P-384 or Ed25519",
            ),
        ),
        Cause::Lost => (Failure::Transient, ErrorKind::Connection, None),
        Cause::Certificate => (
            Failure::Final,
            ErrorKind::Connection,
            Some("set ca_bundle to the authority that signed it"),
        ),
        Cause::ConnectTimeout => (
            Failure::Unreachable,
            ErrorKind::TimedOut,
            Some("check endpoint_url and the network, or raise connect_timeout"),
        ),
        Cause::Stalled => (Failure::Transient, ErrorKind::TimedOut, None),
        Cause::NotHttp | Cause::LongHead => (
            Failure::Final,
            ErrorKind::Protocol,
            Some("check endpoint_url: http or https, and the port"),
        ),
        Cause::Path => (Failure::Final, ErrorKind::InvalidInput, None),
    };
    (failure, Error::new(kind, broken.message.clone()).with_advice(advice))
}

/// What a reply of status 300 or above means.
pub(crate) fn from_refusal(
    refusal: &Refusal,
    request: &Request,
    credentials: Option<&Credentials>,
) -> Error {
    let text = refusal.describe();
    let text = credentials.map_or(text.clone(), |credentials| credentials.redact(&text));
    let kind = match refusal.kind(request.is_of_version()) {
        ErrorKind::Changed if request.is_for_absent() => ErrorKind::AlreadyExists,
        kind => kind,
    };
    Error::new(kind, text)
        .with_reply(refusal.status, refusal.code.as_deref(), refusal.request_id.as_deref())
        .with_object_size(refusal.object_size)
        .with_advice(refusal.advice().or_else(|| credentials_advice(refusal, credentials)))
}

/// Advice about a refusal because of where the request went.
pub(super) fn misplaced(
    error: Error,
    refusal: &Refusal,
    request: &Request,
    service: &Service,
) -> Error {
    let bucket = request.bucket.as_deref().unwrap_or_default();
    if refusal.wants_virtual_host() {
        return error.advised("set addressing_style=virtual");
    }
    if error.kind() == ErrorKind::NotFound && request.bucket.is_some() && service.names(bucket) {
        return error
            .advised(format!("endpoint_url seems to name '{bucket}' already: leave it out"));
    }
    if refusal.code.as_deref() == Some("NoSuchKey") && request.key.is_none() {
        return error.advised("check endpoint_url: its path may be too long");
    }
    let Some(location) = refusal.location() else { return error };
    let is_secure = location.to_ascii_lowercase().starts_with("https://");
    error.advised(match &refusal.region {
        _ if is_secure && !service.endpoint().is_encrypted() => {
            format!("the server redirects to {location}: set endpoint_url to https://")
        }
        Some(region) => format!(
            "the bucket is in '{region}', at {location}: set region and endpoint_url for it"
        ),
        None => format!("the server redirects to {location}: set endpoint_url for it"),
    })
}

fn credentials_advice(
    refusal: &Refusal,
    credentials: Option<&Credentials>,
) -> Option<&'static str> {
    let denied = matches!(refusal.status, 401 | 403);
    (denied && credentials.is_none()).then_some("the request was anonymous: set credentials")
}
