//! ListObjectsV2 of a bucket that is a range of numbers.

use std::fmt::Write as _;

use super::bucket::Bucket;
use crate::embedded::encode::{decode_form, push_xml};

/// What a page holds at most.
const MAX_KEYS: u64 = 1000;

/// A page as XML, or `None` for what this server does not know.
pub(super) fn page(bucket: &Bucket, name: &str, query: &str) -> Option<String> {
    let field = |wanted: &str| {
        let mut fields = query.split('&').map(|field| field.split_once('=').unwrap_or((field, "")));
        fields.find(|(name, _)| *name == wanted).and_then(|(_, value)| decode_form(value))
    };
    // No key has a slash in it: that delimiter, which is everybody's, groups nothing.
    let groups = field("delimiter").is_some_and(|text| !text.is_empty() && text != "/");
    if field("list-type").as_deref() != Some("2") || groups {
        return None;
    }
    let prefix = field("prefix").unwrap_or_default();
    let max_keys = match field("max-keys") {
        Some(text) => text.parse::<u64>().ok()?.min(MAX_KEYS),
        None => MAX_KEYS,
    };
    let after = field("continuation-token").or_else(|| field("start-after"));
    let range = bucket.with_prefix(&prefix);
    let start = after.map_or(range.start, |after| bucket.behind(&after).max(range.start));
    let end = start.saturating_add(max_keys).min(range.end).max(start);

    let mut xml = String::with_capacity(512 + 200 * usize::try_from(end - start).ok()?);
    xml.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    xml.push_str("<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Name>");
    push_xml(&mut xml, name);
    xml.push_str("</Name><Prefix>");
    push_xml(&mut xml, &prefix);
    let is_truncated = end < range.end;
    let count = end - start;
    write!(xml, "</Prefix><MaxKeys>{max_keys}</MaxKeys><KeyCount>{count}</KeyCount>")
        .and_then(|()| write!(xml, "<IsTruncated>{is_truncated}</IsTruncated>"))
        .expect("writing to a String");
    if field("encoding-type").as_deref() == Some("url") {
        xml.push_str("<EncodingType>url</EncodingType>");
    }
    if is_truncated {
        let last = end.checked_sub(1).map(|last| bucket.key(last)).unwrap_or_default();
        write!(xml, "<NextContinuationToken>{last}</NextContinuationToken>")
            .expect("writing to a String");
    }
    for number in start..end {
        write!(
            xml,
            "<Contents><Key>{}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified>\
             <ETag>{}</ETag><Size>{}</Size><StorageClass>STANDARD</StorageClass></Contents>",
            bucket.key(number),
            bucket.etag(number).replace('"', "&quot;"),
            bucket.size(number)
        )
        .expect("writing to a String");
    }
    xml.push_str("</ListBucketResult>");
    Some(xml)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(page: &str) -> Vec<&str> {
        page.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next()).collect()
    }

    #[test]
    fn pages_follow_each_other_without_gap_or_repetition() {
        let bucket = Bucket::new(2500, 1, 1);
        let mut query = "list-type=2".to_owned();
        let mut seen = Vec::new();
        loop {
            let page = page(&bucket, "b", &query).unwrap();
            seen.extend(keys(&page).into_iter().map(str::to_owned));
            let Some((_, rest)) = page.split_once("<NextContinuationToken>") else { break };
            query = format!("list-type=2&continuation-token={}", rest.split('<').next().unwrap());
        }
        assert_eq!(seen, (0..=2500).map(|number| bucket.key(number)).collect::<Vec<_>>());
    }

    #[test]
    fn prefix_and_start_after_narrow_the_page() {
        let bucket = Bucket::new(2500, 1, 1);
        let page = page(&bucket, "b", "list-type=2&prefix=000000123&start-after=0000001236");
        assert_eq!(keys(&page.unwrap()), ["0000001237", "0000001238", "0000001239"]);
    }

    #[test]
    fn what_is_not_there_is_refused() {
        let bucket = Bucket::new(1, 1, 1);
        assert!(page(&bucket, "b", "prefix=").is_none());
        assert!(page(&bucket, "b", "list-type=2&delimiter=1").is_none());
    }
}
