//! Message by message or scaled down: how a run is simulated.

use super::{Failure, Models};
use crate::engine::{self, EngineError};
use crate::model::{Bound, Model, QueueModel, Rounded, Scaled, ServiceModel};
use crate::observe::Observations;
use crate::scenario::Scenario;
use crate::units::Duration;
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// Messages of one run up to which each is simulated by itself, unless something else was asked for.
pub const EXACT_BUDGET: f64 = 20e6;
/// Messages that a scaled run simulates at most.
pub const SCALED_BUDGET: f64 = 2e6;
/// Fewer messages than that say little of how the real ones are spread.
const LEAST: f64 = 1e3;

/// What was asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Engine {
    /// Exact up to `EXACT_BUDGET`, then the smallest weight that fits into `SCALED_BUDGET`.
    #[default]
    Auto,
    Exact,
    /// The smallest weight that fits, whatever the traffic; at least 10.
    Scaled,
    /// Messages that each simulated one stands for.
    Weight(u32),
}

/// As in a plan that is written to a file.
impl fmt::Display for Engine {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Engine::Auto => out.write_str("auto"),
            Engine::Exact => out.write_str("exact"),
            Engine::Scaled => out.write_str("scaled"),
            Engine::Weight(weight) => write!(out, "{weight}"),
        }
    }
}

impl FromStr for Engine {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Engine, Self::Err> {
        Ok(match text {
            "auto" => Engine::Auto,
            "exact" => Engine::Exact,
            "scaled" => Engine::Scaled,
            weight => Engine::Weight(weight.parse()?),
        })
    }
}

/// How the runs of a scenario are simulated.
#[derive(Debug, Clone, PartialEq)]
pub struct Chosen {
    /// 1: each message by itself.
    pub weight: u32,
    /// What keeps the weight below the one that was wanted, or the run exact.
    pub bound: Option<Bound>,
}

/// What a reader must know of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EngineFindings {
    /// 0 and 1: each message was simulated by itself.
    pub weight: u32,
    /// Whole numbers that did not divide.
    pub rounded: Vec<Rounded>,
    /// Sentences.
    pub coarse: Vec<String>,
}

impl EngineFindings {
    /// For the notes of a report.
    pub fn sentences(&self) -> Vec<String> {
        let mut said = vec![];
        if self.weight > 1 {
            let weight = crate::units::grouped(self.weight.into(), 0);
            said.push(format!("Scaled: each simulated message stands for {weight} real ones."));
        }
        let capital = |sentence: &String| {
            let mut letters = sentence.chars();
            letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
        };
        said.extend(self.coarse.iter().map(capital));
        if !self.rounded.is_empty() {
            let one = |it: &Rounded| {
                let count = |count: f64| crate::units::grouped(count.round(), 0);
                format!("{} is taken for {} instead of {}", it.what, count(it.used), count(it.real as f64))
            };
            said.push(format!("Rounded: {}.", self.rounded.iter().map(one).collect::<Vec<String>>().join("; ")));
        }
        said
    }

    /// The word in results.
    pub fn word(&self) -> &'static str {
        if self.weight > 1 { "scaled" } else { "exact" }
    }
}

impl Chosen {
    pub const EXACT: Chosen = Chosen { weight: 1, bound: None };

    /// # Errors
    /// `Failure::Unscalable` where a scaled run was asked for and the scenario does not stand it.
    pub fn of(model: &Model, wanted: Engine) -> Result<Chosen, Failure> {
        let messages = model.expected_messages();
        let weight = match wanted {
            Engine::Exact => return Ok(Chosen::EXACT),
            Engine::Auto if messages <= EXACT_BUDGET => return Ok(Chosen::EXACT),
            Engine::Auto => smallest(messages / SCALED_BUDGET),
            Engine::Scaled => smallest(messages / SCALED_BUDGET).max(10),
            Engine::Weight(weight) => weight.max(1),
        };
        let bound = model.weight_bounds().into_iter().next().filter(|bound| bound.weight < weight);
        let allowed = bound.as_ref().map_or(weight, |bound| largest(bound.weight));
        match wanted {
            Engine::Weight(_) if allowed < weight => Err(unscalable(weight, model)),
            Engine::Scaled if allowed < 2 => Err(unscalable(weight, model)),
            Engine::Weight(_) | Engine::Scaled if messages / f64::from(weight) < LEAST && weight > 1 => {
                let (messages, weight) = (messages.round() as u64, u64::from(weight));
                Err(Failure::Unscalable(format!(
                    "a run is about {messages} messages, of which {} would be left at a weight of {weight}; run it with \
                     `--engine exact`, or with a smaller `--weight`",
                    messages / weight
                )))
            }
            _ => Ok(Chosen { weight: allowed, bound }),
        }
    }
}

/// Simulates the runs of one scenario as was chosen for it.
pub struct Simulator {
    models: Models,
    pub chosen: Chosen,
    /// Of the base model.
    scaled: Option<Scaled>,
}

impl Simulator {
    /// # Errors
    /// `Failure::Unscalable` where a scaled run was asked for and the scenario does not stand it.
    pub fn new(scenario: &Scenario, wanted: Engine) -> Result<Simulator, Failure> {
        Simulator::of(Models::new(scenario), wanted)
    }

    /// The same for models of one's own.
    ///
    /// # Errors
    /// As `new`.
    pub fn of(models: Models, wanted: Engine) -> Result<Simulator, Failure> {
        let chosen = Chosen::of(models.base(), wanted)?;
        let scaled = (chosen.weight > 1).then(|| models.base().scaled(chosen.weight));
        Ok(Simulator { models, chosen, scaled })
    }

    pub fn models(&self) -> &Models {
        &self.models
    }

    /// The model whose messages are simulated, at what is uncertain's medians.
    pub fn simulated(&self) -> &Model {
        self.scaled.as_ref().map_or(self.models.base(), |scaled| &scaled.model)
    }

    /// The model of a run, and what was seen of it in real messages.
    ///
    /// # Errors
    /// As `Models::at`; `Failure::Engine` where the run fails its audit or stands still.
    pub fn run(&self, run: u32) -> Result<(Cow<'_, Model>, Observations), Failure> {
        let model = self.models.at(run)?;
        let seen = match (&model, &self.scaled) {
            (Cow::Borrowed(_), Some(scaled)) => engine::run(&scaled.model, run)?.unscaled(scaled),
            _ => self.simulate(&model, run)?,
        };
        Ok((model, seen))
    }

    /// A run of a model of one's own, in the same way.
    ///
    /// # Errors
    /// As `engine::run`.
    pub fn simulate(&self, model: &Model, run: u32) -> Result<Observations, EngineError> {
        if self.chosen.weight <= 1 {
            return engine::run(model, run);
        }
        let scaled = model.scaled(self.chosen.weight);
        Ok(engine::run(&scaled.model, run)?.unscaled(&scaled))
    }

    /// What is rough in every scaled run.
    fn general(&self) -> Vec<String> {
        let weight = self.chosen.weight;
        if weight <= 1 {
            return vec![];
        }
        let model = self.models.base();
        let times = crate::units::grouped(weight.into(), 0);
        let mut said = vec![
            format!(
                "counts are multiples of {times}: what happens to fewer messages in a run is not seen, or seen as so many"
            ),
            format!(
                "the oldest age and the greatest latency are those among {times} times fewer messages, so a rare long \
                 service is missed"
            ),
        ];
        let by_chance = |queue: &QueueModel| {
            queue.recovered_when.is_none() && model.consumers.iter().any(|c| model.queues[c.queue].name == queue.name)
        };
        if !model.disturbances.is_empty() && model.queues.iter().any(by_chance) {
            said.push(
                "recovery is measured against the highest backlog before the disturbance, which is a matter of chance: \
                 `recovered_when` makes it firm"
                    .into(),
            );
        }
        for consumer in model.consumers.iter().filter(|consumer| model.queues[consumer.queue].group.is_some()) {
            if let ServiceModel::Drawn(law) = &consumer.service {
                let piece = Duration::from_seconds(law.mean() * f64::from(weight));
                said.push(format!("a member of `{}` works in pieces of {piece}", consumer.name));
            }
        }
        said
    }

    pub fn findings(&self) -> EngineFindings {
        let weight = self.chosen.weight;
        let mut coarse = self.general();
        if let Some(bound) = &self.chosen.bound {
            coarse.push(if weight > 1 {
                format!("the weight is {weight} and no more because {}", bound.reason)
            } else {
                format!("every message is simulated, many as they are, because {}", bound.reason)
            });
        }
        let (rounded, rough) = self
            .scaled
            .as_ref()
            .map_or_else(Default::default, |scaled| (scaled.rounded.clone(), scaled.coarse.clone()));
        coarse.extend(rough);
        EngineFindings { weight, rounded, coarse }
    }
}

fn unscalable(weight: u32, model: &Model) -> Failure {
    let bounds = model.weight_bounds();
    let tight = bounds.iter().filter(|bound| bound.weight < weight).take(3);
    let reasons: Vec<String> = tight.map(|bound| format!("{} at most, as {}", bound.weight, bound.reason)).collect();
    Failure::Unscalable(format!(
        "a message that stands for {weight} would change the answer: {}; run it with `--engine exact`, or with a `--weight` \
         that is small enough",
        reasons.join("; ")
    ))
}

/// The least of 1, 2, 5, 10, 20, 50 … that is not below.
fn smallest(least: f64) -> u32 {
    weights().find(|weight| f64::from(*weight) >= least * (1.0 - 1e-9)).unwrap_or(u32::MAX)
}

/// The greatest of them that is not above.
pub(super) fn largest(most: u32) -> u32 {
    weights().take_while(|weight| *weight <= most).last().unwrap_or(1)
}

fn weights() -> impl Iterator<Item = u32> {
    (0..9u32).flat_map(|power| [1, 2, 5].map(|first| first * 10u32.pow(power)))
}
