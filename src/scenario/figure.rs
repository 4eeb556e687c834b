//! Figures of a scenario's components, `COMPONENT.METRIC[.STAT]`: what objectives bound and studies look at.

use super::metrics::{
    Kind, Metric, OF_ASKING_PRODUCER, OF_CONSUMER, OF_DEPENDENCY, OF_GROUP, OF_PRODUCER, OF_QUEUE, OF_WORKFLOW,
    POOLED_STATS, SERIES_STATS, WITHOUT_UTILIZATION,
};
use super::problem::{Place, Problem, listed, nearest};
use super::value::{Feed, Figure, FigureUnit, Prices, Scenario, quantile_share};

const SHAPE: &str = "write COMPONENT.METRIC[.STAT], such as orders.latency.p99 or orders.recovery_time";

/// Of the whole scenario, or of a component with a price.
const COSTS: [&str; 2] = ["cost", "cost_per_30_days"];

/// What can be named, and what can be said of it.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    /// (name, what it is, its metrics).
    pub(super) parts: Vec<(String, &'static str, &'static [Metric])>,
    /// Of which only a group is judged.
    pub(super) streams: Vec<String>,
    /// Which keep nothing.
    pub(super) topics: Vec<String>,
    /// Which cost something.
    priced: Vec<String>,
}

impl Catalog {
    pub(super) fn queue(&mut self, name: &str) {
        self.parts.push((name.into(), "queue", OF_QUEUE));
    }

    pub(super) fn group(&mut self, stream: &str, consumer: &str) {
        self.parts.push((format!("{stream}/{consumer}"), "group of a stream", OF_GROUP));
    }

    pub(super) fn consumer(&mut self, name: &str) {
        self.parts.push((name.into(), "consumer", OF_CONSUMER));
    }

    pub(super) fn producer(&mut self, name: &str, asks: bool) {
        self.parts.push(if asks {
            (name.into(), "producer with `reply`", OF_ASKING_PRODUCER)
        } else {
            (name.into(), "producer without `reply`", OF_PRODUCER)
        });
    }

    pub(super) fn dependency(&mut self, name: &str, bounded: bool) {
        self.parts.push(if bounded {
            (name.into(), "dependency", OF_DEPENDENCY)
        } else {
            (name.into(), "dependency without `concurrency`", WITHOUT_UTILIZATION)
        });
    }

    pub(super) fn workflow(&mut self, name: &str) {
        self.parts.push((name.into(), "workflow", OF_WORKFLOW));
    }

    pub(super) fn priced(&mut self, prices: &Prices) {
        self.priced = prices.tariffs.iter().map(|tariff| tariff.name.clone()).collect();
    }

    /// `cost` and `cost_per_30_days`, of the whole scenario or of one component; `None` for any other figure.
    fn cost(&self, parts: &[&str], place: &Place) -> Option<Result<Figure, Problem>> {
        let (component, metric) = match parts {
            [metric] => ("", *metric),
            [component, metric, ..] => (*component, *metric),
            [] => return None,
        };
        if !COSTS.contains(&metric) {
            return None;
        }
        let problem = |message: String, way_out: String| Some(Err(Problem::new(place, message).way_out(way_out)));
        if let [_, _, stat, ..] = parts {
            let message = format!("`{metric}` is one number a run and takes no statistic `{stat}`");
            return problem(message, format!("write {metric} alone"));
        }
        if self.priced.is_empty() {
            let message = format!("`{metric}` is asked for, and nothing has a price");
            return problem(message, "add a price, such as price = \"0.08/h\" in a consumer".into());
        }
        if !component.is_empty() && !self.priced.iter().any(|name| name == component) {
            let mut priced = self.priced.clone();
            priced.dedup();
            let message = format!("`{component}` has no price, and so no `{metric}`");
            return problem(
                message,
                format!("{} cost something; {metric} alone is of all", listed(priced.iter().map(String::as_str))),
            );
        }
        Some(Ok(Figure {
            expression: parts.join("."),
            component: component.into(),
            metric: metric.into(),
            stat: None,
            unit: FigureUnit::Money,
            pooled: false,
        }))
    }

    /// Reads one figure. `place` is where it was written.
    ///
    /// # Errors
    /// No such component, metric or statistic.
    pub(super) fn figure(&self, text: &str, place: &Place) -> Result<Figure, Problem> {
        let parts: Vec<&str> = text.split('.').map(str::trim).collect();
        if let Some(figure) = self.cost(&parts, place) {
            return figure;
        }
        let (component, metric, stat) = match parts.as_slice() {
            [component, metric] => (*component, *metric, None),
            [component, metric, stat] => (*component, *metric, Some(*stat)),
            _ => {
                let message = format!("{text:?} is not COMPONENT.METRIC or COMPONENT.METRIC.STAT");
                return Err(Problem::new(place, message).way_out(SHAPE));
            }
        };
        let (_, what, metrics) = self.part(component, place)?;
        let Some((_, kind, unit)) = metrics.iter().find(|(name, ..)| *name == metric) else {
            return Err(no_metric(place, component, what, metric, metrics));
        };
        let stat = stat_of(place, metric, *kind, stat)?;
        Ok(Figure {
            expression: parts.join("."),
            component: component.into(),
            metric: metric.into(),
            stat: stat.map(String::from),
            unit: *unit,
            pooled: *kind == Kind::Pooled,
        })
    }

    fn part(&self, component: &str, place: &Place) -> Result<&(String, &'static str, &'static [Metric]), Problem> {
        if let Some(part) = self.parts.iter().find(|(name, ..)| name == component) {
            return Ok(part);
        }
        let is = |names: &[String]| names.iter().any(|name| name == component);
        if is(&self.streams) {
            let message =
                format!("`{component}` is a stream: what is judged is a group of it, such as `{component}/worker`");
            return Err(Problem::new(place, message).way_out("write STREAM/CONSUMER"));
        }
        if is(&self.topics) {
            let message = format!("`{component}` is a topic, which keeps nothing that could be judged");
            return Err(Problem::new(place, message).way_out("name one of the queues that subscribe to it"));
        }
        let known = self.parts.iter().map(|(name, ..)| name.as_str());
        let problem = Problem::new(place, format!("`{component}` is asked for, and nothing has this name"));
        Err(match nearest(component, known.clone()) {
            Some(near) => problem.way_out(format!("did you mean `{near}`?")),
            None => problem.way_out(format!("there is {}", listed(known))),
        })
    }
}

impl Scenario {
    /// Reads `COMPONENT.METRIC[.STAT]` as given on the command line.
    ///
    /// # Errors
    /// No such component, metric or statistic; the place is the argument.
    pub fn figure(&self, text: &str) -> Result<Figure, Problem> {
        self.catalog().figure(text, &Place::Argument(text.into()))
    }

    fn catalog(&self) -> Catalog {
        let mut catalog = Catalog::default();
        self.queues.iter().for_each(|queue| catalog.queue(&queue.name));
        for consumer in &self.consumers {
            if let Feed::Stream(stream) = consumer.from {
                catalog.group(&self.streams[stream].name, &consumer.name);
            }
            catalog.consumer(&consumer.name);
        }
        self.producers.iter().for_each(|producer| catalog.producer(&producer.name, producer.reply.is_some()));
        self.dependencies.iter().for_each(|one| catalog.dependency(&one.name, one.concurrency.is_some()));
        self.workflows.iter().for_each(|workflow| catalog.workflow(&workflow.name));
        catalog.streams = self.streams.iter().map(|stream| stream.name.clone()).collect();
        catalog.topics = self.topics.iter().map(|topic| topic.name.clone()).collect();
        catalog.priced(&self.prices);
        catalog
    }
}

fn no_metric(place: &Place, component: &str, what: &str, metric: &str, metrics: &[Metric]) -> Problem {
    let names = metrics.iter().map(|(name, ..)| *name);
    let problem = Problem::new(place, format!("`{component}` is a {what}, which has no metric `{metric}`"));
    let bare = metric.trim_end_matches("_per_s").trim_end_matches("_s");
    match nearest(bare, names.clone()) {
        Some(near) => problem.way_out(format!("did you mean `{near}`?")),
        None => problem.way_out(format!("it has {}", listed(names))),
    }
}

fn stat_of<'s>(place: &Place, metric: &str, kind: Kind, stat: Option<&'s str>) -> Result<Option<&'s str>, Problem> {
    let allowed: &[&'static str] = match kind {
        Kind::Series => &SERIES_STATS,
        Kind::Pooled => &POOLED_STATS,
        Kind::Total => &[],
    };
    match (stat, kind) {
        (None, Kind::Series) => Ok(Some("max")),
        (None, Kind::Total) => Ok(None),
        (None, Kind::Pooled) => {
            let problem = Problem::new(place, format!("`{metric}` is a distribution: say which of its statistics"));
            Err(problem.way_out(format!("write {metric}.p99; it has {}", listed(allowed.iter().copied()))))
        }
        (Some(stat), _) if allowed.contains(&stat) => Ok(Some(stat)),
        (Some(stat), Kind::Pooled) if quantile_share(stat).is_some() => Ok(Some(stat)),
        (Some(stat), Kind::Total) => {
            let problem =
                Problem::new(place, format!("`{metric}` is one number a run and takes no statistic `{stat}`"));
            Err(problem.way_out(format!("write {metric} alone")))
        }
        (Some(stat), _) => {
            let problem = Problem::new(place, format!("`{metric}` has no statistic `{stat}`"));
            let any = if kind == Kind::Pooled { "; any other quantile is written like p80 or p995" } else { "" };
            Err(problem.way_out(format!("it has {}{any}", listed(allowed.iter().copied()))))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::scenario::{FigureUnit, Files, Scenario};
    use std::collections::BTreeMap;

    fn scenario() -> Scenario {
        let text = "duration = \"1m\"\n[producer.p]\nto = \"q\"\nrate = \"1/s\"\n[queue.q]\n[stream.s]\n\
                    partitions = 1\n[producer.r]\nto = \"s\"\nrate = \"1/s\"\n[consumer.c]\nfrom = \"s\"\n\
                    service = \"1ms\"\n[consumer.d]\nfrom = \"q\"\nservice = \"1ms\"\n";
        let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        Scenario::parse(text, &files as &dyn Files).unwrap_or_else(|why| panic!("{why:?}"))
    }

    #[test]
    fn a_figure_is_read_against_its_component() {
        let figure = scenario().figure("s/c.lag").unwrap();
        assert_eq!((figure.component.as_str(), figure.metric.as_str()), ("s/c", "lag"));
        assert_eq!((figure.stat.as_deref(), figure.unit, figure.pooled), (Some("max"), FigureUnit::Count, false));
        let figure = scenario().figure("q.latency.p99").unwrap();
        assert_eq!((figure.stat.as_deref(), figure.unit, figure.pooled), (Some("p99"), FigureUnit::Time, true));
    }

    #[test]
    fn costs_are_of_the_whole_or_of_what_has_a_price() {
        let wrong = |scenario: &Scenario, text: &str| scenario.figure(text).unwrap_err().message;
        assert!(wrong(&scenario(), "cost").contains("nothing has a price"));
        let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        let text = "duration = \"1m\"\nslo = [\"cost < 5\"]\n[producer.p]\nto = \"q\"\nrate = \"1/s\"\n[queue.q]\n\
                    [consumer.c]\nfrom = \"q\"\nservice = \"1ms\"\nprice = \"0.08/h\"\n";
        let priced = Scenario::parse(text, &files as &dyn Files).unwrap_or_else(|why| panic!("{why:?}"));
        let figure = priced.figure("cost_per_30_days").unwrap();
        assert_eq!((figure.component.as_str(), figure.unit), ("", FigureUnit::Money));
        assert_eq!(priced.figure("c.cost").unwrap().component, "c");
        assert!(wrong(&priced, "q.cost").contains("has no price"));
        assert!(wrong(&priced, "c.cost.max").contains("takes no statistic"));
        assert_eq!(priced.slos[0].value, 5.0);
    }

    #[test]
    fn what_is_wrong_with_a_figure_is_said() {
        let wrong = |text: &str| {
            let problem = scenario().figure(text).unwrap_err();
            format!("{}; {}", problem.message, problem.way_out.unwrap_or_default())
        };
        assert!(wrong("q").contains("COMPONENT.METRIC"), "{}", wrong("q"));
        assert!(wrong("qq.lag").contains("did you mean `q`?"), "{}", wrong("qq.lag"));
        assert!(wrong("s.lag").contains("STREAM/CONSUMER"), "{}", wrong("s.lag"));
        assert!(wrong("q.latency").contains("write latency.p99"), "{}", wrong("q.latency"));
        assert!(wrong("q.completed.p99").contains("write completed alone"), "{}", wrong("q.completed.p99"));
    }
}
