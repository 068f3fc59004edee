//! Who may do what with an object.

/// Who owns an object, and who else may do what with it.
///
/// See "Access control list (ACL) overview" in the Amazon S3 user guide. Where a bucket's
/// ownership is enforced, as it is on AWS unless somebody has said otherwise, the only grant is
/// the owner's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Acl {
    /// The owner's id; an id means something in its own service only.
    pub owner_id: Option<String>,
    /// The owner's name, where the server gives one.
    pub owner_name: Option<String>,
    /// Who may do what, in the order of the reply.
    pub grants: Vec<Grant>,
}

/// One right of somebody.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Grant {
    /// Who has it.
    pub grantee: Grantee,
    /// What: `FULL_CONTROL`, `READ`, `WRITE`, `READ_ACP` or `WRITE_ACP`.
    pub permission: String,
}

/// Who has a right.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Grantee {
    /// A user, by an id.
    User {
        /// The id; it means something in its own service only.
        id: String,
        /// The name, where the server gives one.
        name: Option<String>,
    },
    /// A group, by its URI: that of everybody ends in `/groups/global/AllUsers`.
    Group(String),
    /// A user, by an address.
    Email(String),
}

impl Grantee {
    /// S3's word for the sort: `CanonicalUser`, `Group` or `AmazonCustomerByEmail`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Grantee::User { .. } => "CanonicalUser",
            Grantee::Group(_) => "Group",
            Grantee::Email(_) => "AmazonCustomerByEmail",
        }
    }

    /// The user's name, where the server gives one.
    pub fn name(&self) -> Option<&str> {
        match self {
            Grantee::User { name, .. } => name.as_deref(),
            Grantee::Group(_) | Grantee::Email(_) => None,
        }
    }

    /// The id, the URI or the address.
    pub fn value(&self) -> &str {
        match self {
            Grantee::User { id: value, .. } | Grantee::Group(value) | Grantee::Email(value) => {
                value
            }
        }
    }
}
