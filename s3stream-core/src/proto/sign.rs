//! AWS Signature Version 4 in the `Authorization` header.
//!
//! Implements "Authenticating requests: using the Authorization header (AWS Signature
//! Version 4)" of the Amazon S3 API reference. One function a step: [`canonical_request`],
//! [`string_to_sign`], [`SigningKey`], and [`authorize`], which runs them in turn.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::encode::hex;
use super::headers::Headers;
use crate::credentials::Credentials;
use crate::time::Timestamp;

/// The SHA-256 of nothing: the payload of every read.
pub(crate) const EMPTY_PAYLOAD: &str =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// What is signed.
pub(crate) struct Unsigned<'a> {
    pub(crate) method: &'a str,
    /// The path, encoded.
    pub(crate) path: &'a str,
    /// The query, encoded and sorted.
    pub(crate) query: &'a str,
    pub(crate) headers: &'a Headers,
    pub(crate) payload_sha256: &'a str,
}

/// The derived key of one day, region and secret; kept, because deriving costs four HMACs.
#[derive(Clone)]
pub(crate) struct SigningKey {
    date: String,
    region: String,
    service: &'static str,
    access_key_id: String,
    secret: crate::credentials::Secret,
    key: Zeroizing<[u8; 32]>,
}

impl SigningKey {
    /// For requests to S3.
    pub(crate) fn derive(credentials: &Credentials, time: Timestamp, region: &str) -> Self {
        SigningKey::derive_for("s3", credentials, time, region)
    }

    /// For requests to another service.
    pub(crate) fn derive_for(
        service: &'static str,
        credentials: &Credentials,
        time: Timestamp,
        region: &str,
    ) -> Self {
        let date = time.amz_date()[..8].to_owned();
        let secret = Zeroizing::new(format!("AWS4{}", credentials.secret_access_key.expose()));
        let key = hmac(secret.as_bytes(), date.as_bytes());
        let key = hmac(key.as_ref(), region.as_bytes());
        let key = hmac(key.as_ref(), service.as_bytes());
        let key = hmac(key.as_ref(), b"aws4_request");
        SigningKey {
            date,
            region: region.to_owned(),
            service,
            access_key_id: credentials.access_key_id.clone(),
            secret: credentials.secret_access_key.clone(),
            key,
        }
    }

    /// Whether this key still serves for that moment, region and secret.
    pub(crate) fn serves(&self, credentials: &Credentials, time: Timestamp, region: &str) -> bool {
        self.region == region
            && time.amz_date().starts_with(&self.date)
            && self.access_key_id == credentials.access_key_id
            && self.secret == credentials.secret_access_key
    }

    fn scope(&self) -> String {
        format!("{}/{}/{}/aws4_request", self.date, self.region, self.service)
    }
}

/// The fields that a signed request carries besides its own: dates, payload hash, token.
pub(crate) fn fields(
    credentials: Option<&Credentials>,
    time: Timestamp,
    payload_sha256: &str,
) -> Headers {
    let mut headers = Headers::new();
    let Some(credentials) = credentials else { return headers };
    headers.push("x-amz-content-sha256", payload_sha256);
    headers.push("x-amz-date", time.amz_date());
    if let Some(token) = &credentials.session_token {
        headers.push("x-amz-security-token", token.expose());
    }
    headers
}

/// The value of the `Authorization` header.
pub(crate) fn authorize(unsigned: &Unsigned<'_>, key: &SigningKey, time: Timestamp) -> String {
    let (names, canonical) = canonical_request(unsigned);
    let signature =
        hex(hmac(key.key.as_ref(), string_to_sign(&canonical, &key.scope(), time).as_bytes())
            .as_ref());
    format!(
        "AWS4-HMAC-SHA256 Credential={}/{},SignedHeaders={names},Signature={signature}",
        key.access_key_id,
        key.scope(),
    )
}

/// The signed header names, and the canonical request.
fn canonical_request(unsigned: &Unsigned<'_>) -> (String, Vec<u8>) {
    let mut fields: Vec<(&str, &[u8])> = unsigned.headers.iter_bytes().collect();
    fields.sort_unstable();
    let names = fields.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let lines = format!("{}\n{}\n{}\n", unsigned.method, unsigned.path, unsigned.query);
    let mut canonical = lines.into_bytes();
    for (name, value) in fields {
        canonical.extend_from_slice(name.as_bytes());
        canonical.push(b':');
        canonical.extend_from_slice(&single_spaced(value));
        canonical.push(b'\n');
    }
    canonical.extend_from_slice(format!("\n{names}\n{}", unsigned.payload_sha256).as_bytes());
    (names, canonical)
}

fn string_to_sign(canonical: &[u8], scope: &str, time: Timestamp) -> String {
    let digest = hex(&Sha256::digest(canonical));
    format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{digest}", time.amz_date())
}

fn single_spaced(value: &[u8]) -> Vec<u8> {
    let words = value.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(&b' ')
}

fn hmac(key: &[u8], data: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(data);
    Zeroizing::new(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    // The worked examples of the page named above.
    fn example() -> (Credentials, Timestamp) {
        let credentials = Credentials::new(
            "AKIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            None,
        );
        (credentials, Timestamp::parse_iso8601("2013-05-24T00:00:00Z").unwrap())
    }

    struct Case {
        method: &'static str,
        path: &'static str,
        query: &'static str,
        headers: &'static [(&'static str, &'static str)],
        payload: &'static [u8],
        signature: &'static str,
    }

    const CASES: [Case; 4] = [
        Case {
            method: "GET",
            path: "/test.txt",
            query: "",
            headers: &[("range", "bytes=0-9")],
            payload: b"",
            signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        },
        Case {
            method: "PUT",
            path: "/test%24file.text",
            query: "",
            headers: &[
                ("date", "Fri, 24 May 2013 00:00:00 GMT"),
                ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ],
            payload: b"Welcome to Amazon S3.",
            signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        },
        Case {
            method: "GET",
            path: "/",
            query: "lifecycle=",
            headers: &[],
            payload: b"",
            signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        },
        Case {
            method: "GET",
            path: "/",
            query: "max-keys=2&prefix=J",
            headers: &[],
            payload: b"",
            signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        },
    ];

    #[test]
    fn the_published_worked_examples_agree() {
        let (credentials, time) = example();
        let key = SigningKey::derive(&credentials, time, "us-east-1");
        for case in CASES {
            let payload_sha256 = hex(&Sha256::digest(case.payload));
            let mut headers: Headers = case.headers.iter().copied().collect();
            headers.push("host", "examplebucket.s3.amazonaws.com");
            headers.push("x-amz-content-sha256", payload_sha256.as_str());
            headers.push("x-amz-date", time.amz_date());
            let unsigned = Unsigned {
                method: case.method,
                path: case.path,
                query: case.query,
                headers: &headers,
                payload_sha256: &payload_sha256,
            };
            let value = authorize(&unsigned, &key, time);
            assert!(value.ends_with(case.signature), "{} {}: {value}", case.method, case.path);
        }
    }

    #[test]
    fn a_key_serves_its_day_region_and_secret_only() {
        let (credentials, time) = example();
        let key = SigningKey::derive(&credentials, time, "us-east-1");
        assert!(key.serves(&credentials, time.shifted(86_399), "us-east-1"));
        assert!(!key.serves(&credentials, time.shifted(86_400), "us-east-1"));
        assert!(!key.serves(&credentials, time, "eu-west-1"));
        let rotated = Credentials::new("AKIAIOSFODNN7EXAMPLE", "other", None);
        assert!(!key.serves(&rotated, time, "us-east-1"));
    }
}

#[cfg(test)]
#[path = "sign_fields_tests.rs"]
mod field_tests;
