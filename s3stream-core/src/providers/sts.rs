//! Calls of the Security Token Service.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest as _, Sha256};

use super::http::{Answered, Call, Http, Reach, Unanswered, sensitive};
use crate::config::way::Sts;
use crate::credentials::Credentials;
use crate::error::{Error, ErrorKind, Result};
use crate::proto::encode::hex;
use crate::proto::headers::Headers;
use crate::proto::sign::{self, SigningKey, Unsigned};
use crate::proto::sts::{Answer, answer, caller, form};
use crate::time::Timestamp;

const TIMES: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(15));
const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// Who signs a call.
#[derive(Clone, Copy)]
pub(super) enum Signer<'a> {
    Nobody,
    Keys(&'a Credentials, Timestamp),
}

/// Asks for keys.
///
/// # Errors
/// `AccessDenied` with STS's own words, and those of an unanswered call.
pub(super) async fn keys(
    http: &Http,
    sts: &Sts,
    way: &str,
    (action, parameters): (&str, &[(&str, &str)]),
    signer: Signer<'_>,
) -> Result<Credentials> {
    let answered = send(http, sts, &form(action, parameters), signer).await;
    let answered = answered.map_err(|it| unanswered(&it, sts, way))?;
    let text = String::from_utf8_lossy(&answered.body);
    match answer(&text) {
        Answer::Keys(keys) if answered.status == 200 => Ok(*keys),
        Answer::Refused(code, message) => {
            let is_denied = answered.status < 500;
            let kind = if is_denied { ErrorKind::AccessDenied } else { ErrorKind::Service };
            let message = redacted(message, parameters, signer);
            let why = format!("STS at {} refuses it: {code}: {message}", sts.url);
            let error = super::failed(kind, way, &why, advice(&code));
            Err(error.with_reply(answered.status, Some(&code), None))
        }
        Answer::Keys(_) | Answer::Unknown => {
            let why = format!("STS at {} answers {} without keys", sts.url, answered.status);
            let advice = "check AWS_ENDPOINT_URL_STS, and what stands between here and it";
            Err(super::failed(ErrorKind::Protocol, way, &why, advice))
        }
    }
}

/// The words of a refusal, without what was sent and must not be seen.
fn redacted(message: String, parameters: &[(&str, &str)], signer: Signer<'_>) -> String {
    let message = match signer {
        Signer::Nobody => message,
        Signer::Keys(keys, _) => keys.redact(&message),
    };
    let tokens = parameters.iter().filter(|(name, _)| *name == "WebIdentityToken");
    tokens.fold(message, |message, (_, token)| message.replace(token, "***"))
}

/// Whose keys they are, as STS says: an ARN.
///
/// # Errors
/// As for keys.
pub(crate) async fn caller_identity(
    http: &Http,
    sts: &Sts,
    keys: &Credentials,
    now: Timestamp,
) -> Result<String> {
    let signer = Signer::Keys(keys, now);
    let answered = send(http, sts, &form("GetCallerIdentity", &[]), signer).await;
    let answered = answered.map_err(|it| unanswered(&it, sts, "these keys"))?;
    let text = String::from_utf8_lossy(&answered.body);
    match (answered.status, caller(&text)) {
        (200, Some(arn)) => Ok(arn),
        (status, _) => Err(Error::new(
            ErrorKind::Service,
            format!("STS at {} does not say whose keys these are ({status})", sts.url),
        )),
    }
}

async fn send(
    http: &Http,
    sts: &Sts,
    body: &str,
    signer: Signer<'_>,
) -> Result<Answered, Unanswered> {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static(FORM));
    if let Signer::Keys(keys, now) = signer {
        sign(&mut headers, sts, body, keys, now);
    }
    let url = format!("{}/", sts.url);
    http.send(Call {
        method: Method::POST,
        url: &url,
        headers,
        body: body.to_owned(),
        reach: Reach::AsConfigured,
        times: TIMES,
    })
    .await
}

fn sign(headers: &mut HeaderMap, sts: &Sts, body: &str, keys: &Credentials, now: Timestamp) {
    let host = sts.url.split_once("://").map_or(sts.url.as_str(), |(_, host)| host);
    let (host, path) = host
        .split_once('/')
        .map_or((host, String::new()), |(host, path)| (host, format!("/{path}")));
    let payload = hex(&Sha256::digest(body.as_bytes()));
    let mut signed = Headers::new();
    signed.push("content-type", FORM);
    signed.push("host", host);
    signed.push("x-amz-date", now.amz_date());
    if let Some(token) = &keys.session_token {
        signed.push("x-amz-security-token", token.expose());
    }
    let path = format!("{path}/");
    let unsigned = Unsigned {
        method: "POST",
        path: &path,
        query: "",
        headers: &signed,
        payload_sha256: &payload,
    };
    let key = SigningKey::derive_for("sts", keys, now, &sts.region);
    let authorization = sign::authorize(&unsigned, &key, now);
    signed.push("authorization", authorization);
    for (name, value) in signed.iter().filter(|(name, _)| *name != "host") {
        if let (Ok(name), Some(value)) = (HeaderName::try_from(name), sensitive(value)) {
            headers.insert(name, value);
        }
    }
}

fn unanswered(it: &Unanswered, sts: &Sts, way: &str) -> Error {
    let why = format!("STS at {}: {}", sts.url, it.why);
    let advice = "check the network, the region and AWS_ENDPOINT_URL_STS";
    super::failed(it.kind, way, &why, advice)
}

fn advice(code: &str) -> &'static str {
    match code {
        "ExpiredTokenException" | "ExpiredToken" => "renew what it was asked with",
        "InvalidIdentityToken" => "check that the role trusts the token's issuer",
        _ => "check the role's trust policy, and who assumes it",
    }
}
