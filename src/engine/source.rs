//! A producer's instants of arrival, from whatever drives it.

use crate::arrivals::{ArrivalClock, Mmpp, Row};
use crate::model::{Model, ProducerModel, SourceModel};
use crate::random::Stream;
use crate::units::Nanos;

pub(super) enum Source<'m> {
    Curve(Box<ArrivalClock>),
    Mmpp {
        mmpp: Mmpp,
        gaps: Stream,
        switching: Stream,
    },
    Rows {
        rows: &'m [Row],
        next: usize,
    },
    /// Closed loop: arrivals come from the clients' own timers.
    Clients,
}

impl<'m> Source<'m> {
    pub(super) fn new(model: &'m Model, producer: &'m ProducerModel, run: u32) -> Source<'m> {
        let stream = |purpose| Stream::new(model.seed, run, &producer.name, purpose);
        match &producer.source {
            SourceModel::Curve { curve, process } => {
                let end = (model.end - model.origin) as f64 / 1e9;
                Source::Curve(Box::new(ArrivalClock::new(curve, *process, end, stream("arrivals"))))
            }
            SourceModel::Mmpp(phases) => {
                let mut switching = stream("phases");
                Source::Mmpp { mmpp: Mmpp::new(phases, &mut switching), gaps: stream("arrivals"), switching }
            }
            SourceModel::Messages(rows) => Source::Rows { rows, next: 0 },
            SourceModel::Clients { .. } => Source::Clients,
        }
    }

    /// Scenario time of the next arrival.
    #[inline]
    pub(super) fn next(&mut self) -> Option<Nanos> {
        match self {
            Source::Curve(clock) => clock.next(),
            _ => self.next_of_other_kinds(),
        }
    }

    #[inline(never)]
    fn next_of_other_kinds(&mut self) -> Option<Nanos> {
        match self {
            Source::Curve(clock) => clock.next(),
            Source::Mmpp { mmpp, gaps, switching } => mmpp.next(gaps, switching),
            Source::Rows { rows, next } => {
                let row = rows.get(*next)?;
                *next += 1;
                Some(row.at)
            }
            Source::Clients => None,
        }
    }

    /// The row whose instant `next` returned before the last call.
    pub(super) fn row(&self, back: usize) -> Option<&'m Row> {
        match self {
            Source::Rows { rows, next } => rows.get(next.checked_sub(back)?),
            _ => None,
        }
    }
}
