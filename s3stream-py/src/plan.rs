//! `plan_*`: a bucket cut into shards.

use std::ffi::CStr;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PyModule};
use s3stream_core::blocking::Planning;
use s3stream_core::plan::{self, Bounds, Change, Flaw, Limits, Plan, PlanOptions, Planned};
use s3stream_core::{Canceller, Error};

use crate::boundary::{Handle, guarded, wait};
use crate::client::ClientHandle;
use crate::errors::Failure;
use crate::shared::Shared;

struct PlanHandle {
    planning: Shared<Planning>,
    /// `None` if it could not begin; it fails at once then.
    canceller: Option<Canceller>,
}

impl Handle for PlanHandle {
    const NAME: &'static CStr = c"s3stream.plan";
}

/// Begins a plan; nothing is sent before the first `plan_advance`. What `options` leaves out is
/// as the core has it, or as the plan before has it.
#[pyfunction]
fn plan_new<'py>(
    py: Python<'py>,
    client: &Bound<'py, PyCapsule>,
    bucket: &str,
    options: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyCapsule>> {
    guarded(py, || {
        let client = ClientHandle::client(client)?;
        let options = options_of(options)?;
        let planning = client.plan(bucket, options);
        let canceller = planning.canceller();
        PlanHandle { planning: Shared::new(planning), canceller }.into_capsule(py)
    })
}

/// Takes in up to so many entries: whether there are more, objects and bytes so far.
#[pyfunction]
fn plan_advance(
    py: Python<'_>,
    plan: &Bound<'_, PyCapsule>,
    entries: usize,
) -> PyResult<(bool, u64, u64)> {
    guarded(py, || {
        let handle = PlanHandle::of(plan)?;
        let waited = wait(py, |signals| -> Result<(bool, u64, u64), Failure> {
            let mut planning = handle.planning.borrow(|| signals.go_on())?;
            let has_more = planning.advance(entries)?;
            Ok((has_more, planning.objects(), planning.bytes()))
        });
        waited.into_result()?.map_err(|failure| failure.raise(py, "plan"))
    })
}

/// Text of the plan; its changes as shard, fill, reason and line; objects, bytes, unreadable
/// entries and fingerprint of what was listed.
type PlannedFields = (String, Vec<(u32, f64, &'static str, String)>, u64, u64, u64, String);

/// The plan, once `plan_advance` has said that there is no more.
#[pyfunction]
fn plan_finish(py: Python<'_>, plan: &Bound<'_, PyCapsule>) -> PyResult<PlannedFields> {
    guarded(py, || {
        let handle = PlanHandle::of(plan)?;
        let Some(planning) = handle.planning.close() else {
            return Err(crate::errors::closed("plan"));
        };
        let finished = wait(py, |_| -> Result<Planned, Error> { planning.finish() });
        let planned =
            finished.into_result()?.map_err(|error| Failure::Core(error).raise(py, "plan"))?;
        let changes = planned.changes.iter().map(|change| {
            let Change { shard, fill, reason, .. } = change;
            (*shard, *fill, reason.name(), change.to_string())
        });
        Ok((
            planned.plan.to_string(),
            changes.collect(),
            planned.objects,
            planned.bytes,
            planned.unreadable,
            planned.fingerprint.to_string(),
        ))
    })
}

/// Ends a wait of `plan_advance` in another thread, and the plan with it.
#[pyfunction]
fn plan_cancel(py: Python<'_>, plan: &Bound<'_, PyCapsule>) -> PyResult<()> {
    guarded(py, || {
        if let Some(canceller) = &PlanHandle::of(plan)?.canceller {
            canceller.cancel();
        }
        Ok(())
    })
}

/// Raises `ValueError` if a text is no plan; the text as it would be written.
#[pyfunction]
fn plan_checked(py: Python<'_>, text: &str) -> PyResult<String> {
    guarded(py, || parse(text).map(|plan| plan.to_string()))
}

/// A flaw as a line, and which two ranges overlap if that is what it is.
type FlawFields = (String, Option<(u32, u32)>);

/// What is wrong with ranges that are to cover every key once.
#[pyfunction]
fn plan_flaws(
    py: Python<'_>,
    ranges: Vec<(u32, Option<String>, Option<String>)>,
) -> PyResult<Vec<FlawFields>> {
    guarded(py, || {
        let ranges: Vec<(u32, Bounds)> = ranges
            .into_iter()
            .map(|(id, start_after, end_at)| (id, Bounds { start_after, end_at }))
            .collect();
        let fields = |flaw: Flaw| match flaw {
            Flaw::Overlap { lower, upper } => (flaw.to_string(), Some((lower, upper))),
            _ => (flaw.to_string(), None),
        };
        Ok(plan::flaws(&ranges).into_iter().map(fields).collect())
    })
}

fn parse(text: &str) -> PyResult<Plan> {
    text.parse::<Plan>().map_err(|why| PyValueError::new_err(why.to_string()))
}

fn options_of(given: &Bound<'_, PyDict>) -> PyResult<PlanOptions> {
    let mut options = PlanOptions::new();
    let mut limits = Limits::default();
    let mut has_limits = false;
    if let Some(text) = field::<String>(given, "previous")? {
        let previous = parse(&text)?;
        limits = previous.limits;
        options = options.revise(previous);
    }
    let number = |name| field::<u64>(given, name);
    let percent = |name| field::<u8>(given, name);
    if let Some(bytes) = number("limit_bytes")? {
        (limits.bytes, has_limits) = (bytes, true);
    }
    if let Some(objects) = number("limit_objects")? {
        (limits.objects, has_limits) = (objects, true);
    }
    if let Some(fill) = percent("fill_percent")? {
        (limits.fill_percent, has_limits) = (fill, true);
    }
    if has_limits {
        options = options.limits(limits);
    }
    if let Some(prefix) = field::<String>(given, "prefix")? {
        options = options.prefix(prefix);
    }
    if let Some(lanes) = field::<u32>(given, "lanes")? {
        options = options.lanes(lanes);
    }
    if let Some(parallel) = field::<usize>(given, "parallel")? {
        options = options.parallel(parallel);
    }
    if let Some(shards) = field::<Vec<u32>>(given, "backed_up")? {
        options = options.backed_up(shards);
    }
    if let Some(shards) = field::<Vec<u32>>(given, "next_full")? {
        options = options.next_full(shards);
    }
    Ok(options.force(field::<bool>(given, "force")?.unwrap_or(false)))
}

fn field<'py, T>(given: &Bound<'py, PyDict>, name: &str) -> PyResult<Option<T>>
where
    T: for<'a> FromPyObject<'a, 'py, Error = PyErr>,
{
    match given.get_item(name)? {
        Some(value) if !value.is_none() => value.extract().map(Some),
        _ => Ok(None),
    }
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(plan_new, module)?)?;
    module.add_function(wrap_pyfunction!(plan_advance, module)?)?;
    module.add_function(wrap_pyfunction!(plan_finish, module)?)?;
    module.add_function(wrap_pyfunction!(plan_cancel, module)?)?;
    module.add_function(wrap_pyfunction!(plan_checked, module)?)?;
    module.add_function(wrap_pyfunction!(plan_flaws, module)?)
}
