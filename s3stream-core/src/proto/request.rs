//! An S3 call as plain values: verb, bucket, key, query, headers, body.

use super::encode;
use super::headers::Headers;
use super::payload::Payload;

/// The method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Head,
    Put,
    Post,
    Delete,
}

impl Verb {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Verb::Get => "GET",
            Verb::Head => "HEAD",
            Verb::Put => "PUT",
            Verb::Post => "POST",
            Verb::Delete => "DELETE",
        }
    }

    /// Whether its length is stated also where there is no body (RFC 9110, 8.6).
    fn has_body(self) -> bool {
        matches!(self, Verb::Put | Verb::Post)
    }
}

/// One S3 call before it is addressed and signed; the same value serves every attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// What the user asked for, for messages: `open`, `list`, `head`, `put`.
    pub(crate) operation: &'static str,
    pub(crate) verb: Verb,
    pub(crate) bucket: Option<String>,
    pub(crate) key: Option<String>,
    query: Vec<(&'static str, String)>,
    pub(crate) headers: Headers,
    pub(crate) payload: Payload,
    pub(crate) work: Work,
}

/// How much a server has to do before it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    Usual,
    /// It may be silent for minutes: RadosGW assembles an object before it says a word.
    Long,
}

impl Request {
    /// GetObject.
    pub(crate) fn get(bucket: &str, key: &str) -> Self {
        Request::object("open", Verb::Get, bucket, key)
    }

    /// HeadObject.
    pub(crate) fn head(bucket: &str, key: &str) -> Self {
        Request::object("head", Verb::Head, bucket, key)
    }

    /// HeadBucket, which costs a server next to nothing; ListBuckets where there is no bucket.
    pub(crate) fn probe(bucket: Option<&str>) -> Self {
        let verb = if bucket.is_some() { Verb::Head } else { Verb::Get };
        Request::new("head_bucket", verb, bucket, None)
    }

    /// GetObjectTagging.
    pub(crate) fn tags(bucket: &str, key: &str) -> Self {
        Request::new("tags", Verb::Get, Some(bucket), Some(key)).with_query("tagging", "")
    }

    /// GetObjectAcl.
    pub(crate) fn acl(bucket: &str, key: &str) -> Self {
        Request::new("acl", Verb::Get, Some(bucket), Some(key)).with_query("acl", "")
    }

    /// ListObjectsV2, ListObjects or ListObjectVersions: the query tells which.
    pub(crate) fn list(bucket: &str, query: Vec<(&'static str, String)>) -> Self {
        let mut request = Request::new("list", Verb::Get, Some(bucket), None);
        request.query = query;
        request
    }

    /// ListBuckets, from where the token of the page before leads to.
    pub(crate) fn list_buckets(token: Option<&str>) -> Self {
        let request = Request::new("list_buckets", Verb::Get, None, None);
        match token {
            Some(token) => request.with_query("continuation-token", token),
            None => request,
        }
    }

    /// A request that changes or describes what is under a key, or with all keys of a bucket.
    pub(crate) fn of(operation: &'static str, verb: Verb, bucket: &str, key: Option<&str>) -> Self {
        Request::new(operation, verb, Some(bucket), key)
    }

    fn object(operation: &'static str, verb: Verb, bucket: &str, key: &str) -> Self {
        let mut request = Request::new(operation, verb, Some(bucket), Some(key));
        // Without it S3 does not tell the checksums that it keeps.
        request.headers.push("x-amz-checksum-mode", "ENABLED");
        request
    }

    fn new(operation: &'static str, verb: Verb, bucket: Option<&str>, key: Option<&str>) -> Self {
        let mut headers = Headers::new();
        // A proxy that compresses on the way would change length and digest, and some compress
        // whatever does not say that it must not be.
        headers.push("accept-encoding", "identity");
        Request {
            operation,
            verb,
            bucket: bucket.map(str::to_owned),
            key: key.map(str::to_owned),
            query: Vec::new(),
            headers,
            payload: Payload::empty(),
            work: Work::Usual,
        }
    }

    pub(crate) fn with_payload(mut self, payload: Payload) -> Self {
        self.payload = payload;
        self
    }

    /// The same, where the server may take its time to answer.
    pub(crate) fn with_long_work(mut self) -> Self {
        self.work = Work::Long;
        self
    }

    pub(crate) fn with_query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    pub(crate) fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push(name, value);
        self
    }

    pub(crate) fn with_headers(mut self, fields: &Headers) -> Self {
        fields.iter_bytes().for_each(|(name, value)| self.headers.push_bytes(name, value));
        self
    }

    pub(crate) fn with_version(self, version_id: Option<&str>) -> Self {
        match version_id {
            Some(version) => self.with_query("versionId", version),
            None => self,
        }
    }

    /// Whether it is to find nothing under its key.
    pub(crate) fn is_for_absent(&self) -> bool {
        self.headers.first("if-none-match").is_some()
    }

    /// The length of its body, where a request has to state it.
    pub(crate) fn content_length(&self) -> Option<u64> {
        self.verb.has_body().then(|| self.payload.length())
    }

    /// Whether it is about an object's bytes, which need the key that they are encrypted with.
    pub(crate) fn takes_customer_key(&self) -> bool {
        const OF_ITS_OWN: [&str; 5] = ["tagging", "acl", "restore", "retention", "legal-hold"];
        let is_beside = self.query.iter().any(|(name, _)| OF_ITS_OWN.contains(name));
        self.key.is_some() && self.verb != Verb::Delete && !is_beside
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
            Request::tags("b", "k"),
            Request::acl("b", "k"),
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
