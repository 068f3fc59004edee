//! `client_*`: one endpoint, one set of credentials, one memory budget.

use std::ffi::CStr;
use std::sync::{Mutex, PoisonError};

use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PyModule};
use s3stream_core::{Credentials, blocking};

use crate::boundary::{Handle, guarded, wait};
use crate::convert::{self, ObjectFields};
use crate::errors::{closed, raise};

/// A client in Python's hands; empty once it is closed.
pub(crate) struct ClientHandle(Mutex<Option<blocking::Client>>);

impl Handle for ClientHandle {
    const NAME: &'static CStr = c"s3stream.client";
}

impl ClientHandle {
    /// The client, for one call.
    ///
    /// # Errors
    /// `ValueError` if it is closed.
    pub(crate) fn client(capsule: &Bound<'_, PyCapsule>) -> PyResult<blocking::Client> {
        let handle = ClientHandle::of(capsule)?;
        let client = handle.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        client.ok_or_else(|| closed("client"))
    }
}

/// Makes a client from (name, text) pairs; see the core's table of settings.
#[pyfunction]
fn client_new(py: Python<'_>, settings: Vec<(String, String)>) -> PyResult<Bound<'_, PyCapsule>> {
    guarded(py, || {
        let built = wait(py, move |_| {
            let builder = settings
                .iter()
                .fold(blocking::Client::builder(), |builder, (name, text)| builder.set(name, text));
            builder.build_blocking()
        });
        let client = built.into_result()?.map_err(|error| raise(py, &error))?;
        ClientHandle(Mutex::new(Some(client))).into_capsule(py)
    })
}

/// The names of all settings, with their defaults as text and one line of help each.
#[pyfunction]
fn client_settings(py: Python<'_>) -> PyResult<Vec<(&'static str, &'static str, &'static str)>> {
    guarded(py, || {
        let settings = s3stream_core::SETTINGS.iter();
        Ok(settings.map(|setting| (setting.name, setting.default, setting.help)).collect())
    })
}

/// What the core has against a text as the value of a setting, if anything.
#[pyfunction]
fn client_setting_fault(py: Python<'_>, name: &str, text: &str) -> PyResult<Option<String>> {
    guarded(py, || {
        let Err(fault) = blocking::Client::builder().try_set(name, text) else { return Ok(None) };
        let fault = fault.message();
        Ok(Some(fault.strip_prefix(&format!("{name}: ")).unwrap_or(fault).to_owned()))
    })
}

/// Text of others as one line that deceives nobody on a terminal or in a log.
#[pyfunction]
fn shown(py: Python<'_>, text: &str) -> PyResult<String> {
    guarded(py, || Ok(s3stream_core::shown(text).into_owned()))
}

/// The buckets as (name, microseconds since 1970 or None).
#[pyfunction]
fn client_list_buckets(
    py: Python<'_>,
    client: &Bound<'_, PyCapsule>,
) -> PyResult<Vec<(String, Option<i64>)>> {
    guarded(py, || {
        let client = ClientHandle::client(client)?;
        let buckets = wait(py, move |_| client.list_buckets()).into_result()?;
        let buckets = buckets.map_err(|error| raise(py, &error))?;
        let row = |bucket: s3stream_core::Bucket| {
            (bucket.name, bucket.created.map(convert::microseconds))
        };
        Ok(buckets.into_iter().map(row).collect())
    })
}

/// The fields of an object, from a HEAD.
#[pyfunction]
#[pyo3(signature = (client, bucket, key, version_id))]
fn client_head<'py>(
    py: Python<'py>,
    client: &Bound<'py, PyCapsule>,
    bucket: &str,
    key: &str,
    version_id: Option<&str>,
) -> PyResult<ObjectFields<'py>> {
    guarded(py, || {
        let client = ClientHandle::client(client)?;
        let head = wait(py, move |_| client.head(bucket, key, version_id)).into_result()?;
        head.map(|it| convert::object(py, it)).map_err(|error| raise(py, &error))
    })
}

/// The tags of an object as (key, value).
#[pyfunction]
#[pyo3(signature = (client, bucket, key, version_id))]
fn client_tags(
    py: Python<'_>,
    client: &Bound<'_, PyCapsule>,
    bucket: &str,
    key: &str,
    version_id: Option<&str>,
) -> PyResult<Vec<(String, String)>> {
    guarded(py, || {
        let client = ClientHandle::client(client)?;
        let tags = wait(py, move |_| client.tags(bucket, key, version_id)).into_result()?;
        tags.map_err(|error| raise(py, &error))
    })
}

/// A grant: its grantee's kind, id, URI or address, and name; its permission.
type GrantFields = (&'static str, String, Option<String>, String);

/// The owner's id and name, and the grants of an object.
#[pyfunction]
#[pyo3(signature = (client, bucket, key, version_id))]
fn client_acl(
    py: Python<'_>,
    client: &Bound<'_, PyCapsule>,
    bucket: &str,
    key: &str,
    version_id: Option<&str>,
) -> PyResult<(Option<String>, Option<String>, Vec<GrantFields>)> {
    guarded(py, || {
        let client = ClientHandle::client(client)?;
        let acl = wait(py, move |_| client.acl(bucket, key, version_id)).into_result()?;
        let acl = acl.map_err(|error| raise(py, &error))?;
        let grants = acl.grants.into_iter().map(|grant| {
            let grantee = &grant.grantee;
            let name = grantee.name().map(str::to_owned);
            (grantee.kind(), grantee.value().to_owned(), name, grant.permission)
        });
        Ok((acl.owner_id, acl.owner_name, grants.collect()))
    })
}

/// Puts other keys into the place of those in use; `expires` is in microseconds since 1970.
#[pyfunction]
#[pyo3(signature = (client, access_key_id, secret_access_key, session_token, expires))]
fn client_set_credentials(
    py: Python<'_>,
    client: &Bound<'_, PyCapsule>,
    access_key_id: &str,
    secret_access_key: &str,
    session_token: Option<String>,
    expires: Option<i64>,
) -> PyResult<()> {
    guarded(py, || {
        let mut keys = Credentials::new(access_key_id, secret_access_key, session_token);
        if let Some(expires) = expires {
            keys = keys.ending(convert::timestamp(expires));
        }
        let client = ClientHandle::client(client)?;
        client.set_credentials(keys).map_err(|error| raise(py, &error))
    })
}

/// Whether the keys in use should be replaced now.
#[pyfunction]
fn client_wants_credentials(py: Python<'_>, client: &Bound<'_, PyCapsule>) -> PyResult<bool> {
    guarded(py, || {
        let client = ClientHandle::client(client)?;
        client.wants_credentials().map_err(|error| raise(py, &error))
    })
}

/// Where keys come from, their id, when they end, whose they are, and why that is not known.
type CallerFields = (String, Option<String>, Option<i64>, Option<String>, Option<String>);

/// As whom a client signs.
#[pyfunction]
fn client_caller(py: Python<'_>, client: &Bound<'_, PyCapsule>) -> PyResult<CallerFields> {
    guarded(py, || {
        let client = ClientHandle::client(client)?;
        let caller = wait(py, move |_| client.caller()).into_result()?;
        let caller = caller.map_err(|error| raise(py, &error))?;
        let expires = caller.expires.map(convert::microseconds);
        Ok((caller.source, caller.access_key_id, expires, caller.arn, caller.unanswered))
    })
}

/// The counters of a client, by name.
#[pyfunction]
fn client_stats<'py>(
    py: Python<'py>,
    client: &Bound<'py, PyCapsule>,
) -> PyResult<Bound<'py, PyDict>> {
    guarded(py, || {
        let stats = ClientHandle::client(client)?.stats();
        let counters = PyDict::new(py);
        for (name, value) in [
            ("requests", stats.requests),
            ("bytes", stats.bytes),
            ("retries", stats.retries),
            ("resumes", stats.resumes),
            ("throttles", stats.throttles),
            ("unproven", stats.unproven),
            ("outages", stats.outages),
            ("outages_over", stats.outages_over),
            ("outage_seconds", stats.outage_seconds),
        ] {
            counters.set_item(name, value)?;
        }
        Ok(counters)
    })
}

/// Cancels all that a client is doing, for good.
#[pyfunction]
fn client_cancel(py: Python<'_>, client: &Bound<'_, PyCapsule>) -> PyResult<()> {
    guarded(py, || {
        let canceller = ClientHandle::client(client)?.canceller();
        canceller.map_err(|error| raise(py, &error))?.cancel();
        Ok(())
    })
}

/// Lets go of a client; readers and listings that it opened go on.
#[pyfunction]
fn client_close(py: Python<'_>, client: &Bound<'_, PyCapsule>) -> PyResult<()> {
    guarded(py, || {
        let handle = ClientHandle::of(client)?;
        let client = handle.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        py.detach(move || drop(client));
        Ok(())
    })
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(client_new, module)?)?;
    module.add_function(wrap_pyfunction!(client_settings, module)?)?;
    module.add_function(wrap_pyfunction!(client_setting_fault, module)?)?;
    module.add_function(wrap_pyfunction!(shown, module)?)?;
    module.add_function(wrap_pyfunction!(client_list_buckets, module)?)?;
    module.add_function(wrap_pyfunction!(client_head, module)?)?;
    module.add_function(wrap_pyfunction!(client_tags, module)?)?;
    module.add_function(wrap_pyfunction!(client_acl, module)?)?;
    module.add_function(wrap_pyfunction!(client_stats, module)?)?;
    module.add_function(wrap_pyfunction!(client_set_credentials, module)?)?;
    module.add_function(wrap_pyfunction!(client_wants_credentials, module)?)?;
    module.add_function(wrap_pyfunction!(client_caller, module)?)?;
    module.add_function(wrap_pyfunction!(client_cancel, module)?)?;
    module.add_function(wrap_pyfunction!(client_close, module)?)
}
