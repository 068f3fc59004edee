//! The tags of an object, and its access control list.

use super::document::Sink;
use super::element::Element;
use super::page::filled;
use super::{ErrorDraft, NoPage, expect_root, read};
use crate::object::{Acl, Grant, Grantee};

/// Parses a `Tagging`.
pub(crate) fn tags(text: &str) -> Result<Vec<(String, String)>, NoPage> {
    parse(text, Element::Tagging, TagsDraft::default()).map(|draft| draft.tags)
}

/// Parses an `AccessControlPolicy`.
pub(crate) fn acl(text: &str) -> Result<Acl, NoPage> {
    parse(text, Element::AccessControlPolicy, AclDraft::default()).map(|draft| draft.acl)
}

/// What is made of a document with a certain root, behind it.
trait Draft {
    fn end(&mut self, path: &[Element], text: &str) -> Result<(), String>;
}

/// A document that is what was asked for, or S3's `<Error>`.
struct OrError<D> {
    root: Element,
    draft: D,
    refusal: Option<ErrorDraft>,
}

fn parse<D: Draft>(text: &str, root: Element, draft: D) -> Result<D, NoPage> {
    let mut sink = OrError { root, draft, refusal: None };
    let done = read(text, &mut sink);
    match sink.refusal {
        Some(refusal) if refusal.body.code.is_some() => {
            Err(NoPage::Refused(Box::new(refusal.body)))
        }
        Some(_) => Err(NoPage::Malformed("its root element is <Error>, without a code".to_owned())),
        None => done.map(|()| sink.draft).map_err(NoPage::Malformed),
    }
}

impl<D: Draft> Sink for OrError<D> {
    fn begin(&mut self, name: &str) -> Result<(), String> {
        if Element::of(name) == Element::Error {
            self.refusal = Some(ErrorDraft::default());
            return Ok(());
        }
        expect_root(name, self.root)
    }

    fn end(&mut self, path: &[Element], text: &str) -> Result<(), String> {
        match &mut self.refusal {
            Some(refusal) => refusal.end(path, text),
            None => self.draft.end(path, text),
        }
    }

    fn end_unreadable(&mut self, _: &[Element], _: &[u8]) -> Result<(), String> {
        Err("it is not UTF-8".to_owned())
    }
}

#[derive(Default)]
struct TagsDraft {
    tags: Vec<(String, String)>,
    key: Option<String>,
    value: Option<String>,
}

impl Draft for TagsDraft {
    fn end(&mut self, path: &[Element], text: &str) -> Result<(), String> {
        use Element::{Key, Tag as One, TagSet, Value};
        match path {
            [_, TagSet, One, Key] => self.key = Some(text.to_owned()),
            [_, TagSet, One, Value] => self.value = Some(text.to_owned()),
            [_, TagSet, One] => {
                let key = self.key.take().ok_or("a Tag has no Key")?;
                self.tags.push((key, self.value.take().unwrap_or_default()));
            }
            _ => {}
        }
        Ok(())
    }
}

#[derive(Default)]
struct AclDraft {
    acl: Acl,
    id: Option<String>,
    name: Option<String>,
    uri: Option<String>,
    address: Option<String>,
    permission: Option<String>,
}

impl Draft for AclDraft {
    fn end(&mut self, path: &[Element], text: &str) -> Result<(), String> {
        use Element::{
            AccessControlList, DisplayName, EmailAddress, Grant as One, Grantee as Who, Id, Owner,
            Permission, Uri,
        };
        match path {
            [_, Owner, Id] => self.acl.owner_id = filled(text),
            [_, Owner, DisplayName] => self.acl.owner_name = filled(text),
            [_, AccessControlList, One, Who, Id] => self.id = filled(text),
            [_, AccessControlList, One, Who, DisplayName] => self.name = filled(text),
            [_, AccessControlList, One, Who, Uri] => self.uri = filled(text),
            [_, AccessControlList, One, Who, EmailAddress] => self.address = filled(text),
            [_, AccessControlList, One, Permission] => self.permission = filled(text),
            [_, AccessControlList, One] => self.finish_grant()?,
            _ => {}
        }
        Ok(())
    }
}

impl AclDraft {
    /// Which sort of grantee it is, its fields say; the attribute that does so too is left out
    /// by some servers.
    fn finish_grant(&mut self) -> Result<(), String> {
        let name = self.name.take();
        let grantee = match (self.uri.take(), self.id.take(), self.address.take()) {
            (Some(uri), _, _) => Grantee::Group(uri),
            (None, Some(id), _) => Grantee::User { id, name },
            (None, None, Some(address)) => Grantee::Email(address),
            (None, None, None) => return Err("a Grant is nobody's".to_owned()),
        };
        let permission = self.permission.take().ok_or("a Grant has no Permission")?;
        self.acl.grants.push(Grant { grantee, permission });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn malformed<T: std::fmt::Debug>(outcome: Result<T, NoPage>) -> String {
        match outcome {
            Err(NoPage::Malformed(why)) => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn tags_are_read_in_their_order() {
        let text = "<?xml version='1.0'?><Tagging xmlns='x'><TagSet>\
            <Tag><Key>a &amp; b</Key><Value> v </Value></Tag>\
            <Tag><Value>1</Value><Key>z</Key></Tag><Tag><Key>é</Key><Value/></Tag>\
            <Tag><Key></Key></Tag></TagSet></Tagging>";
        let tags = tags(text).unwrap();
        let tags: Vec<_> = tags.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(tags, [("a & b", " v "), ("z", "1"), ("é", ""), ("", "")]);
        assert_eq!(super::tags("<Tagging><TagSet/></Tagging>").unwrap(), []);
        assert_eq!(super::tags("<Tagging/>").unwrap(), []);
    }

    #[test]
    fn what_are_no_tags_is_none() {
        // rclone answers with the object itself.
        for text in
            ["hello", "", "<html/>", "<Tagging>", "<Tagging><TagSet><Tag/></TagSet></Tagging>"]
        {
            assert!(!malformed(tags(text)).is_empty(), "{text}");
        }
        assert!(matches!(tags("<Error><Code>X</Code></Error>"), Err(NoPage::Refused(_))));
        assert!(malformed(tags("<Error/>")).contains("without a code"));
    }

    #[test]
    fn an_acl_is_an_owner_and_grants() {
        let text = "<AccessControlPolicy><Owner><ID>o</ID><DisplayName>Olga</DisplayName></Owner>\
            <AccessControlList>\
            <Grant><Grantee xsi:type='CanonicalUser'><ID>o</ID><DisplayName>Olga</DisplayName>\
            </Grantee><Permission>FULL_CONTROL</Permission></Grant>\
            <Grant><Grantee><URI>http://acs/AllUsers</URI></Grantee><Permission>READ</Permission>\
            </Grant>\
            <Grant><Grantee><EmailAddress>a@b</EmailAddress></Grantee>\
            <Permission>WRITE_ACP</Permission></Grant>\
            </AccessControlList></AccessControlPolicy>";
        let acl = acl(text).unwrap();
        assert_eq!(acl.owner_id.as_deref(), Some("o"));
        assert_eq!(acl.owner_name.as_deref(), Some("Olga"));
        let grants: Vec<_> = acl
            .grants
            .iter()
            .map(|grant| (grant.grantee.kind(), grant.grantee.value(), &*grant.permission))
            .collect();
        assert_eq!(
            grants,
            [
                ("CanonicalUser", "o", "FULL_CONTROL"),
                ("Group", "http://acs/AllUsers", "READ"),
                ("AmazonCustomerByEmail", "a@b", "WRITE_ACP"),
            ]
        );
    }

    #[test]
    fn a_grant_without_somebody_or_something_is_none() {
        let of = |grant: &str| {
            format!(
                "<AccessControlPolicy><AccessControlList><Grant>{grant}</Grant>\
                 </AccessControlList></AccessControlPolicy>"
            )
        };
        let table = [
            ("<Grantee/><Permission>READ</Permission>", "nobody"),
            ("<Grantee><ID>o</ID></Grantee>", "no Permission"),
        ];
        for (grant, part) in table {
            assert!(malformed(acl(&of(grant))).contains(part), "{grant}");
        }
        assert!(malformed(acl("<Tagging/>")).contains("AccessControlPolicy"));
    }
}
