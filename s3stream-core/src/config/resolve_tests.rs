//! Every rule of precedence, as tables over made-up surroundings.

use super::*;
use crate::config::SETTINGS;

const CONFIG: &str = "\
[default]
region = eu-central-1
[profile ceph]
region = ceph
services = local
s3 =
  addressing_style = virtual
endpoint_url = http://profile.example:7480
[services local]
s3 =
  endpoint_url = http://services.example:7480
[profile half]
role_arn = arn:aws:iam::1:role/x
";

const CREDENTIALS: &str = "\
[default]
aws_access_key_id = DEFAULTKEY
aws_secret_access_key = defaultsecret
[ceph]
aws_access_key_id = CEPHKEY
aws_secret_access_key = cephsecret
aws_session_token = cephtoken
";

/// Names and values.
type Pairs<'a> = &'a [(&'a str, &'a str)];

fn resolved(settings: &[(&str, &str)], environment: &[(&str, &str)]) -> Result<Config> {
    let mut given = Settings::default();
    for (name, value) in settings {
        given.set(name, value)?;
    }
    let variable = |name: &str| {
        let environment = [environment, &[("AWS_EC2_METADATA_DISABLED", "true")]].concat();
        let found = environment.iter().find(|(n, _)| *n == name);
        found.map(|(_, value)| (*value).to_owned()).or((name == "HOME").then(|| "/home/u".into()))
    };
    let file = |path: &std::path::Path| match path.to_str() {
        Some("/home/u/.aws/config") => Ok(Some(CONFIG.to_owned())),
        Some("/home/u/.aws/credentials") => Ok(Some(CREDENTIALS.to_owned())),
        _ => Ok(None),
    };
    resolve(given, &Surroundings { variable: &variable, file: &file, home: &|| None })
}

fn key_id(config: &Config) -> Option<String> {
    match &config.identity {
        Identity::Static(credentials, _) => Some(credentials.access_key_id().to_owned()),
        Identity::Anonymous | Identity::Fetched(_) => None,
    }
}

#[test]
fn settings_win_over_environment_over_files() {
    let keys = [("AWS_ACCESS_KEY_ID", "ENVKEY"), ("AWS_SECRET_ACCESS_KEY", "s")];
    let explicit = [("access_key_id", "SETKEY"), ("secret_access_key", "s")];
    assert_eq!(key_id(&resolved(&explicit, &keys).unwrap()).unwrap(), "SETKEY");
    assert_eq!(key_id(&resolved(&[], &keys).unwrap()).unwrap(), "ENVKEY");
    assert_eq!(key_id(&resolved(&[], &[]).unwrap()).unwrap(), "DEFAULTKEY");
    assert_eq!(key_id(&resolved(&[("profile", "ceph")], &keys).unwrap()).unwrap(), "CEPHKEY");
    assert_eq!(key_id(&resolved(&[], &[("AWS_PROFILE", "ceph")]).unwrap()).unwrap(), "CEPHKEY");
    assert_eq!(key_id(&resolved(&[("anonymous", "true")], &keys).unwrap()), None);
}

#[test]
fn the_region_comes_from_the_first_that_names_one() {
    let both = [("AWS_REGION", "r1"), ("AWS_DEFAULT_REGION", "r2")];
    let region = |settings: &[_], environment: &[_]| {
        resolved(settings, environment).unwrap().service.place(None).unwrap().region
    };
    assert_eq!(region(&[("region", "r0")], &both), "r0");
    assert_eq!(region(&[], &both), "r1");
    assert_eq!(region(&[], &both[1..]), "r2");
    assert_eq!(region(&[], &[]), "eu-central-1");
    assert_eq!(region(&[("anonymous", "true")], &[("AWS_CONFIG_FILE", "/none")]), "us-east-1");
}

#[test]
fn the_endpoint_comes_from_the_first_that_names_one() {
    let shown = |settings: &[_], environment: &[_]| {
        resolved(settings, environment).unwrap().service.to_string()
    };
    let both = [("AWS_ENDPOINT_URL_S3", "http://e1"), ("AWS_ENDPOINT_URL", "http://e2")];
    let ceph = ("AWS_PROFILE", "ceph");
    assert_eq!(shown(&[("endpoint_url", "http://e0")], &both), "http://e0");
    assert_eq!(shown(&[], &both), "http://e1");
    assert_eq!(shown(&[], &both[1..]), "http://e2");
    assert_eq!(shown(&[], &[ceph]), "http://services.example:7480");
    assert_eq!(shown(&[], &[]), "https://s3.eu-central-1.amazonaws.com");
    let ignore = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    assert_eq!(shown(&[], &[ceph, ignore]), "https://s3.ceph.amazonaws.com");
}

#[test]
fn the_nested_addressing_style_is_read() {
    let host = |environment: &[_]| {
        let service = resolved(&[], environment).unwrap().service;
        service.place(Some("photos")).unwrap().origin.host
    };
    assert_eq!(host(&[("AWS_PROFILE", "ceph")]), "photos.services.example");
    assert_eq!(host(&[("AWS_ENDPOINT_URL", "http://e1")]), "e1");
}

#[test]
fn contradictions_are_named() {
    let keys = [("access_key_id", "k"), ("secret_access_key", "s")];
    let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let table: [(Pairs<'_>, Pairs<'_>, &str); 13] = [
        (&[("endpoint_url", "http://h"), ("sse_customer_key", key)], &[], "https"),
        (&keys[..1], &[], "secret_access_key is not"),
        (&keys[1..], &[], "access_key_id is not"),
        (&[("session_token", "t")], &[], "session_token"),
        (&[("anonymous", "true"), keys[0], keys[1]], &[], "anonymous"),
        (&[("verify", "false"), ("ca_bundle", "/x")], &[], "verify"),
        (&[("window", "1000000"), ("memory_limit", "500000")], &[], "window"),
        (&[("retry_base_delay", "30"), ("retry_max_delay", "10")], &[], "retry_base_delay"),
        (&[("profile", "nobody")], &[], "nobody"),
        (&[("profile", "half")], &[], "neither source_profile nor credential_source"),
        (&[], &[("AWS_ACCESS_KEY_ID", "k")], "AWS_SECRET_ACCESS_KEY"),
        (&[], &[("AWS_ENDPOINT_URL", "host:1")], "AWS_ENDPOINT_URL"),
        (&[("endpoint_url", "http://127.0.0.1"), ("addressing_style", "virtual")], &[], "virtual"),
    ];
    for (settings, environment, part) in table {
        let error = resolved(settings, environment).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::InvalidInput);
        assert!(error.to_string().contains(part), "{error} lacks {part}");
    }
}

#[test]
fn no_credentials_anywhere_says_where_they_may_be_set() {
    let nowhere = [("AWS_CONFIG_FILE", "/none"), ("AWS_SHARED_CREDENTIALS_FILE", "/none")];
    let error = resolved(&[], &nowhere).unwrap_err().to_string();
    for part in ["access_key_id", "AWS_ACCESS_KEY_ID", "anonymous"] {
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn a_config_shows_no_secret_in_debug() {
    let proxy = ("proxy", "http://user:hunter2@proxy:3128");
    let config = resolved(&[("profile", "ceph"), proxy], &[]).unwrap();
    let shown = format!("{config:?}");
    for secret in ["cephsecret", "cephtoken", "hunter2"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn the_help_of_every_setting_is_one_line() {
    for setting in SETTINGS {
        assert!(!setting.help.is_empty() && !setting.help.contains('\n'), "{}", setting.name);
    }
}
