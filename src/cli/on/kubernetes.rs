//! Kubernetes: an indexed job, each pod of which computes the shard of its completion index.

use super::{Failure, Job, OnArguments, Submitted, quoted, terminal};

/// Pods at once where nobody says how many.
const PODS: usize = 100;
/// Where the claim is mounted.
const MOUNT: &str = "/tailback";

pub(super) fn write(arguments: &OnArguments, job: &Job<'_>) -> Result<Submitted, Failure> {
    let pods = arguments.workers.map_or(PODS, |workers| workers as usize).min(job.shards);
    let (image, claim) = (arguments.image.as_deref().unwrap_or(""), arguments.claim.as_deref().unwrap_or(""));
    let program = arguments.program.as_deref().unwrap_or("tailback");
    let text = manifest(job, pods, image, claim, program);
    if !job.quiet {
        let plan = quoted(&job.plan_file.display().to_string());
        terminal::say(&format!("copy first:   {plan} to {}/plan.json on the claim {claim}", job.name()));
        terminal::say(&format!(
            "copy last:    {}/shards from the claim to {}",
            job.name(),
            quoted(&job.shards_folder().display().to_string())
        ));
    }
    job.script("kubernetes.yaml", &text, "kubectl apply -f")
}

/// JSON strings are YAML's double-quoted ones.
fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn manifest(job: &Job<'_>, pods: usize, image: &str, claim: &str, program: &str) -> String {
    let (name, shards, threads) = (job.name(), job.shards, job.threads);
    let (image, claim, program) = (string(image), string(claim), string(program));
    format!(
        r#"apiVersion: batch/v1
kind: Job
metadata:
  name: {name}
spec:
  completionMode: Indexed
  completions: {shards}
  parallelism: {pods}
  backoffLimitPerIndex: 3
  podFailurePolicy:
    rules:
      # A pod that its node lost is no failure of the shard: another one takes the index.
      - action: Ignore
        onPodConditions:
          - type: DisruptionTarget
      # 2 says that the plan is wrong, which no other try makes right.
      - action: FailJob
        onExitCodes:
          containerName: shard
          operator: In
          values: [2]
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: shard
          image: {image}
          command: [{program}, shard, {MOUNT}/{name}/plan.json, --index-from-env, --threads, "{threads}", --quiet,
                    --output, {MOUNT}/{name}/shards]
          resources:
            requests:
              cpu: "{threads}"
          volumeMounts:
            - name: plan
              mountPath: {MOUNT}
      volumes:
        - name: plan
          persistentVolumeClaim:
            claimName: {claim}
"#
    )
}
