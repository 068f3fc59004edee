//! What a reply says of an object besides its bytes, and what can be asked of it apart from them.

use s3stream_core::{
    Client, Encryption, ErrorKind, LegalHold, MetadataValue, OpenOptions, RestoreStatus, Retention,
    RetentionMode, Timestamp,
};
use s3stream_tests::fault::{FaultServer, Transcript};

use crate::support::{BUCKET, blocking_client, server};

fn play(name: &str, text: &str) -> (FaultServer, s3stream_core::blocking::Client) {
    let server = FaultServer::start(Transcript::parse(name, text).unwrap()).unwrap();
    let builder = Client::builder().endpoint_url(&server.endpoint_url()).region("us-east-1");
    let builder = builder.credentials("AKIAFAULT", "secret").proxy("none");
    (server, builder.build_blocking().unwrap())
}

#[test]
fn every_field_of_a_reply_is_kept_to_the_byte() {
    let name = "metadata_of_any_bytes_is_kept.fault";
    let (_server, client) =
        play(name, include_str!("../../faults/metadata_of_any_bytes_is_kept.fault"));
    let mut reader = client.open(BUCKET, "key", OpenOptions::new()).unwrap();
    assert_eq!(reader.read_full(&mut [0; 8]).unwrap(), 0);
    let object = reader.object();
    let metadata = object.metadata();
    let headers: Vec<_> =
        metadata.headers().map(|(name, value)| (name, value.as_bytes())).collect();
    let expected: [(&str, &[u8]); 7] = [
        ("content-type", b"text/plain"),
        ("cache-control", b"no-cache"),
        ("content-encoding", b"gzip"),
        ("content-disposition", b"attachment; filename=\"\xfc.txt\""),
        ("content-language", b"de"),
        ("expires", b"never"),
        ("x-amz-website-redirect-location", b"/other"),
    ];
    assert_eq!(headers, expected);
    let user: Vec<_> =
        metadata.user.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let expected: [(&str, &[u8]); 6] = [
        ("name", b"JULI\xc1N"),
        ("utf8", "ü".as_bytes()),
        ("words", b"=?UTF-8?B?SlVMScOBTg==?="),
        ("none", b""),
        ("twice", b"a"),
        ("twice", b"b"),
    ];
    assert_eq!(user, expected);
    assert_eq!(*metadata.user("words").map(MetadataValue::decoded).unwrap(), *"JULIÁN".as_bytes());
    assert_eq!(metadata.missing_meta, 2);
    let until = Timestamp::from_unix_seconds(2_000_000_000).unwrap();
    let details = object.details.as_deref().unwrap();
    assert_eq!(details.tag_count, Some(3));
    assert_eq!(details.encryption, Some(Encryption::S3));
    assert_eq!(details.retention, Some(Retention { mode: RetentionMode::Governance, until }));
    assert_eq!(details.legal_hold, Some(LegalHold::On));
    assert_eq!(details.replication_status.as_deref(), Some("REPLICA"));
    assert_eq!(
        (details.parts_count, details.unread.as_slice()),
        (None, &["x-amz-mp-parts-count".to_owned()][..])
    );
    assert_eq!(object.restore_status, Some(RestoreStatus::Restored { until: Some(until) }));
}

#[test]
fn what_a_listing_does_not_say_is_absent() {
    let server = server();
    server.store().put(BUCKET, "k", b"x".to_vec());
    let client = blocking_client(&server);
    let listed = client.list(BUCKET, s3stream_core::ListOptions::new()).next().unwrap().unwrap();
    let s3stream_core::Entry::Object(listed) = listed else { panic!("{listed:?}") };
    assert_eq!((listed.details.as_ref(), listed.content_type()), (None, None));
    assert!(client.head(BUCKET, "k", None).unwrap().details.is_some());
}

fn tagging(reply: &str) -> String {
    format!(
        "# Asked apart from the bytes.\ngroup: listing\ndo: buckets\nexpect: ok\n---\n{reply}end\n"
    )
}

#[test]
fn tags_are_asked_for_by_one_request_and_their_absence_is_none() {
    let (server, client) = play(
        "tags.fault",
        &tagging(
            "request GET /bucket/a?tagging=&versionId=v%2B1\n reply 200\n  Content-Length: {body_size}\n body lines\n\
             <Tagging><TagSet><Tag><Key>k</Key><Value>v &amp; w</Value></Tag></TagSet></Tagging>\n.\n\
             request GET /bucket/b?tagging=\n reply 404\n  Content-Length: {body_size}\n body lines\n\
             <Error><Code>NoSuchTagSet</Code></Error>\n.\n\
             request GET /bucket/c?tagging=\n reply 403\n  Content-Length: {body_size}\n body lines\n\
             <Error><Code>AccessDenied</Code></Error>\n.\n\
             request GET /bucket/d?tagging=\n reply 200\n  Content-Length: 17\n body text \"the object itself\"\n\
             request GET /bucket/e?tagging=\n reply 501\n  Content-Length: {body_size}\n body lines\n\
             <Error><Code>NotImplemented</Code></Error>\n.\n",
        ),
    );
    let tags = client.tags(BUCKET, "a", Some("v+1")).unwrap();
    let tags: Vec<_> = tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(tags, [("k", "v & w")]);
    assert_eq!(client.tags(BUCKET, "b", None).unwrap(), []);
    for (key, kind) in
        [("c", ErrorKind::AccessDenied), ("d", ErrorKind::Protocol), ("e", ErrorKind::Unsupported)]
    {
        assert_eq!(client.tags(BUCKET, key, None).unwrap_err().kind(), kind, "{key}");
    }
    assert_eq!(client.tags(BUCKET, "", None).unwrap_err().kind(), ErrorKind::InvalidInput);
    server.finish().unwrap();
}

#[test]
fn an_acl_is_asked_for_by_one_request() {
    let (server, client) = play(
        "acl.fault",
        &tagging(
            "request GET /bucket/a?acl=\n reply 200\n  Content-Length: {body_size}\n body lines\n\
             <AccessControlPolicy><Owner><ID>o</ID></Owner><AccessControlList><Grant><Grantee>\
             <URI>all</URI></Grantee><Permission>READ</Permission></Grant></AccessControlList>\
             </AccessControlPolicy>\n.\n",
        ),
    );
    let acl = client.acl(BUCKET, "a", None).unwrap();
    assert_eq!(acl.owner_id.as_deref(), Some("o"));
    let [grant] = &acl.grants[..] else { panic!("{acl:?}") };
    assert_eq!((grant.grantee.kind(), grant.grantee.value()), ("Group", "all"));
    assert_eq!(grant.permission, "READ");
    server.finish().unwrap();
}

#[test]
fn a_listing_says_what_is_restored_where_it_is_asked_to() {
    let page = "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>k</Key>\
        <Size>1</Size><RestoreStatus><IsRestoreInProgress>true</IsRestoreInProgress>\
        </RestoreStatus></Contents></ListBucketResult>\n.\n";
    let field = "x-amz-optional-object-attributes";
    let (server, client) = play(
        "restore.fault",
        &tagging(&format!(
            "request GET /bucket?*\n has {field}: RestoreStatus\n reply 200\n  Content-Length: {{body_size}}\n body lines\n{page}\
             request GET /bucket?*\n lacks {field}\n reply 200\n  Content-Length: {{body_size}}\n body lines\n{page}"
        )),
    );
    for wanted in [true, false] {
        let options = s3stream_core::ListOptions::new().restore_status(wanted);
        let entries: Vec<_> = client.list(BUCKET, options).map(Result::unwrap).collect();
        let [s3stream_core::Entry::Object(object)] = &entries[..] else { panic!("{entries:?}") };
        assert_eq!(object.restore_status, Some(RestoreStatus::Ongoing));
    }
    server.finish().unwrap();
}
