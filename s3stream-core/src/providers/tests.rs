use super::*;

fn parsed(text: &str) -> Result<Credentials, &'static str> {
    Document::parse(text.as_bytes()).and_then(Document::into_keys)
}

#[test]
fn keys_are_read_in_every_spelling() {
    let of = |keys: &Credentials| {
        let token = keys.session_token.as_ref().map(|it| it.expose().to_owned());
        (keys.access_key_id.clone(), keys.secret_access_key.expose().to_owned(), token)
    };
    let process = r#"{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "S", "SessionToken": "T",
        "Expiration": "2026-12-01T12:00:00Z", "More": [1]}"#;
    let instance = r#"{"Code": "Success", "AccessKeyId": "A", "SecretAccessKey": "S", "Token": "T",
        "Expiration": "2026-12-01T12:00:00Z"}"#;
    for text in [process, instance] {
        let keys = parsed(text).unwrap();
        assert_eq!(of(&keys), ("A".into(), "S".into(), Some("T".into())));
        assert_eq!(keys.expires, Timestamp::parse_iso8601("2026-12-01T12:00:00Z"));
    }
    let bare = parsed(r#"{"AccessKeyId": "A", "SecretAccessKey": "S", "SessionToken": ""}"#);
    assert_eq!(of(&bare.unwrap()), ("A".into(), "S".into(), None));
}

#[test]
fn what_holds_no_keys_is_told_without_what_it_holds() {
    let table = [
        ("", "JSON"),
        ("[]", "JSON"),
        ("<html>", "JSON"),
        (r#"{"AccessKeyId": 1, "SecretAccessKey": "hunter2"}"#, "JSON"),
        (r#"{"SecretAccessKey": "hunter2"}"#, "AccessKeyId"),
        (r#"{"AccessKeyId": "", "SecretAccessKey": "hunter2"}"#, "AccessKeyId"),
        (r#"{"AccessKeyId": "A\n", "SecretAccessKey": "hunter2"}"#, "AccessKeyId"),
        (r#"{"AccessKeyId": "A"}"#, "SecretAccessKey"),
        (
            r#"{"AccessKeyId": "A", "SecretAccessKey": "hunter2", "Expiration": "soon"}"#,
            "Expiration",
        ),
    ];
    for (text, part) in table {
        let why = parsed(text).unwrap_err();
        assert!(why.contains(part) && !why.contains("hunter2"), "{text}: {why}");
    }
}
