//! Sentences worth a reader's attention.

use super::ComponentFindings;
use crate::model::{ConsumerModel, Model, WorkflowModel};
use crate::scenario::Scenario;
use crate::units::{grouped, significant};

pub(super) fn notes(scenario: &Scenario, model: &Model, components: &[ComponentFindings]) -> Vec<String> {
    let mut notes = vec![];
    if scenario.runs == 1 {
        notes.push("One run: there is no interval and no band. Ask for more with `--runs`.".into());
    }
    for (index, queue) in model.queues.iter().enumerate() {
        let consumed = model.consumers.iter().any(|c| c.queue == index);
        if !consumed && !queue.is_dead_letter {
            notes.push(format!("`{}` has no consumer: what is published to it stays there.", queue.name));
        }
        let gives_up = queue.max_deliveries != u32::MAX
            || model
                .consumers
                .iter()
                .any(|c| c.queue == index && (c.max_attempts != u32::MAX || c.permanent_failure > 0.0));
        // What a task's failure for good leads to, its workflow says.
        if gives_up && queue.dead_letter.is_none() && queue.task.is_none() {
            notes.push(format!(
                "`{}` has no `dead_letter`: messages that are given up are lost (`dropped`).",
                queue.name
            ));
        }
    }
    notes.extend(
        model
            .streams
            .iter()
            .filter(|stream| stream.groups.is_empty())
            .map(|stream| format!("`{}` has no consumer: nothing is seen of what is published to it.", stream.name)),
    );
    notes.extend(model.workflows.iter().flat_map(|workflow| never_undone(model, workflow)));
    notes.extend(model.consumers.iter().filter_map(|consumer| idle_members(model, consumer)));
    notes.extend(components.iter().filter_map(hot_partition));
    notes.extend(super::stores::notes(model, components));
    notes
}

/// Compensations behind which nothing can fail.
fn never_undone(model: &Model, workflow: &WorkflowModel) -> Option<String> {
    let undo = workflow.steps.last()?.undo?;
    Some(format!(
        "`{}` is never used: it undoes the last step of `{}`, and after that nothing can fail.",
        model.queues[undo].name, workflow.name
    ))
}

/// Members of a group that get no partition.
fn idle_members(model: &Model, consumer: &ConsumerModel) -> Option<String> {
    let queue = &model.queues[consumer.queue];
    let group = queue.group.as_ref()?;
    let partitions = u64::from(model.streams[group.stream].rules.partitions);
    // Where batches of one partition may be in work at once, so many members find work in it.
    let places = partitions * u64::from(group.rules.parallelization.max(1));
    let members = u64::from(consumer.most_replicas()) * u64::from(consumer.concurrency);
    if members <= places {
        return None;
    }
    let whole = |count: u64| grouped(count as f64, 0);
    let grown = consumer.most_replicas() > consumer.replicas;
    let when = if grown { format!("With {} replicas ", whole(consumer.most_replicas().into())) } else { String::new() };
    Some(format!(
        "{when}{} of {} members of `{}` have no partition and sit idle: `{}` has {}.",
        whole(members - places),
        whole(members),
        consumer.name,
        model.streams[group.stream].name,
        whole(partitions),
    ))
}

/// From this ratio of the deepest partition's peak to the mean of the others' on, a partition is called hot.
const HOT: f64 = 3.0;
/// Of fewer messages nothing is said: they come and go by chance.
const FEW: f64 = 10.0;

fn hot_partition(part: &ComponentFindings) -> Option<String> {
    let hottest = part.hottest_partition()?;
    let others = part.mean_of_others(hottest)?;
    let peak = hottest.peak_backlog.mean;
    if peak < FEW || peak < HOT * others {
        return None;
    }
    let against = if others > 0.0 {
        format!("{} times the mean of the others ({})", significant(peak / others, 2), short(others))
    } else {
        "while the others have no backlog at all".into()
    };
    Some(format!(
        "Hot partition: partition {} of `{}` peaks at {} messages, {against}. Members beyond those that read it do not \
         help it.",
        hottest.partition,
        part.name,
        short(peak),
    ))
}

/// Whole where three digits would not do.
pub(super) fn short(count: f64) -> String {
    if count >= 100.0 { grouped(count, 0) } else { significant(count, 3) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::{PartitionFindings, stat, summary};

    fn with_peaks(peaks: &[f64]) -> ComponentFindings {
        let partition = |(index, peak): (usize, &f64)| {
            let none = stat(&[0.0, 0.0]);
            PartitionFindings {
                partition: index as u32,
                published: none.clone(),
                rejected: none.clone(),
                completed: none.clone(),
                redeliveries: none.clone(),
                peak_backlog: stat(&[*peak, *peak]),
                unfinished: none.clone(),
                mean_backlog: none.clone(),
                oldest_age_max_s: none,
                share_at_peak: None,
            }
        };
        ComponentFindings {
            name: "clicks/indexer".into(),
            by_partition: peaks.iter().enumerate().map(partition).collect(),
            ..summary::empty()
        }
    }

    #[test]
    fn a_partition_is_hot_from_three_times_the_others_on() {
        let note = hot_partition(&with_peaks(&[100.0, 1_200.0, 200.0])).unwrap();
        assert!(note.contains("partition 1 of `clicks/indexer` peaks at 1,200 messages, 8 times"), "{note}");
        assert!(hot_partition(&with_peaks(&[0.0, 50.0])).unwrap().contains("no backlog at all"));
        for calm in [&[100.0, 299.0][..], &[0.0, 9.0], &[500.0], &[]] {
            assert_eq!(hot_partition(&with_peaks(calm)), None);
        }
    }
}
