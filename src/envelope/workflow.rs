//! How many tasks one execution of a workflow leads to, queue by queue, while no fault adds failures.

use crate::scenario::{Activity, Scenario, Workflow};

/// Mean number of tasks in the queue that one execution leads to; 0 for the queue of another workflow.
pub(super) fn tasks_of_one(scenario: &Scenario, workflow: &Workflow, queue: usize) -> f64 {
    let succeeds: Vec<f64> = workflow.steps.iter().map(|step| success(scenario, &step.activity)).collect();
    let reached = |step: usize| succeeds[..step].iter().product::<f64>();
    let mut decided = 1.0;
    let mut found = 0.0;
    // From the last step back: a compensation is reached by what failed later and got through the undoing in between.
    let mut undoing = 0.0;
    for (k, step) in workflow.steps.iter().enumerate().rev() {
        decided += reached(k);
        if step.activity.queue == queue {
            found = reached(k);
        }
        if let Some(undo) = &step.undo {
            decided += undoing;
            if undo.queue == queue {
                found = undoing;
            }
            undoing *= success(scenario, undo);
        }
        undoing += reached(k) * (1.0 - succeeds[k]);
    }
    match &workflow.decisions {
        Some(decisions) if decisions.activity.queue == queue => decided,
        _ => found,
    }
}

/// Probability that an activity succeeds in one of its attempts.
fn success(scenario: &Scenario, activity: &Activity) -> f64 {
    let Some(consumer) = scenario.consumers.get(activity.consumer) else { return 1.0 };
    let (failure, succeeds) = (consumer.failure, 1.0 - consumer.failure - consumer.permanent_failure);
    if failure >= 1.0 {
        return 0.0;
    }
    let limit = consumer.retry.as_ref().and_then(|retry| retry.max_attempts);
    let tries = limit.map_or(1.0, |limit| 1.0 - failure.powf(f64::from(limit)));
    (succeeds * tries / (1.0 - failure)).clamp(0.0, 1.0)
}
