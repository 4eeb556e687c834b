//! `sensitivity.json`: the names are a contract with programs outside.

use serde_json::{Value, json};

use crate::report::Head;
use crate::report::compare::{of_difference, value_over_runs};
use crate::report::json::{number, optional};
use crate::study::{Bar, EndFindings, Sensitivity, Tornado};

pub(super) fn value(head: &Head, found: &Sensitivity) -> Value {
    let mut out = head.json();
    out.insert("figures".into(), found.tornados.iter().map(tornado).collect());
    let left_out = found.left_out.iter().map(|one| json!({ "path": one.path, "is": one.text, "why": one.why }));
    out.insert("not_moved".into(), left_out.collect());
    out.insert("notes".into(), found.notes.clone().into());
    out.into()
}

fn tornado(one: &Tornado) -> Value {
    json!({
        "figure": one.figure.expression,
        "component": one.figure.component,
        "metric": one.figure.metric,
        "stat": one.figure.stat,
        "base": value_over_runs(&one.base),
        "numbers": one.bars.iter().map(bar).collect::<Vec<_>>(),
    })
}

fn bar(bar: &Bar) -> Value {
    json!({
        "path": bar.path,
        "is": bar.text,
        "preset": bar.preset,
        "ruled_by": bar.ruled.as_ref().map(|ruled| &ruled.by),
        "has_effect": !bar.has_no_effect(),
        "length": number(bar.length()),
        "smaller": end(&bar.ends[0]),
        "larger": end(&bar.ends[1]),
    })
}

fn end(end: &Result<EndFindings, String>) -> Value {
    match end {
        Err(why) => json!({ "not_moved": why }),
        Ok(end) => {
            let mut out = json!({ "to": end.text, "change": optional(end.change) });
            for part in [value_over_runs(&end.value), of_difference(&end.difference)] {
                if let (Value::Object(out), Value::Object(part)) = (&mut out, part) {
                    out.extend(part);
                }
            }
            out
        }
    }
}
