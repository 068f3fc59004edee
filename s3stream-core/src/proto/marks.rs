//! The marks that servers and proxies leave on a reply, beside what it says of the object.

use super::headers::Headers;

/// Who has had a reply in hands, as far as its head shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// It has a content coding: stored so, or put on by a proxy.
    pub(crate) is_coded: bool,
    /// It says itself that its content is not the stored one.
    pub(crate) is_transformed: bool,
    /// It has a field that only servers of S3's kind send.
    pub(crate) is_of_s3: bool,
    /// It is a page for a browser.
    pub(crate) is_page: bool,
}

impl Marks {
    pub(crate) fn of(headers: &Headers) -> Self {
        let is_coded = coding(headers).is_some();
        // Google's, for what is stored compressed and sent unpacked.
        let stored = headers.first("x-goog-stored-content-encoding").and_then(real_coding);
        Marks {
            is_coded,
            is_transformed: headers.all("warning").any(is_transformation)
                || (stored.is_some() && !is_coded),
            is_of_s3: headers.iter().any(|(name, _)| is_of_s3(name)),
            is_page: headers.first("content-type").is_some_and(is_page),
        }
    }
}

/// The content coding of a reply, if it has one (RFC 9110, 8.4).
pub(crate) fn coding(headers: &Headers) -> Option<&str> {
    headers.all("content-encoding").find_map(real_coding)
}

fn real_coding(value: &str) -> Option<&str> {
    Some(value.trim()).filter(|v| !v.is_empty() && !v.eq_ignore_ascii_case("identity"))
}

/// `Warning: 214`: whoever adds it has changed the content or its coding (RFC 7234, 5.5.6).
fn is_transformation(warning: &str) -> bool {
    warning.split(',').any(|one| one.split_whitespace().next() == Some("214"))
}

fn is_of_s3(name: &str) -> bool {
    /// Amazon's, Google's, Ceph's, MinIO's, Alibaba's, Huawei's, Tencent's, Dell's.
    const FAMILIES: [&str; 8] =
        ["x-amz-", "x-goog-", "x-rgw-", "x-minio-", "x-oss-", "x-obs-", "x-cos-", "x-emc-"];
    // CloudFront marks every page that it delivers, its own too.
    let is_of_a_cdn = name.starts_with("x-amz-cf-");
    let is_of_swift = matches!(name, "x-trans-id" | "x-openstack-request-id");
    is_of_swift || (!is_of_a_cdn && FAMILIES.iter().any(|family| name.starts_with(family)))
}

fn is_page(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or("").trim();
    ["text/html", "application/xhtml+xml"].iter().any(|page| media_type.eq_ignore_ascii_case(page))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(fields: &[(&str, &str)]) -> Marks {
        Marks::of(&fields.iter().copied().collect())
    }

    #[test]
    fn a_coding_is_any_but_identity() {
        for (value, is_coded) in [
            ("gzip", true),
            ("br", true),
            ("aws-chunked", true),
            ("identity", false),
            (" Identity ", false),
            ("", false),
        ] {
            assert_eq!(marks(&[("content-encoding", value)]).is_coded, is_coded, "{value}");
        }
        assert!(!marks(&[]).is_coded);
        assert_eq!(coding(&[("content-encoding", " gzip ")].into_iter().collect()), Some("gzip"));
    }

    #[test]
    fn who_transforms_a_reply_says_so_or_is_caught() {
        let stored = |coding| ("x-goog-stored-content-encoding", coding);
        let table: [(&[(&str, &str)], bool); 9] = [
            (&[("warning", "214 UploadServer gunzipped")], true),
            (&[("warning", "110 a stale, 214 b transformed")], true),
            (&[("warning", "110 a stale"), ("warning", "214 b transformed")], true),
            (&[("warning", "2140 a"), ("warning", "x214 a")], false),
            (&[("warning", "")], false),
            (&[stored("gzip")], true),
            (&[stored("gzip"), ("content-encoding", "gzip")], false),
            (&[stored("identity")], false),
            (&[("content-encoding", "gzip")], false),
        ];
        for (fields, is_transformed) in table {
            assert_eq!(marks(fields).is_transformed, is_transformed, "{fields:?}");
        }
    }

    #[test]
    fn servers_of_the_kind_are_known_by_their_fields() {
        for (name, is_of_s3) in [
            ("x-amz-request-id", true),
            ("x-amz-id-2", true),
            ("x-goog-hash", true),
            ("x-rgw-object-type", true),
            ("x-trans-id", true),
            ("x-openstack-request-id", true),
            ("x-amz-cf-id", false),
            ("x-amzn-trace-id", false),
            ("x-powered-by", false),
            ("server", false),
        ] {
            assert_eq!(marks(&[(name, "1")]).is_of_s3, is_of_s3, "{name}");
        }
    }

    #[test]
    fn a_page_is_html() {
        for (media_type, is_page) in [
            ("text/html", true),
            ("Text/HTML; charset=utf-8", true),
            ("application/xhtml+xml", true),
            ("text/plain", false),
            ("application/octet-stream; x=text/html", false),
            ("", false),
        ] {
            assert_eq!(marks(&[("content-type", media_type)]).is_page, is_page, "{media_type}");
        }
    }
}
