//! Comparisons in a table, and the gate over them.

/// One number of one case.
pub(crate) struct Comparison {
    pub(crate) case: String,
    pub(crate) metric: String,
    pub(crate) expected: f64,
    pub(crate) got: f64,
    pub(crate) se: f64,
    /// Absolute, beside chance: error of the expected number, resolution of the histogram, digits printed.
    pub(crate) slack: f64,
    /// Relative standard error that the rule asks for; `None` where none is asked.
    pub(crate) wanted_se: Option<f64>,
    /// Wider where the message budget ends before the rule is met; the table shows it.
    pub(crate) allowed_se: Option<f64>,
    /// What a reader of the table must know about this row; mostly nothing.
    pub(crate) remark: &'static str,
}

impl Comparison {
    /// An exact comparison: |got − expected| ≤ `slack`.
    pub(crate) fn exact(case: &str, metric: &str, expected: f64, got: f64, slack: f64) -> Comparison {
        let (case, metric) = (case.to_owned(), metric.to_owned());
        Comparison { case, metric, expected, got, se: 0.0, slack, wanted_se: None, allowed_se: None, remark: "" }
    }

    /// With a standard error that is known rather than measured.
    pub(crate) fn known(case: &str, metric: &str, expected: f64, got: f64, se: f64) -> Comparison {
        let slack = expected.abs() * 1e-6 + 1e-9;
        Comparison { se, ..Comparison::exact(case, metric, expected, got, slack) }
    }

    /// Standard errors beyond the slack; infinite where there is no error and the slack does not cover it.
    pub(crate) fn z(&self) -> f64 {
        let over = (self.got - self.expected).abs() - self.slack;
        if self.got.is_nan() {
            f64::INFINITY
        } else if over <= 0.0 {
            0.0
        } else {
            (over / self.se).copysign(self.got - self.expected)
        }
    }

    fn relative_se(&self) -> f64 {
        if self.expected == 0.0 { 0.0 } else { (self.se / self.expected).abs() }
    }

    fn too_noisy(&self) -> bool {
        self.allowed_se.is_some_and(|allowed| self.relative_se() > allowed)
    }

    fn wide(&self) -> bool {
        self.wanted_se.is_some_and(|wanted| self.relative_se() > wanted)
    }
}

/// How far off a comparison may be.
#[derive(Clone, Copy)]
pub(crate) struct Gate {
    /// No comparison beyond this many standard errors.
    pub(crate) never: f64,
    /// Beyond this only one comparison in a hundred, or those of one case: its metrics share their luck.
    pub(crate) rarely: f64,
}

/// The truth set's rule for replications.
pub(crate) const REPLICATIONS: Gate = Gate { never: 4.5, rarely: 3.5 };
/// The truth set's rule where the standard error is known exactly.
pub(crate) const KNOWN: Gate = Gate { never: 4.0, rarely: 4.0 };

/// Prints the family's table and panics, naming them, over comparisons outside the gate.
pub(crate) fn judge(family: &str, gate: Gate, rows: &[Comparison]) {
    eprintln!("{}", table(family, rows));
    let describe = |row: &&Comparison| {
        format!("{} {}: {} instead of {} (z {:.2})", row.case, row.metric, row.got, row.expected, row.z())
    };
    let beyond = |limit: f64| rows.iter().filter(|row| row.z().abs() > limit).collect::<Vec<_>>();
    let mut faults: Vec<String> = beyond(gate.never).iter().map(describe).collect();
    let rare = beyond(gate.rarely);
    let one_case = rare.iter().all(|row| row.case == rare[0].case);
    if rare.len() * 100 > rows.len() && !(one_case && gate.rarely < gate.never) {
        faults.extend(rare.iter().map(|row| format!("too many beyond {}: {}", gate.rarely, describe(row))));
    }
    let noisy = rows.iter().filter(|row| row.too_noisy());
    faults.extend(noisy.map(|row| {
        format!("{} {}: standard error {:.2} % of the value", row.case, row.metric, 100.0 * row.relative_se())
    }));
    assert!(faults.is_empty(), "{family}:\n{}", faults.join("\n"));
}

fn table(family: &str, rows: &[Comparison]) -> String {
    let mut out = format!(
        "\n{family}\n{:<30} {:<34} {:>14} {:>14} {:>11} {:>7} {:>7}  se wanted\n",
        "case", "metric", "expected", "got", "se", "se %", "z"
    );
    for row in rows {
        let wanted = match (row.wanted_se, row.wide()) {
            (None, _) => "not asked".to_owned(),
            (Some(wanted), false) => format!("{:.0} %", 100.0 * wanted),
            (Some(wanted), true) => format!("{:.0} %: WIDER, the message budget ends", 100.0 * wanted),
        };
        out += &format!(
            "{:<30} {:<34} {:>14.7} {:>14.7} {:>11.3e} {:>7.2} {:>7.2}  {wanted}{}\n",
            row.case,
            row.metric,
            row.expected,
            row.got,
            row.se,
            100.0 * row.relative_se(),
            row.z(),
            row.remark
        );
    }
    let wide = rows.iter().filter(|row| row.wide()).count();
    if wide > 0 {
        out += &format!("{wide} of {} comparisons have a wider standard error than the rule asks for\n", rows.len());
    }
    out
}

/// A loud line for what was left out.
pub(crate) fn leave_out(family: &str, what: &str, reason: &str) {
    eprintln!("LEFT OUT: {family} {what}: {reason}");
}
