//! GetObjectAcl and PutObjectAcl, and the same said in headers.

use http::HeaderMap;
use s3s::dto::{
    self, AccessControlPolicy, GetObjectAclInput, GetObjectAclOutput, Owner, PutObjectAclInput,
    PutObjectAclOutput,
};
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};

use super::Operations;
use super::attributes::{require_digest, text};
use super::buckets::{OWNER_ID, OWNER_NAME};
use crate::embedded::store::{Acls, Grant, Grantee};

const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
const AUTHENTICATED_USERS: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
/// The account that `aws-exec-read` lets read (EC2's bundles).
const EXEC: &str = "6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c";
const PERMISSIONS: [&str; 5] = ["FULL_CONTROL", "READ", "READ_ACP", "WRITE", "WRITE_ACP"];

impl Operations {
    /// GetObjectAcl.
    pub(super) async fn get_object_acl(
        &self,
        request: S3Request<GetObjectAclInput>,
    ) -> S3Result<S3Response<GetObjectAclOutput>> {
        let input = &request.input;
        let bucket = self.store.bucket(&input.bucket)?;
        let found = bucket.find(&input.key, input.version_id.as_deref())?;
        let grants = found.data.attributes().map(|own| own.grants.clone()).unwrap_or_default();
        let grants = if grants.is_empty() { vec![owners()] } else { grants };
        Ok(S3Response::new(GetObjectAclOutput {
            grants: Some(grants.into_iter().map(shown).collect()),
            owner: Some(Owner {
                id: Some(OWNER_ID.to_owned()),
                display_name: Some(OWNER_NAME.to_owned()),
            }),
            ..Default::default()
        }))
    }

    /// PutObjectAcl.
    pub(super) async fn put_object_acl(
        &self,
        request: S3Request<PutObjectAclInput>,
    ) -> S3Result<S3Response<PutObjectAclOutput>> {
        require_digest(&request.headers)?;
        let input = &request.input;
        let bucket = self.store.bucket(&input.bucket)?;
        let acls = self.store.settings().acls;
        let grants = match &input.access_control_policy {
            None => granted(&request.headers, acls)?,
            Some(_) if acls == Acls::Refused => return Err(not_supported()),
            Some(policy) => listed(policy)?,
        };
        bucket.update_attributes(&input.key, input.version_id.as_deref(), |own| {
            own.grants = grants;
        })?;
        Ok(S3Response::new(PutObjectAclOutput::default()))
    }
}

/// What `x-amz-acl` and `x-amz-grant-*` say.
pub(super) fn granted(headers: &HeaderMap, acls: Acls) -> S3Result<Vec<Grant>> {
    let named = PERMISSIONS.into_iter().filter_map(|permission| {
        let header = format!("x-amz-grant-{}", permission.to_lowercase().replace('_', "-"));
        Some((permission, text(headers, &header)?.to_owned()))
    });
    let named: Vec<_> = named.collect();
    let canned = text(headers, "x-amz-acl");
    if acls == Acls::Refused {
        return match (canned, named.is_empty()) {
            (None | Some("bucket-owner-full-control"), true) => Ok(Vec::new()),
            _ => Err(not_supported()),
        };
    }
    match (canned, named.is_empty()) {
        (None, _) => named.iter().flat_map(|(permission, who)| grants(permission, who)).collect(),
        (Some(name), true) => canned_grants(name),
        (Some(_), false) => Err(s3_error!(
            InvalidRequest,
            "Specifying both Canned ACLs and Header Grants is not allowed"
        )),
    }
}

fn canned_grants(name: &str) -> S3Result<Vec<Grant>> {
    let group = |uri: &str, permission: &str| Grant {
        grantee: Grantee::Group(uri.to_owned()),
        permission: permission.to_owned(),
    };
    let others = match name {
        "private" | "bucket-owner-read" | "bucket-owner-full-control" => return Ok(Vec::new()),
        "public-read" => vec![group(ALL_USERS, "READ")],
        "public-read-write" => vec![group(ALL_USERS, "READ"), group(ALL_USERS, "WRITE")],
        "authenticated-read" => vec![group(AUTHENTICATED_USERS, "READ")],
        "aws-exec-read" => vec![Grant {
            grantee: Grantee::Account(EXEC.to_owned()),
            permission: "READ".to_owned(),
        }],
        _ => return Err(s3_error!(InvalidArgument, "Invalid canned ACL")),
    };
    Ok(std::iter::once(owners()).chain(others).collect())
}

/// The grantees of one `x-amz-grant-*` header: `id="...", uri="..."`.
fn grants(permission: &str, who: &str) -> Vec<S3Result<Grant>> {
    let one = |who: &str| {
        let (kind, name) = who.trim().split_once('=').ok_or_else(invalid_grantee)?;
        let name = name.trim_matches('"').to_owned();
        let grantee = match kind {
            "id" => Grantee::Account(name),
            "uri" => Grantee::Group(name),
            "emailAddress" => return Err(no_addresses()),
            _ => return Err(invalid_grantee()),
        };
        Ok(Grant { grantee, permission: permission.to_owned() })
    };
    who.split(',').map(one).collect()
}

/// The grants of an XML document.
fn listed(policy: &AccessControlPolicy) -> S3Result<Vec<Grant>> {
    let owner = policy.owner.as_ref().and_then(|owner| owner.id.as_deref());
    if owner.is_some_and(|id| id != OWNER_ID) {
        return Err(s3_error!(AccessDenied, "Access Denied"));
    }
    policy.grants.iter().flatten().map(named).collect()
}

fn named(grant: &dto::Grant) -> S3Result<Grant> {
    let grantee = grant.grantee.as_ref().ok_or_else(malformed)?;
    let permission = grant.permission.as_ref().ok_or_else(malformed)?.as_str();
    if grantee.email_address.is_some() {
        return Err(no_addresses());
    }
    if !PERMISSIONS.contains(&permission) {
        return Err(malformed());
    }
    let grantee = match (&grantee.id, &grantee.uri) {
        (Some(id), None) => Grantee::Account(id.clone()),
        (None, Some(uri)) => Grantee::Group(uri.clone()),
        _ => return Err(malformed()),
    };
    Ok(Grant { grantee, permission: permission.to_owned() })
}

fn shown(grant: Grant) -> dto::Grant {
    let kind = |name: &'static str| dto::Type::from_static(name);
    let empty = |type_| dto::Grantee {
        type_,
        display_name: None,
        email_address: None,
        id: None,
        uri: None,
    };
    let grantee = match grant.grantee {
        Grantee::Account(id) => {
            let display_name = (id == OWNER_ID).then(|| OWNER_NAME.to_owned());
            dto::Grantee { id: Some(id), display_name, ..empty(kind("CanonicalUser")) }
        }
        Grantee::Group(uri) => dto::Grantee { uri: Some(uri), ..empty(kind("Group")) },
    };
    dto::Grant { grantee: Some(grantee), permission: Some(grant.permission.into()) }
}

fn owners() -> Grant {
    Grant { grantee: Grantee::Account(OWNER_ID.to_owned()), permission: "FULL_CONTROL".to_owned() }
}

fn not_supported() -> S3Error {
    s3_error!(AccessControlListNotSupported, "The bucket does not allow ACLs")
}

fn invalid_grantee() -> S3Error {
    s3_error!(InvalidArgument, "Argument format not recognized")
}

/// Refused since October 2025.
fn no_addresses() -> S3Error {
    s3_error!(MethodNotAllowed, "Email grantees are not allowed against this resource.")
}

fn malformed() -> S3Error {
    s3_error!(
        MalformedACLError,
        "The XML you provided was not well-formed or did not validate against our published schema"
    )
}
