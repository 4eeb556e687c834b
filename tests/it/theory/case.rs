//! Truth cases as they lie in the shared folder: one JSON file a family.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Files that a scenario names, by name.
pub(crate) type FileMap = BTreeMap<String, Vec<u8>>;

/// One case with its inputs and the numbers that a simulator must reproduce.
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) parameters: Value,
    pub(crate) expected: Value,
    /// Relative error of the expected numbers themselves.
    pub(crate) numeric_error: f64,
}

/// The cases of a family; none, with a line on stderr, where the shared folder is absent.
pub(crate) fn shared(family: &str) -> Vec<Case> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/truth").join(format!("{family}.json"));
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("SKIPPED: no truth set for {family} beside the repository");
        return vec![];
    };
    let root: Value = serde_json::from_str(&text).expect("the truth file is JSON");
    assert_eq!(root["schema"], "tailback-truth/1");
    let cases: Vec<Case> = root["cases"].as_array().expect("cases").iter().map(Case::read).collect();
    assert!(!cases.is_empty());
    cases
}

impl Case {
    fn read(value: &Value) -> Case {
        Case {
            id: value["id"].as_str().expect("id").to_owned(),
            parameters: value["parameters"].clone(),
            expected: value["expected"].clone(),
            numeric_error: value["tolerance"]["numeric_rel_err_of_expected"].as_f64().unwrap_or(0.0),
        }
    }

    pub(crate) fn number(&self, key: &str) -> f64 {
        self.parameters[key].as_f64().unwrap_or_else(|| panic!("{} has no number {key}", self.id))
    }

    pub(crate) fn expected(&self, metric: &str) -> Option<f64> {
        self.expected[metric].as_f64()
    }

    /// Service, servers and rate of a plain station.
    pub(crate) fn service(&self) -> Law {
        Law::read(&self.parameters["service"])
    }

    pub(crate) fn servers(&self) -> f64 {
        self.number("servers")
    }
}

/// A distribution of the truth set: how the scenario language writes it, and its first two moments.
#[derive(Clone)]
pub(crate) struct Law {
    /// Inline TOML.
    pub(crate) toml: String,
    pub(crate) mean_s: f64,
    /// Squared coefficient of variation; a guess of 4 where it is infinite, for sizing runs only.
    pub(crate) scv: f64,
}

impl Law {
    pub(crate) fn read(value: &Value) -> Law {
        let n = |key: &str| value[key].as_f64().unwrap_or_else(|| panic!("no number {key} in {value}"));
        let kind = value["dist"].as_str().expect("dist");
        let branches = || value["branches"].as_array().expect("branches").iter();
        match kind {
            "exp" => Law { toml: format!("{{ exp = {} }}", s(n("mean_s"))), mean_s: n("mean_s"), scv: 1.0 },
            "const" => Law { toml: s(n("value_s")), mean_s: n("value_s"), scv: 0.0 },
            "erlang" => {
                let toml = format!("{{ erlang = {{ mean = {}, k = {} }} }}", s(n("mean_s")), n("k"));
                Law { toml, mean_s: n("mean_s"), scv: 1.0 / n("k") }
            }
            "gamma" | "lognormal" => {
                let toml = format!("{{ {kind} = {{ mean = {}, cv = {} }} }}", s(n("mean_s")), n("cv"));
                Law { toml, mean_s: n("mean_s"), scv: n("cv") * n("cv") }
            }
            "weibull" => {
                let toml = format!("{{ weibull = {{ mean = {}, shape = {} }} }}", s(n("mean_s")), n("shape"));
                Law { toml, mean_s: n("mean_s"), scv: 2.2 }
            }
            "uniform" => {
                let (a, b) = (n("a_s"), n("b_s"));
                let mean_s = (a + b) / 2.0;
                let scv = (b - a).powi(2) / 12.0 / (mean_s * mean_s);
                Law { toml: format!("{{ uniform = [{}, {}] }}", s(a), s(b)), mean_s, scv }
            }
            "pareto" => {
                let toml = format!("{{ pareto = {{ min = {}, alpha = {} }} }}", s(n("min_s")), n("alpha"));
                Law { toml, mean_s: n("min_s") * n("alpha") / (n("alpha") - 1.0), scv: 4.0 }
            }
            "pareto_capped" => {
                let (min, alpha, cap) = (s(n("min_s")), n("alpha"), s(n("cap_s")));
                let toml = format!("{{ pareto = {{ min = {min}, alpha = {alpha}, cap = {cap} }} }}");
                Law { toml, mean_s: n("mean_s_derived"), scv: 6.0 }
            }
            "hyperexp" => Law::mixture(branches(), "hyperexp", "mean", "mean_s", 2.0),
            "bimodal" => Law::mixture(branches(), "choice", "value", "value_s", 1.0),
            other => panic!("distribution {other} is new to this test"),
        }
    }

    /// A mixture of exponentials or constants; `second` is E[X²] ÷ E[X]² of one branch.
    fn mixture<'a>(
        branches: impl Iterator<Item = &'a Value>,
        word: &str,
        toml_key: &str,
        key: &str,
        second: f64,
    ) -> Law {
        let (mut parts, mut mean_s, mut square) = (vec![], 0.0, 0.0);
        for branch in branches {
            let (share, value) = (branch["share"].as_f64().expect("share"), branch[key].as_f64().expect("value"));
            parts.push(format!("{{ share = {share}, {toml_key} = {} }}", s(value)));
            mean_s += share * value;
            square += share * second * value * value;
        }
        Law { toml: format!("{{ {word} = [{}] }}", parts.join(", ")), mean_s, scv: square / (mean_s * mean_s) - 1.0 }
    }
}

/// A duration in the scenario language.
pub(crate) fn s(seconds: f64) -> String {
    format!("\"{seconds}s\"")
}

/// A rate in the scenario language.
pub(crate) fn per_s(rate: f64) -> String {
    format!("\"{rate}/s\"")
}

/// A generator of the tests' own (SplitMix64), so that inputs drawn here do not come from the code under test.
pub(crate) struct Draws(u64);

impl Draws {
    /// The seed is scrambled first: a generator that steps by a constant would otherwise give neighbouring seeds one
    /// sequence, shifted by one draw.
    pub(crate) fn new(seed: u64) -> Draws {
        Draws(scramble(seed.wrapping_add(0x2545_F491_4F6C_DD1D)))
    }

    /// Uniform on (0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        (scramble(self.0) >> 11) as f64 / (1u64 << 53) as f64 + f64::EPSILON / 4.0
    }

    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * self.uniform().ln()
    }
}

fn scramble(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
