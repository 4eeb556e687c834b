//! Rules of dependencies and of the calls to them.

use super::{Checker, entries};
use crate::policy::breaker::{Rules, Trip, Window};
use crate::scenario::problem::Place;
use crate::scenario::reader::Placed;
use crate::scenario::value::{Call, CallRetry, Dependency, DependencyOrder, Fault, Hedge, RateLimit, Slowdown};
use crate::scenario::written::{self, BreakerTable, BreakerWritten, CallWritten};
use crate::units::SECOND;

/// Resilience4j's own default, and of `open_for` gobreaker's too.
const WINDOW: u32 = 100;
const TRIALS: u32 = 10;

impl Checker<'_> {
    pub(super) fn dependencies(&mut self) -> Vec<Dependency> {
        let file = self.file;
        let mut dependencies = vec![];
        for (name, written) in file.dependency.iter().flat_map(|named| &named.0) {
            dependencies.push(self.dependency(&name.value, written));
            let of_consumers =
                file.consumer.iter().flat_map(|named| &named.0).flat_map(|(_, consumer)| entries(&consumer.calls));
            let steps = file.workflow.iter().flat_map(|named| &named.0).flat_map(|(_, workflow)| &workflow.steps.value);
            let of_steps = steps.flat_map(|step| {
                let undo = step.compensate.iter().flat_map(|undo| entries(&undo.calls));
                entries(&step.calls).chain(undo)
            });
            let mut calls = of_consumers.chain(of_steps);
            // A call that leads nowhere may be meant for it, and is told of elsewhere.
            let called = calls.any(|call| {
                call.dependency.value == name.value || !self.names.dependencies.contains(&call.dependency.value)
            }) || file.consumer.iter().flat_map(|named| &named.0).any(|(_, consumer)| consumer.broken);
            if !called {
                let message = format!("nobody calls dependency `{}`", name.value);
                let way_out =
                    format!("add calls = [{{ dependency = \"{}\" }}] to a consumer, or leave it out", name.value);
                self.refuse(&name.place, message, way_out);
            }
        }
        dependencies
    }

    fn dependency(&mut self, name: &str, written: &Placed<written::Dependency>) -> Dependency {
        if written.concurrency.is_none() && !written.broken {
            let order = written.order.is_written() && written.order.value != DependencyOrder::Fifo;
            let needs: [(&str, Option<&Place>); 3] = [
                ("queue_limit", written.queue_limit.as_ref().map(|limit| &limit.place)),
                ("order", order.then_some(&written.order.place)),
                ("slowdown", written.slowdown.as_ref().map(|slowdown| &slowdown.place)),
            ];
            for (key, place) in needs {
                if let Some(place) = place {
                    let message =
                        format!("`{key}` would change nothing here: without `concurrency` no call ever waits");
                    self.refuse(
                        place,
                        message,
                        "set `concurrency`: how many calls it works on at once; or leave it out",
                    );
                }
            }
            self.default(format!("dependency.{name}.concurrency"), "no limit");
        }
        if written.queue_limit.as_ref().is_some_and(|limit| limit.0 == 0) && written.order.is_written() {
            let message = "`order` would change nothing here: with `queue_limit` = 0 no call ever waits";
            self.refuse(&written.order.place, message, "raise `queue_limit`; or leave it out");
        }
        if written.queue_limit.is_none() && written.concurrency.is_some() {
            self.default(format!("dependency.{name}.queue_limit"), "no bound");
        }
        Dependency {
            name: name.into(),
            concurrency: written.concurrency.as_ref().map(|n| n.u32()),
            service: written.service.value.clone(),
            failure_service: written.failure_service.as_ref().map(|law| law.value.clone()),
            queue_limit: written.queue_limit.as_ref().map(|limit| limit.0),
            order: written.order.value,
            rate_limit: written.rate_limit.as_ref().map(|limit| RateLimit {
                per_second: limit.per_second,
                burst: limit.burst.map_or(limit.per_second.max(1.0), f64::from),
            }),
            error_rate: written.error_rate.value.value(),
            slowdown: written
                .slowdown
                .as_ref()
                .map(|slowdown| Slowdown { factor: slowdown.factor, from: slowdown.from }),
        }
    }

    /// A `failure_service` needs calls that fail.
    pub(super) fn failing_dependencies(&mut self, dependencies: &[Dependency], faults: &[Fault]) {
        use crate::scenario::value::Effect;
        let file = self.file;
        for (name, written) in file.dependency.iter().flat_map(|named| &named.0) {
            let Some(index) = dependencies.iter().position(|other| other.name == name.value) else { continue };
            let broken = faults.iter().any(
                |fault| matches!(fault.effect, Effect::DependencyErrors { dependency, .. } if dependency == index),
            );
            let place = written.failure_service.as_ref().map(|law| &law.place);
            if let Some(place) = place.filter(|_| dependencies[index].error_rate == 0.0 && !broken && !written.broken) {
                let message = "`failure_service` would change nothing here: no call ever fails in its work";
                self.refuse(place, message, "set `error_rate`, here or in a [[fault]]; or leave it out");
            }
        }
    }

    pub(super) fn calls(&mut self, consumer: &Placed<written::Consumer>) -> Vec<Call> {
        entries(&consumer.calls).filter_map(|call| self.call(consumer, call)).collect()
    }

    fn call(&mut self, consumer: &written::Consumer, call: &Placed<CallWritten>) -> Option<Call> {
        let found = self.names.one_of(&self.names.dependencies, "dependency", "dependency", &call.dependency);
        let dependency = self.keep(found);
        if call.share.value.value() == 0.0 {
            self.refuse(
                &call.share.place,
                "a call with `share` = 0 is never made",
                "raise the share, or leave the call out",
            );
        }
        let timeout = call.timeout.as_ref().map(|timeout| timeout.0);
        self.deadline(call);
        self.never_reached(consumer, call);
        if let (Some(hedge), Some(timeout)) = (&call.hedge, timeout)
            && hedge.after.0 >= timeout
        {
            let message = format!(
                "`after` = {} is not shorter than the call's `timeout` = {timeout}: there would be no second copy",
                hedge.after.0
            );
            self.refuse(&hedge.after.place, message, "hedge earlier, at about the 95th percentile of the answers");
        }
        self.bulkhead(consumer, call);
        Some(Call {
            dependency: dependency?,
            share: call.share.value.value(),
            timeout,
            retry: call.retry.as_ref().map(|retry| self.call_retry(retry)),
            breaker: call.breaker.as_ref().map(|breaker| self.breaker(breaker)),
            bulkhead: call.bulkhead.as_ref().map(|n| n.u32()),
            hedge: call.hedge.as_ref().map(|hedge| Hedge { after: hedge.after.0, max: hedge.max.u32() }),
            deadline: call.deadline.value,
        })
    }

    fn deadline(&mut self, call: &CallWritten) {
        if !call.deadline.value || call.broken {
            return;
        }
        let place = call.deadline.place.clone();
        if call.timeout.is_none() {
            let message = "`deadline` would change nothing here: a call without `timeout` is never given up";
            self.refuse(&place, message, "set `timeout`; or leave it out");
        }
        let file = self.file;
        let mut all = file.dependency.iter().flat_map(|named| &named.0);
        let called = all.find(|(name, _)| name.value == call.dependency.value).map(|(_, called)| called);
        if called.is_some_and(|called| called.concurrency.is_none() && !called.broken) {
            let message = "`deadline` would change nothing here: the dependency has no `concurrency`, so no call waits";
            self.refuse(&place, message, "set the dependency's `concurrency`; or leave it out");
        }
    }

    /// What comes after something else has ended the call, or needs what the dependency does not do.
    fn never_reached(&mut self, consumer: &written::Consumer, call: &CallWritten) {
        if let (Some(timeout), Some(whole)) = (&call.timeout, &consumer.timeout)
            && timeout.0 >= whole.0
        {
            let message = format!(
                "`timeout` = {} would change nothing here: the consumer's own `timeout` = {} ends the attempt first",
                timeout.0, whole.0
            );
            self.refuse(&timeout.place, message, "make it shorter; or leave it out");
        }
        if let (Some(timeout), Some(BreakerWritten::Table(table))) = (&call.timeout, call.breaker.as_deref())
            && table.slow_call.is_written()
            && table.slow_call.0 >= timeout.0
        {
            let message = format!(
                "`slow_call` = {} would change nothing here: the call's `timeout` = {} ends it first",
                table.slow_call.0, timeout.0
            );
            self.refuse(&table.slow_call.place, message, "make it shorter; or leave it out");
        }
        let Some(retry) = &call.retry else { return };
        if let Some(attempts) = retry.max_attempts.as_ref().filter(|attempts| attempts.u32() == 1) {
            let place = if attempts.is_written() { &attempts.place } else { &retry.place };
            let message = "a `retry` with `max_attempts` = 1 never tries again";
            self.refuse(place, message, "raise it, or leave the retry out");
        }
        let file = self.file;
        let mut all = file.dependency.iter().flat_map(|named| &named.0);
        let called = all.find(|(name, _)| name.value == call.dependency.value).map(|(_, called)| called);
        let never = called.is_some_and(|called| called.rate_limit.is_none() && !called.broken);
        if let Some(law) = retry.throttle_backoff.as_ref().filter(|law| never && law.is_written()) {
            let message = "`throttle_backoff` would change nothing here: the dependency has no `rate_limit`";
            self.refuse(&law.place, message, "set the dependency's `rate_limit`; or leave it out");
        }
    }

    /// A replica makes one call for each of its work slots, or of its batches.
    fn bulkhead(&mut self, consumer: &written::Consumer, call: &CallWritten) {
        let Some(bulkhead) = &call.bulkhead else { return };
        let slots = consumer.concurrency.u32();
        // The workers of a workflow's steps are not written as a consumer.
        let one_each = consumer.from.is_written()
            && call.hedge.is_none()
            && consumer.parallelization.is_none()
            && !consumer.broken;
        if one_each && bulkhead.u32() >= slots {
            let message = format!(
                "`bulkhead` = {} would change nothing here: a replica with `concurrency` = {slots} has no more calls under way",
                bulkhead.u32()
            );
            self.refuse(&bulkhead.place, message, "make it smaller; or leave it out");
        }
    }

    fn call_retry(&mut self, retry: &Placed<written::CallRetryWritten>) -> CallRetry {
        let backoff = self.backoff(&retry.delays());
        let max_attempts = retry.max_attempts.as_ref().map(|n| n.u32());
        if max_attempts.is_none() && backoff.is_zero() && !retry.broken {
            self.refuse(
                &retry.place,
                "a call that is refused at once would be tried for ever at the same instant: its retry has no delay and no limit",
                "give it `max_attempts`, or a `backoff`",
            );
        }
        let throttled = retry
            .throttle_backoff
            .as_ref()
            .map(|law| crate::policy::retry::Backoff { backoff: law.value.clone(), ..backoff.clone() });
        let budget = retry.budget.as_ref().map(|budget| budget.0.clone());
        CallRetry { backoff, throttled, max_attempts, budget }
    }

    fn breaker(&mut self, breaker: &Placed<BreakerWritten>) -> Rules {
        let rate = |window, minimum_calls, failure_rate, slow| Trip::Rate { window, minimum_calls, failure_rate, slow };
        match &breaker.value {
            BreakerWritten::Resilience4j => Rules {
                trip: rate(Window::Calls(WINDOW), WINDOW, 0.5, Some((1.0, 60 * SECOND))),
                open_for: 60 * SECOND,
                half_open_calls: TRIALS,
            },
            // More than five failures.
            BreakerWritten::Gobreaker => {
                Rules { trip: Trip::Consecutive(6), open_for: 60 * SECOND, half_open_calls: 1 }
            }
            BreakerWritten::Table(table) => self.breaker_table(table),
        }
    }

    fn breaker_table(&mut self, table: &BreakerTable) -> Rules {
        let trials = table.half_open_calls.as_ref().map(|n| n.u32());
        let open_for = table.open_for.0.ns();
        if let Some(consecutive) = &table.consecutive {
            let others: [(&str, bool, &Place); 5] = [
                ("failure_rate", table.failure_rate.is_written(), &table.failure_rate.place),
                ("window", table.window.is_written(), &table.window.place),
                ("minimum_calls", table.minimum_calls.is_some(), minimum_place(table)),
                ("slow_call", table.slow_call.is_written(), &table.slow_call.place),
                ("slow_call_rate", table.slow_call_rate.is_written(), &table.slow_call_rate.place),
            ];
            for (key, _, place) in others.into_iter().filter(|(_, is_written, _)| *is_written) {
                let message = format!("`{key}` would change nothing here: the breaker goes by `consecutive` failures");
                self.refuse(place, message, "leave one of the two out");
            }
            let trip = Trip::Consecutive(consecutive.u32());
            return Rules { trip, open_for, half_open_calls: trials.unwrap_or(1) };
        }
        let window = table.window.value.0;
        let most = match window {
            Window::Calls(calls) => calls,
            Window::Seconds(_) => u32::MAX,
        };
        if let Some(minimum) = table.minimum_calls.as_ref().filter(|minimum| minimum.u32() > most) {
            let message = format!("`minimum_calls` = {} is never reached in a `window` of {most} calls", minimum.u32());
            self.refuse(&minimum.place, message, "lower it, or widen the window");
        }
        for (key, rate) in [("failure_rate", &table.failure_rate), ("slow_call_rate", &table.slow_call_rate)] {
            if rate.value.value() == 0.0 {
                let message = format!("`{key}` = 0 opens the breaker whatever happens");
                self.refuse(&rate.place, message, "write a share above zero");
            }
        }
        Rules {
            trip: Trip::Rate {
                window,
                minimum_calls: table.minimum_calls.as_ref().map_or(WINDOW.min(most), |n| n.u32()),
                failure_rate: table.failure_rate.value.value(),
                slow: Some((table.slow_call_rate.value.value(), table.slow_call.0.ns())),
            },
            open_for,
            half_open_calls: trials.unwrap_or(TRIALS),
        }
    }
}

fn minimum_place(table: &BreakerTable) -> &Place {
    table.minimum_calls.as_ref().map_or(&Place::Default, |minimum| &minimum.place)
}
