//! Whose keys and whose endpoint: over made-up environments, files and homes.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::config::{Config, Identity, Settings, Surroundings, resolve};
use crate::error::Result;

/// A machine to resolve on.
#[derive(Clone, Default)]
struct Machine {
    variables: BTreeMap<&'static str, String>,
    files: BTreeMap<&'static str, String>,
    /// Not for us to read.
    locked: Vec<&'static str>,
    home: Option<&'static str>,
}

impl Machine {
    /// With a home, where variables say so.
    fn new() -> Self {
        Machine::default().with("HOME", "/home/u")
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.variables.insert(name, value.to_owned());
        self
    }

    fn config(mut self, text: &str) -> Self {
        self.files.insert("/home/u/.aws/config", text.to_owned());
        self
    }

    fn credentials(mut self, text: &str) -> Self {
        self.files.insert("/home/u/.aws/credentials", text.to_owned());
        self
    }

    fn resolve(&self, settings: &[(&str, &str)]) -> Result<Config> {
        let mut given = Settings::default();
        for (name, value) in settings {
            given.set(name, value)?;
        }
        let file = |path: &Path| match path.to_str() {
            Some(path) if self.locked.contains(&path) => {
                Err(io::Error::from(io::ErrorKind::PermissionDenied))
            }
            Some(path) => Ok(self.files.get(path).cloned()),
            None => Ok(None),
        };
        let surroundings = Surroundings {
            variable: &|name| match self.variables.get(name) {
                // Whoever has nothing else is on an instance, unless it says that it is not.
                None if name == "AWS_EC2_METADATA_DISABLED" => Some("true".to_owned()),
                found => found.cloned(),
            },
            file: &file,
            home: &|| self.home.map(PathBuf::from),
        };
        resolve(given, &surroundings)
    }

    /// The access key id, a slash, and the endpoint; or the error.
    fn seen(&self, settings: &[(&str, &str)]) -> String {
        match self.resolve(settings) {
            Ok(config) => match &config.identity {
                Identity::Static(keys, _) => format!("{}/{}", keys.access_key_id, config.service),
                Identity::Anonymous => format!("/{}", config.service),
                Identity::Fetched(way) => format!("{way}"),
            },
            Err(error) => error.to_string(),
        }
    }
}

const KEYS: &str = "aws_access_key_id=FILE\naws_secret_access_key=s\n";
const EXPLICIT: [(&str, &str); 2] = [("access_key_id", "SET"), ("secret_access_key", "s")];
const AT_H: (&str, &str) = ("endpoint_url", "http://h");
const ANONYMOUS: (&str, &str) = ("anonymous", "true");

#[test]
fn nothing_of_the_working_directory_is_read() {
    let mut machine = Machine::default();
    for path in [".aws/config", "./.aws/config", "/.aws/config", "u/.aws/config"] {
        machine.files.insert(path, "[default]\nendpoint_url=http://evil\n".to_owned());
    }
    for path in [".aws/credentials", "./.aws/credentials", "/.aws/credentials"] {
        machine.files.insert(path, format!("[default]\n{KEYS}"));
    }
    assert!(machine.seen(&[]).contains("no credentials"), "{}", machine.seen(&[]));
    for home in ["", " ", ".", "u"] {
        let machine = machine.clone().with("HOME", home);
        assert!(machine.seen(&[]).contains("no credentials"), "HOME={home}");
        let tilde = machine.with("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");
        assert!(tilde.seen(&[]).contains("no credentials"), "HOME={home}");
    }
}

#[test]
fn the_home_of_the_password_database_serves_where_home_is_not_set() {
    let mut machine = Machine::default().credentials(&format!("[default]\n{KEYS}"));
    machine.home = Some("/home/u");
    assert_eq!(machine.seen(&[AT_H]), "FILE/http://h");
    assert!(machine.with("HOME", "/root").seen(&[AT_H]).contains("no credentials"));
}

#[test]
fn what_is_not_needed_may_be_unreadable() {
    let mut locked = Machine::new();
    locked.locked = vec!["/home/u/.aws/config", "/home/u/.aws/credentials"];
    let broken = Machine::new().config("nonsense").credentials("nonsense");
    let environment = |machine: &Machine| {
        machine.clone().with("AWS_ACCESS_KEY_ID", "ENV").with("AWS_SECRET_ACCESS_KEY", "s")
    };
    for machine in [&locked, &broken] {
        assert_eq!(machine.seen(&[EXPLICIT[0], EXPLICIT[1], AT_H]), "SET/http://h");
        assert_eq!(machine.seen(&[ANONYMOUS, AT_H]), "/http://h");
        assert_eq!(environment(machine).seen(&[AT_H]), "ENV/http://h");
        let at_variable = machine.clone().with("AWS_ENDPOINT_URL", "http://e");
        assert_eq!(at_variable.seen(&EXPLICIT), "SET/http://e");
    }
    assert_eq!(locked.seen(&EXPLICIT), "SET/https://s3.us-east-1.amazonaws.com");
    // It might name an endpoint, and is there to be mended.
    assert!(broken.seen(&EXPLICIT).contains("/home/u/.aws/config: line 1"));
    // What is needed is named.
    assert!(locked.seen(&[AT_H]).contains("cannot read /home/u/.aws/config"));
    assert!(broken.seen(&[AT_H]).contains("/home/u/.aws/config: line 1"));
    assert!(locked.seen(&[EXPLICIT[0], EXPLICIT[1], ("profile", "x")]).contains("cannot read"));
}

#[test]
fn a_profile_is_the_one_that_was_named() {
    let machine = Machine::new()
        .credentials(&format!(
            "[default]\naws_access_key_id=WRONG\naws_secret_access_key=s\n[b]\n{KEYS}"
        ))
        .with("AWS_ENDPOINT_URL", "http://h");
    let named = |name, value| machine.clone().with(name, value);
    assert_eq!(machine.seen(&[]), "WRONG/http://h");
    assert_eq!(named("AWS_DEFAULT_PROFILE", "b").seen(&[]), "FILE/http://h");
    assert_eq!(named("AWS_PROFILE", "b").seen(&[]), "FILE/http://h");
    assert_eq!(
        named("AWS_PROFILE", "").with("AWS_DEFAULT_PROFILE", "b").seen(&[]),
        "FILE/http://h"
    );
    assert_eq!(
        named("AWS_PROFILE", "b").with("AWS_DEFAULT_PROFILE", "x").seen(&[]),
        "FILE/http://h"
    );
    assert!(named("AWS_DEFAULT_PROFILE", "x").seen(&[]).contains("no profile 'x'"));
}

#[test]
fn what_a_profile_says_is_not_dropped() {
    for (config, credentials, profile, seen) in [
        ("[profile 'my b']\nendpoint_url=http://h", "[my b]", "my b", "FILE/http://h"),
        ("[profile \"my b\"]\nendpoint_url=http://h", "[my b]", "my b", "FILE/http://h"),
        ("[profile b]\ns3=\n endpoint_url=http://h", "[b]", "b", "FILE/http://h"),
        (
            "[profile b]\nservices=s\n[services s]\ns3=\n endpoint_url=http://h",
            "[b]",
            "b",
            "FILE/http://h",
        ),
        ("[profile b]\nservices=nowhere\nendpoint_url=http://x", "[b]", "b", "services 'nowhere'"),
        ("", "[b]\nendpoint_url=http://h", "b", "FILE/http://h"),
        ("[profile b]\nendpoint_url=http://x", "[b]\nendpoint_url=http://h", "b", "FILE/http://h"),
        (
            "[profile b]\nregion=eusc-de-east-1",
            "[b]",
            "b",
            "FILE/https://s3.eusc-de-east-1.amazonaws.eu",
        ),
        (
            "[profile b]\nuse_fips_endpoint=true",
            "[b]",
            "b",
            "FILE/https://s3-fips.us-east-1.amazonaws.com",
        ),
        (
            "[profile b]\nuse_dualstack_endpoint=TRUE",
            "[b]",
            "b",
            "FILE/https://s3.dualstack.us-east-1.amazonaws.com",
        ),
        (
            "[profile b]\ns3=\n use_dualstack_endpoint=true",
            "[b]",
            "b",
            "FILE/https://s3.dualstack.us-east-1.amazonaws.com",
        ),
        (
            "[profile b]\nuse_fips_endpoint=yes",
            "[b]",
            "b",
            "use_fips_endpoint of profile 'b' is neither",
        ),
        ("[profile b]\nregion=us-\n east-1", "[b]", "b", "region: 'us-\\neast-1'"),
        (
            "[profile b]\nendpoint_url=http://h\nuse_fips_endpoint=true",
            "[b]",
            "b",
            "use_fips_endpoint contradicts",
        ),
        (
            "[profile b]\nendpoint_url=http://127.0.0.1\ns3=\n addressing_style=virtual",
            "[b]",
            "b",
            "addressing_style=virtual",
        ),
        // Sections that the AWS tools skip, and that were meant.
        (
            "[b]\nendpoint_url=http://h",
            "[b]",
            "b",
            "[b] in the configuration file is skipped: write [profile b]",
        ),
        ("[b]\naws_access_key_id=x", "[b]", "b", "FILE/https://s3.us-east-1.amazonaws.com"),
        ("[profile my b]\nendpoint_url=http://h", "[my b]", "my b", "write [profile \"my b\"]"),
        ("", "[profile b]", "b", "[profile b] in the credentials file is skipped: write [b]"),
    ] {
        let machine = Machine::new().config(config).credentials(&format!("{credentials}\n{KEYS}"));
        let found = machine.seen(&[("profile", profile)]);
        assert!(found.contains(seen), "{config:?}: {found}, not {seen}");
    }
}

#[test]
fn a_profile_that_means_another_way_is_not_read_as_its_keys() {
    for (way, seen) in [
        ("role_arn=arn:r\nsource_profile=b", "role arn:r, assumed by profile 'b'"),
        ("role_arn=arn:r\ncredential_source=Environment", "AWS_ACCESS_KEY_ID"),
        ("role_arn=arn:r", "neither source_profile nor credential_source"),
        ("web_identity_token_file=/t", "no role_arn"),
        ("credential_process=/bin/x", "credential_process of profile 'b'"),
        ("sso_session=x", "there is no [sso-session x]"),
        ("sso_start_url=https://x", "has no sso_region"),
        ("login_session=arn:u", "login_session"),
    ] {
        for (config, credentials) in [
            (format!("[profile b]\n{way}\n{KEYS}"), String::new()),
            (format!("[profile b]\n{way}"), format!("[b]\n{KEYS}")),
            (String::new(), format!("[b]\n{way}\n{KEYS}")),
        ] {
            let machine = Machine::new().config(&config).credentials(&credentials);
            let found = machine.seen(&[("profile", "b"), AT_H]);
            assert!(found.contains(seen), "{way}: {found}");
            // Explicit keys need no profile's.
            let explicit = [("profile", "b"), AT_H, EXPLICIT[0], EXPLICIT[1]];
            assert_eq!(machine.seen(&explicit), "SET/http://h");
        }
    }
}

#[test]
fn a_key_its_secret_and_its_token_come_from_one_place() {
    let old = "[default]\naws_access_key_id=OLD\naws_secret_access_key=o\naws_session_token=old\n";
    let token =
        |machine: &Machine, settings: &[_]| match machine.resolve(settings).unwrap().identity {
            Identity::Static(keys, _) => keys.session_token.map(|token| token.expose().to_owned()),
            other => panic!("keys were set, not {other:?}"),
        };
    let machine = Machine::new().config(old);
    let both = machine.clone().credentials(&format!("[default]\n{KEYS}"));
    assert_eq!(both.seen(&[AT_H]), "FILE/http://h");
    assert_eq!(token(&both, &[]), None);
    assert_eq!(token(&machine, &[]).as_deref(), Some("old"));
    let legacy = Machine::new().credentials(&format!("[default]\n{KEYS}aws_security_token=t"));
    assert_eq!(token(&legacy, &[]).as_deref(), Some("t"));
    let variable = Machine::new().with("AWS_SESSION_TOKEN", "env");
    assert_eq!(token(&variable, &EXPLICIT), None);
    let keys = variable.with("AWS_ACCESS_KEY_ID", "ENV").with("AWS_SECRET_ACCESS_KEY", "s");
    assert_eq!(token(&keys, &[]).as_deref(), Some("env"));
    let split = machine.credentials("[default]\naws_access_key_id=HALF\n");
    assert!(split.seen(&[AT_H]).contains("aws_secret_access_key is missing"));
}

#[test]
fn a_blank_variable_counts_as_absent_and_a_broken_one_is_named() {
    let keys = |id, secret| {
        Machine::new()
            .with("AWS_ACCESS_KEY_ID", id)
            .with("AWS_SECRET_ACCESS_KEY", secret)
            .seen(&[AT_H])
    };
    assert_eq!(keys("ENV", "s"), "ENV/http://h");
    assert!(keys(" ", "").contains("no credentials"), "{}", keys(" ", ""));
    assert!(keys(" ", "s").contains("AWS_ACCESS_KEY_ID is not"), "{}", keys(" ", "s"));
    for (id, secret, part) in [
        ("ENV\n", "hunter2", "AWS_ACCESS_KEY_ID ends with a line break"),
        ("ENV", "hunter2\r\n", "AWS_SECRET_ACCESS_KEY ends with a line break"),
        ("ENV", "hunter2\nx", "AWS_SECRET_ACCESS_KEY holds a control character"),
        ("ENV", "hunter2\u{FFFD}", "AWS_SECRET_ACCESS_KEY is not UTF-8"),
        ("ENV ", "hunter2", "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or"),
        ("ENV", " hunter2", "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or"),
    ] {
        let seen = keys(id, secret);
        assert!(seen.contains(part) && !seen.contains("hunter2"), "{seen}");
    }
    let region = Machine::new().with("AWS_REGION", "eu-west-1\n").seen(&EXPLICIT);
    assert!(region.contains("AWS_REGION ends with a line break"), "{region}");
    let fips = Machine::new().with("AWS_USE_FIPS_ENDPOINT", "1").seen(&EXPLICIT);
    assert!(fips.contains("AWS_USE_FIPS_ENDPOINT is neither true nor false"), "{fips}");
}

#[test]
fn variables_and_settings_choose_the_variant() {
    let fips = Machine::new().with("AWS_USE_FIPS_ENDPOINT", "true");
    assert_eq!(fips.seen(&EXPLICIT), "SET/https://s3-fips.us-east-1.amazonaws.com");
    let both = fips.with("AWS_USE_DUALSTACK_ENDPOINT", "true");
    assert_eq!(both.seen(&EXPLICIT), "SET/https://s3-fips.dualstack.us-east-1.amazonaws.com");
    let off = [EXPLICIT[0], EXPLICIT[1], ("use_fips_endpoint", "false")];
    assert_eq!(both.seen(&off), "SET/https://s3.dualstack.us-east-1.amazonaws.com");
    let config = "[default]\nuse_fips_endpoint=true\n";
    let off = Machine::new().with("AWS_USE_FIPS_ENDPOINT", "false").config(config);
    assert_eq!(off.seen(&EXPLICIT), "SET/https://s3.us-east-1.amazonaws.com");
    assert!(both.seen(&[EXPLICIT[0], EXPLICIT[1], AT_H]).contains("use_fips_endpoint contradicts"));
}

#[test]
fn a_setting_that_has_its_default_wins_over_a_profile() {
    let machine = Machine::new().config("[default]\ns3=\n addressing_style=virtual\n");
    let host = |settings: &[_]| {
        let service = machine.resolve(settings).unwrap().service;
        service.place(Some("photos")).unwrap().origin.host
    };
    let set = |style| [EXPLICIT[0], EXPLICIT[1], AT_H, ("addressing_style", style)];
    assert_eq!(host(&set("auto")), "h");
    assert_eq!(host(&[EXPLICIT[0], EXPLICIT[1], AT_H]), "photos.h");
}
