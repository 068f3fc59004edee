//! What the other client put into the server.

use serde::Deserialize;

/// All facts, as `odd_keys.py` wrote them.
#[derive(Deserialize)]
pub(crate) struct Facts {
    pub(crate) server: String,
    pub(crate) bucket: String,
    pub(crate) objects: Vec<Put>,
    pub(crate) listed_by_boto3: Vec<String>,
    pub(crate) versions_bucket: String,
    /// Nothing where the server knows no versions.
    pub(crate) versions: Option<Vec<Version>>,
    pub(crate) multipart_bucket: String,
    pub(crate) multipart: Content,
}

/// One odd key.
#[derive(Deserialize)]
pub(crate) struct Put {
    #[serde(flatten)]
    pub(crate) content: Content,
    /// Whether the server keeps it under this very key.
    pub(crate) stored: bool,
    /// Whether boto3 finds it in a listing.
    pub(crate) listed: bool,
}

/// A key and the bytes behind it.
#[derive(Deserialize)]
pub(crate) struct Content {
    pub(crate) key: String,
    pub(crate) size: u64,
    pub(crate) sha256: String,
}

/// One version, or delete marker, as boto3 lists it.
#[derive(Deserialize)]
pub(crate) struct Version {
    pub(crate) key: String,
    pub(crate) version_id: String,
    pub(crate) is_latest: bool,
    pub(crate) is_delete_marker: bool,
    pub(crate) size: u64,
    /// In Unix seconds.
    pub(crate) last_modified: f64,
    /// Of its bytes; nothing for a delete marker.
    pub(crate) sha256: Option<String>,
}

impl Facts {
    pub(crate) fn read() -> Self {
        let path = std::env::var("S3STREAM_ODD_KEYS").expect("S3STREAM_ODD_KEYS names the facts");
        let text = std::fs::read_to_string(&path).expect("the facts are readable");
        serde_json::from_str(&text).expect("the facts are what odd_keys.py writes")
    }

    /// The objects that are there to be read.
    pub(crate) fn stored(&self) -> impl Iterator<Item = &Content> {
        self.objects.iter().filter(|put| put.stored).map(|put| &put.content)
    }

    /// All keys that a listing must have, in the order of their bytes.
    pub(crate) fn listed(&self) -> Vec<&str> {
        let mut keys: Vec<_> = self.listed_by_boto3.iter().map(String::as_str).collect();
        keys.sort_unstable();
        keys
    }
}
