//! An S3 call as plain values: method, bucket, key, query, headers.

use super::encode;
use super::headers::Headers;

/// The method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Head,
}

impl Method {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Head => "HEAD",
        }
    }
}

/// One S3 call before it is addressed and signed; the same value serves every attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// What the user asked for, for messages: `open`, `list`, `head`, `list_buckets`.
    pub(crate) operation: &'static str,
    pub(crate) method: Method,
    pub(crate) bucket: Option<String>,
    pub(crate) key: Option<String>,
    query: Vec<(&'static str, String)>,
    pub(crate) headers: Headers,
}

impl Request {
    /// GetObject.
    pub(crate) fn get(bucket: &str, key: &str) -> Self {
        Request::object("open", Method::Get, bucket, key)
    }

    /// HeadObject.
    pub(crate) fn head(bucket: &str, key: &str) -> Self {
        Request::object("head", Method::Head, bucket, key)
    }

    /// ListObjectsV2, ListObjects or ListObjectVersions: the query tells which.
    pub(crate) fn list(bucket: &str, query: Vec<(&'static str, String)>) -> Self {
        let mut request = Request::new("list", Method::Get, Some(bucket), None);
        request.query = query;
        request
    }

    /// ListBuckets, from where the token of the page before leads to.
    pub(crate) fn list_buckets(token: Option<&str>) -> Self {
        let request = Request::new("list_buckets", Method::Get, None, None);
        match token {
            Some(token) => request.with_query("continuation-token", token),
            None => request,
        }
    }

    fn object(operation: &'static str, method: Method, bucket: &str, key: &str) -> Self {
        let mut request = Request::new(operation, method, Some(bucket), Some(key));
        // Without it S3 does not tell the checksums that it keeps.
        request.headers.push("x-amz-checksum-mode", "ENABLED");
        request
    }

    fn new(
        operation: &'static str,
        method: Method,
        bucket: Option<&str>,
        key: Option<&str>,
    ) -> Self {
        let mut headers = Headers::new();
        // A proxy that compresses on the way would change length and digest, and some compress
        // whatever does not say that it must not be.
        headers.push("accept-encoding", "identity");
        Request {
            operation,
            method,
            bucket: bucket.map(str::to_owned),
            key: key.map(str::to_owned),
            query: Vec::new(),
            headers,
        }
    }

    pub(crate) fn with_query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push(name, value);
        self
    }

    pub(crate) fn with_version(self, version_id: Option<&str>) -> Self {
        match version_id {
            Some(version) => self.with_query("versionId", version),
            None => self,
        }
    }

    /// Whether it names a version, whose delete marker is refused with 405.
    pub(crate) fn is_of_version(&self) -> bool {
        self.query.iter().any(|(name, _)| *name == "versionId")
    }

    /// The query as it is signed and sent: encoded, sorted by name and then by value, both as
    /// they are encoded.
    pub(crate) fn encoded_query(&self) -> String {
        let mut pairs: Vec<(String, String)> = self
            .query
            .iter()
            .map(|(name, value)| (encode::query(name), encode::query(value)))
            .collect();
        pairs.sort_unstable();
        let pairs: Vec<String> =
            pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("&")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_request_asks_for_the_stored_bytes() {
        for request in [
            Request::get("b", "k"),
            Request::head("b", "k"),
            Request::list("b", Vec::new()),
            Request::list_buckets(None),
        ] {
            assert_eq!(request.headers.first("accept-encoding"), Some("identity"), "{request:?}");
        }
    }

    #[test]
    fn a_query_is_encoded_and_sorted() {
        let request =
            Request::get("b", "k").with_query("versionId", "a/b+c=").with_query("partNumber", "1");
        assert_eq!(request.encoded_query(), "partNumber=1&versionId=a%2Fb%2Bc%3D");
        assert_eq!(Request::list_buckets(None).encoded_query(), "");
        let next = Request::list_buckets(Some("a/+="));
        assert_eq!(next.encoded_query(), "continuation-token=a%2F%2B%3D");
        // As texts `a-b=1` comes before `a=1`: `-` sorts before `=`.
        let request =
            Request::get("b", "k").with_query("a-b", "1").with_query("a", "2").with_query("a", "1");
        assert_eq!(request.encoded_query(), "a=1&a=2&a-b=1");
    }
}
