//! Checks Signature Version 4 on the request exactly as it came.
//!
//! Nothing is decoded or normalised: a client that signs one spelling and sends
//! another is found out, and so is one that adds a header to a signed request
//! or re-uses a signature for a second attempt.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use jiff::civil::DateTime;
use sha2::{Digest, Sha256};

use super::content::hex;
use super::request::ReceivedRequest;

/// The access key id that the fault server knows.
pub const ACCESS_KEY_ID: &str = "AKIAFAULT";
/// The secret that belongs to [`ACCESS_KEY_ID`].
pub const SECRET_ACCESS_KEY: &str = "secret";

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// How far a date may be from the one that is expected, in seconds.
const DATE_TOLERANCE: i64 = 120;

/// The parts of an `Authorization` header.
struct Authorization<'a> {
    credential: Vec<&'a str>,
    signed_headers: &'a str,
    signature: &'a str,
}

/// Checks that `request` is signed for `region` and dated about `now`, in
/// seconds since 1970.
///
/// # Errors
///
/// What is wrong with the signature, in one line.
pub(crate) fn verify(request: &ReceivedRequest, region: &str, now: i64) -> Result<(), String> {
    let header = request.header("authorization").ok_or("the request is not signed")?;
    let authorization = parse(header).ok_or_else(|| format!("cannot parse {header:?}"))?;
    let date = request.header("x-amz-date").ok_or("a signed request needs x-amz-date")?;
    check_date(date, now)?;
    let day = date.split('T').next().unwrap_or_default();
    let scope = [ACCESS_KEY_ID, day, region, "s3", "aws4_request"];
    if authorization.credential != scope {
        return Err(format!(
            "signed as {}, expected {}",
            authorization.credential.join("/"),
            scope.join("/")
        ));
    }
    check_signed_headers(request, authorization.signed_headers)?;
    let canonical = canonical_request(request, authorization.signed_headers)?;
    let wanted = signature(date, &scope[1..], &canonical);
    if authorization.signature != wanted {
        return Err(format!(
            "the signature does not fit the request as sent; its canonical request is {canonical:?}"
        ));
    }
    Ok(())
}

fn parse(header: &str) -> Option<Authorization<'_>> {
    let fields = header.strip_prefix(ALGORITHM)?;
    let field = |name: &str| {
        fields.split(',').find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='))
    };
    Some(Authorization {
        credential: field("Credential")?.split('/').collect(),
        signed_headers: field("SignedHeaders")?,
        signature: field("Signature")?,
    })
}

fn check_date(date: &str, now: i64) -> Result<(), String> {
    let parsed = DateTime::strptime("%Y%m%dT%H%M%SZ", date)
        .and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC))
        .map_err(|_| format!("x-amz-date {date:?} is not a basic ISO 8601 date"))?;
    let apart = parsed.timestamp().as_second() - now;
    if apart.abs() > DATE_TOLERANCE {
        return Err(format!("x-amz-date {date} is {apart} s from what is due"));
    }
    Ok(())
}

/// S3 wants `host` and every `x-amz-*` header signed; a resume that nobody
/// signed could be changed on its way.
fn check_signed_headers(request: &ReceivedRequest, signed: &str) -> Result<(), String> {
    let must_be_signed =
        |name: &str| name == "host" || (name.starts_with("x-amz-") && name != "x-amz-request-id");
    match request
        .headers
        .iter()
        .find(|(name, _)| must_be_signed(name) && !signed.split(';').any(|other| other == name))
    {
        Some((name, _)) => Err(format!("header {name} is not signed")),
        None => Ok(()),
    }
}

fn canonical_request(request: &ReceivedRequest, signed: &str) -> Result<String, String> {
    let payload = request
        .header("x-amz-content-sha256")
        .ok_or("a signed request needs x-amz-content-sha256")?;
    let mut query: Vec<String> = request
        .query()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| match pair.contains('=') {
            true => pair.to_owned(),
            false => format!("{pair}="),
        })
        .collect();
    query.sort();
    let mut canonical = format!("{}\n{}\n{}\n", request.method, request.path(), query.join("&"));
    for name in signed.split(';') {
        let values: Vec<&str> = request.header_values(name).collect();
        if values.is_empty() {
            return Err(format!("header {name} is signed and was not sent"));
        }
        canonical.push_str(&format!("{name}:{}\n", values.join(",")));
    }
    canonical.push_str(&format!("\n{signed}\n{payload}"));
    Ok(canonical)
}

fn signature(date: &str, scope: &[&str], canonical: &str) -> String {
    let text = format!(
        "{ALGORITHM}\n{date}\n{}\n{}",
        scope.join("/"),
        hex(&Sha256::digest(canonical.as_bytes()))
    );
    let key = scope
        .iter()
        .fold(format!("AWS4{SECRET_ACCESS_KEY}").into_bytes(), |key, part| keyed_hash(&key, part));
    hex(&keyed_hash(&key, &text))
}

fn keyed_hash(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Returns the seconds since 1970 on this machine's clock.
pub(crate) fn now() -> i64 {
    Timestamp::now().as_second()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::fault::request::{Unread, read_head};

    /// Signs a request the way that [`verify`] checks it.
    fn sign(request: &mut ReceivedRequest, region: &str, now: i64) {
        let date = Timestamp::from_second(now).unwrap().strftime("%Y%m%dT%H%M%SZ").to_string();
        let mut add = |name: &str, value: &str| {
            request.headers.push((name.to_owned(), value.to_owned()));
        };
        add("x-amz-date", &date);
        add("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
        let signed = "host;x-amz-content-sha256;x-amz-date";
        let canonical = canonical_request(request, signed).unwrap();
        let scope = [&date[..8], region, "s3", "aws4_request"];
        let signature = signature(&date, &scope, &canonical);
        request.headers.push((
        "authorization".to_owned(),
        format!(
            "{ALGORITHM} Credential={ACCESS_KEY_ID}/{},SignedHeaders={signed},Signature={signature}",
            scope.join("/")
        ),
    ));
    }

    fn request() -> ReceivedRequest {
        let text = "GET /bucket/a%20b?b=2&a HTTP/1.1\r\nhost: x\r\n\r\n";
        read_head(&mut text.as_bytes(), &mut Unread::default()).unwrap().unwrap()
    }

    #[test]
    fn accepts_what_was_signed_and_nothing_else() {
        let mut signed = request();
        sign(&mut signed, "us-east-1", 1_700_000_000);
        assert_eq!(verify(&signed, "us-east-1", 1_700_000_010), Ok(()));
        assert!(verify(&signed, "eu-west-1", 1_700_000_000).is_err());
        assert!(verify(&signed, "us-east-1", 1_700_001_000).is_err());
        let mut changed = signed.clone();
        changed.target = "/bucket/other".to_owned();
        assert!(verify(&changed, "us-east-1", 1_700_000_000).is_err());
        assert!(verify(&request(), "us-east-1", 1_700_000_000).is_err());
    }

    #[test]
    fn refuses_amz_headers_that_are_not_signed() {
        let mut signed = request();
        sign(&mut signed, "us-east-1", 1_700_000_000);
        signed.headers.push(("x-amz-checksum-mode".to_owned(), "ENABLED".to_owned()));
        let error = verify(&signed, "us-east-1", 1_700_000_000).unwrap_err();
        assert!(error.contains("x-amz-checksum-mode"), "{error}");
    }
}
