//! HyperQueue: a task array, each task of which computes the shard of its index.

use super::{Job, quoted, ranges};

/// A script that submits the array. Only the shards that are missing are asked for.
pub(super) fn script(job: &Job<'_>, program: &str) -> String {
    let (name, threads) = (job.name(), job.threads);
    let to_do = job.to_do();
    let array = if to_do.is_empty() { "0".to_string() } else { ranges(&to_do) };
    let (program, plan) = (quoted(program), quoted(&job.plan_file.display().to_string()));
    format!(
        "#!/bin/sh\n\
         # A task whose worker is lost is started again on another one; one that is done already ends at once.\n\
         exec hq submit --name={name} --array={array} --cpus={threads} \\\n    \
         --stdout=none --stderr={name}-%{{TASK_ID}}.log -- \\\n    \
         {program} shard {plan} --index-from-env --threads {threads} --quiet\n"
    )
}
