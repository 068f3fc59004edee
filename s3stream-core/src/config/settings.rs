//! The settings by name: one table for the builder, for C and for help texts.

use std::path::PathBuf;
use std::time::Duration;

use super::{CustomerKey, Payer, Proxy, ProxyUrl};
use crate::credentials::Secret;
use crate::error::{Error, Result};
use crate::proto::endpoint::Endpoint;
use crate::proto::service::AddressingStyle;
use crate::verdict::{Integrity, RequireProof};

/// What a caller set, each checked for itself; `None` means not said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    pub(crate) endpoint_url: Option<Endpoint>,
    pub(crate) region: Option<String>,
    pub(crate) access_key_id: Option<String>,
    pub(crate) secret_access_key: Option<Secret>,
    pub(crate) session_token: Option<Secret>,
    pub(crate) profile: Option<String>,
    pub(crate) anonymous: Option<bool>,
    pub(crate) addressing_style: Option<AddressingStyle>,
    pub(crate) use_fips_endpoint: Option<bool>,
    pub(crate) use_dualstack_endpoint: Option<bool>,
    pub(crate) use_accelerate_endpoint: Option<bool>,
    pub(crate) ca_bundle: Option<PathBuf>,
    pub(crate) verify: Option<bool>,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) stall_timeout: Option<Duration>,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) max_attempts: Option<u32>,
    pub(crate) retry_base_delay: Option<Duration>,
    pub(crate) retry_max_delay: Option<Duration>,
    pub(crate) memory_limit: Option<u64>,
    pub(crate) window: Option<u64>,
    pub(crate) integrity: Option<Integrity>,
    pub(crate) read_twice: Option<bool>,
    pub(crate) own_digest: Option<bool>,
    pub(crate) require_proof: Option<RequireProof>,
    pub(crate) user_agent: Option<String>,
    pub(crate) request_payer: Option<Payer>,
    pub(crate) sse_customer_key: Option<CustomerKey>,
}

/// One setting: its name, its unit and meaning, and its default.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Setting {
    /// The name, the same in Rust, Python and C.
    pub name: &'static str,
    /// One line for a help text, with the unit.
    pub help: &'static str,
    /// The default, as text; empty where there is none.
    pub default: &'static str,
    apply: fn(&mut Settings, &str) -> Result<(), String>,
}

macro_rules! settings {
    ($($name:ident: $parse:expr, $default:literal, $help:literal;)*) => {
        /// Every setting, in the order of the documentation.
        ///
        /// ```
        /// let names: Vec<_> = s3stream_core::SETTINGS.iter().map(|s| s.name).collect();
        /// assert!(names.contains(&"stall_timeout"));
        /// ```
        pub const SETTINGS: &[Setting] = &[$(Setting {
            name: stringify!($name),
            help: $help,
            default: $default,
            apply: |settings, text| {
                settings.$name = Some($parse(text)?);
                Ok(())
            },
        }),*];
    };
}

settings! {
    endpoint_url: url, "", "URL of the S3 service, http(s)://host[:port]; AWS itself if absent";
    region: filled, "us-east-1", "region to sign for; another one is learnt from the server's replies";
    access_key_id: filled, "", "access key id";
    secret_access_key: secret, "", "secret access key";
    session_token: secret, "", "session token of temporary keys";
    profile: filled, "default", "profile of the AWS configuration files";
    anonymous: boolean, "false", "send no signature";
    addressing_style: style, "auto", "auto, path or virtual";
    use_fips_endpoint: boolean, "false", "use AWS's endpoints whose cryptography is validated by FIPS 140";
    use_dualstack_endpoint: boolean, "false", "use AWS's endpoints that have IPv6 addresses too";
    use_accelerate_endpoint: boolean, "false", "use AWS's Transfer Acceleration";
    ca_bundle: path, "", "PEM file of certificates to trust instead of the system's";
    verify: boolean, "true", "check the server's certificate; false is unsafe";
    proxy: proxy, "", "http://host:port of a proxy for every request, or 'none'; the environment's if absent";
    connect_timeout: seconds, "10", "seconds to make a connection";
    stall_timeout: seconds, "60", "seconds without a byte, while one is waited for";
    idle_timeout: seconds, "30", "seconds after which an unused connection is dropped and made anew";
    max_attempts: attempts, "8", "failures without progress before giving up";
    retry_base_delay: delay, "0.1", "seconds before the first retry, doubled each time";
    retry_max_delay: delay, "20", "longest seconds between retries";
    memory_limit: bytes, "67108864", "bytes of buffers of one client";
    window: bytes, "8388608", "bytes that one reader may hold ahead of its consumer";
    integrity: integrity, "full", "proof at the end of an object: full, cheap or length";
    read_twice: boolean, "true", "read an object again whose digest disagrees at a likely part size, to compare both reads";
    own_digest: boolean, "true", "make a CRC-64/NVME of all bytes that a reader delivers, whatever proves them";
    require_proof: require_proof, "warn", "what no digest proves: yes fails, warn has programs say so once a job, no is silent";
    user_agent: agent, "s3stream", "User-Agent of every request";
    request_payer: payer, "", "'requester' where a bucket's readers pay";
    sse_customer_key: CustomerKey::parse, "", "base64 of the key of objects encrypted with SSE-C";
}

impl Settings {
    /// Sets one setting by its name, from text.
    pub(crate) fn set(&mut self, name: &str, value: &str) -> Result<()> {
        let Some(setting) = SETTINGS.iter().find(|setting| setting.name == name) else {
            let nearest = nearest(name);
            let names = SETTINGS.iter().map(|setting| setting.name).collect::<Vec<_>>().join(", ");
            return Err(Error::invalid(match nearest {
                Some(nearest) => format!("there is no setting '{name}'; did you mean '{nearest}'?"),
                None => format!("there is no setting '{name}'; the settings are {names}"),
            }));
        };
        (setting.apply)(self, value).map_err(|why| Error::invalid(format!("{name}: {why}")))
    }
}

fn filled(text: &str) -> Result<String, String> {
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err("must not be empty or hold control characters".to_owned());
    }
    Ok(text.to_owned())
}

/// A secret is never repeated in a message.
fn secret(text: &str) -> Result<Secret, String> {
    filled(text).map(Secret::new)
}

fn path(text: &str) -> Result<PathBuf, String> {
    filled(text).map(PathBuf::from)
}

fn agent(text: &str) -> Result<String, String> {
    if text.is_ascii() { filled(text) } else { Err("must be ASCII".to_owned()) }
}

fn boolean(text: &str) -> Result<bool, String> {
    match text {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err(format!("'{text}' is not true or false")),
    }
}

fn style(text: &str) -> Result<AddressingStyle, String> {
    text.parse()
}

fn integrity(text: &str) -> Result<Integrity, String> {
    text.parse()
}

fn require_proof(text: &str) -> Result<RequireProof, String> {
    text.parse()
}

fn payer(text: &str) -> Result<Payer, String> {
    if text == "requester" { Ok(Payer::Requester) } else { Err("must be 'requester'".to_owned()) }
}

fn url(text: &str) -> Result<Endpoint, String> {
    Endpoint::parse(text)
}

fn proxy(text: &str) -> Result<Proxy, String> {
    Ok(if matches!(text, "" | "none") { Proxy::None } else { Proxy::Url(ProxyUrl::parse(text)?) })
}

fn seconds(text: &str) -> Result<Duration, String> {
    delay(text).and_then(timeout)
}

/// A time above zero: a timeout of zero would let nothing through.
pub(crate) fn timeout(duration: Duration) -> Result<Duration, String> {
    if duration.is_zero() { Err("must be above 0 seconds".to_owned()) } else { pause(duration) }
}

fn delay(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.trim().parse().map_err(|_| format!("'{text}' is not seconds"))?;
    match Duration::try_from_secs_f64(seconds).map(pause) {
        Ok(Ok(duration)) => Ok(duration),
        _ => Err(format!("'{text}' is not between 0 and {} seconds", LONGEST.as_secs())),
    }
}

/// No wait is longer than this.
const LONGEST: Duration = Duration::from_secs(30 * 86_400);

/// A time to wait.
pub(crate) fn pause(duration: Duration) -> Result<Duration, String> {
    if duration <= LONGEST {
        return Ok(duration);
    }
    Err(format!("must be between 0 and {} seconds", LONGEST.as_secs()))
}

fn attempts(text: &str) -> Result<u32, String> {
    match text.trim().parse().map(count) {
        Ok(Ok(number)) => Ok(number),
        _ => Err(format!("'{text}' is not a number from 1 to 1000")),
    }
}

/// How often at most.
pub(crate) fn count(number: u32) -> Result<u32, String> {
    match number {
        1..=1_000 => Ok(number),
        _ => Err("must be a number from 1 to 1000".to_owned()),
    }
}

fn bytes(text: &str) -> Result<u64, String> {
    match text.trim().parse().map(buffer) {
        Ok(Ok(bytes)) => Ok(bytes),
        _ => Err(format!("'{text}' is not a number of bytes, {SMALLEST} at least")),
    }
}

const SMALLEST: u64 = 256 * 1024;

/// Bytes of buffers: with fewer nothing moves.
pub(crate) fn buffer(bytes: u64) -> Result<u64, String> {
    if bytes >= SMALLEST {
        return Ok(bytes);
    }
    Err(format!("must be a number of bytes, {SMALLEST} at least"))
}

/// The setting that a misspelt name was meant to be, if one is near.
fn nearest(name: &str) -> Option<&'static str> {
    let near = SETTINGS.iter().map(|setting| (distance(name, setting.name), setting.name)).min()?;
    (near.0 <= 2 || near.1.starts_with(name) && name.len() >= 3).then_some(near.1)
}

/// Edits between two short texts (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.bytes().enumerate() {
            let cost = if x == y { diagonal } else { 1 + diagonal.min(row[j]).min(row[j + 1]) };
            diagonal = std::mem::replace(&mut row[j + 1], cost);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_a_value_that_the_setting_takes() {
        for setting in SETTINGS.iter().filter(|setting| !setting.default.is_empty()) {
            Settings::default().set(setting.name, setting.default).unwrap();
        }
    }

    #[test]
    fn wrong_names_and_values_are_named() {
        for (name, value, part) in [
            ("endpoint", "x", "endpoint_url"),
            ("stal_timeout", "1", "did you mean 'stall_timeout'"),
            ("nonsense", "1", "the settings are"),
            ("stall_timeout", "0", "above 0"),
            ("stall_timeout", "-1", "between"),
            ("stall_timeout", "NaN", "between"),
            ("max_attempts", "0", "1 to 1000"),
            ("verify", "maybe", "true or false"),
            ("window", "1", "bytes"),
            ("integrity", "best", "full, cheap, length"),
            ("read_twice", "once", "true or false"),
            ("require_proof", "maybe", "yes, warn, no"),
            ("region", "", "empty"),
        ] {
            let error = Settings::default().set(name, value).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn a_refused_secret_is_not_repeated() {
        let error = Settings::default().set("secret_access_key", "hunter2\n").unwrap_err();
        assert!(!error.to_string().contains("hunter2"));
    }
}
