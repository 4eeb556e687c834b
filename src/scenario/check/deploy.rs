//! Rules of rolling restarts, and how long one is expected to take.

use super::{Checker, entries};
use crate::scenario::problem::Problem;
use crate::scenario::reader::Placed;
use crate::scenario::value::{Consumer, Deploy, Effect, Portion};
use crate::scenario::written::{self, DeployWritten, ServiceWritten};
use crate::units::Duration;

/// As Kubernetes has it for a Deployment.
const MAX_UNAVAILABLE: f64 = 0.25;

impl Checker<'_> {
    /// Keeps the deploy and gives the effect that refers to it.
    pub(super) fn deploy(&mut self, consumer: usize, deploy: &Placed<DeployWritten>) -> Effect {
        let max_unavailable = match &deploy.max_unavailable {
            Some(portion) => self.portion(consumer, "max_unavailable", portion),
            None => Portion::Share(MAX_UNAVAILABLE),
        };
        self.deploys.push(Deploy { max_unavailable, drain: deploy.drain.0, startup: deploy.startup.value.clone() });
        Effect::ConsumerDeploy { consumer, deploy: self.deploys.len() - 1 }
    }

    /// How long the disturbance of a fault lasts: what is written, or what a deploy is expected to take.
    pub(super) fn lasts(
        &mut self,
        name: &str,
        fault: &Placed<written::Fault>,
        effect: Effect,
        consumers: &[Consumer],
    ) -> Option<Duration> {
        if let Some(lasts) = &fault.r#for {
            return Some(lasts.0);
        }
        let Effect::ConsumerDeploy { consumer, deploy } = effect else {
            if !fault.broken {
                let problem = Problem::new(&fault.place, "a fault needs `for`, which is missing here");
                self.problems.push(problem.way_out("say how long it lasts: for = \"3m\""));
            }
            return None;
        };
        let file = self.file;
        let written = file.consumer.iter().flat_map(|named| &named.0);
        let (_, written) = written.into_iter().find(|(other, _)| other.value == self.names.consumers[consumer])?;
        // How many an autoscaler will have by then nobody knows.
        let scaled =
            consumers.iter().any(|other| other.name == self.names.consumers[consumer] && other.scaling.is_some());
        let replicas = replicas_at(written, fault.at.value).max(u32::from(scaled)) as usize;
        if replicas == 0 {
            let message = format!("`{}` has no replicas at {}", self.names.consumers[consumer], fault.at.value);
            self.refuse(&fault.place, message, "deploy at another time");
            return None;
        }
        let deploy = &self.deploys[deploy];
        let rounds = replicas.div_ceil(deploy.at_once(replicas));
        let round = deploy.startup.mean() + work(written).min(deploy.drain.seconds());
        let lasts = Duration::from_seconds(rounds as f64 * round);
        if lasts == Duration::ZERO {
            self.refuse(&fault.place, "the deploy takes no time at all", "give `startup` a length");
            return None;
        }
        self.default(format!("fault.{name}.for"), format!("{lasts}: {rounds} rounds of work and startup"));
        Some(lasts)
    }
}

fn replicas_at(consumer: &written::Consumer, at: Duration) -> u32 {
    let steps = entries(&consumer.schedule).filter(|step| step.at.value <= at);
    steps.last().map_or(consumer.replicas.u32(), |step| step.replicas.u32())
}

/// Seconds that a slot works before it asks again, on the mean; 0 where the messages bring it along.
fn work(consumer: &written::Consumer) -> f64 {
    let one = match consumer.service.as_ref().map(|service| &service.value) {
        Some(ServiceWritten::Drawn(law)) => law.mean(),
        Some(ServiceWritten::ByPriority(laws)) => laws.0.iter().map(|(_, law)| law.mean()).fold(0.0, f64::max),
        Some(ServiceWritten::Message) | None => 0.0,
    };
    let received = consumer.receive.as_ref().map_or(1, |receive| receive.u32());
    match &consumer.batch {
        Some(batch) => match &batch.service_per_batch {
            Some(law) => law.mean(),
            None => one * f64::from(batch.size.u32()),
        },
        None => one * f64::from(received),
    }
}
