//! What is changed of an object without its bytes: tags, ACL, a restore from an archive.

use bytes::Bytes;

use crate::error::{Error, Result};
use crate::proto::answer::Done;
use crate::proto::attributes::check_tags;
use crate::proto::payload::Payload;
use crate::proto::request::{Request, Verb};
use crate::proto::xml::{Writer, can_carry};
use crate::send::Session;

/// How fast an archived object is wanted, and at which price.
///
/// See "Archive retrieval options" in the Amazon S3 user guide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RestoreTier {
    /// Within hours.
    #[default]
    Standard,
    /// The cheapest, within half a day or two.
    Bulk,
    /// Within minutes, where the class allows it.
    Expedited,
}

impl RestoreTier {
    /// S3's word for it: `Standard`, `Bulk` or `Expedited`.
    pub const fn name(self) -> &'static str {
        match self {
            RestoreTier::Standard => "Standard",
            RestoreTier::Bulk => "Bulk",
            RestoreTier::Expedited => "Expedited",
        }
    }

    /// The tier of S3's word for it, in any case.
    pub fn of(name: &str) -> Option<Self> {
        let tiers = [RestoreTier::Standard, RestoreTier::Bulk, RestoreTier::Expedited];
        tiers.into_iter().find(|tier| tier.name().eq_ignore_ascii_case(name.trim()))
    }
}

/// An object, or one version of it.
#[derive(Clone, Copy)]
pub(crate) struct Of<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) key: &'a str,
    pub(crate) version_id: Option<&'a str>,
}

impl Of<'_> {
    fn request(self, operation: &'static str, verb: Verb, what: &'static str) -> Result<Request> {
        super::check_place(operation, self.bucket, self.key)?;
        let request = Request::of(operation, verb, self.bucket, Some(self.key));
        Ok(request.with_query(what, "").with_version(self.version_id))
    }

    fn invalid(self, operation: &'static str, why: String) -> Error {
        Error::invalid(why).at(operation, Some(self.bucket), Some(self.key))
    }
}

/// A request with a document, which S3 wants a digest of.
fn with_document(request: Request, document: String) -> Request {
    let payload = Payload::signed(vec![Bytes::from(document)]);
    let md5 = payload.md5();
    request
        .with_header("content-md5", md5)
        .with_header("content-type", "application/xml")
        .with_payload(payload)
}

async fn done(session: &Session, request: &Request) -> Result<()> {
    session.ask(request, Done::default, &mut session.budget(), &session.cancel).await.map(drop)
}

/// PutObjectTagging; DeleteObjectTagging where there are none.
pub(crate) async fn set_tags(
    session: &Session,
    of: Of<'_>,
    tags: &[(String, String)],
) -> Result<()> {
    if tags.is_empty() {
        return done(session, &of.request("set_tags", Verb::Delete, "tagging")?).await;
    }
    check_tags(tags).map_err(|why| of.invalid("set_tags", why))?;
    if let Some((name, _)) = tags.iter().find(|(name, value)| !can_carry(name) || !can_carry(value))
    {
        let why = format!("the tag '{}' has a character that XML has not", name.escape_debug());
        return Err(of.invalid("set_tags", why));
    }
    let mut xml = Writer::new("Tagging");
    xml.open("TagSet");
    for (name, value) in tags {
        xml.open("Tag").element("Key", name).element("Value", value).close("Tag");
    }
    xml.close("TagSet");
    let request = of.request("set_tags", Verb::Put, "tagging")?;
    done(session, &with_document(request, xml.finish("Tagging"))).await
}

/// PutObjectAcl, by the name of a canned one.
pub(crate) async fn set_acl(session: &Session, of: Of<'_>, canned: &str) -> Result<()> {
    if canned.is_empty() || !canned.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(of.invalid("set_acl", format!("'{}' is no canned ACL", canned.escape_debug())));
    }
    // S3 wants a digest of the body also where there is none.
    let request = of
        .request("set_acl", Verb::Put, "acl")?
        .with_header("x-amz-acl", canned)
        .with_header("content-md5", Payload::empty().md5());
    done(session, &request).await
}

/// RestoreObject. That it is under way already is what was wanted.
pub(crate) async fn restore_archived(
    session: &Session,
    of: Of<'_>,
    days: u32,
    tier: RestoreTier,
) -> Result<()> {
    if days == 0 {
        return Err(of.invalid("restore_archived", "days must be 1 at least".to_owned()));
    }
    let mut xml = Writer::new("RestoreRequest");
    xml.element("Days", &days.to_string());
    xml.open("GlacierJobParameters").element("Tier", tier.name()).close("GlacierJobParameters");
    let request = of.request("restore_archived", Verb::Post, "restore")?;
    let request = with_document(request, xml.finish("RestoreRequest"));
    match done(session, &request).await {
        Err(error) if error.code() == Some("RestoreAlreadyInProgress") => Ok(()),
        outcome => outcome,
    }
}
