//! Which way is taken: what stands in files and variables, and what a person is told of it.

use std::path::Path;

use super::*;
use crate::config::{Identity, Settings, resolve};

/// The way that is taken, or the error: of a configuration file, and variables.
fn seen(config: &str, variables: &[(&str, &str)]) -> String {
    let variable = |name: &str| {
        let found = variables.iter().find(|(n, _)| *n == name).map(|(_, value)| *value);
        found.or((name == "HOME").then_some("/home/u")).map(str::to_owned)
    };
    let file = |path: &Path| match path.to_str() {
        Some("/home/u/.aws/config") => Ok(Some(config.to_owned())),
        _ => Ok(None),
    };
    let surroundings = Surroundings { variable: &variable, file: &file, home: &|| None };
    match resolve(Settings::default(), &surroundings).map(|config| config.identity) {
        Ok(Identity::Static(keys, from)) => format!("{} of {from}", keys.access_key_id()),
        Ok(Identity::Fetched(way)) => format!("{way} {way:?}"),
        Ok(Identity::Anonymous) => "nobody".to_owned(),
        Err(error) => error.to_string(),
    }
}

/// Names and values.
type Pairs<'a> = &'a [(&'a str, &'a str)];

const KEYS: &str = "aws_access_key_id=FILE\naws_secret_access_key=hunter2\n";
const NO_INSTANCE: (&str, &str) = ("AWS_EC2_METADATA_DISABLED", "true");
const ENVIRONMENT: [(&str, &str); 2] =
    [("AWS_ACCESS_KEY_ID", "ENV"), ("AWS_SECRET_ACCESS_KEY", "hunter2")];
const TOKEN: [(&str, &str); 2] =
    [("AWS_WEB_IDENTITY_TOKEN_FILE", "/t"), ("AWS_ROLE_ARN", "arn:web")];
const CONTAINER: (&str, &str) = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/x");

#[test]
fn the_first_that_is_configured_is_taken() {
    let of = |profile: &str, variables: &[Pairs<'_>]| seen(profile, &variables.concat());
    let keys = format!("[default]\n{KEYS}");
    let process = format!("[default]\ncredential_process=/bin/x\n{KEYS}");
    let role = format!("[default]\nrole_arn=arn:r\nsource_profile=default\n{KEYS}");
    let all: &[Pairs<'_>] = &[&ENVIRONMENT, &TOKEN, &[CONTAINER]];
    let table: [(String, &str); 10] = [
        (of(&role, all), "ENV of the environment"),
        (of(&role, &all[1..]), "role arn:r, assumed by profile 'default'"),
        (of(&process, &all[1..]), "credential_process of profile 'default'"),
        (of(&keys, &all[1..]), "FILE of profile 'default'"),
        (of("", &all[1..]), "web identity of /t"),
        (of("", &all[2..]), "the container's service at http://169.254.170.2/v2/x"),
        (of("", &[]), "the instance's service at http://169.254.169.254"),
        (of("", &[&[NO_INSTANCE]]), "no credentials: set access_key_id"),
        // A profile that the caller named switches the environment's keys off.
        (of(&keys, &[&ENVIRONMENT, &[("AWS_PROFILE", "default")]]), "ENV of the environment"),
        (of("", &[&[("AWS_PROFILE", "nobody")]]), "there is no profile 'nobody'"),
    ];
    for (number, (found, wanted)) in table.iter().enumerate() {
        assert!(found.starts_with(wanted) || found.contains(wanted), "{number}: {found}");
    }
}

#[test]
fn profiles_say_who_assumes_a_role() {
    let role = "[default]\nrole_arn=arn:r\n";
    let table: [(&str, Pairs<'_>, &str); 22] = [
        ("source_profile=b\n[profile b]\nK", &[], "role arn:r, assumed by profile 'b'"),
        ("source_profile=b", &[], "source_profile of profile 'default': there is no profile 'b'"),
        (
            "source_profile=b\n[profile b]\n",
            &[],
            "profile 'b', source_profile of 'default', has no",
        ),
        ("source_profile=default", &[], "its own source_profile, but has no keys"),
        ("source_profile=b\ncredential_source=Environment", &[], "has both"),
        ("", &[], "neither source_profile nor credential_source"),
        (
            "source_profile=b\n[profile b]\nrole_arn=arn:s\nsource_profile=c\n[profile c]\nK",
            &[],
            "role arn:r, assumed by role arn:s, assumed by profile 'c'",
        ),
        // Behind the first step keys win over a role.
        (
            "source_profile=b\n[profile b]\nrole_arn=arn:s\nsource_profile=c\nK[profile c]\nK",
            &[],
            "role arn:r, assumed by profile 'b'",
        ),
        ("source_profile=b\n[profile b]\nrole_arn=arn:s\nsource_profile=default", &[], "lead"),
        (
            "source_profile=b\n[profile b]\nrole_arn=arn:s\nsource_profile=c\n[profile c]\n\
             role_arn=arn:t\nsource_profile=b",
            &[],
            "in a circle: 'default' -> 'b' -> 'c' -> 'b'",
        ),
        (
            "source_profile=b\n[profile b]\ncredential_process=/bin/x",
            &[],
            "assumed by credential_process of profile 'b'",
        ),
        (
            "source_profile=b\n[profile b]\nweb_identity_token_file=/t\nrole_arn=arn:s",
            &[],
            "role arn:r, assumed by web identity of /t",
        ),
        ("credential_source=Environment", &[], "AWS_SECRET_ACCESS_KEY are not set"),
        ("credential_source=Ec2InstanceMetadata", &[], "assumed by the instance's service"),
        (
            "credential_source=Ec2InstanceMetadata",
            &[NO_INSTANCE],
            "AWS_EC2_METADATA_DISABLED is set",
        ),
        ("credential_source=EcsContainer", &[], "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not"),
        ("credential_source=EcsContainer", &[CONTAINER], "assumed by the container's service"),
        ("credential_source=Elsewhere", &[], "none of Environment"),
        ("source_profile=b\nmfa_serial=arn:m\n[profile b]\nK", &[], "nobody is there to type"),
        (
            "source_profile=b\nduration_seconds=long\n[profile b]\nK",
            &[],
            "duration_seconds of profile 'default' is no number",
        ),
        (
            "source_profile=b\nexternal_id=X1\nrole_session_name=me\nduration_seconds=900\n\
             [profile b]\nK",
            &[],
            "external_id: Some(\"X1\"), duration: Some(900)",
        ),
        ("web_identity_token_file=/t", &[], "web identity of /t"),
    ];
    for (profile, variables, wanted) in table {
        let config = format!("{role}{}", profile.replace('K', KEYS));
        let found = seen(&config, variables);
        assert!(found.contains(wanted), "{profile}: {found}");
        assert!(!found.contains("hunter2"), "{found}");
    }
}

#[test]
fn where_sts_and_single_sign_on_answer_is_said_by_the_nearest() {
    let role = "[default]\nregion=eu-west-1\nrole_arn=arn:r\nsource_profile=default\n";
    let role = format!("{role}{KEYS}");
    let services = format!("{role}services=s\n[services s]\nsts =\n  endpoint_url=http://s/\n");
    let general = format!("{role}endpoint_url=http://p\n");
    let china = role.replace("eu-west-1", "cn-north-1");
    let table: [(&str, Pairs<'_>, &str); 10] = [
        (&role, &[], "https://sts.eu-west-1.amazonaws.com"),
        (&role, &[("AWS_REGION", "us-east-2")], "https://sts.us-east-2.amazonaws.com"),
        (&china, &[], "https://sts.cn-north-1.amazonaws.com.cn"),
        (&role, &[("AWS_ENDPOINT_URL", "http://e:1/")], "url: \"http://e:1\""),
        (
            &services,
            &[("AWS_ENDPOINT_URL", "http://e"), ("AWS_ENDPOINT_URL_STS", "http://t")],
            "url: \"http://t\"",
        ),
        (&services, &[("AWS_ENDPOINT_URL", "http://e")], "url: \"http://s\""),
        (&general, &[], "url: \"http://p\""),
        (&general, &[("AWS_ENDPOINT_URL", "http://e")], "url: \"http://e\""),
        (
            &general,
            &[("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")],
            "https://sts.eu-west-1.amazonaws.com",
        ),
        (&role, &[("AWS_ENDPOINT_URL_STS", "sts.example")], "sts is not http(s)://host"),
    ];
    for (config, variables, wanted) in table {
        let found = seen(config, variables);
        assert!(found.contains(wanted), "{variables:?}: {found}");
    }
}

#[test]
fn single_sign_on_is_by_a_session_or_by_the_profile_alone() {
    let old = "sso_start_url=https://d/start\nsso_region=eu-west-1\nsso_account_id=1\n\
               sso_role_name=r\n";
    let new = "sso_session=s\nsso_account_id=1\nsso_role_name=r\n[sso-session s]\n\
               sso_start_url=https://d/start\nsso_region=eu-west-1\n";
    let table = [
        // SHA-1 of the start URL, of the session's name.
        (old, "/home/u/.aws/sso/cache/34142ae75b742bda91dcbb409591c47dafe32155.json"),
        (new, "/home/u/.aws/sso/cache/a0f1490a20d0211c997b44bc357e1972deab8ae3.json"),
        (old, "https://portal.sso.eu-west-1.amazonaws.com"),
        (&old.replace("sso_region=eu-west-1\n", ""), "has no sso_region"),
        (&old.replace("sso_account_id=1\n", ""), "has no sso_account_id"),
        (&new.replace("sso_role_name=r\n", ""), "has no sso_role_name"),
        (&new.replace("[sso-session s]", "[sso-session t]"), "there is no [sso-session s]"),
        (&new.replace("[sso-session s]", "[sso-session \"s\"]"), "single sign-on of profile"),
    ];
    for (profile, wanted) in table {
        let found = seen(&format!("[default]\n{profile}"), &[]);
        assert!(found.contains(wanted), "{profile}: {found}");
    }
}

#[test]
fn containers_and_instances_are_where_variables_say() {
    let table: [(Pairs<'_>, &str); 13] = [
        (&[CONTAINER], "http://169.254.170.2/v2/x"),
        (&[("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "x")], "http://169.254.170.2/x"),
        (&[("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/y")], "http://127.0.0.1/y"),
        (
            &[CONTAINER, ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/y")],
            "http://169.254.170.2/v2/x",
        ),
        (
            &[
                CONTAINER,
                ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "hunter2"),
                ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/token"),
            ],
            "File(\"/token\")",
        ),
        (&[CONTAINER, ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "hunter2")], "Text("),
        (&[("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://h:1/")], "at http://h:1 "),
        (&[("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6")], "at http://[fd00:ec2::254]"),
        (&[("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipv4")], "at http://169.254.169.254"),
        (&[("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipv5")], "neither IPv4 nor IPv6"),
        (&[("AWS_EC2_METADATA_DISABLED", "TRUE")], "no credentials"),
        (&[("AWS_EC2_METADATA_DISABLED", "false")], "the instance's service"),
        (&[TOKEN[0]], "AWS_ROLE_ARN is not"),
    ];
    for (variables, wanted) in table {
        let found = seen("", variables);
        assert!(found.contains(wanted) && !found.contains("hunter2"), "{variables:?}: {found}");
    }
    let profile = "[default]\nec2_metadata_service_endpoint=http://p\n";
    assert!(seen(profile, &[]).contains("at http://p "));
}
