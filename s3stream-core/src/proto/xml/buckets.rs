//! A page of the list of buckets.

use super::document::Sink;
use super::element::Element;
use super::page::{boolean, filled};
use super::{ErrorDraft, NoPage, expect_root, read};
use crate::object::Bucket;
use crate::time::Timestamp;

/// One page of ListAllMyBucketsResult.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BucketsPage {
    pub(crate) buckets: Vec<Bucket>,
    /// Most servers do not say it.
    pub(crate) is_truncated: Option<bool>,
    /// AWS's word for the next page's token; others repeat the one that they were sent.
    pub(crate) token: Option<String>,
    /// The word of ListObjectsV2 for it, which R2 uses.
    pub(crate) next_token: Option<String>,
}

/// Parses a page of ListAllMyBucketsResult.
pub(crate) fn buckets(text: &str) -> Result<BucketsPage, NoPage> {
    let mut draft = BucketsDraft::default();
    let done = read(text, &mut draft);
    match draft.refusal {
        Some(refusal) if refusal.body.code.is_some() => {
            Err(NoPage::Refused(Box::new(refusal.body)))
        }
        Some(_) => Err(NoPage::Malformed("its root element is <Error>, without a code".to_owned())),
        None => done.map(|()| draft.page).map_err(NoPage::Malformed),
    }
}

#[derive(Default)]
struct BucketsDraft {
    page: BucketsPage,
    refusal: Option<Box<ErrorDraft>>,
    name: Option<String>,
    created: Option<Timestamp>,
}

impl Sink for BucketsDraft {
    fn begin(&mut self, name: &str) -> Result<(), String> {
        if Element::of(name) == Element::Error {
            self.refusal = Some(Box::default());
            return Ok(());
        }
        expect_root(name, Element::ListAllMyBucketsResult)
    }

    fn end(&mut self, path: &[Element], text: &str) -> Result<(), String> {
        use Element::{
            Bucket as One, Buckets, Code, ContinuationToken, CreationDate, Error, IsTruncated,
            Name, NextContinuationToken,
        };
        if let Some(refusal) = &mut self.refusal {
            return refusal.end(path, text);
        }
        match path {
            [_, Buckets, One, Name] => self.name = Some(text.to_owned()),
            [_, Buckets, One, CreationDate] => self.created = Timestamp::parse_any(text),
            [_, Buckets, One] => {
                let name = self.name.take().ok_or("a Bucket has no Name")?;
                self.page.buckets.push(Bucket { name, created: self.created.take() });
            }
            [_, IsTruncated] => {
                let value = boolean(text);
                let value = value.ok_or_else(|| format!("IsTruncated is '{}'", text.trim()))?;
                if self.page.is_truncated.replace(value).is_some() {
                    return Err("it says twice whether it is truncated".to_owned());
                }
            }
            [_, ContinuationToken] => self.page.token = filled(text),
            [_, NextContinuationToken] => self.page.next_token = filled(text),
            [_, Error, Code] => return Err(format!("it breaks off with the error {text}")),
            _ => {}
        }
        Ok(())
    }
}
