//! How many messages a run is about.

use super::{Model, ProducerModel, SourceModel, Target};
use crate::arrivals::Mmpp;
use crate::units::seconds;

impl Model {
    /// Messages that producers put into queues and streams' groups in one run, fan-out included; what consumers publish
    /// onward and what is retried comes on top.
    pub fn expected_messages(&self) -> f64 {
        self.producers.iter().map(|producer| self.published(producer) * self.copies(producer)).sum()
    }

    fn published(&self, producer: &ProducerModel) -> f64 {
        let length = seconds(self.end - self.origin);
        let arrivals = match &producer.source {
            SourceModel::Curve { curve, .. } => curve.expected(length),
            SourceModel::Mmpp(phases) => Mmpp::mean_rate(phases) * length,
            SourceModel::Messages(rows) => rows.iter().filter(|row| row.at < self.end - self.origin).count() as f64,
            // At most: a client waits for its answer too.
            SourceModel::Clients { count, think } if think.mean() > 0.0 => f64::from(*count) * length / think.mean(),
            SourceModel::Clients { .. } => 0.0,
        };
        let herds = producer.cron.as_ref().map_or(0.0, |cron| {
            let left = (self.end - self.origin).checked_sub(cron.at);
            left.map_or(0.0, |left| (left / cron.every + 1) as f64 * f64::from(cron.count))
        });
        arrivals * producer.batch.mean() + herds
    }

    /// Messages that one publish becomes, on average over the producer's targets.
    fn copies(&self, producer: &ProducerModel) -> f64 {
        let fan_out = |target: &Target| match *target {
            Target::Queue(_) => 1.0,
            Target::Workflow(workflow) => self.workflows[workflow].steps.len() as f64,
            Target::Stream(stream) => self.streams[stream].groups.len() as f64,
            Target::Topic(topic) => self.topics[topic].subscriptions.iter().map(|(_, share)| share).sum(),
        };
        producer.to.iter().map(fan_out).sum::<f64>() / producer.to.len().max(1) as f64
    }
}
