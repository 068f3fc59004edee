//! A plan being made: a listing on one side, counts and boundaries on the other.

use crate::cancel::Canceller;
use crate::error::{Error, Result};
use crate::list::ObjectList;
use crate::object::{Entry, Object};
use crate::proto::fingerprint::Fingerprint;
use crate::proto::plan::cut::Cut;
use crate::proto::plan::revise::Revision;
use crate::proto::plan::{Change, Plan, Scope};

use super::PlanOptions;

/// A plan being made: it lists the bucket, and holds nothing but boundaries.
pub struct Planning {
    list: ObjectList,
    bucket: String,
    state: State,
    objects: u64,
    bytes: u64,
    unreadable: u64,
    fingerprint: Fingerprint,
}

enum State {
    First(Box<Cut>),
    Next(Box<Revision>),
    Refused(String),
    Ended,
}

/// A plan that was made, and what was seen on the way.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// What was changed since the plan before, and what was left though it is above a limit.
    pub changes: Vec<Change>,
    /// Objects in the bucket.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Entries of the listing that could not be read: they have a shard all the same.
    pub unreadable: u64,
    /// All that was listed, as one number.
    pub fingerprint: Fingerprint,
}

impl Planning {
    /// `list` is a listing of all that is to be cut.
    pub(crate) fn new(list: ObjectList, scope: Scope, options: PlanOptions) -> Self {
        let bucket = scope.bucket.clone();
        let state = begin(scope, options).unwrap_or_else(State::Refused);
        Planning {
            list,
            bucket,
            state,
            objects: 0,
            bytes: 0,
            unreadable: 0,
            fingerprint: Fingerprint::default(),
        }
    }

    /// Takes in up to so many entries; false once there are no more.
    ///
    /// # Errors
    /// Those of the listing, which must be ordered; `InvalidInput` for limits that are none and
    /// for a plan of another bucket. After an error there is no plan.
    pub async fn advance(&mut self, entries: usize) -> Result<bool> {
        for _ in 0..entries {
            if let State::Refused(why) = &self.state {
                return Err(self.refused(why));
            }
            match self.list.next().await {
                Ok(None) => return Ok(false),
                Ok(Some(Entry::Object(object))) => self.pass(&object)?,
                // It was asked for none.
                Ok(Some(Entry::CommonPrefix(_))) => {}
                // Its key has a shard, whatever it is: the ranges have no gap.
                Err(error) if error.is_of_entry() => self.unreadable += 1,
                Err(error) => {
                    self.state = State::Ended;
                    return Err(error);
                }
            }
        }
        Ok(true)
    }

    /// Lists what is left, and makes the plan.
    ///
    /// # Errors
    /// As [`advance`](Planning::advance).
    pub async fn finish(mut self) -> Result<Planned> {
        while self.advance(10_000).await? {}
        self.planned()
    }

    /// The plan, once [`advance`](Planning::advance) has said that there is no more.
    pub(crate) fn planned(&mut self) -> Result<Planned> {
        let (plan, changes) = match std::mem::replace(&mut self.state, State::Ended) {
            State::First(cut) => (cut.finish(), Vec::new()),
            State::Next(revision) => revision.finish(),
            State::Refused(why) => return Err(self.refused(&why)),
            State::Ended => return Err(self.refused("the listing has ended with an error")),
        };
        Ok(Planned {
            plan,
            changes,
            objects: self.objects,
            bytes: self.bytes,
            unreadable: self.unreadable,
            fingerprint: self.fingerprint,
        })
    }

    /// Objects taken in so far.
    pub fn objects(&self) -> u64 {
        self.objects
    }

    /// Their bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Ends a wait in another task or thread with `Cancelled`.
    pub fn canceller(&self) -> Canceller {
        self.list.canceller()
    }

    fn pass(&mut self, object: &Object) -> Result<()> {
        let passed = match &mut self.state {
            State::First(cut) => cut.pass(&object.key, object.size),
            State::Next(revision) => revision.pass(&object.key, object.size),
            State::Refused(_) | State::Ended => Ok(()),
        };
        if let Err(why) = passed {
            let error = self.refused(&why);
            self.state = State::Ended;
            return Err(error);
        }
        self.objects += 1;
        self.bytes = self.bytes.saturating_add(object.size);
        self.fingerprint.add(object);
        Ok(())
    }

    fn refused(&self, why: &str) -> Error {
        Error::invalid(why.to_owned()).at("plan", Some(&self.bucket), None)
    }
}

fn begin(scope: Scope, options: PlanOptions) -> Result<State, String> {
    let Some(mut plan) = options.previous else {
        let limits = options.limits.unwrap_or_default();
        return Cut::new(scope, limits, options.lanes.unwrap_or(1)).map(Box::new).map(State::First);
    };
    if plan.scope != scope {
        return Err(format!(
            "the plan is of bucket '{}' at {}, prefix '{}': it can be revised for nothing else",
            plan.scope.bucket, plan.scope.endpoint, plan.scope.prefix
        ));
    }
    if let Some(limits) = options.limits {
        plan.limits = limits.checked()?;
    }
    if let Some(lanes) = options.lanes {
        if let Some(shard) = plan.shards.iter().find(|shard| shard.lane >= lanes) {
            return Err(format!(
                "shard {} runs in lane {}: move it before there are only {lanes} lanes",
                Plan::name(shard.id),
                shard.lane
            ));
        }
        plan.lanes = lanes;
    }
    Ok(State::Next(Box::new(Revision::new(plan, options.circumstances))))
}
