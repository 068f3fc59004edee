//! Object Lock: retention and legal hold, as requests and as headers.

use http::HeaderMap;
use jiff::Timestamp;
use s3s::dto::{
    GetObjectLegalHoldInput, GetObjectLegalHoldOutput, GetObjectLockConfigurationInput,
    GetObjectLockConfigurationOutput, GetObjectRetentionInput, GetObjectRetentionOutput,
    ObjectLockConfiguration, ObjectLockEnabled, ObjectLockLegalHold, ObjectLockRetention,
    PutObjectLegalHoldInput, PutObjectLegalHoldOutput, PutObjectRetentionInput,
    PutObjectRetentionOutput, TimestampFormat,
};
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};

use super::attributes::{require_digest, text};
use super::{Operations, set_header};
use crate::embedded::store::{
    Attributes, Bucket, Bypass, LegalHold, Locks, Retention, RetentionMode,
};

impl Operations {
    /// GetObjectLockConfiguration.
    pub(super) async fn get_object_lock_configuration(
        &self,
        request: S3Request<GetObjectLockConfigurationInput>,
    ) -> S3Result<S3Response<GetObjectLockConfigurationOutput>> {
        if self.store.bucket(&request.input.bucket)?.locks() == Locks::Absent {
            return Err(s3_error!(
                ObjectLockConfigurationNotFoundError,
                "Object Lock configuration does not exist for this bucket"
            ));
        }
        let enabled = ObjectLockEnabled::from_static(ObjectLockEnabled::ENABLED);
        Ok(S3Response::new(GetObjectLockConfigurationOutput {
            object_lock_configuration: Some(ObjectLockConfiguration {
                object_lock_enabled: Some(enabled),
                rule: None,
            }),
        }))
    }

    /// GetObjectRetention.
    pub(super) async fn get_object_retention(
        &self,
        request: S3Request<GetObjectRetentionInput>,
    ) -> S3Result<S3Response<GetObjectRetentionOutput>> {
        let input = &request.input;
        let bucket = self.lockable(&input.bucket)?;
        let found = bucket.find(&input.key, input.version_id.as_deref())?;
        let retention = found.data.attributes().and_then(|own| own.retention);
        let retention = retention.ok_or_else(no_lock)?;
        Ok(S3Response::new(GetObjectRetentionOutput {
            retention: Some(ObjectLockRetention {
                mode: Some(retention.mode.name().to_owned().into()),
                retain_until_date: Some(std::time::SystemTime::from(retention.until).into()),
            }),
        }))
    }

    /// PutObjectRetention: a retention can be made longer, and shorter only by who may lift it.
    pub(super) async fn put_object_retention(
        &self,
        request: S3Request<PutObjectRetentionInput>,
    ) -> S3Result<S3Response<PutObjectRetentionOutput>> {
        require_digest(&request.headers)?;
        let input = &request.input;
        let bucket = self.lockable(&input.bucket)?;
        let wanted = input.retention.as_ref().map(wanted_retention).transpose()?.flatten();
        let version_id = input.version_id.as_deref();
        let found = bucket.find(&input.key, version_id)?;
        let now = Timestamp::now();
        if let Some(own) = found.data.attributes().and_then(|own| own.retention)
            && own.holds(now, bypass(&request.headers))
            && !wanted.is_some_and(|wanted| is_stronger(wanted, own))
        {
            return Err(s3_error!(
                AccessDenied,
                "Access Denied because object protected by object lock."
            ));
        }
        bucket.update_attributes(&input.key, version_id, |own| own.retention = wanted)?;
        Ok(S3Response::new(PutObjectRetentionOutput::default()))
    }

    /// GetObjectLegalHold.
    pub(super) async fn get_object_legal_hold(
        &self,
        request: S3Request<GetObjectLegalHoldInput>,
    ) -> S3Result<S3Response<GetObjectLegalHoldOutput>> {
        let input = &request.input;
        let bucket = self.lockable(&input.bucket)?;
        let found = bucket.find(&input.key, input.version_id.as_deref())?;
        let hold = found.data.attributes().and_then(|own| own.legal_hold).ok_or_else(no_lock)?;
        Ok(S3Response::new(GetObjectLegalHoldOutput {
            legal_hold: Some(ObjectLockLegalHold { status: Some(hold.name().to_owned().into()) }),
        }))
    }

    /// PutObjectLegalHold.
    pub(super) async fn put_object_legal_hold(
        &self,
        request: S3Request<PutObjectLegalHoldInput>,
    ) -> S3Result<S3Response<PutObjectLegalHoldOutput>> {
        require_digest(&request.headers)?;
        let input = &request.input;
        let bucket = self.lockable(&input.bucket)?;
        let status = input.legal_hold.as_ref().and_then(|hold| hold.status.as_ref());
        let hold = status.and_then(|status| LegalHold::from_name(status.as_str()));
        let hold = hold.ok_or_else(malformed)?;
        let version_id = input.version_id.as_deref();
        bucket.update_attributes(&input.key, version_id, |own| own.legal_hold = Some(hold))?;
        Ok(S3Response::new(PutObjectLegalHoldOutput::default()))
    }

    fn lockable(&self, bucket: &str) -> S3Result<std::sync::Arc<Bucket>> {
        let bucket = self.store.bucket(bucket)?;
        match bucket.locks() {
            Locks::Enabled => Ok(bucket),
            Locks::Absent => Err(no_configuration()),
        }
    }
}

/// Whether the headers of a request lift what is in governance mode.
pub(super) fn bypass(headers: &HeaderMap) -> Bypass {
    match text(headers, "x-amz-bypass-governance-retention") {
        Some(value) if value.eq_ignore_ascii_case("true") => Bypass::Governance,
        _ => Bypass::No,
    }
}

/// `x-amz-object-lock-mode` and `x-amz-object-lock-retain-until-date`, of which neither
/// goes without the other.
pub(super) fn retention(headers: &HeaderMap) -> S3Result<Option<Retention>> {
    let mode = text(headers, "x-amz-object-lock-mode");
    let until = text(headers, "x-amz-object-lock-retain-until-date");
    let (Some(mode), Some(until)) = (mode, until) else {
        return match (mode, until) {
            (None, None) => Ok(None),
            _ => Err(s3_error!(
                InvalidArgument,
                "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied"
            )),
        };
    };
    checked(mode, until).map(Some)
}

/// `x-amz-object-lock-legal-hold`
pub(super) fn legal_hold(headers: &HeaderMap) -> S3Result<Option<LegalHold>> {
    let Some(status) = text(headers, "x-amz-object-lock-legal-hold") else {
        return Ok(None);
    };
    let hold = LegalHold::from_name(status)
        .ok_or_else(|| s3_error!(InvalidArgument, "Legal Hold must be either of 'ON' or 'OFF'"));
    hold.map(Some)
}

/// Only a bucket that was made for it holds locks.
pub(super) fn check_allowed(bucket: &Bucket, attributes: &Attributes) -> S3Result<()> {
    let wants_lock = attributes.retention.is_some() || attributes.legal_hold.is_some();
    if wants_lock && bucket.locks() == Locks::Absent {
        return Err(no_configuration());
    }
    Ok(())
}

/// Tells of a lock as GetObject does.
pub(super) fn set_lock(headers: &mut HeaderMap, own: &Attributes) -> S3Result<()> {
    if let Some(retention) = own.retention {
        set_header(headers, "x-amz-object-lock-mode", retention.mode.name())?;
        let until = format!("{:.3}", retention.until);
        set_header(headers, "x-amz-object-lock-retain-until-date", &until)?;
    }
    if let Some(hold) = own.legal_hold {
        set_header(headers, "x-amz-object-lock-legal-hold", hold.name())?;
    }
    Ok(())
}

/// The retention that a document describes; an empty one removes what there was.
fn wanted_retention(wanted: &ObjectLockRetention) -> S3Result<Option<Retention>> {
    match (&wanted.mode, &wanted.retain_until_date) {
        (None, None) => Ok(None),
        (Some(mode), Some(date)) => {
            let mut text = Vec::new();
            date.format(TimestampFormat::DateTime, &mut text).map_err(S3Error::internal_error)?;
            checked(mode.as_str(), &String::from_utf8_lossy(&text)).map(Some)
        }
        _ => Err(malformed()),
    }
}

fn checked(mode: &str, until: &str) -> S3Result<Retention> {
    let mode = RetentionMode::from_name(mode)
        .ok_or_else(|| s3_error!(InvalidArgument, "Unknown wormMode directive."))?;
    let until: Timestamp = until.parse().map_err(|_| {
        s3_error!(InvalidArgument, "The retain until date must be provided in ISO 8601 format")
    })?;
    if until <= Timestamp::now() {
        return Err(s3_error!(InvalidArgument, "The retain until date must be in the future!"));
    }
    Ok(Retention { mode, until })
}

fn is_stronger(wanted: Retention, own: Retention) -> bool {
    let keeps_mode = wanted.mode == own.mode || own.mode == RetentionMode::Governance;
    keeps_mode && wanted.until >= own.until
}

fn no_configuration() -> S3Error {
    s3_error!(InvalidRequest, "Bucket is missing Object Lock Configuration")
}

fn no_lock() -> S3Error {
    s3_error!(
        NoSuchObjectLockConfiguration,
        "The specified object does not have a ObjectLock configuration"
    )
}

fn malformed() -> S3Error {
    s3_error!(
        MalformedXML,
        "The XML you provided was not well-formed or did not validate against our published schema"
    )
}
