//! Puts slices of a sweep together: exactly, in any order, any number of times.

use super::plan::SweepPlan;
use super::point::PointResult;
use std::collections::BTreeMap;

/// Some points of a sweep, as they lie in one folder.
#[derive(Debug, Clone)]
pub struct Slice {
    /// For people.
    pub name: String,
    /// Hash of the plan that it belongs to.
    pub plan: String,
    pub points: Vec<PointResult>,
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum MergeFailure {
    #[error(
        "{name} belongs to another plan than {other} ({theirs:.12}… and {ours:.12}…): only slices of one plan, made by one \
         version, are put together"
    )]
    Mixed { name: String, other: String, theirs: String, ours: String },
    #[error(
        "{name} and {other} have different figures for the same point {key:.12}…: one of them was changed, or the machines \
         compute differently; delete the one you trust less and run its shard again"
    )]
    Differ { name: String, other: String, key: String },
}

/// All points of the slices, each once, by key.
///
/// # Errors
/// Slices of different plans; different figures for one point.
pub fn merge(slices: &[Slice]) -> Result<BTreeMap<String, PointResult>, MergeFailure> {
    let mut all: BTreeMap<String, (PointResult, &str)> = BTreeMap::new();
    for slice in slices {
        let first = &slices[0];
        if slice.plan != first.plan {
            return Err(MergeFailure::Mixed {
                name: slice.name.clone(),
                other: first.name.clone(),
                theirs: slice.plan.clone(),
                ours: first.plan.clone(),
            });
        }
        for point in &slice.points {
            let joined = match all.get(&point.key) {
                Some((known, other)) if !known.agrees_with(point) => {
                    return Err(MergeFailure::Differ {
                        name: slice.name.clone(),
                        other: (*other).into(),
                        key: point.key.clone(),
                    });
                }
                Some((known, _)) => known.clone().joined(point),
                None => point.clone(),
            };
            all.insert(point.key.clone(), (joined, &slice.name));
        }
    }
    Ok(all.into_iter().map(|(key, (point, _))| (key, point)).collect())
}

impl SweepPlan {
    /// The points that are not among those merged.
    pub fn lacking(&self, points: &BTreeMap<String, PointResult>) -> Vec<usize> {
        (0..self.points.len()).filter(|&i| !points.contains_key(&self.points[i].key)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::FigureUnit;
    use crate::study::PointFigure;

    fn point(key: &str, value: f64) -> PointResult {
        let figure = PointFigure {
            expression: "q.peak_backlog".into(),
            unit: FigureUnit::Count,
            headline: Some(0),
            pooled: false,
            value: Some(value),
            by_run: vec![Some(value)],
        };
        PointResult { key: key.into(), settings: vec![], figures: vec![figure], slo: vec![] }
    }

    fn slice(name: &str, plan: &str, points: &[PointResult]) -> Slice {
        Slice { name: name.into(), plan: plan.into(), points: points.to_vec() }
    }

    #[test]
    fn merging_is_associative_and_order_free() {
        let (a, b, c) = (point("a", 1.0), point("b", 0.1 + 0.2), point("c", 3.0));
        let one = slice("1", "p", &[a.clone(), b.clone()]);
        let two = slice("2", "p", std::slice::from_ref(&c));
        let three = slice("3", "p", std::slice::from_ref(&b));
        let all = merge(&[one.clone(), two.clone(), three.clone()]).unwrap();
        assert_eq!(all, merge(&[three.clone(), two.clone(), one.clone()]).unwrap());
        let halves: Vec<PointResult> = merge(&[two, three]).unwrap().into_values().collect();
        assert_eq!(all, merge(&[slice("2+3", "p", &halves), one]).unwrap());
        assert_eq!(all.into_values().collect::<Vec<_>>(), [a, b, c]);
    }

    #[test]
    fn what_does_not_belong_together_is_refused() {
        let mixed = merge(&[slice("1", "p", &[]), slice("2", "q", &[])]).unwrap_err();
        assert!(mixed.to_string().contains("2 belongs to another plan than 1"), "{mixed}");
        let differ = merge(&[slice("1", "p", &[point("a", 1.0)]), slice("2", "p", &[point("a", 2.0)])]).unwrap_err();
        assert!(differ.to_string().contains("2 and 1 have different figures"), "{differ}");
    }
}
