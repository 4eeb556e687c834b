//! What a work slot does for the messages that one stands for.

use super::Pool;
use super::counts::Counts;
use super::policies;
use crate::model::{ConsumerModel, Others, ServiceModel, UNLIMITED};
use crate::policy::shed;
use crate::random::Distribution;
use crate::random::distribution::{Gamma, Kind};

/// A law that varies less than this is drawn as a constant: 1 ÷ cv².
const STEADY: f64 = 1e5;

/// Settings of the work itself; the pool's numbers of replicas and slots are set already.
pub(super) fn scale(consumer: &mut ConsumerModel, pool: Pool, counts: &mut Counts) {
    let services = pool.services(counts.weight);
    let per_replica = pool.replicas / counts.k();
    consumer.others = others(consumer, services, counts.k());
    if let ServiceModel::Drawn(law) = &mut consumer.service {
        *law = law.by_inversion();
    }
    if let Some(batch) = &mut consumer.batch {
        // A batch that holds fewer messages than it should is made up for by the time that the slot stays busy.
        let size = (f64::from(batch.size) / services).ceil().max(1.0);
        let times = size * services / f64::from(batch.size) - 1.0;
        if batch.service_per_batch.is_none()
            && let ServiceModel::Drawn(law) = &mut consumer.service
        {
            *law = sum(law, f64::from(batch.size) / size.max(1.0));
        }
        batch.size = size as u32;
        consumer.others = (times > 1e-9).then_some(Others { times, work: None });
    }
    if let Some(receive) = &mut consumer.receive {
        *receive = (f64::from(*receive) / services).ceil().max(1.0) as u32;
    }
    if let Some(shed) = &mut consumer.shed
        && let shed::Rules::DeeperThan(most) = &mut shed.rules
    {
        *most = counts.messages(&format!("`shed` of `{}`", consumer.name), *most);
    }
    policies::budget(&mut consumer.budget, per_replica, &consumer.name, counts);
    for call in &mut consumer.calls {
        policies::budget(&mut call.budget, per_replica, &consumer.name, counts);
        policies::breaker(&mut call.breaker, per_replica, &consumer.name, counts);
        if call.bulkhead != u32::MAX {
            call.bulkhead =
                counts.whole(&format!("`bulkhead` of `{}`", consumer.name), call.bulkhead, 1.0 / per_replica);
        }
    }
}

/// The other services that a slot makes for a message; `None` where it stands for one.
fn others(consumer: &ConsumerModel, services: f64, k: f64) -> Option<Others> {
    let times = services - 1.0;
    if times < 1e-9 {
        return None;
    }
    let simple = consumer.calls.is_empty()
        && !consumer.in_process
        && consumer.failure_service.is_none()
        && consumer.idempotent.is_none()
        && !consumer.turns_away
        && consumer.timeout == UNLIMITED;
    let work = match &consumer.service {
        // Together with the first service the variance of k real ones among the pool's servers: services² · variance ÷ k.
        ServiceModel::Drawn(law) if simple => {
            let (mean, variance) = (times * law.mean(), (services * services - 1.0) * law.variance() / k);
            Some(matched(mean, variance))
        }
        _ => None,
    };
    Some(Others { times, work })
}

/// A length of time with these moments: a gamma, or a constant where it hardly varies or has no variance.
fn matched(mean: f64, variance: f64) -> Distribution {
    let shape = mean * mean / variance;
    if shape.is_finite() && shape < STEADY && variance.is_finite() && shape > 0.0 {
        Distribution::from(Kind::Gamma(Gamma { mean, shape }))
    } else {
        Distribution::constant(mean)
    }
}

/// So many services, one after another.
fn sum(law: &Distribution, services: f64) -> Distribution {
    if services <= 1.0 { law.clone() } else { matched(services * law.mean(), services * law.variance()) }
}
