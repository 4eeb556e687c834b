//! SLURM: a job array, each task of which computes the shard of its index.

use super::{Job, quoted, ranges};

/// The batch script. Only the shards that are missing are asked for, so that it is written again after a failure.
pub(super) fn script(job: &Job<'_>, program: &str) -> String {
    let (name, threads) = (job.name(), job.threads);
    let to_do = job.to_do();
    // An array needs a task; a shard that is there ends at once.
    let array = if to_do.is_empty() { "0".to_string() } else { ranges(&to_do) };
    let (program, plan) = (quoted(program), quoted(&job.plan_file.display().to_string()));
    format!(
        "#!/bin/sh\n\
         #SBATCH --job-name={name}\n\
         #SBATCH --array={array}\n\
         #SBATCH --ntasks=1\n\
         #SBATCH --cpus-per-task={threads}\n\
         #SBATCH --requeue\n\
         #SBATCH --open-mode=append\n\
         #SBATCH --output={name}-%a.log\n\
         # A task whose node fails is queued again; one that is done already ends at once.\n\
         exec {program} shard {plan} --index-from-env --threads {threads} --quiet\n"
    )
}
