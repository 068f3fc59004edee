use super::*;
use crate::report::{Outcome, Record};

/// Details of which no field is what it is by default, with odd bytes in all that may have some.
pub(in crate::report) fn odd() -> Details {
    let odd = |text: &str| Some(MetadataValue::from([text.as_bytes(), b"\xff\x01\""].concat()));
    let mut metadata = Metadata::new();
    metadata.content_type = Some("text/plain; charset=\"utf-8\"".into());
    metadata.cache_control = odd("max-age=1");
    metadata.content_encoding = odd("gzip");
    metadata.content_disposition = odd("attachment; filename=");
    metadata.content_language = odd("de");
    metadata.expires = Some("never".into());
    metadata.website_redirect = Some("/caf\u{e9}".into());
    metadata.missing_meta = 3;
    for value in ["", "one", "=?UTF-8?Q?=C3=A9?="] {
        metadata = metadata.with_user("same", value);
    }
    metadata = metadata.with_user("latin", b"caf\xe9");
    let until = Timestamp::from_unix_seconds(2_000_000_000).unwrap();
    Details {
        metadata,
        tag_count: Some(2),
        encryption: Some(Encryption::Kms { key_id: Some("arn:aws:kms:x".to_owned()) }),
        retention: Some(Retention { mode: RetentionMode::Compliance, until }),
        legal_hold: Some(LegalHold::Off),
        parts_count: Some(7),
        checksum_type: Some(ChecksumType::Composite),
        replication_status: Some("REPLICA".to_owned()),
        unread: vec!["x-amz-tagging-count".to_owned()],
    }
}

#[test]
fn every_field_comes_back_to_the_byte() {
    let mut encryptions = vec![None, Some(Encryption::S3)];
    encryptions.push(Some(Encryption::KmsDual { key_id: None }));
    encryptions.push(Some(Encryption::Customer { algorithm: "AES256".to_owned() }));
    encryptions.push(Some(Encryption::Other("aws:fsx".to_owned())));
    encryptions.push(odd().encryption);
    for encryption in encryptions {
        let mut record = Record::new("b", "k", Outcome::Streamed);
        record.details = Some(Box::new(Details { encryption, ..odd() }));
        let line = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<Record>(&line).unwrap(), record, "{line}");
    }
    let mut record = Record::new("b", "k", Outcome::Streamed);
    record.details = Some(Box::default());
    let line = serde_json::to_string(&record).unwrap();
    assert!(line.contains("\"details\":{}"), "{line}");
    assert_eq!(serde_json::from_str::<Record>(&line).unwrap(), record);
}

#[test]
fn a_text_is_a_text_and_bytes_are_base64() {
    let mut record = Record::new("b", "k", Outcome::Streamed);
    let metadata = Metadata::new().with_content_type("a\n").with_user("m", b"\xff");
    let details = Details { metadata, ..Details::default() };
    record.details = Some(Box::new(details));
    let line = serde_json::to_string(&record).unwrap();
    let metadata = r#"{"content_type":"a\n","user":[["m",{"base64":"/w=="}]]}"#;
    assert!(line.contains(&format!("\"details\":{{\"metadata\":{metadata}}}")), "{line}");
}

#[test]
fn what_is_no_word_of_s3_is_named() {
    for (details, part) in [
        (r#"{"legal_hold":"MAYBE"}"#, "'MAYBE' is no legal_hold"),
        (r#"{"retention":{"mode":"X","until":"2033-05-18T03:33:20Z"}}"#, "'X' is no mode"),
        (r#"{"metadata":{"user":[["m",{"base64":"!"}]]}}"#, "'!' is no base64"),
    ] {
        let line = format!(
            "{{\"bucket\":\"b\",\"key\":\"k\",\"outcome\":\"streamed\",\"details\":{details}}}"
        );
        let error = serde_json::from_str::<Record>(&line).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}
