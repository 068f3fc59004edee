//! The Security Token Service: what it is asked by a form, and what it answers in XML.
//!
//! See "AssumeRole", "AssumeRoleWithWebIdentity" and "GetCallerIdentity" in the AWS STS API
//! reference. RadosGW and MinIO answer the same calls.

use super::encode;
use super::xml::text_of;
use crate::credentials::Credentials;
use crate::time::Timestamp;

/// The body of a call: `Action`, `Version` and parameters, as a form.
pub(crate) fn form(action: &str, parameters: &[(&str, &str)]) -> String {
    let mut form = format!("Action={action}&Version=2011-06-15");
    for (name, value) in parameters {
        form.push('&');
        form.push_str(name);
        form.push('=');
        form.push_str(&encode::query(value));
    }
    form
}

/// What STS answered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Keys(Box<Credentials>),
    /// Its error code and its words.
    Refused(String, String),
    /// Nothing that STS says.
    Unknown,
}

/// Reads the answer to AssumeRole and its kin.
pub(crate) fn answer(text: &str) -> Answer {
    let get = |name: &str| text_of(text, name).filter(|value| !value.is_empty());
    let keys = (get("AccessKeyId"), get("SecretAccessKey"));
    if let ((Some(id), Some(secret)), Some(expires)) = (keys, get("Expiration")) {
        let Some(expires) = Timestamp::parse_iso8601(&expires) else { return Answer::Unknown };
        let mut keys = Credentials::new(id, secret, get("SessionToken"));
        keys.expires = Some(expires);
        return Answer::Keys(Box::new(keys));
    }
    match get("Code") {
        Some(code) => Answer::Refused(code, get("Message").unwrap_or_default()),
        None => Answer::Unknown,
    }
}

/// The ARN in the answer to GetCallerIdentity.
pub(crate) fn caller(text: &str) -> Option<String> {
    text_of(text, "Arn").filter(|arn| !arn.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_encoded() {
        let form = form("AssumeRole", &[("RoleArn", "arn:aws:iam::1:role/a b"), ("X", "+&=é")]);
        assert_eq!(
            form,
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fa%20b\
             &X=%2B%26%3D%C3%A9"
        );
    }

    #[test]
    fn answers_are_read_whatever_surrounds_them() {
        let whole = "<?xml version='1.0'?>\n<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/\
             doc/2011-06-15/\"><AssumeRoleResult><AssumedRoleUser><Arn>arn:x</Arn></AssumedRoleUser>\
             <Credentials><AccessKeyId>ID</AccessKeyId><SecretAccessKey>a/b&amp;c</SecretAccessKey>\
             <SessionToken>T</SessionToken><Expiration>2026-12-01T10:00:00Z</Expiration>\
             </Credentials></AssumeRoleResult></AssumeRoleResponse>";
        let Answer::Keys(keys) = answer(whole) else { panic!("{:?}", answer(whole)) };
        assert_eq!(keys.access_key_id(), "ID");
        assert_eq!(keys.secret_access_key.expose(), "a/b&c");
        assert_eq!(keys.session_token.as_ref().map(|it| it.expose()), Some("T"));
        assert_eq!(keys.expires, Timestamp::parse_iso8601("2026-12-01T10:00:00Z"));
        for (text, wanted) in [
            (
                "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error>\
                 </ErrorResponse>",
                Answer::Refused("AccessDenied".into(), "no".into()),
            ),
            ("<Error><Code>X</Code></Error>", Answer::Refused("X".into(), String::new())),
            ("", Answer::Unknown),
            ("<html>login</html>", Answer::Unknown),
            ("{\"a\":1}", Answer::Unknown),
            ("<A><AccessKeyId>ID</AccessKeyId></A>", Answer::Unknown),
            (
                "<A><AccessKeyId>ID</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
                 <Expiration>soon</Expiration></A>",
                Answer::Unknown,
            ),
            (
                "<A><AccessKeyId>ID</AccessKeyId><SecretAccessKey>s</SecretAccessKey></A>",
                Answer::Unknown,
            ),
        ] {
            assert_eq!(answer(text), wanted, "{text}");
        }
        assert_eq!(caller(whole), Some("arn:x".to_owned()));
        assert_eq!(caller("<A/>"), None);
    }
}
