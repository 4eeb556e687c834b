//! The language as its users meet it: what is taken, what is refused and in which words.

mod brokers;
mod dependency;
mod everything;
mod overrides;
mod refusals;
mod robustness;
mod scaling;
mod sound;
mod uncertain;

use super::{Files, Problem, Scenario, render};
use std::collections::BTreeMap;

/// Files that the tests' scenarios name.
fn files() -> BTreeMap<String, Vec<u8>> {
    let file = |name: &str, text: &str| (name.to_string(), text.as_bytes().to_vec());
    BTreeMap::from([
        file("trace.csv", "time_s,count\n0,60\n60,120\n120,30\n"),
        file("backwards.csv", "time_s,rate\n0,1\n60,2\n30,3\n"),
        file("bad.csv", "time_s,rate\n0,1\n60,NaN\n"),
        file("empty.csv", "time_s,rate\n"),
        file("messages.csv", "time_s,service_s\n0.5,0.1\n1,0.2\n"),
        file("plain.csv", "time_s\n0.5\n1\n"),
        file("levels.csv", "time_s,priority,poison\n0.5,high,0\n1,1,1\n"),
        file(
            "keyed.csv",
            "time_s,key,size,service_s\n0,7,100,0.1\n1,anna,2000,0.2\n2,7,1,0.1\n3,bob,1,0\n4,2147483648,1,0\n",
        ),
        file("sizes.csv", "time_s,size\n0,1.5\n"),
        file("lengths.csv", "service_s\n0.1\n0.3\n"),
    ])
}

fn parse(text: &str) -> Result<Scenario, Vec<Problem>> {
    Scenario::parse(text, &files() as &dyn Files)
}

/// The problems as the user sees them.
fn shown(text: &str) -> String {
    match parse(text) {
        Ok(_) => String::new(),
        Err(problems) => render(&problems, "s.toml", text, false),
    }
}

/// A small sound scenario, to which tests add.
const BASE: &str = r#"duration = "10m"
[producer.shop]
to = "orders"
rate = "10/s"
[queue.orders]
[consumer.worker]
from = "orders"
service = "50ms"
"#;
