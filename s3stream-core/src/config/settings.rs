//! The settings: one table for the builder, its texts, Python, C, the plugin and what is written.

use super::kinds::{self, Kind, SettingKind};
use crate::error::{Error, Result};

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
    /// What its text is.
    pub kind: SettingKind,
    /// The environment variables that say it where a caller does not; the first one wins.
    pub variables: &'static [&'static str],
    /// The keys of a profile that say it where no variable does; `s3.` is the nested block's.
    pub profile_keys: &'static [&'static str],
    apply: fn(&mut Settings, &str) -> Result<(), String>,
}

/// The table: `name(what a typed setter takes): kind = default, variables, profile keys, help`.
///
/// Whatever says a setting stands on it: the fields and the setter by name below, the typed
/// setters of `ClientBuilder`, Python's signature, C's and the plugin's documentation.
macro_rules! with_settings {
    ($expand:ident) => {
        $expand! {
    /// URL of the service: `http(s)://host[:port]`; AWS itself unless set.
    endpoint_url(&str): Url = "", ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"], ["services.s3.endpoint_url", "s3.endpoint_url", "endpoint_url"],
        "URL of the S3 service, http(s)://host[:port]; AWS itself if absent";
    /// Region to sign for; another one is learnt from the server's replies.
    region(&str): Filled = "us-east-1", ["AWS_REGION", "AWS_DEFAULT_REGION"], ["region"],
        "region to sign for; another one is learnt from the server's replies";
    /// Access key id: see [`credentials`](ClientBuilder::credentials).
    access_key_id(&str): Filled = "", ["AWS_ACCESS_KEY_ID"], ["aws_access_key_id"],
        "access key id";
    /// Secret access key: see [`credentials`](ClientBuilder::credentials).
    secret_access_key(&str): Hidden = "", ["AWS_SECRET_ACCESS_KEY"], ["aws_secret_access_key"],
        "secret access key";
    /// Session token of temporary keys.
    session_token(&str): Hidden = "", ["AWS_SESSION_TOKEN"], ["aws_session_token", "aws_security_token"],
        "session token of temporary keys";
    /// Profile of the AWS configuration files.
    profile(&str): Filled = "default", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"], [],
        "profile of the AWS configuration files";
    /// Whether to send requests without a signature.
    anonymous(bool): Flag = "false", [], [],
        "send no signature";
    /// Path or virtual-hosted addressing of buckets.
    addressing_style(AddressingStyle): Style = "auto", [], ["s3.addressing_style"],
        "auto, path or virtual";
    /// Whether to use AWS's endpoints whose cryptography is validated by FIPS 140.
    use_fips_endpoint(bool): Flag = "false", ["AWS_USE_FIPS_ENDPOINT"], ["use_fips_endpoint"],
        "use AWS's endpoints whose cryptography is validated by FIPS 140";
    /// Whether to use AWS's endpoints that have IPv6 addresses too.
    use_dualstack_endpoint(bool): Flag = "false", ["AWS_USE_DUALSTACK_ENDPOINT"], ["s3.use_dualstack_endpoint", "use_dualstack_endpoint"],
        "use AWS's endpoints that have IPv6 addresses too";
    /// Whether to use AWS's Transfer Acceleration.
    use_accelerate_endpoint(bool): Flag = "false", [], ["s3.use_accelerate_endpoint"],
        "use AWS's Transfer Acceleration";
    /// PEM file of the certificates to trust instead of the system's.
    ca_bundle(impl AsRef<Path>): File = "", ["AWS_CA_BUNDLE"], ["ca_bundle"],
        "PEM file of certificates to trust instead of the system's";
    /// Whether the server's certificate is checked; `false` is unsafe and warns.
    verify(bool): Flag = "true", [], [],
        "check the server's certificate; false is unsafe";
    /// `http://host:port` of a proxy for every request, or `none`; the environment's unless set.
    proxy(&str): Relay = "", [], [],
        "http://host:port of a proxy for every request, or 'none'; the environment's if absent";
    /// Longest time to make a connection; 10 s unless set.
    connect_timeout(Duration): Timeout = "10", [], [],
        "seconds to make a connection";
    /// Longest time without a byte while one is waited for; 60 s unless set.
    stall_timeout(Duration): Timeout = "60", [], [],
        "seconds without a byte, while one is waited for";
    /// Age at which an unused connection is dropped and made anew; 30 s unless set.
    idle_timeout(Duration): Timeout = "30", [], [],
        "seconds after which an unused connection is dropped and made anew";
    /// Failures of an object without progress before it is given up; 8 unless set. They count
    /// only while the endpoint answers anything else: see
    /// [`retry_for`](ClientBuilder::retry_for).
    max_attempts(u32): Attempts = "8", [], [],
        "failures of an object without progress before giving it up";
    /// How long a client waits for an endpoint that answers nothing any more (connections are
    /// refused or break, replies do not come, or are 5xx); 10 minutes unless set, zero to count
    /// attempts alone.
    ///
    /// It is spent once for all that the client does, from the first failure behind the last
    /// answer on, with pauses that grow up to `retry_max_delay`. An endpoint that has never
    /// answered is not waited for. [`Stats`](crate::Stats) counts outages while they last.
    retry_for(Duration): Pause = "600", [], [],
        "seconds that a running client waits for an endpoint that answers nothing; 0 to count attempts alone";
    /// Wait before the first retry, doubled each time; 100 ms unless set.
    retry_base_delay(Duration): Pause = "0.1", [], [],
        "seconds before the first retry, doubled each time";
    /// Longest wait between retries; 10 s unless set.
    retry_max_delay(Duration): Pause = "10", [], [],
        "longest seconds between retries";
    /// Bytes of buffers of this client; 64 MiB unless set.
    memory_limit(u64): Buffer = "67108864", [], [],
        "bytes of buffers of one client";
    /// Bytes that one reader holds at most; 8 MiB unless set.
    window(u64): Buffer = "8388608", [], [],
        "bytes that one reader may hold ahead of its consumer";
    /// How much proof a reader asks for at the end.
    integrity(Integrity): Proof = "full", [], [],
        "proof at the end of an object: full, cheap or length";
    /// Whether an object is read again where the digest of its parts disagrees at a likely part
    /// size; true unless set. Both reads are then compared: constant memory, and the object's
    /// bytes once more from the server.
    read_twice(bool): Flag = "true", [], [],
        "read an object again whose digest disagrees at a likely part size, to compare both reads";
    /// Whether a reader makes a CRC-64/NVME of all bytes that it delivers, whatever proves them:
    /// [`Verdict::own_digest`](crate::Verdict::own_digest); true unless set.
    own_digest(bool): Flag = "true", [], [],
        "make a CRC-64/NVME of all bytes that a reader delivers, whatever proves them";
    /// What becomes of an object that no digest proves; `Warn` unless set.
    require_proof(RequireProof): Requirement = "warn", [], [],
        "what no digest proves: yes fails, warn has programs say so once a job, no is silent";
    /// `User-Agent` of every request.
    user_agent(&str): Agent = "s3stream", [], [],
        "User-Agent of every request";
    /// `requester` where a bucket's readers pay: "Using Requester Pays general purpose buckets".
    request_payer(&str): Paying = "", [], [],
        "'requester' where a bucket's readers pay";
    /// Base64 of the key of objects that are encrypted with SSE-C.
    sse_customer_key(&str): Key = "", [], [],
        "base64 of the key of objects encrypted with SSE-C";
        }
    };
}
pub(crate) use with_settings;

macro_rules! table {
    ($($(#[$doc:meta])* $name:ident($typed:ty): $kind:ident = $default:literal,
        [$($variable:literal),*], [$($key:literal),*], $help:literal;)*) => {
        /// What a caller set, each checked for itself; `None` means not said.
        #[derive(Clone, Debug, Default)]
        pub(crate) struct Settings {
            $(pub(crate) $name: Option<<kinds::$kind as Kind>::Value>,)*
        }

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
            kind: <kinds::$kind as Kind>::KIND,
            variables: &[$($variable),*],
            profile_keys: &[$($key),*],
            apply: |settings, text| {
                settings.$name = Some(kinds::$kind::read(text)?);
                Ok(())
            },
        }),*];
    };
}

with_settings!(table);

impl Setting {
    /// The setting of a name that is known to be one.
    pub(super) fn named(name: &str) -> &'static Self {
        let setting = SETTINGS.iter().find(|setting| setting.name == name);
        setting.expect("the name stands in the table")
    }
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
            ("retry_for", "forever", "not seconds"),
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
