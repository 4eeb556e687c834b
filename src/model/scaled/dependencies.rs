//! Dependencies: fewer calls at once, each as long as a real one.

use super::counts::Counts;
use crate::model::{DependencyModel, UNLIMITED};
use crate::random::Distribution;

pub(super) fn scale(dependency: &mut DependencyModel, counts: &mut Counts) {
    let k = counts.k();
    let name = |what: &str| format!("`{what}` of `{}`", dependency.name);
    dependency.queue_limit = counts.messages(&name("queue_limit"), dependency.queue_limit);
    if let Some(limit) = &mut dependency.rate_limit {
        limit.per_second /= k;
        limit.burst /= k;
    }
    if dependency.concurrency != UNLIMITED {
        dependency.concurrency = counts.messages(&name("concurrency"), dependency.concurrency);
    }
    let even = |law: &mut Distribution| *law = law.by_inversion();
    even(&mut dependency.service);
    dependency.failure_service.iter_mut().for_each(even);
}
