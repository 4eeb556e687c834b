//! The threads that simulate: work is done in any order, and comes back in the order it was given.

use super::{Engine, Failure};
use rayon::prelude::*;

/// A pool of threads, and how they simulate; one thread needs no pool.
pub struct Crew {
    pool: Option<rayon::ThreadPool>,
    engine: Engine,
}

impl Crew {
    /// `None`: one thread a core.
    ///
    /// # Errors
    /// `Failure::Threads` where the system gives none.
    pub fn new(threads: Option<usize>) -> Result<Crew, Failure> {
        if threads == Some(1) {
            return Ok(Crew { pool: None, engine: Engine::Auto });
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0)).build();
        let pool = Some(pool.map_err(|error| Failure::Threads(error.to_string()))?);
        Ok(Crew { pool, engine: Engine::Auto })
    }

    /// The same, simulating as it is told.
    pub fn simulating(self, engine: Engine) -> Crew {
        Crew { engine, ..self }
    }

    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// How many things are done at once.
    pub fn at_once(&self) -> usize {
        self.pool.as_ref().map_or(1, rayon::ThreadPool::current_num_threads)
    }

    /// Does the work for each item; the results come in the items' order. A failure ends it, and of several that happen
    /// at once any is returned.
    ///
    /// # Errors
    /// Whatever `work` returns.
    pub fn map<T: Sync, R: Send, E: Send>(
        &self,
        items: &[T],
        work: impl Fn(&T) -> Result<R, E> + Sync + Send,
    ) -> Result<Vec<R>, E> {
        match &self.pool {
            None => items.iter().map(work).collect(),
            Some(pool) => pool.install(|| items.par_iter().map(work).collect()),
        }
    }
}
