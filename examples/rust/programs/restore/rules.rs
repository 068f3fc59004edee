//! What a restored object is written with, and when one that is there is replaced.

use s3stream_core::report::Record;
use s3stream_core::{
    Algorithm, Checksum, ChecksumType, Condition, CreateOptions, ETag, Encryption, Expect, Object,
};

use super::arguments::{Keep, Replace, RestoreArguments};

/// What is to be done about an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// Write it, if the key still is as it was looked at.
    Write(Condition),
    /// The very object is there already.
    IsThere,
    /// Another one is there, and stays.
    Left(&'static str),
}

/// Decides by what is there under the key, if anything.
pub(super) fn decide(replace: Replace, record: &Record, there: Option<&Object>) -> Decision {
    let Some(there) = there else { return Decision::Write(Condition::Absent) };
    let matches = || match &there.etag {
        Some(etag) => Decision::Write(Condition::Matches(etag.clone())),
        None => Decision::Write(Condition::None),
    };
    match (replace, sameness(record, there)) {
        (Replace::Always, _) => matches(),
        (_, Sameness::Same) => Decision::IsThere,
        (Replace::IfChanged, _) => matches(),
        (Replace::Never, _) => Decision::Left("another object is there: --replace never"),
        (Replace::IfNewer, _) => match (record.last_modified, there.last_modified) {
            (Some(kept), Some(today)) if kept > today => matches(),
            _ => Decision::Left("the object that is there is newer: --replace if-newer"),
        },
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sameness {
    Same,
    Other,
    /// Nothing that both state can be compared.
    Unknown,
}

fn sameness(record: &Record, there: &Object) -> Sameness {
    if record.bytes.or(record.size).is_some_and(|size| size != there.size) {
        return Sameness::Other;
    }
    let is_whole = there.details.as_deref().is_none_or(|details| {
        details.checksum_type.is_none_or(|kind| kind == ChecksumType::FullObject)
    });
    let stated = there.checksums.iter().find(|one| one.algorithm == Algorithm::Crc64Nvme);
    if let (Some(kept), Some(stated), true) = (&record.crc64nvme, stated, is_whole) {
        return if *kept == stated.value { Sameness::Same } else { Sameness::Other };
    }
    // A tag of parts depends on how they were cut, one of encrypted objects on anything.
    let md5 = |etag: &str| ETag::parse(etag).and_then(|etag| etag.md5());
    let kept = record.etag.as_deref().filter(|_| record.unproven.is_none()).and_then(md5);
    match (kept, there.etag.as_ref().and_then(ETag::md5)) {
        (Some(kept), Some(today)) if kept == today => Sameness::Same,
        (Some(_), Some(_)) => Sameness::Other,
        _ => Sameness::Unknown,
    }
}

/// What the object is written with: as the record says, as far as the command line keeps it.
/// The bytes must be those of the backup, or there will be no object.
pub(super) fn options(arguments: &RestoreArguments, record: &Record, crc: &str) -> CreateOptions {
    let size = record.bytes.unwrap_or_default();
    let checksum = Checksum { algorithm: Algorithm::Crc64Nvme, value: crc.to_owned() };
    let expect = Expect::new().size(size).checksum(checksum);
    let mut options = CreateOptions::new().size(size).expect(expect).read_back(true);
    if let Some(details) = &record.details {
        options = options.metadata(details.metadata.clone());
        if arguments.encryption == Keep::Keep {
            // A customer's key is the client's, which has it for all objects or for none.
            let kept = details.encryption.clone();
            let kept = kept.filter(|one| !matches!(one, Encryption::Customer { .. }));
            options = kept.into_iter().fold(options, CreateOptions::encryption);
        }
        if arguments.lock == Keep::Keep {
            options = details.retention.into_iter().fold(options, CreateOptions::retention);
            options = details.legal_hold.into_iter().fold(options, CreateOptions::legal_hold);
        }
    }
    for (name, value) in record.tags.iter().flatten() {
        options = options.tag(name, value);
    }
    if let Some(acl) = &arguments.acl {
        options = options.acl(acl);
    }
    match (arguments.storage_class.as_str(), &record.storage_class) {
        ("default", _) | ("keep", None) => options,
        ("keep", Some(class)) => options.storage_class(class),
        (class, _) => options.storage_class(class),
    }
}

#[cfg(test)]
mod tests {
    use s3stream_core::Timestamp;
    use s3stream_core::report::Outcome;

    use super::*;

    const MD5: &str = "5f5e007c45662611e04a4a4b564c5ba5";

    fn record() -> Record {
        let mut record = Record::new("b", "k", Outcome::Streamed);
        (record.size, record.bytes) = (Some(1), Some(1));
        record.etag = Some(MD5.to_owned());
        record.crc64nvme = Some("AAAAAAAAAAA=".to_owned());
        record.last_modified = Timestamp::from_unix_seconds(100);
        record
    }

    fn there(etag: &str, size: u64, written: i64) -> Object {
        let mut object = Object::new("k");
        (object.etag, object.size) = (ETag::parse(etag), size);
        object.last_modified = Timestamp::from_unix_seconds(written);
        object
    }

    #[test]
    fn what_is_there_is_replaced_as_the_rule_says_and_never_unseen() {
        let other = MD5.replace('5', "6");
        let (same, multipart) = (there(MD5, 1, 200), there(&format!("{MD5}-1"), 1, 200));
        let (newer, older) = (there(&other, 1, 200), there(&other, 1, 50));
        let matches =
            |object: &Object| Decision::Write(Condition::Matches(object.etag.clone().unwrap()));
        let left = |decision: Decision| matches!(decision, Decision::Left(_));
        for replace in [Replace::Never, Replace::IfNewer, Replace::IfChanged, Replace::Always] {
            let decided = |object: &Object| decide(replace, &record(), Some(object));
            assert_eq!(decide(replace, &record(), None), Decision::Write(Condition::Absent));
            match replace {
                Replace::Always => assert_eq!(decided(&same), matches(&same)),
                _ => assert_eq!(decided(&same), Decision::IsThere),
            }
            match replace {
                Replace::Never => {
                    assert!([&newer, &older, &multipart].map(decided).into_iter().all(left));
                }
                Replace::IfNewer => {
                    assert!(left(decided(&newer)) && left(decided(&multipart)));
                    assert_eq!(decided(&older), matches(&older));
                }
                Replace::IfChanged | Replace::Always => {
                    for object in [&newer, &older, &multipart] {
                        assert_eq!(decided(object), matches(object));
                    }
                }
            }
        }
    }

    #[test]
    fn a_digest_that_both_have_decides_and_a_size_before_it() {
        let mut object = there("anything", 1, 1);
        let stated = |value: &str| {
            vec![Checksum { algorithm: Algorithm::Crc64Nvme, value: value.to_owned() }]
        };
        object.checksums = stated("AAAAAAAAAAA=");
        assert_eq!(sameness(&record(), &object), Sameness::Same);
        object.checksums = stated("AAAAAAAAAAE=");
        assert_eq!(sameness(&record(), &object), Sameness::Other);
        assert_eq!(sameness(&record(), &there(MD5, 2, 1)), Sameness::Other);
        assert_eq!(sameness(&record(), &there("opaque", 1, 1)), Sameness::Unknown);
    }
}
