//! The list of buckets, page by page.
//!
//! AWS and R2 give 1,000 of them a page at least, and say in several ways that there are more.
//! See "ListBuckets" in the Amazon S3 API reference.

use std::collections::HashSet;

use super::ending::Vain;
use super::xml::BucketsPage;
use crate::object::Bucket;

/// More buckets has nobody: AWS stops at a million an account.
const MOST: usize = 1_000_000;

/// A list of buckets in progress.
#[derive(Default)]
pub(crate) struct BucketPages {
    buckets: Vec<Bucket>,
    names: HashSet<String>,
    token: Option<String>,
    vain: Vain,
}

impl BucketPages {
    /// The token of the next page's request; `None` for the first one.
    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Takes a page in. True once that was all; the error says why it cannot be the next one.
    pub(crate) fn accept(&mut self, page: BucketsPage) -> Result<bool, String> {
        let has_brought = !page.buckets.is_empty();
        let next = self.next_token(&page)?;
        for bucket in page.buckets {
            if !self.names.insert(bucket.name.clone()) {
                return Err(format!(
                    "bucket '{}' comes twice: the server starts again",
                    bucket.name
                ));
            }
            self.buckets.push(bucket);
        }
        if self.buckets.len() > MOST {
            return Err(format!("it has more than {MOST} buckets, and does not end"));
        }
        let Some(next) = next else { return Ok(true) };
        if self.token.as_deref() == Some(next.as_str()) {
            return Err("the continuation token repeats: the list would never end".to_owned());
        }
        if has_brought {
            self.vain.end();
        } else {
            self.vain.page(Some(&next))?;
        }
        self.token = Some(next);
        Ok(false)
    }

    /// All that came.
    pub(crate) fn into_buckets(self) -> Vec<Bucket> {
        self.buckets
    }

    /// Where a page leads to, if it is not the last one.
    fn next_token(&self, page: &BucketsPage) -> Result<Option<String>, String> {
        // Beside IsTruncated, as in ListObjectsV2, it is the one that was sent.
        let is_echo = page.is_truncated.is_some() && page.token == self.token;
        let token = page.token.clone().filter(|_| !is_echo);
        let next = page.next_token.clone().or(token);
        match (page.is_truncated, &next) {
            (Some(true), None) => Err("IsTruncated is true but the page leads nowhere".to_owned()),
            (Some(false), Some(_)) => Err("IsTruncated is false, but there is a token".to_owned()),
            _ => Ok(next),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(
        names: &[&str],
        is_truncated: Option<bool>,
        token: Option<&str>,
        next_token: Option<&str>,
    ) -> BucketsPage {
        let bucket = |name: &&str| Bucket { name: (*name).to_owned(), created: None };
        BucketsPage {
            buckets: names.iter().map(bucket).collect(),
            is_truncated,
            token: token.map(str::to_owned),
            next_token: next_token.map(str::to_owned),
        }
    }

    /// What a list of pages comes to: the tokens that were asked for, or why it fails.
    fn list(pages: Vec<BucketsPage>) -> Result<(usize, Vec<String>), String> {
        let mut list = BucketPages::default();
        let mut tokens = Vec::new();
        for page in pages {
            if list.accept(page)? {
                return Ok((list.into_buckets().len(), tokens));
            }
            tokens.extend(list.token().map(str::to_owned));
        }
        Err("it goes on".to_owned())
    }

    #[test]
    fn every_page_is_asked_for_in_whatever_words_a_server_has_for_it() {
        let table = [
            vec![page(&["a"], None, None, None)],
            vec![page(&["a"], Some(false), None, None)],
            vec![page(&["a"], None, Some("t"), None), page(&["b"], None, None, None)],
            vec![page(&["a"], Some(true), None, Some("t")), page(&["b"], Some(false), None, None)],
            // The token that was sent comes back.
            vec![
                page(&["a"], Some(true), None, Some("t")),
                page(&["b"], Some(true), Some("t"), Some("u")),
                page(&["c"], Some(false), Some("u"), None),
            ],
            vec![page(&[], Some(true), Some("t"), None), page(&["b"], Some(false), None, None)],
        ];
        for pages in table {
            let buckets: usize = pages.iter().map(|page| page.buckets.len()).sum();
            let requests = pages.len();
            let (found, tokens) = list(pages.clone()).unwrap();
            assert_eq!((found, tokens.len()), (buckets, requests - 1), "{pages:?}");
        }
    }

    #[test]
    fn what_cannot_be_all_buckets_is_refused() {
        let again = || page(&["a"], None, Some("t"), None);
        let table = [
            (vec![page(&["a"], Some(true), None, None)], "nowhere"),
            (vec![page(&["a"], Some(false), None, Some("t"))], "there is a token"),
            (vec![page(&["a"], Some(false), Some("t"), None)], "there is a token"),
            (vec![again(), again()], "comes twice"),
            (vec![again(), page(&["b"], None, Some("t"), None)], "repeats"),
            (
                vec![
                    again(),
                    page(&[], None, Some("u"), None),
                    page(&[], None, Some("v"), None),
                    page(&[], None, Some("u"), None),
                ],
                "repeats",
            ),
        ];
        for (pages, reason) in table {
            let error = list(pages.clone()).unwrap_err();
            assert!(error.contains(reason), "{pages:?}: {error}");
        }
    }
}
