//! Charts, one file each: what they show is a [`plot::Plot`], how it is drawn is common to all.

mod amplification;
mod axis;
mod backlog;
mod canvas;
mod consumers;
mod dependency;
mod distribution;
pub(super) mod draining;
mod heat;
mod latency;
mod layout;
mod oldest_age;
pub(super) mod overlay;
mod overview;
pub(super) mod parameter;
mod partitions;
mod place;
mod plot;
mod png;
mod rates;
mod safe_map;
mod survival;
mod thin;
pub(super) mod tornado;
mod tradeoff;
mod workflow;

use plot::Plot;
pub(super) use safe_map::safe_map;
pub(super) use survival::survival;
pub(super) use tradeoff::tradeoff;

use crate::study::{ComponentFindings, ComponentKind, Findings, SloFindings};

/// A chart as a drawing, ready to be written in either format.
pub(super) struct Chart {
    /// Without folder and ending: `orders-backlog`.
    pub(super) name: String,
    pub(super) title: String,
    scene: canvas::Scene,
}

impl Chart {
    fn new(name: String, plot: &Plot) -> Chart {
        Chart { name, title: plot.title.clone(), scene: layout::scene(plot) }
    }

    /// A drawing that is no plot over two axes.
    fn of_scene(name: String, title: String, scene: canvas::Scene) -> Chart {
        Chart { name, title, scene }
    }

    /// `charts/NAME.svg` and `charts/NAME.png`.
    pub(super) fn files(&self) -> [super::File; 2] {
        let file = |ending: &str, bytes| super::File { path: format!("charts/{}.{ending}", self.name), bytes };
        [file("svg", self.svg().into_bytes()), file("png", self.png())]
    }

    pub(super) fn svg(&self) -> String {
        canvas::svg(&self.scene)
    }

    /// At two pixels for each one of the SVG.
    pub(super) fn png(&self) -> Vec<u8> {
        let (width, height, rgb) = canvas::pixels(&self.scene);
        png::png(width, height, &rgb)
    }
}

type Draw = fn(&ComponentFindings, &Findings) -> Option<Plot>;

const OF_A_QUEUE: [(&str, Draw); 7] = [
    ("backlog", backlog::plot),
    ("partitions", partitions::plot),
    ("oldest-age", oldest_age::plot),
    ("rates", rates::plot),
    ("amplification", amplification::plot),
    ("latency", latency::plot),
    ("distribution", distribution::plot),
];
/// Nobody waits for dead letters, so their age and rates are left out.
const OF_A_DEAD_LETTER_QUEUE: [(&str, Draw); 1] = [("backlog", backlog::plot)];
const OF_A_PRODUCER: [(&str, Draw); 1] = [("amplification", amplification::plot)];
const OF_A_CONSUMER: [(&str, Draw); 1] = [("consumers", consumers::plot)];
const OF_A_DEPENDENCY: [(&str, Draw); 1] = [("calls", dependency::plot)];
const OF_A_WORKFLOW: [(&str, Draw); 1] = [("executions", workflow::plot)];

/// All charts in which something is to be seen, in the order of the report.
pub(super) fn charts(findings: &Findings) -> Vec<Chart> {
    let mut out: Vec<Chart> =
        overview::plot(findings).map(|plot| Chart::new("overview-backlog".into(), &plot)).into_iter().collect();
    for part in &findings.components {
        let kinds: &[(&str, Draw)] = match part.kind {
            ComponentKind::Queue | ComponentKind::Group => &OF_A_QUEUE,
            ComponentKind::DeadLetterQueue => &OF_A_DEAD_LETTER_QUEUE,
            ComponentKind::Consumer => &OF_A_CONSUMER,
            ComponentKind::Producer => &OF_A_PRODUCER,
            ComponentKind::Workflow => &OF_A_WORKFLOW,
            ComponentKind::Dependency => &OF_A_DEPENDENCY,
        };
        for (kind, draw) in kinds {
            if let Some(plot) = draw(part, findings) {
                let name = free_name(format!("{}-{kind}", part.name), &out);
                out.push(Chart::new(name, &plot));
            }
        }
    }
    out
}

/// A file name in which nothing means anything to a file system or a link, and which no chart has yet.
fn free_name(name: String, taken: &[Chart]) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_alphanumeric() || c == '-' || c == '_' { c } else { '_' }).collect();
    let is_free = |name: &String| taken.iter().all(|chart| !chart.name.eq_ignore_ascii_case(name));
    if is_free(&plain) {
        return plain;
    }
    (2..).map(|number| format!("{plain}-{number}")).find(is_free).unwrap_or(plain)
}

/// The SLOs of a component's metric, for levels in its charts.
fn bounds<'a>(
    part: &'a ComponentFindings,
    metric: &'a str,
    findings: &'a Findings,
) -> impl Iterator<Item = &'a SloFindings> {
    findings.slo.iter().filter(move |slo| slo.component == part.name && slo.metric == metric && slo.bound.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn the_flash_sale_has_its_charts() {
        let charts = charts(&fixture::flash_sale());
        let names: Vec<_> = charts.iter().map(|chart| chart.name.as_str()).collect();
        let expected = [
            "orders-backlog",
            "orders-oldest-age",
            "orders-rates",
            "orders-amplification",
            "orders-latency",
            "orders-distribution",
            "orders-dlq-backlog",
            "checkout-amplification",
            "order-worker-consumers",
        ];
        assert_eq!(names, expected);
        let svg = charts[0].svg();
        assert!(svg.starts_with("<svg width=\"800\""), "{}", &svg[..80]);
        for text in ["peak 1.50M at 15:00", "recovered after 14m 32s", "1,190 dead-lettered", "spike of checkout"] {
            assert!(svg.contains(text), "{text}");
        }
        assert!(charts[0].png().starts_with(b"\x89PNG"));
    }

    #[test]
    fn nothing_seen_nothing_drawn() {
        let mut findings = fixture::flash_sale();
        for series in &mut findings.components[1].series {
            series.mean.fill(0.0);
            series.p95.fill(0.0);
        }
        assert!(charts(&findings).iter().all(|chart| !chart.name.starts_with("orders-dlq")));
    }

    #[test]
    fn a_group_gets_a_chart_of_its_partitions() {
        let names = |findings| charts(&findings).into_iter().map(|chart| chart.name).collect::<Vec<_>>();
        assert_eq!(names(fixture::hot_partition())[..2], ["clicks_indexer-backlog", "clicks_indexer-partitions"]);
        let is_drawn = |count| names(fixture::many_partitions(count)).iter().any(|name| name.ends_with("-partitions"));
        // Of more partitions than 32 the engine keeps no series.
        assert_eq!([2, 32, 1_000].map(is_drawn), [true, true, false]);
        let svg = charts(&fixture::many_partitions(32))[1].svg();
        assert!(svg.contains("the 12 deepest of 32") && svg.contains("71 % of the lag"));
    }

    #[test]
    fn an_autoscaler_is_drawn_with_its_target() {
        for (findings, texts) in [
            (
                fixture::scaled_by_backlog(),
                ["replicas wanted", "backlog per replica as the autoscaler sees it", "target"],
            ),
            (fixture::scaled_by_age(), ["replicas serving", "oldest age as the autoscaler sees it", "target"]),
            (fixture::scaled_by_utilization(), ["replicas wanted", "utilization", "target"]),
        ] {
            let charts = charts(&findings);
            let svg = charts.iter().find(|chart| chart.name == "order-worker-consumers").unwrap().svg();
            texts.iter().for_each(|text| assert!(svg.contains(text), "{text}"));
        }
    }

    #[test]
    fn never_is_said_in_the_chart() {
        let charts = charts(&fixture::never_recovers());
        assert!(charts[0].svg().contains("never recovered"));
    }

    #[test]
    fn names_of_files_are_harmless() {
        assert_eq!(free_name("../a b".into(), &[]), "___a_b");
        let charts = charts(&fixture::flash_sale());
        assert_eq!(free_name("Orders-backlog".into(), &charts), "Orders-backlog-2");
    }

    #[test]
    fn several_queues_get_an_overview() {
        assert_eq!(charts(&fixture::fan_out())[0].name, "overview-backlog");
    }

    /// Writes the charts of every fixture for people to look at, into the folder that `TAILBACK_CHARTS` names.
    #[test]
    fn charts_to_look_at() {
        let Ok(folder) = std::env::var("TAILBACK_CHARTS") else { return };
        let all = [
            ("sale", fixture::flash_sale()),
            ("outage", fixture::outage()),
            ("never", fixture::never_recovers()),
            ("one", fixture::single_run()),
            ("fan", fixture::fan_out()),
            ("week", fixture::busy_week()),
            ("tiny", fixture::tiny()),
            ("hot", fixture::hot_partition()),
            ("two", fixture::many_partitions(2)),
            ("many", fixture::many_partitions(32)),
            ("scaled", fixture::scaled_by_backlog()),
            ("by-share", fixture::scaled_by_utilization()),
            ("by-age", fixture::scaled_by_age()),
        ];
        for (name, findings) in all {
            for chart in charts(&findings) {
                std::fs::write(format!("{folder}/{name}-{}.svg", chart.name), chart.svg()).unwrap();
                std::fs::write(format!("{folder}/{name}-{}.png", chart.name), chart.png()).unwrap();
            }
        }
    }
}
