//! The model of each run.

use super::Failure;
use crate::model::Model;
use crate::scenario::Scenario;
use std::borrow::Cow;

/// The models of a scenario's runs.
pub struct Models {
    base: Model,
}

impl Models {
    pub fn new(scenario: &Scenario) -> Models {
        Models { base: Model::compile(scenario) }
    }

    /// The model of the file as it stands.
    pub fn base(&self) -> &Model {
        &self.base
    }

    /// The model of a run.
    ///
    /// # Errors
    /// None today.
    pub fn at(&self, _run: u32) -> Result<Cow<'_, Model>, Failure> {
        Ok(Cow::Borrowed(&self.base))
    }
}
