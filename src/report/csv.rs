//! `timeseries.csv`: tidy, one row a tick, component and metric.

use crate::study::Findings;

const HEADER: [&str; 7] = ["time_s", "component", "metric", "mean", "p05", "p50", "p95"];

/// The time series as CSV. Where nothing was seen in a tick the cell is empty.
pub fn csv(findings: &Findings) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // A writer over memory has nothing that could fail.
    let mut row = |cells: [&str; 7]| writer.write_record(cells).expect("memory takes every row");
    row(HEADER);
    for (tick, time) in findings.time_s.iter().enumerate() {
        let time = cell(*time);
        for component in &findings.components {
            for series in component.series.iter().chain(&component.broker_metrics) {
                let [mean, p05, p50, p95] =
                    [&series.mean, &series.p05, &series.p50, &series.p95].map(|values| at(values, tick));
                row([&time, &component.name, &series.metric, &mean, &p05, &p50, &p95]);
            }
        }
    }
    writer.into_inner().expect("memory takes every row")
}

fn at(values: &[f64], tick: usize) -> String {
    values.get(tick).copied().map_or_else(String::new, |value| cell(rounded(value)))
}

/// To six significant digits: more would only be the noise of the runs, at twice the size.
fn rounded(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

/// The shortest text that reads back as the same number.
fn cell(value: f64) -> String {
    if value.is_finite() { value.to_string() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn a_row_for_every_tick_component_and_metric() {
        let findings = fixture::flash_sale();
        let text = String::from_utf8(csv(&findings)).unwrap();
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("time_s,component,metric,mean,p05,p50,p95"));
        let series: usize = findings.components.iter().map(|component| component.series.len()).sum();
        assert_eq!(lines.count(), series * findings.time_s.len());
        assert!(!text.contains("NaN") && !text.contains("inf"));
        assert!(text.contains("\n0,orders,latency_p99_s,,,,\n"), "no completion in the first tick");
    }

    #[test]
    fn partitions_and_the_brokers_own_metrics_have_rows() {
        let text = String::from_utf8(csv(&fixture::hot_partition())).unwrap();
        for metric in ["lag", "lag_p0", "lag_p3", "records-lag-max"] {
            assert!(text.contains(&format!("\n900,clicks/indexer,{metric},")), "{metric}");
        }
    }

    #[test]
    fn cells_are_short() {
        assert_eq!([cell(0.1), cell(900.0), cell(1.5e6), cell(f64::NAN)], ["0.1", "900", "1500000", ""]);
        assert_eq!([0.026_266_828_8, 1.000_000_4, -2.5, 0.0].map(rounded), [0.026_266_8, 1.0, -2.5, 0.0]);
        assert!(rounded(f64::NAN).is_nan());
    }
}
