//! What a study that makes its own variants of a scenario tells its caller: what it does, and why it ends early.

use super::{Crew, Failure, KnobValue, Simulator, memory};
use crate::model::Model;
use crate::scenario::Scenario;

/// `E` is what the maker of variants says where a value makes no scenario.
#[derive(Debug)]
pub enum Halt<E> {
    Study(Failure),
    Variant(E),
}

impl<E> From<Failure> for Halt<E> {
    fn from(failure: Failure) -> Halt<E> {
        Halt::Study(failure)
    }
}

/// Told what a study does while it does it.
pub struct Watch<'a> {
    /// A value is looked at: it, and how many runs are made of it now.
    pub looking: &'a dyn Fn(&KnobValue, u32),
    /// A run is done; from any thread.
    pub ran: &'a (dyn Fn() + Sync),
}

/// Whether two variants are the same system: whatever was changed between them changes nothing.
pub fn same_system(a: &Scenario, b: &Scenario) -> bool {
    // Models are plain data without an order of their own, so what they print is what they are.
    format!("{:?}", Model::compile(a)) == format!("{:?}", Model::compile(b))
}

/// Refuses a scenario that needs more memory than there is, before it is simulated. Only figures are kept of a study's
/// runs, so those at once are all that needs room.
pub(super) fn roomy(scenario: &Scenario, crew: &Crew, available: Option<u64>) -> Result<(), Failure> {
    let mut abreast = scenario.clone();
    abreast.runs = abreast.runs.min(crew.at_once() as u32);
    let simulator = Simulator::new(&abreast, crew.engine())?;
    memory::check(&abreast, &simulator, crew.at_once() as u64, available)
}
