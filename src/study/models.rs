//! The model of each run.

use super::Failure;
use crate::model::Model;
use crate::scenario::Scenario;
use std::borrow::Cow;

/// The models of a scenario's runs. Where values are uncertain, each run draws its own.
pub struct Models {
    base: Model,
    /// `None` where all runs have the same model.
    unsettled: Option<Box<Scenario>>,
}

impl Models {
    pub fn new(scenario: &Scenario) -> Models {
        let unsettled = (!scenario.uncertain.is_empty()).then(|| Box::new(scenario.clone()));
        Models { base: Model::compile(scenario), unsettled }
    }

    /// A model that all runs have.
    pub fn alike(model: Model) -> Models {
        Models { base: model, unsettled: None }
    }

    /// The model of the file as it stands; of what is uncertain, with the medians.
    pub fn base(&self) -> &Model {
        &self.base
    }

    /// The model of a run, with the values that it draws.
    ///
    /// # Errors
    /// `Failure::Draws` where what a run draws breaks a rule, or makes its results no match for those of the others.
    pub fn at(&self, run: u32) -> Result<Cow<'_, Model>, Failure> {
        let Some(unsettled) = &self.unsettled else { return Ok(Cow::Borrowed(&self.base)) };
        let settled = unsettled.settled(run).map_err(|problems| {
            let said: Vec<String> = problems.iter().map(|problem| problem.message.clone()).collect();
            draws(unsettled, run, &said.join("; "))
        })?;
        let model = Model::compile(&settled);
        if let Some(difference) = difference(&self.base, &model) {
            return Err(draws(unsettled, run, &difference));
        }
        Ok(Cow::Owned(model))
    }
}

fn draws(scenario: &Scenario, run: u32, why: &str) -> Failure {
    let drawn = scenario.uncertain.iter().zip(scenario.drawn(run));
    let values: Vec<String> = drawn.map(|(one, value)| format!("{} = {}", one.path, one.shown(value))).collect();
    Failure::Draws { run, values: values.join(", "), why: why.into() }
}

/// Results are summed up disturbance by disturbance, so all runs must have the same ones in the same order.
fn difference(base: &Model, model: &Model) -> Option<String> {
    let labels = |model: &Model| model.disturbances.iter().map(|d| d.label.clone()).collect::<Vec<String>>();
    let (here, there) = (labels(model), labels(base));
    let listed = |labels: &[String]| if labels.is_empty() { "none".into() } else { labels.join(", then ") };
    (here != there).then(|| {
        format!(
            "its disturbances are {}, but at the medians they are {}, and results are told by disturbance",
            listed(&here),
            listed(&there)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SourceModel;
    use std::collections::BTreeMap;

    fn scenario(lines: &str) -> Scenario {
        let text = format!(
            "duration = \"10m\"\n[producer.shop]\nto = \"orders\"\nrate = \"10/s\"\n\
             spikes = [{{ at = \"1m\", for = \"1m\", rate = \"50/s\" }}, {{ at = \"4m\", for = \"1m\", rate = \"50/s\" }}]\n\
             [queue.orders]\n[consumer.worker]\nfrom = \"orders\"\nservice = \"50ms\"\n{lines}"
        );
        let files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        Scenario::parse(&text, &files).unwrap()
    }

    fn rate(model: &Model) -> f64 {
        let SourceModel::Curve { curve, .. } = &model.producers[0].source else { panic!("a curve") };
        curve.rate_at(0.0)
    }

    #[test]
    fn a_run_has_the_values_that_it_draws() {
        let known = Models::new(&scenario(""));
        assert!(matches!(known.at(3).unwrap(), Cow::Borrowed(_)));
        let scenario = scenario("[uncertain]\n\"producer.shop.rate\" = [\"10/s\", \"20/s\"]\n");
        let models = Models::new(&scenario);
        assert_eq!(rate(models.base()), 15.0);
        for run in 0..5 {
            assert_eq!(rate(&models.at(run).unwrap()), scenario.drawn(run)[0]);
        }
    }

    #[test]
    fn runs_with_other_disturbances_are_no_match() {
        let models = Models::new(&scenario("[uncertain]\n\"producer.shop.spikes.0.for\" = [\"30s\", \"5m\"]\n"));
        let failures: Vec<String> =
            (0..20).filter_map(|run| models.at(run).err()).map(|failure| failure.to_string()).collect();
        assert!((5..15).contains(&failures.len()), "{}", failures.len());
        assert!(failures[0].contains("producer.shop.spikes.0.for = "), "{}", failures[0]);
        assert!(failures[0].contains("its disturbances are spike of shop, but"), "{}", failures[0]);
    }
}
