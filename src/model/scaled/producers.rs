//! Producers: fewer arrivals, as irregular as the real ones are when they are taken together.

use super::counts::Counts;
use super::policies;
use crate::arrivals::{Base, BatchSize, Process, RateCurve, SpikeLevel};
use crate::model::{OnRejectModel, ProducerModel, SourceModel};
use crate::units::Duration;

/// A batch of so many scaled messages on average stays a batch.
const WHOLE_BATCH: f64 = 10.0;

pub(super) fn scale(producer: &mut ProducerModel, counts: &mut Counts) {
    let k = counts.k();
    producer.size = producer.size.saturating_mul(counts.weight.into());
    let batch = producer.batch.mean();
    let kept = batch >= WHOLE_BATCH * k;
    // Messages that an arrival brings beyond one make the count more irregular: variance ÷ mean.
    let dispersion = spread(&producer.batch);
    match &mut producer.source {
        SourceModel::Curve { curve, process } if !kept => {
            divide(curve, k / batch);
            *process = thinned(*process, batch, dispersion, k);
        }
        SourceModel::Mmpp(phases) if !kept => {
            phases.iter_mut().for_each(|(rate, _)| *rate *= batch / k);
            counts.rough(format!(
                "the arrivals of `{}` within a phase are Poisson still: they vary {} times as much as the real ones",
                producer.name,
                crate::units::significant(k.sqrt(), 2)
            ));
        }
        SourceModel::Clients { count, .. } => {
            *count = counts.whole(&format!("clients of `{}`", producer.name), *count, k);
        }
        SourceModel::Curve { .. } | SourceModel::Mmpp(_) | SourceModel::Messages(_) => {}
    }
    producer.batch = if kept { smaller(&producer.batch, k) } else { BatchSize::Fixed(1) };
    if let Some(cron) = &mut producer.cron {
        cron.count = counts.whole(&format!("`cron.count` of `{}`", producer.name), cron.count, k);
    }
    if let Some(reply) = &mut producer.reply {
        policies::budget(&mut reply.budget, 1.0 / k, &producer.name, counts);
    }
    match &mut producer.on_reject {
        OnRejectModel::Retry { budget, .. } => policies::budget(budget, 1.0 / k, &producer.name, counts),
        OnRejectModel::Spill(spill) => {
            spill.capacity = counts.whole(&format!("`capacity` of the disk of `{}`", producer.name), spill.capacity, k);
            spill.gap = times(spill.gap, k);
        }
        OnRejectModel::Drop | OnRejectModel::Block => {}
    }
    if let Some(outbox) = &mut producer.outbox {
        // As many in the same time; where a look takes less than one, the looks are rarer.
        let taken = (f64::from(outbox.batch) / k).ceil().max(1.0);
        outbox.poll = times(outbox.poll, taken * k / f64::from(outbox.batch));
        outbox.batch = taken as u32;
    }
}

fn times(duration: Duration, factor: f64) -> Duration {
    Duration::from_seconds(duration.seconds() * factor)
}

fn divide(curve: &mut RateCurve, by: f64) {
    match &mut curve.base {
        Base::Constant(rate) => *rate /= by,
        Base::Stages { from, stages } => {
            *from /= by;
            stages.iter_mut().for_each(|stage| stage.target /= by);
        }
        Base::Wave { rate, amplitude, .. } => {
            *rate /= by;
            *amplitude /= by;
        }
        Base::Trace { steps, .. } => steps.iter_mut().for_each(|(_, rate)| *rate /= by),
    }
    for spike in &mut curve.spikes {
        if let SpikeLevel::Rate(rate) = &mut spike.level {
            *rate /= by;
        }
    }
}

/// A renewal process whose counts have the variance that the counts of the real messages have, in units of the weight.
fn thinned(process: Process, batch: f64, dispersion: f64, k: f64) -> Process {
    let gaps = match process {
        Process::Constant => 0.0,
        Process::Poisson => 1.0,
        Process::Renewal { cv } => cv * cv,
    };
    let index = (gaps * batch + dispersion) / k;
    if index == 0.0 { Process::Constant } else { Process::Renewal { cv: index.sqrt() } }
}

/// Variance of the batch size ÷ its mean.
fn spread(batch: &BatchSize) -> f64 {
    match batch {
        BatchSize::Fixed(_) => 0.0,
        BatchSize::Geometric { mean } => mean - 1.0,
        BatchSize::Pmf { sizes, shares } => {
            let mean = batch.mean();
            let square: f64 = sizes.iter().zip(shares).map(|(size, share)| f64::from(*size).powi(2) * share).sum();
            (square - mean * mean) / mean
        }
    }
}

/// A batch of as many messages after scaling: what does not divide is the size above or below, by chance.
fn smaller(batch: &BatchSize, k: f64) -> BatchSize {
    match batch {
        BatchSize::Geometric { mean } => BatchSize::Geometric { mean: mean / k },
        BatchSize::Fixed(size) => split(&[*size], &[1.0], k),
        BatchSize::Pmf { sizes, shares } => split(sizes, shares, k),
    }
}

fn split(sizes: &[u32], shares: &[f64], k: f64) -> BatchSize {
    let mut out = (vec![], vec![]);
    for (size, share) in sizes.iter().zip(shares) {
        let whole = f64::from(*size) / k;
        for (size, part) in [(whole.floor(), 1.0 - whole.fract()), (whole.floor() + 1.0, whole.fract())] {
            if part > 0.0 && size > 0.0 {
                out.0.push(size as u32);
                out.1.push(share * part);
            }
        }
    }
    // Batches too small for one message leave their share to the smallest that is left.
    let missing: f64 = 1.0 - out.1.iter().sum::<f64>();
    match (&out.0[..], out.1.first_mut()) {
        ([size], _) => BatchSize::Fixed(*size),
        (_, Some(first)) => {
            *first += missing;
            BatchSize::Pmf { sizes: out.0, shares: out.1 }
        }
        (_, None) => BatchSize::Fixed(1),
    }
}
