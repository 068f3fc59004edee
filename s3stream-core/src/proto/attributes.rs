//! What an object is written with besides its bytes, as fields of PutObject,
//! CreateMultipartUpload or CopyObject, and what of it the server has kept.
//!
//! See "PutObject", request headers, in the Amazon S3 API reference.

use super::encode;
use super::headers::Headers;
use super::metadata;
use crate::object::{Encryption, LegalHold, Metadata, Object, Retention};

/// All of it; absent is left to the bucket and the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Attributes {
    pub(crate) metadata: Metadata,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) storage_class: Option<String>,
    /// A canned ACL by S3's name for it.
    pub(crate) acl: Option<String>,
    pub(crate) encryption: Option<Encryption>,
    pub(crate) retention: Option<Retention>,
    pub(crate) legal_hold: Option<LegalHold>,
}

/// S3 takes no more tags for an object.
const MOST_TAGS: usize = 10;

/// A field of an object that is not as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Differing {
    pub(crate) field: String,
    pub(crate) sent: Option<String>,
    pub(crate) stored: Option<String>,
}

impl Attributes {
    /// The fields of a request that writes them; the error says which cannot be sent.
    pub(crate) fn headers(&self) -> Result<Headers, String> {
        let mut headers = Headers::new();
        metadata::push(&self.metadata, &mut headers)?;
        if !self.tags.is_empty() {
            headers.push("x-amz-tagging", self.tagging()?);
        }
        let mut push = |name: &str, value: &str| {
            if value.is_empty() || value.chars().any(char::is_control) {
                return Err(format!("'{}' cannot be the value of {name}", value.escape_debug()));
            }
            headers.push(name, value);
            Ok(())
        };
        if let Some(class) = &self.storage_class {
            push("x-amz-storage-class", class)?;
        }
        if let Some(acl) = &self.acl {
            push("x-amz-acl", acl)?;
        }
        match &self.encryption {
            // The client's own key goes with every request that needs it.
            None | Some(Encryption::Customer { .. }) => {}
            Some(encryption) => push("x-amz-server-side-encryption", encryption.name())?,
        }
        if let Some(key) = self.encryption.as_ref().and_then(Encryption::kms_key_id) {
            push("x-amz-server-side-encryption-aws-kms-key-id", key)?;
        }
        if let Some(Retention { mode, until }) = self.retention {
            push("x-amz-object-lock-mode", mode.name())?;
            push("x-amz-object-lock-retain-until-date", &until.to_string())?;
        }
        if let Some(hold) = self.legal_hold {
            push("x-amz-object-lock-legal-hold", hold.name())?;
        }
        Ok(headers)
    }

    /// Whether a request that carries them has to carry a digest that S3 checks.
    pub(crate) fn demand_md5(&self) -> bool {
        self.retention.is_some() || self.legal_hold.is_some()
    }

    fn tagging(&self) -> Result<String, String> {
        check_tags(&self.tags)?;
        let pair = |(name, value): &(String, String)| {
            format!("{}={}", encode::query(name), encode::query(value))
        };
        Ok(self.tags.iter().map(pair).collect::<Vec<_>>().join("&"))
    }

    /// What the description of the stored object says otherwise.
    ///
    /// Neither an ACL nor the tags themselves are in it: of these their number is.
    pub(crate) fn differing(&self, stored: &Object) -> Vec<Differing> {
        let mut differing = metadata_differing(&self.metadata, stored.metadata());
        let mut compare = |field: &str, sent: Option<String>, stored: Option<String>| {
            if sent.is_some() && sent != stored {
                differing.push(Differing { field: field.to_owned(), sent, stored });
            }
        };
        // STANDARD is what a reply leaves out.
        let class = stored.storage_class.as_deref().unwrap_or("STANDARD").to_owned();
        compare("storage_class", self.storage_class.clone(), Some(class));
        let details = stored.details.as_deref();
        let tags = (!self.tags.is_empty()).then(|| self.tags.len().to_string());
        let count = details.and_then(|it| it.tag_count).unwrap_or(0).to_string();
        compare("tag_count", tags, Some(count));
        let name = |it: &Encryption| it.name().to_owned();
        let kept = details.and_then(|it| it.encryption.as_ref());
        compare("encryption", self.encryption.as_ref().map(name), kept.map(name));
        let lock = |it: Retention| format!("{} until {}", it.mode.name(), it.until);
        let kept = details.and_then(|it| it.retention);
        compare("retention", self.retention.map(lock), kept.map(lock));
        let hold = |it: LegalHold| it.name().to_owned();
        compare(
            "legal_hold",
            self.legal_hold.map(hold),
            details.and_then(|it| it.legal_hold).map(hold),
        );
        differing
    }
}

/// Whether they can be the tags of an object.
pub(crate) fn check_tags(tags: &[(String, String)]) -> Result<(), String> {
    if tags.len() > MOST_TAGS {
        return Err(format!("an object has {MOST_TAGS} tags at most, not {}", tags.len()));
    }
    for (index, (name, _)) in tags.iter().enumerate() {
        if name.is_empty() {
            return Err("the name of a tag is empty".to_owned());
        }
        if tags[..index].iter().any(|(other, _)| other == name) {
            return Err(format!("the tag '{name}' is given twice"));
        }
    }
    Ok(())
}

/// Only what was sent can have got lost: servers have a Content-Type of their own for who gives
/// none.
fn metadata_differing(sent: &Metadata, stored: &Metadata) -> Vec<Differing> {
    let fields = |metadata: &Metadata| {
        [
            ("content_type", metadata.content_type.clone()),
            ("cache_control", metadata.cache_control.clone()),
            ("content_encoding", metadata.content_encoding.clone()),
            ("content_disposition", metadata.content_disposition.clone()),
            ("content_language", metadata.content_language.clone()),
            ("expires", metadata.expires.clone()),
            ("website_redirect", metadata.website_redirect.clone()),
        ]
    };
    let mut differing = Vec::new();
    for ((field, sent), (_, stored)) in fields(sent).into_iter().zip(fields(stored)) {
        let Some(sent) = sent else { continue };
        if stored.as_ref().is_none_or(|stored| stored.decoded() != sent.decoded()) {
            differing.push(Differing {
                field: field.to_owned(),
                sent: Some(sent.to_string()),
                stored: stored.map(|value| value.to_string()),
            });
        }
    }
    for (name, sent) in &sent.user {
        let kept: Vec<_> =
            stored.user.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name)).collect();
        // S3 keeps words of RFC 2047 decoded, and encodes them when they are read.
        if !kept.iter().any(|(_, value)| value.decoded() == sent.decoded()) {
            differing.push(Differing {
                field: format!("metadata.{name}"),
                sent: Some(sent.to_string()),
                stored: kept.first().map(|(_, value)| value.to_string()),
            });
        }
    }
    // What the server made of names that it does not like (RadosGW: `a_b` becomes `a-b`).
    for (name, value) in &stored.user {
        if !sent.user.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
            let stored = Some(value.to_string());
            differing.push(Differing { field: format!("metadata.{name}"), sent: None, stored });
        }
    }
    differing
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::{Details, RetentionMode};
    use crate::time::Timestamp;

    fn all() -> Attributes {
        Attributes {
            metadata: Metadata::new().with_content_type("text/plain").with_user("colour", "blü"),
            tags: vec![("a b".to_owned(), "1+1".to_owned()), ("c".to_owned(), String::new())],
            storage_class: Some("GLACIER".to_owned()),
            acl: Some("public-read".to_owned()),
            encryption: Some(Encryption::Kms { key_id: Some("k".to_owned()) }),
            retention: Some(Retention {
                mode: RetentionMode::Governance,
                until: Timestamp::parse_iso8601("2030-01-02T03:04:05Z").unwrap(),
            }),
            legal_hold: Some(LegalHold::On),
        }
    }

    /// The same object as a server describes it that keeps everything.
    fn kept(attributes: &Attributes) -> Object {
        let mut object = Object::new("k");
        object.storage_class = attributes.storage_class.clone().map(Into::into);
        object.details = Some(Box::new(Details {
            metadata: attributes.metadata.clone(),
            tag_count: Some(2),
            encryption: attributes.encryption.clone(),
            retention: attributes.retention,
            legal_hold: attributes.legal_hold,
            ..Details::default()
        }));
        object
    }

    #[test]
    fn every_attribute_has_its_field() {
        let headers = all().headers().unwrap();
        let sent: Vec<_> = headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        assert_eq!(
            sent,
            [
                "content-type: text/plain",
                "x-amz-meta-colour: blü",
                "x-amz-tagging: a%20b=1%2B1&c=",
                "x-amz-storage-class: GLACIER",
                "x-amz-acl: public-read",
                "x-amz-server-side-encryption: aws:kms",
                "x-amz-server-side-encryption-aws-kms-key-id: k",
                "x-amz-object-lock-mode: GOVERNANCE",
                "x-amz-object-lock-retain-until-date: 2030-01-02T03:04:05Z",
                "x-amz-object-lock-legal-hold: ON",
            ]
        );
        assert_eq!(Attributes::default().headers().unwrap(), Headers::new());
    }

    #[test]
    fn what_cannot_be_sent_is_refused_by_name() {
        let twice = vec![("t".to_owned(), "1".to_owned()), ("t".to_owned(), "2".to_owned())];
        let many = (0..11).map(|n| (n.to_string(), String::new())).collect();
        let table = [
            (Attributes { storage_class: Some("A\r\nB".to_owned()), ..all() }, "storage-class"),
            (Attributes { acl: Some(String::new()), ..all() }, "x-amz-acl"),
            (Attributes { tags: twice, ..all() }, "'t' is given twice"),
            (Attributes { tags: many, ..all() }, "10 tags at most"),
            (Attributes { tags: vec![Default::default()], ..all() }, "name of a tag is empty"),
            (Attributes { metadata: Metadata::new().with_user("a b", "1"), ..all() }, "a b"),
        ];
        for (attributes, part) in table {
            let why = attributes.headers().unwrap_err();
            assert!(why.contains(part), "{why} lacks {part}");
        }
    }

    #[test]
    fn what_the_server_has_not_kept_is_named_and_nothing_else() {
        let all = all();
        assert_eq!(all.differing(&kept(&all)), []);
        assert_eq!(Attributes::default().differing(&Object::new("k")), []);
        let mut fields: Vec<_> =
            all.differing(&Object::new("k")).into_iter().map(|it| it.field).collect();
        fields.sort();
        assert_eq!(
            fields,
            [
                "content_type",
                "encryption",
                "legal_hold",
                "metadata.colour",
                "retention",
                "storage_class",
                "tag_count"
            ]
        );
        // RadosGW renames it; S3 encodes what is not ASCII.
        let attributes = Attributes {
            metadata: Metadata::new().with_user("a_b", "é"),
            ..Attributes::default()
        };
        let mut stored = kept(&attributes);
        let details = stored.details.as_mut().unwrap();
        details.metadata = Metadata::new().with_user("a-b", "é");
        let fields: Vec<_> = attributes.differing(&stored).into_iter().map(|it| it.field).collect();
        assert_eq!(fields, ["metadata.a_b", "metadata.a-b"]);
        let details = stored.details.as_mut().unwrap();
        details.metadata = Metadata::new().with_user("a_b", "=?UTF-8?Q?=C3=A9?=");
        assert_eq!(attributes.differing(&stored), []);
    }

    #[test]
    fn a_class_that_is_left_out_is_the_standard_one() {
        let standard =
            Attributes { storage_class: Some("STANDARD".to_owned()), ..Attributes::default() };
        assert_eq!(standard.differing(&Object::new("k")), []);
    }
}
