//! Many objects deleted a thousand at a time.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;

use super::delete::{DeleteOptions, Deleted, delete};
use crate::error::{Error, ErrorKind, Result};
use crate::object::Object;
use crate::proto::answer::Text;
use crate::proto::headers::Headers;
use crate::proto::payload::Payload;
use crate::proto::request::{Request, Verb};
use crate::proto::response::Refusal;
use crate::proto::xml::{self, DeletedKey, ErrorBody, Writer, can_carry};
use crate::send::Session;

/// Keys of one request (DeleteObjects, Amazon S3 API reference).
const MOST: usize = 1_000;

/// The reply to a thousand keys of 1,024 bytes, each with a message.
const LONGEST: usize = 32 << 20;

/// An object, or one version of it, by its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectName {
    /// The key, byte for byte.
    pub key: String,
    /// The version; what is newest under the key if none.
    pub version_id: Option<String>,
}

impl From<&str> for ObjectName {
    fn from(key: &str) -> Self {
        ObjectName { key: key.to_owned(), version_id: None }
    }
}

impl From<String> for ObjectName {
    fn from(key: String) -> Self {
        ObjectName { key, version_id: None }
    }
}

impl From<&Object> for ObjectName {
    /// Of a listing with versions, that version; of any other, what is under the key.
    fn from(object: &Object) -> Self {
        ObjectName { key: object.key.clone(), version_id: object.version_id.clone() }
    }
}

/// A deletion of many objects in progress; each is told in the order in which it was named.
///
/// A thousand go in one request. Keys that XML has no way to write, and objects for which the
/// server wants to be asked once more, are deleted by requests of their own.
pub struct Deleting<I> {
    session: Arc<Session>,
    bucket: String,
    names: I,
    /// Taken from the names, and not told yet: a call whose future is dropped loses none.
    asked: Vec<ObjectName>,
    told: VecDeque<(ObjectName, Result<Deleted>)>,
}

impl<I> Deleting<I>
where
    I: Iterator<Item: Into<ObjectName>>,
{
    pub(crate) fn new(session: &Arc<Session>, bucket: &str, names: I) -> Self {
        Deleting {
            session: Arc::clone(session),
            bucket: bucket.to_owned(),
            names,
            asked: Vec::new(),
            told: VecDeque::new(),
        }
    }

    /// What became of the next one; `None` behind the last. That there was nothing is no error;
    /// an error is of that object alone, and names it.
    pub async fn next(&mut self) -> Option<(ObjectName, Result<Deleted>)> {
        if self.told.is_empty() {
            if self.asked.is_empty() {
                self.asked = self.names.by_ref().take(MOST).map(Into::into).collect();
            }
            self.told = self.delete(self.asked.clone()).await.into();
            self.asked.clear();
        }
        self.told.pop_front()
    }

    async fn delete(&self, names: Vec<ObjectName>) -> Vec<(ObjectName, Result<Deleted>)> {
        let together: Vec<_> = names.iter().filter(|name| is_writable(name)).cloned().collect();
        let mut replies = match together.len() {
            // One by itself says as much, with less ceremony.
            0 | 1 => Vec::new(),
            _ => match self.ask(&together).await {
                Ok(replies) => replies,
                Err(error) if is_unknown(&error) => Vec::new(),
                Err(error) => {
                    let told = |name| (name, Err(error.clone()));
                    return names.into_iter().map(told).collect();
                }
            },
        };
        let was_asked = !replies.is_empty();
        let mut told = Vec::with_capacity(names.len());
        for name in names {
            let reply = take(&mut replies, &name);
            let outcome = match reply {
                Some(reply) => match self.outcome(&name, reply) {
                    Some(outcome) => outcome,
                    None => self.alone(&name).await,
                },
                None if was_asked && is_writable(&name) => Err(self.untold(&name)),
                None => self.alone(&name).await,
            };
            told.push((name, outcome));
        }
        told
    }

    async fn alone(&self, name: &ObjectName) -> Result<Deleted> {
        let options = match &name.version_id {
            Some(version) => DeleteOptions::new().version_id(version.clone()),
            None => DeleteOptions::new(),
        };
        delete(&self.session, &self.bucket, &name.key, &options, &self.session.cancel).await
    }

    /// DeleteObjects.
    async fn ask(&self, names: &[ObjectName]) -> Result<Vec<DeletedKey>> {
        crate::list::check_bucket("delete_all", &self.bucket)?;
        let payload = Payload::signed(vec![Bytes::from(body(names))]);
        let md5 = payload.md5();
        let request = Request::of("delete_all", Verb::Post, &self.bucket, None)
            .with_query("delete", "")
            .with_header("content-md5", md5)
            .with_header("content-type", "application/xml")
            .with_payload(payload);
        let answer = || {
            Text::new("reply to DeleteObjects", LONGEST, |text: &str, _: &Headers| {
                xml::deleted(text)
            })
        };
        let (session, mut budget) = (&self.session, self.session.budget());
        session.ask(&request, answer, &mut budget, &session.cancel).await
    }

    /// What the reply says of an object; `None` where asking once more may help.
    fn outcome(&self, name: &ObjectName, reply: DeletedKey) -> Option<Result<Deleted>> {
        let Some((code, message)) = reply.refused else {
            let version_id = reply.marker_version_id.or(reply.version_id);
            return Some(Ok(Deleted { version_id, is_delete_marker: reply.is_delete_marker }));
        };
        let body = ErrorBody { code: Some(code), message: Some(message), ..ErrorBody::default() };
        let refusal = Refusal::under_success(200, &Headers::new(), body);
        let is_final = refusal.failure() == crate::proto::retry::Failure::Final;
        is_final.then(|| {
            let error = Error::new(refusal.kind(false), refusal.describe());
            let error = error.with_reply(200, refusal.code.as_deref(), None);
            Err(self.at(name, error))
        })
    }

    fn untold(&self, name: &ObjectName) -> Error {
        let message = "the server's reply does not say whether it was deleted";
        self.at(name, Error::new(ErrorKind::Protocol, message))
    }

    fn at(&self, name: &ObjectName, error: Error) -> Error {
        error.at("delete_all", Some(&self.bucket), Some(&name.key)).with_attempts(1)
    }
}

/// A server that does not know the request: Google's.
fn is_unknown(error: &Error) -> bool {
    error.kind() == ErrorKind::Unsupported || error.status() == Some(405)
}

/// RadosGW and AWS refuse a document with a character that XML has not, for all its keys.
fn is_writable(name: &ObjectName) -> bool {
    !name.key.is_empty() && can_carry(&name.key)
}

fn body(names: &[ObjectName]) -> String {
    let mut xml = Writer::new("Delete");
    for name in names {
        xml.open("Object").element("Key", &name.key);
        if let Some(version) = &name.version_id {
            xml.element("VersionId", version);
        }
        xml.close("Object");
    }
    xml.finish("Delete")
}

/// Takes the reply about a name out of all of them: they come in any order, mostly in ours.
fn take(replies: &mut Vec<DeletedKey>, name: &ObjectName) -> Option<DeletedKey> {
    let is_it = |reply: &DeletedKey| {
        reply.key == name.key && (name.version_id.is_none() || reply.version_id == name.version_id)
    };
    let index = replies.iter().position(is_it)?;
    Some(replies.remove(index))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_of_the_version_that_was_named() {
        let reply = |key: &str, version: Option<&str>| DeletedKey {
            key: key.to_owned(),
            version_id: version.map(str::to_owned),
            ..DeletedKey::default()
        };
        let mut replies = vec![reply("b", None), reply("a", Some("2")), reply("a", Some("1"))];
        let name = |version: Option<&str>| ObjectName {
            key: "a".to_owned(),
            version_id: version.map(str::to_owned),
        };
        assert_eq!(take(&mut replies, &name(Some("1"))).unwrap().version_id.as_deref(), Some("1"));
        assert_eq!(take(&mut replies, &name(Some("1"))), None);
        assert!(take(&mut replies, &name(None)).is_some());
        assert_eq!(replies.len(), 1);
    }

    #[test]
    fn a_document_names_every_object() {
        let names = [
            ObjectName::from("a<b"),
            ObjectName { version_id: Some("v".to_owned()), ..ObjectName::from("c") },
        ];
        let body = body(&names);
        assert!(body.contains("<Object><Key>a&lt;b</Key></Object>"), "{body}");
        assert!(body.contains("<Object><Key>c</Key><VersionId>v</VersionId></Object>"), "{body}");
    }
}
