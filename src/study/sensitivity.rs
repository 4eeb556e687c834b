//! Which number of a file matters most: each moved down and up alone, under the same random numbers.

use super::work::Work;
use super::{Crew, Difference, Failure, FigureOverRuns, Point, RunFigures, Seen, difference, measure, over_runs};
use crate::scenario::{Figure, Number, Problem, Ruled, Scenario};

/// Reads the scenario with some values set.
type Parse<'a> = &'a dyn Fn(&[(String, String)]) -> Result<Scenario, Vec<Problem>>;

/// Points that are simulated together; their runs' figures are in memory at once.
const AT_ONCE: usize = 16;

/// Last keys of numbers that say when something happens or how it is measured, not how large anything is.
const NO_SIZE: [(&str, &str); 3] = [
    ("at", "says when it happens, not how much of it"),
    ("hold", "says how recovery is measured"),
    ("phase", "says when it happens, not how much of it"),
];

/// A number of the file, and what it is moved to.
#[derive(Debug, Clone)]
pub struct Move {
    pub path: String,
    /// As the file has it.
    pub text: String,
    /// Of a preset, rather than of the file.
    pub preset: Option<&'static str>,
    /// What decides in its place.
    pub ruled: Option<Ruled>,
    /// Down, then up.
    pub ends: [Result<End, String>; 2],
}

/// The scenario with one number moved.
#[derive(Debug, Clone)]
pub struct End {
    pub text: String,
    /// Of the number itself, as a share of what it was: −0.2 for 20 % less. `None` where it was zero or is no number.
    pub change: Option<f64>,
    pub scenario: Scenario,
}

/// A number that was not moved, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    pub path: String,
    pub text: String,
    pub why: String,
}

/// What a figure does at one end of a knob.
#[derive(Debug, Clone)]
pub struct EndFindings {
    pub text: String,
    pub change: Option<f64>,
    pub value: FigureOverRuns,
    /// Against the file as it stands, run by run.
    pub difference: Difference,
}

/// A knob's two ends; one that cannot be moved there says why.
#[derive(Debug, Clone)]
pub struct Bar {
    pub path: String,
    pub text: String,
    pub preset: Option<&'static str>,
    pub ruled: Option<Ruled>,
    pub ends: [Result<EndFindings, String>; 2],
}

/// The bars of one figure, the longest first.
#[derive(Debug, Clone)]
pub struct Tornado {
    pub figure: Figure,
    pub base: FigureOverRuns,
    pub bars: Vec<Bar>,
}

#[derive(Debug, Clone)]
pub struct Sensitivity {
    pub tornados: Vec<Tornado>,
    pub left_out: Vec<LeftOut>,
    pub notes: Vec<String>,
}

impl Bar {
    pub fn moved(&self) -> impl Iterator<Item = &EndFindings> {
        self.ends.iter().flatten()
    }

    /// Not one run is different at either end.
    pub fn has_no_effect(&self) -> bool {
        let same = |end: &EndFindings| {
            let presence = &end.difference.presence;
            let paired = end.difference.paired.as_ref();
            presence.first_only + presence.second_only == 0
                && paired.is_none_or(|paired| paired.difference.min == 0.0 && paired.difference.max == 0.0)
        };
        self.moved().all(same)
    }

    /// Runs in which the figure comes or goes at either end, where it does not at the other: never is further than any
    /// number.
    fn turned(&self) -> u32 {
        let turned = |end: &EndFindings| end.difference.presence.first_only.max(end.difference.presence.second_only);
        self.moved().map(turned).max().unwrap_or(0)
    }

    /// From the least to the greatest of the two ends and the file as it stands.
    pub fn length(&self) -> f64 {
        let differences = self.moved().filter_map(|end| Some(end.difference.paired.as_ref()?.difference.mean));
        let (low, high) = differences.fold((0.0, 0.0), |(low, high): (f64, f64), d| (low.min(d), high.max(d)));
        high - low
    }
}

/// Moves every number of `base` by a share of itself (0.2: 20 %) down and up. `parse` reads the scenario with values
/// replaced.
pub fn moves(base: &Scenario, numbers: &[Number], by: f64, parse: Parse<'_>) -> (Vec<Move>, Vec<LeftOut>) {
    let (mut moves, mut left_out) = (vec![], vec![]);
    for number in numbers {
        let leave = |why: &str| LeftOut { path: number.path.clone(), text: number.text.clone(), why: why.into() };
        let key = number.path.rsplit('.').next().unwrap_or_default();
        if let Some((_, why)) = NO_SIZE.iter().find(|(no_size, _)| *no_size == key) {
            left_out.push(leave(why));
            continue;
        }
        let ruled = base.ruled(&number.path);
        if base.uncertain.iter().any(|one| one.path == number.path) {
            left_out
                .push(leave("is drawn anew in each run by [uncertain]; `tailback run` says how much that explains"));
            continue;
        }
        if number.preset.is_some() && number.in_list {
            left_out.push(leave("stands in a list of the preset: write the list into the file to move it"));
            continue;
        }
        if number.size() == 0.0 {
            left_out.push(leave("is zero, and a share of zero is zero: move it with --vary"));
            continue;
        }
        let ends = [1.0 - by, 1.0 + by].map(|factor| moved(number, factor, parse));
        match &ends {
            [Err(down), Err(up)] => {
                let why = if down == up { down.clone() } else { format!("down: {down}; up: {up}") };
                left_out.push(leave(&why));
            }
            _ => moves.push(Move {
                path: number.path.clone(),
                text: number.text.clone(),
                preset: number.preset,
                ruled,
                ends,
            }),
        }
    }
    (moves, left_out)
}

/// The first spelling that the language takes.
fn moved(number: &Number, factor: f64, parse: Parse<'_>) -> Result<End, String> {
    let mut why = "it has no room there".to_string();
    for text in number.times(factor) {
        match end(&number.path, &text, number.size(), parse) {
            Ok(end) => return Ok(end),
            // Half a replica is refused for what it is, which says nothing about the number.
            Err(_) if number.is_whole() && text.contains('.') => {}
            // The last spelling is the plainest, so its refusal says most.
            Err(refused) => why = refused,
        }
    }
    Err(why)
}

/// The scenario with one value replaced, where the language takes it; `was` is what the value was.
///
/// # Errors
/// The first problem, in a sentence.
pub fn end(path: &str, text: &str, was: f64, parse: Parse<'_>) -> Result<End, String> {
    let scenario = parse(&[(path.to_string(), text.to_string())])
        .map_err(|problems| problems.into_iter().next().map_or_else(String::new, |problem| problem.message))?;
    let change = crate::scenario::size_of(text).map(|is| is / was - 1.0).filter(|change| change.is_finite());
    Ok(End { text: text.into(), change, scenario })
}

/// Simulates the file as it stands and with each number moved, `runs` runs each under the file's own seed. `progress`
/// hears of each finished run, from any thread.
///
/// # Errors
/// As `measure`.
pub fn sensitivity(
    base: &Scenario,
    moves: Vec<Move>,
    left_out: Vec<LeftOut>,
    figures: &[Figure],
    crew: &Crew,
    progress: &(dyn Fn() + Sync),
) -> Result<Sensitivity, Failure> {
    let (mut base, mut moves) = (base.clone(), moves);
    let work = Work { crew, engine: crew.engine(), memory: None, progress: &|_| {} };
    let lead_in = work.common_lead_in(std::slice::from_mut(&mut base))?;
    for end in moves.iter_mut().flat_map(|one| one.ends.iter_mut().flatten()).filter(|_| lead_in.is_some()) {
        (end.scenario.warmup, end.scenario.warmup_rule) = (base.warmup, base.warmup_rule);
    }
    let base = &base;
    let runs = 0..base.runs;
    let whole = Point { scenario: base, runs: runs.clone(), figures };
    let seen = measure(&[whole], crew, progress)?.remove(0);
    let own: Vec<Vec<Option<f64>>> =
        figures.iter().enumerate().map(|(index, figure)| column(figure, index, &seen).1).collect();
    let ends: Vec<&End> = moves.iter().flat_map(|one| one.ends.iter().flatten()).collect();
    let mut found: Vec<Vec<EndFindings>> = vec![];
    for some in ends.chunks(AT_ONCE) {
        let points = some.iter().map(|end| Point { scenario: &end.scenario, runs: runs.clone(), figures });
        let points: Vec<Point<'_>> = points.collect();
        for (end, seen) in some.iter().zip(measure(&points, crew, progress)?) {
            let of = |(index, figure): (usize, &Figure)| {
                let (value, numbers) = column(figure, index, &seen);
                let difference = difference(&own[index], &numbers);
                EndFindings { text: end.text.clone(), change: end.change, value, difference }
            };
            found.push(figures.iter().enumerate().map(of).collect());
        }
    }
    let tornados = figures.iter().enumerate().map(|(index, figure)| {
        let mut each = found.iter().map(|of| of[index].clone());
        let mut bars: Vec<Bar> = moves.iter().map(|one| bar(one, &mut each)).collect();
        // Bars as long as one another stay in the file's order.
        bars.sort_by(|a, b| b.turned().cmp(&a.turned()).then(b.length().total_cmp(&a.length())));
        Tornado { figure: figure.clone(), base: column(figure, index, &seen).0, bars }
    });
    let tornados = tornados.collect();
    Ok(Sensitivity { tornados, left_out, notes: notes(base).into_iter().chain(lead_in).collect() })
}

fn bar(one: &Move, each: &mut impl Iterator<Item = EndFindings>) -> Bar {
    let mut take = |end: &Result<End, String>| match end {
        Ok(_) => each.next().ok_or_else(|| "it was not simulated".to_string()),
        Err(why) => Err(why.clone()),
    };
    let ends = [take(&one.ends[0]), take(&one.ends[1])];
    Bar { path: one.path.clone(), text: one.text.clone(), preset: one.preset, ruled: one.ruled.clone(), ends }
}

fn column(figure: &Figure, index: usize, runs: &[RunFigures]) -> (FigureOverRuns, Vec<Option<f64>>) {
    let seen: Vec<&Seen> = runs.iter().map(|run| &run.seen[index]).collect();
    (over_runs(figure, &seen), seen.iter().map(|seen| seen.own(figure)).collect())
}

fn notes(base: &Scenario) -> Vec<String> {
    match base.runs {
        1 => vec!["with one run there are differences, but no intervals: ask for more with --runs".into()],
        _ => vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const FILE: &str = r#"
        duration = "5m"
        runs = 5
        [producer.p]
        to = "q"
        rate = "20/s"
        process = "constant"
        spikes = [{ at = "1m", for = "30s", rate = "60/s" }]
        [queue.q]
        visibility_timeout = "1h"
        hold = "10s"
        [consumer.w]
        from = "q"
        replicas = 4
        service = "100ms"
        failure = 0
    "#;

    fn parse(overrides: &[(String, String)]) -> Result<Scenario, Vec<Problem>> {
        let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        Scenario::parse_with(FILE, &files, overrides)
    }

    fn of(metric: &str) -> Sensitivity {
        let base = parse(&[]).unwrap();
        let numbers = Scenario::numbers(FILE, &[], false).unwrap();
        let (moves, left_out) = moves(&base, &numbers, 0.2, &parse);
        let figures = [base.figure(metric).unwrap()];
        sensitivity(&base, moves, left_out, &figures, &Crew::new(Some(1)).unwrap(), &|| {}).unwrap()
    }

    #[test]
    fn the_longest_bar_comes_first_and_is_right() {
        // 60/s against 40/s for 30 s: 600 behind. With 72/s it is 960: nothing else moves the peak as far as the spike's
        // height and the service time (48 ms less or more of 100: 50/s and 33⅓/s out, so 300 and 800).
        let found = of("q.peak_backlog");
        let bars = &found.tornados[0].bars;
        assert_eq!(bars[0].path, "producer.p.spikes.rate");
        let ends: Vec<f64> = bars[0].moved().map(|end| end.value.value.unwrap()).collect();
        assert!((ends[0] - 240.0).abs() < 8.0 && (ends[1] - 960.0).abs() < 8.0, "{ends:?}");
        let mean =
            |bar: &Bar, end: usize| bar.ends[end].as_ref().unwrap().difference.paired.clone().unwrap().difference;
        assert!((mean(&bars[0], 1).mean - 360.0).abs() < 8.0);
        // Whole replicas: 3.2 is refused, so 3 and 5.
        let replicas = bars.iter().find(|bar| bar.path == "consumer.w.replicas").unwrap();
        let texts: Vec<(&str, f64)> = replicas.moved().map(|end| (end.text.as_str(), end.change.unwrap())).collect();
        assert_eq!(texts, [("3", -0.25), ("5", 0.25)]);
        assert!(bars.windows(2).all(|pair| pair[0].length() >= pair[1].length()));
    }

    #[test]
    fn what_does_nothing_and_what_was_left_out_are_told_apart() {
        let found = of("q.peak_backlog");
        let idle: Vec<&str> =
            found.tornados[0].bars.iter().filter(|b| b.has_no_effect()).map(|b| b.path.as_str()).collect();
        // No attempt takes an hour; and 16 to 24/s leave nothing behind that the spike could add to.
        assert_eq!(idle, ["producer.p.rate", "queue.q.visibility_timeout"]);
        let left_out: Vec<(&str, bool)> =
            found.left_out.iter().map(|one| (one.path.as_str(), one.why.contains("zero"))).collect();
        let expected = [("producer.p.spikes.at", false), ("queue.q.hold", false), ("consumer.w.failure", true)];
        assert_eq!(left_out, expected);
    }

    #[test]
    fn never_outweighs_every_number() {
        // Three replicas do 12/s at 250 ms each, and the base rate of 20/s is never carried.
        let base = parse(&[("consumer.w.replicas".into(), "3".into())]).unwrap();
        let with = |path: &str, text: &str| end(path, text, 1.0, &parse);
        let slow = Move {
            path: "consumer.w.service".into(),
            text: "100ms".into(),
            preset: None,
            ruled: None,
            ends: [Err("not asked".into()), with("consumer.w.service", "250ms")],
        };
        let tall = Move {
            path: "producer.p.spikes.rate".into(),
            text: "60/s".into(),
            preset: None,
            ruled: None,
            ends: [Err("not asked".into()), with("producer.p.spikes.rate", "90/s")],
        };
        let figures = [base.figure("q.recovery_time").unwrap()];
        let found =
            sensitivity(&base, vec![tall, slow], vec![], &figures, &Crew::new(Some(1)).unwrap(), &|| {}).unwrap();
        let bars = &found.tornados[0].bars;
        assert_eq!(bars[0].path, "consumer.w.service");
        let presence = bars[0].ends[1].as_ref().unwrap().difference.presence;
        assert_eq!((presence.first_only, presence.both), (5, 0));
    }
}
