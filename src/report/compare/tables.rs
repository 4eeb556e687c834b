//! The tables of a comparison, and its CSV.

use crate::report::figures::{NOTHING, Quantity};
use crate::report::sheet::Sheet;
use crate::study::{Certainty, Comparison, FigureCompared, FigureOverRuns};
use crate::units::significant;

/// What is compared: each variant with what makes it one.
pub(super) fn variants(comparison: &Comparison) -> Sheet {
    let row = |(index, variant): (usize, &crate::study::VariantFindings)| {
        let settings: Vec<String> = variant.settings.iter().map(|(path, value)| format!("{path}={value}")).collect();
        let arrivals = match variant.same_arrivals {
            None => NOTHING.to_string(),
            Some(true) => "the same".into(),
            Some(false) => "others".into(),
        };
        let settings = if settings.is_empty() { "as in its file".into() } else { settings.join(", ") };
        let name = if index == 0 { format!("{} (the others against it)", variant.name) } else { variant.name.clone() };
        vec![name, variant.findings.path.clone(), settings, arrivals]
    };
    Sheet {
        title: "Variants".into(),
        header: ["variant", "file", "settings", "arrivals"].map(String::from).to_vec(),
        words: vec![1, 2, 3],
        rows: comparison.variants.iter().enumerate().map(row).collect(),
        below: vec![],
    }
}

fn names(comparison: &Comparison) -> impl Iterator<Item = String> {
    comparison.variants.iter().map(|variant| variant.name.clone())
}

/// The objectives of any variant, side by side.
pub(super) fn slos(comparison: &Comparison) -> Sheet {
    let mut expressions: Vec<&str> = vec![];
    for slo in comparison.variants.iter().flat_map(|variant| &variant.findings.slo) {
        if !expressions.contains(&slo.expression.as_str()) {
            expressions.push(&slo.expression);
        }
    }
    let row = |expression: &str| {
        let each = comparison.variants.iter().map(|variant| {
            let Some(slo) = variant.findings.slo.iter().find(|slo| slo.expression == expression) else {
                return NOTHING.to_string();
            };
            let figure = comparison.figures.iter().find(|one| {
                one.figure.component == slo.component && one.figure.metric == slo.metric && one.figure.stat == slo.stat
            });
            let quantity = figure.map_or(Quantity::of(&slo.metric), |one| Quantity::of_figure(&one.figure));
            let nothing = || if slo.metric == "recovery_time" { "never".into() } else { NOTHING.into() };
            let value = slo.value.map_or_else(nothing, |value| quantity.text(value));
            let share = slo.share_of_runs.filter(|share| *share > 0.0 && *share < 1.0);
            let share =
                share.map_or_else(String::new, |share| format!(" in {} % of runs", significant(share * 100.0, 3)));
            format!("{} {value}{share}", if slo.holds { "✓" } else { "✗" })
        });
        std::iter::once(expression.to_string()).chain(each).collect()
    };
    Sheet {
        title: "Service levels".into(),
        header: std::iter::once("SLO".to_string()).chain(names(comparison)).collect(),
        words: vec![],
        rows: expressions.into_iter().map(row).collect(),
        below: vec![],
    }
}

/// Every figure in which there is something to see, side by side. `brief` leaves out what is the same everywhere.
pub(super) fn figures(comparison: &Comparison, brief: bool) -> Sheet {
    let differs = |compared: &&FigureCompared| {
        let differences = compared.differences.iter().flatten();
        let mut all = differences.map(|one| (one.presence, one.paired.as_ref().map(crate::study::Paired::certainty)));
        !brief
            || all.any(|(presence, kind)| {
                presence.first_only + presence.second_only > 0 || kind.is_some_and(|kind| kind != Certainty::Same)
            })
    };
    let rows = comparison.figures.iter().filter(|compared| compared.is_seen()).filter(differs).map(|compared| {
        let quantity = Quantity::of_figure(&compared.figure);
        let each = compared.values.iter().map(|value| {
            value.as_ref().map_or_else(|| NOTHING.into(), |value| over_runs(quantity, compared.figure.pooled, value))
        });
        std::iter::once(compared.figure.expression.clone()).chain(each).collect()
    });
    Sheet {
        title: "Figures".into(),
        header: std::iter::once("figure".to_string()).chain(names(comparison)).collect(),
        words: vec![],
        rows: rows.collect(),
        below: vec![],
    }
}

/// `14m 32s ± 4 s, never in 3 runs`.
pub(in crate::report) fn over_runs(quantity: Quantity, pooled: bool, value: &FigureOverRuns) -> String {
    let Some(mean) = value.value else { return "never".into() };
    // The interval is of the mean over the runs, which a pooled quantile is not.
    let ci95 = value.stat.as_ref().and_then(|stat| stat.ci95).filter(|_| !pooled);
    let never = match value.never {
        0 => String::new(),
        n => format!(", never in {n}"),
    };
    format!("{}{never}", quantity.interval(mean, ci95))
}

/// Each figure of one variant against the first, run by run.
pub(super) fn differences(comparison: &Comparison, index: usize) -> Sheet {
    let row = |compared: &FigureCompared| {
        let difference = compared.differences[index - 1].as_ref()?;
        let paired = difference.paired.as_ref()?;
        let quantity = Quantity::of_figure(&compared.figure);
        let signed = |value: f64| format!("{}{}", if value > 0.0 { "+" } else { "" }, quantity.text(value));
        let interval = paired
            .difference
            .ci95
            .map_or_else(|| NOTHING.into(), |(low, high)| format!("{} … {}", signed(low), signed(high)));
        Some(vec![
            compared.figure.expression.clone(),
            signed(paired.difference.mean),
            interval,
            paired.relative().map_or_else(|| NOTHING.into(), |share| format!("{:+.1} %", share * 100.0)),
            paired.runs.to_string(),
            paired.variance_reduction.map_or_else(|| NOTHING.into(), ratio),
        ])
    };
    let (variant, first) = (&comparison.variants[index].name, &comparison.variants[0].name);
    let header = ["figure", "difference", "95 % interval", "relative", "runs", "variance reduction"];
    Sheet {
        title: format!("{variant} less {first}"),
        header: header.map(String::from).to_vec(),
        words: vec![],
        rows: comparison.figures.iter().filter(|compared| compared.is_seen()).filter_map(row).collect(),
        below: vec![
            "Over the runs in which both have a value. Variance reduction: how many times as many runs independent \
             random numbers would take for an interval as narrow."
                .into(),
        ],
    }
}

/// A ratio in two digits, without pretending to more.
pub(super) fn ratio(value: f64) -> String {
    if value >= 10_000.0 { "more than 10,000".into() } else { significant(value, 2) }
}

const COLUMNS: [&str; 16] = [
    "figure",
    "variant",
    "value",
    "mean",
    "low",
    "high",
    "never",
    "against",
    "runs",
    "difference",
    "difference_low",
    "difference_high",
    "relative",
    "correlation",
    "variance_reduction",
    "certainty",
];

/// A row a figure and variant; the first variant has no difference. Units are those of the figures: seconds, per second,
/// bare.
pub(super) fn csv(comparison: &Comparison) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // A writer over memory has nothing that could fail.
    writer.write_record(COLUMNS).expect("memory takes every row");
    for compared in &comparison.figures {
        for (index, variant) in comparison.variants.iter().enumerate() {
            let Some(value) = &compared.values[index] else { continue };
            let difference = index.checked_sub(1).and_then(|index| compared.differences[index].as_ref());
            let paired = difference.and_then(|difference| difference.paired.as_ref());
            let stat = value.stat.as_ref();
            let ci95 = stat.and_then(|stat| stat.ci95);
            let of = paired.map(|paired| &paired.difference);
            let interval = of.and_then(|of| of.ci95);
            let row: [String; 16] = [
                compared.figure.expression.clone(),
                variant.name.clone(),
                cell(value.value),
                cell(stat.map(|stat| stat.mean)),
                cell(ci95.map(|ci95| ci95.0)),
                cell(ci95.map(|ci95| ci95.1)),
                value.never.to_string(),
                difference.map_or_else(String::new, |_| comparison.variants[0].name.clone()),
                paired.map_or_else(String::new, |paired| paired.runs.to_string()),
                cell(of.map(|of| of.mean)),
                cell(interval.map(|interval| interval.0)),
                cell(interval.map(|interval| interval.1)),
                cell(paired.and_then(crate::study::Paired::relative)),
                cell(paired.and_then(|paired| paired.correlation)),
                cell(paired.and_then(|paired| paired.variance_reduction)),
                paired.map_or_else(String::new, |paired| certainty(paired.certainty()).into()),
            ];
            writer.write_record(row).expect("memory takes every row");
        }
    }
    writer.into_inner().expect("memory takes every row")
}

pub(in crate::report) fn cell(value: Option<f64>) -> String {
    value.filter(|value| value.is_finite()).map_or_else(String::new, |value| value.to_string())
}

/// The word in JSON and CSV.
pub(in crate::report) fn certainty(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Same => "same",
        Certainty::Unclear => "unclear",
        Certainty::Clear => "clear",
        Certainty::OneRun => "one-run",
    }
}
