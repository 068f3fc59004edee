//! A shard of a plan as what is to be backed up: an array of jobs needs the plan and a number.

use std::fs;
use std::path::Path;

use s3stream_core::plan::Plan;

use super::arguments::BackupArguments;
use crate::cli::Source;

/// The arguments with what the plan says of the shard that they name; as they are without one.
///
/// # Errors
/// One line: a file that is no plan, a number that is no shard.
pub(super) fn resolved(mut arguments: BackupArguments) -> Result<BackupArguments, String> {
    let (Some(path), Some(id)) = (&arguments.plan, arguments.shard) else {
        return Ok(arguments);
    };
    let plan = read(path)?;
    let Some(shard) = plan.shard(id) else {
        let gone = if plan.retired.contains(&id) { " any more" } else { "" };
        let last = plan.shards.iter().map(|shard| shard.id).max().unwrap_or_default();
        return Err(format!(
            "{}: there is no shard {id}{gone}; the last one is {last}",
            path.display()
        ));
    };
    let bucket = plan.scope.bucket.clone();
    if arguments.output.is_none() {
        // Shards of one directory must not write to one file.
        arguments.output = Some(format!("{bucket}-{}.tar", Plan::name(id)).into());
    }
    arguments.start_after.clone_from(&shard.bounds.start_after);
    arguments.end_at.clone_from(&shard.bounds.end_at);
    arguments.source = Some(Source { bucket, prefix: plan.scope.prefix.clone() });
    Ok(arguments)
}

fn read(path: &Path) -> Result<Plan, String> {
    let text = fs::read_to_string(path).map_err(|why| format!("{}: {why}", path.display()))?;
    text.parse().map_err(|why| format!("{}: {why}", path.display()))
}
