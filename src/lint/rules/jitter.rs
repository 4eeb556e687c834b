//! Retries in step: what failed together comes back together.

use super::{Found, Rule, View, of_consumer, set};
use crate::lint::words::{count, text, time};
use crate::lint::{Figure, Severity};
use crate::policy::retry::{Backoff, Growth, Jitter};
use crate::scenario::{Effect, Fault, Feed, OnReject, Target};

pub(super) const RULE: Rule =
    Rule { name: "no-jitter", finds: "retries without jitter where many fail together: they come back together", find };

/// The same delay for all.
fn in_step(backoff: &Backoff) -> bool {
    let constant = backoff.backoff.is_constant() && backoff.growth != Growth::Sidekiq;
    constant && backoff.jitter == Jitter::None && !backoff.is_zero()
}

fn find(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for (index, consumer) in view.consumers() {
        let Some(trouble) = view.trouble(index) else { continue };
        let own = consumer.retry.as_ref().filter(|retry| retry.max_attempts != Some(1)).map(|retry| &retry.backoff);
        let calls = consumer
            .calls
            .iter()
            .enumerate()
            .filter_map(|(at, call)| Some((format!("calls.{at}.retry.jitter"), &call.retry.as_ref()?.backoff)));
        let all = own.map(|backoff| ("retry.jitter".to_string(), backoff)).into_iter().chain(calls);
        for (key, backoff) in all.filter(|(_, backoff)| in_step(backoff)) {
            let delay = backoff.backoff.mean();
            // At a constant rate, those who came within the first delay are the first wave.
            let wave = view.rate(index).map(|rate| rate * delay.min(trouble.lasts_s));
            found.push(Found {
                severity: Severity::Warning,
                component: view.component(consumer),
                says: format!(
                    "What fails in {} is tried again after the same {} as everything else: waves{} go round until it is \
                     over, and meet again after it.",
                    trouble.name,
                    time(delay),
                    wave.map_or(String::new(), |wave| format!(" of up to {} messages", count(wave)))
                ),
                figure: match wave {
                    Some(wave) => Figure { name: "messages in one wave", value: wave, unit: "messages" },
                    None => Figure { name: "time from one wave to the next", value: delay, unit: "s" },
                },
                fix: vec![of_consumer(&consumer.name, &key, text("full"))],
            });
        }
    }
    found.extend(producers(view));
    found
}

/// Publishers whose queue or stream is down for a while.
fn producers(view: &View<'_>) -> Vec<Found> {
    let mut found = vec![];
    for producer in &view.scenario.producers {
        let reply = producer.reply.as_ref().and_then(|reply| reply.retry.as_ref()).map(|retry| ("reply", retry));
        let refused = match &producer.on_reject {
            OnReject::Retry(retry) => Some(("on_reject", retry)),
            _ => None,
        };
        for (key, retry) in [reply, refused].into_iter().flatten().filter(|(_, retry)| in_step(&retry.backoff)) {
            let down = view.scenario.faults.iter().filter(|fault| producer.to.iter().any(|to| stops(fault, *to, key)));
            let Some(fault) = down.max_by_key(|fault| fault.lasts) else { continue };
            let feed = match producer.to.first() {
                Some(Target::Queue(queue)) => Feed::Queue(*queue),
                Some(Target::Stream(stream)) => Feed::Stream(*stream),
                _ => continue,
            };
            let load = view.loads.iter().find(|load| load.feed == feed);
            let delay = retry.backoff.backoff.mean();
            let wave = load.map_or(0.0, |load| load.rate_at(0.0)) * delay.min(fault.lasts.seconds());
            found.push(Found {
                severity: Severity::Warning,
                component: producer.name.clone(),
                says: format!(
                    "When {} ends, the clients of {} that failed come again {} after their last attempt, without \
                     jitter: up to {} of them in one wave, again and again.",
                    fault.name,
                    producer.name,
                    time(delay),
                    count(wave)
                ),
                figure: Figure { name: "messages in one wave", value: wave, unit: "messages" },
                fix: vec![set(format!("producer.{}.{key}.retry.jitter", producer.name), text("full"))],
            });
        }
    }
    found
}

fn stops(fault: &Fault, to: Target, key: &str) -> bool {
    match (fault.effect, to) {
        (Effect::QueueDown { queue, .. }, Target::Queue(at)) => queue == at,
        (Effect::StreamDown { stream, .. }, Target::Stream(at)) => stream == at,
        (Effect::TopicDown { topic, .. }, Target::Topic(at)) => topic == at,
        (Effect::QueuePause { queue }, Target::Queue(at)) => key == "reply" && queue == at,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::rules::bench::{found, plain, silent};

    #[test]
    fn a_wave_is_what_came_within_the_delay() {
        let fault = "\n[[fault]]\nname = \"db\"\nat = \"10m\"\nfor = \"5m\"\nconsumer = \"c\"\nerror_rate = 1.0\n";
        let text = plain(&[("replicas = 20", "replicas = 20\nretry = { backoff = \"30s\" }")]) + fault;
        assert_eq!(found(&text, "no-jitter").figure.value, 300.0);
        silent(&text.replace("\"30s\"", "{ exp = \"30s\" }"), "no-jitter");
        silent(&text.replace(fault, ""), "no-jitter");
    }

    #[test]
    fn refused_publishers_come_in_waves_too() {
        let text = plain(&[(
            "rate = \"10/s\"",
            "rate = \"10/s\"\non_reject = { retry = { backoff = \"5s\", max_attempts = 9 } }",
        )]) + "\n[[fault]]\nname = \"down\"\nat = \"10m\"\nfor = \"5m\"\nqueue = \"q\"\ndown = \"refuse\"\n";
        assert_eq!(found(&text, "no-jitter").figure.value, 50.0);
    }
}
