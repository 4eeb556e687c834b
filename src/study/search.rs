//! The search for the smallest value that holds, over an oracle that may be unsure.
//!
//! An oracle says of each value whether it holds: yes, no, or undecided with a leaning. A glance is cheap and leans; a
//! verdict costs as much as it takes to be sure, or gives up. The search walks by leanings to where yes begins, asks for
//! verdicts only there, and then looks elsewhere whether the rest of the range is as it must be if the predicate is
//! monotone. It never takes a leaning for an answer.

use std::collections::BTreeMap;

/// What is known of one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Belief {
    /// It holds, with the confidence asked for.
    Yes,
    /// It does not, with the confidence asked for.
    No,
    /// Neither is sure; `leans` is what it looks like.
    Undecided { leans: bool },
}

impl Belief {
    pub fn leans_yes(self) -> bool {
        matches!(self, Belief::Yes | Belief::Undecided { leans: true })
    }
}

/// How hard to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effort {
    Glance,
    Verdict,
}

/// Who knows whether the value of an index holds. Asked again it may not change its mind, but for more effort.
pub(super) trait Oracle {
    type Error;

    /// # Errors
    /// Whatever keeps it from looking.
    fn ask(&mut self, index: usize, effort: Effort) -> Result<Belief, Self::Error>;
}

/// What came of the hardest look at a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) belief: Belief,
    pub(super) effort: Effort,
}

/// What the search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// The smallest index that holds with confidence, of those looked at.
    pub(super) answer: Option<usize>,
    /// Every index that was looked at, and what was seen in the end.
    pub(super) known: BTreeMap<usize, Look>,
}

impl Found {
    /// Sure failures above the answer: it holds, and then it does not. Empty for a monotone predicate.
    pub(super) fn fails_above(&self) -> Vec<usize> {
        let Some(answer) = self.answer else { return vec![] };
        self.known.range(answer + 1..).filter(|(_, look)| look.belief == Belief::No).map(|(index, _)| *index).collect()
    }

    /// Values below the answer of which it could not be told whether they hold, hard as one looked.
    pub(super) fn undecided_below(&self) -> Vec<usize> {
        let below = self.known.range(..self.answer.unwrap_or(usize::MAX));
        let hazy =
            below.filter(|(_, look)| look.effort == Effort::Verdict && matches!(look.belief, Belief::Undecided { .. }));
        hazy.map(|(index, _)| *index).collect()
    }

    /// The largest sure failure below the answer.
    pub(super) fn fails_below(&self) -> Option<usize> {
        let below = self.known.range(..self.answer?);
        below.rev().find(|(_, look)| look.belief == Belief::No).map(|(index, _)| *index)
    }
}

/// Looks for the smallest index below `count` that holds. Where `start` is given the search begins there and walks
/// outwards, which spares looking at the far end of a wide range; `checks` are looked at in the end, to find out whether
/// what holds goes on holding.
///
/// # Errors
/// Whatever the oracle returns.
pub(super) fn smallest<O: Oracle>(
    count: usize,
    start: Option<usize>,
    checks: impl Fn(usize) -> Vec<usize>,
    oracle: &mut O,
) -> Result<Found, O::Error> {
    let mut search = Search { oracle, known: BTreeMap::new(), count };
    let Some(leaning) = search.edge(start)? else {
        return Ok(Found { answer: None, known: search.known });
    };
    let mut answer = search.sure_from(leaning)?;
    if let Some(found) = answer {
        answer = Some(search.down_from(found)?);
    }
    if let Some(found) = answer {
        for index in checks(found) {
            search.check(index, found)?;
        }
        let lower = search.known.range(..found).find(|(_, look)| look.belief == Belief::Yes).map(|(index, _)| *index);
        if let Some(lower) = lower {
            answer = Some(search.down_from(lower)?);
        }
    }
    Ok(Found { answer, known: search.known })
}

struct Search<'o, O> {
    oracle: &'o mut O,
    known: BTreeMap<usize, Look>,
    count: usize,
}

impl<O: Oracle> Search<'_, O> {
    fn ask(&mut self, index: usize, effort: Effort) -> Result<Belief, O::Error> {
        if let Some(look) = self.known.get(&index)
            && (look.effort >= effort || matches!(look.belief, Belief::Yes | Belief::No))
        {
            return Ok(look.belief);
        }
        let belief = self.oracle.ask(index, effort)?;
        self.known.insert(index, Look { belief, effort });
        Ok(belief)
    }

    fn leans(&mut self, index: usize) -> Result<bool, O::Error> {
        Ok(self.ask(index, Effort::Glance)?.leans_yes())
    }

    fn is_sure(&mut self, index: usize) -> Result<bool, O::Error> {
        Ok(self.ask(index, Effort::Verdict)? == Belief::Yes)
    }

    /// The smallest index that looks as if it held, by bisection; `None` where none does.
    fn edge(&mut self, start: Option<usize>) -> Result<Option<usize>, O::Error> {
        let Some((mut below, mut above)) = self.bracket(start)? else { return Ok(None) };
        while above > below {
            let middle = below + (above - below) / 2;
            if self.leans(middle)? {
                above = middle;
            } else {
                below = middle + 1;
            }
        }
        Ok(Some(above))
    }

    /// (the least index that may be the edge, one that leans to yes).
    fn bracket(&mut self, start: Option<usize>) -> Result<Option<(usize, usize)>, O::Error> {
        let Some(top) = self.count.checked_sub(1) else { return Ok(None) };
        let mut at = start.unwrap_or(top).min(top);
        if self.leans(at)? {
            // Downwards by halves, but from the top: there plain bisection does the same.
            while start.is_some() && at > 0 {
                let next = at / 2;
                if !self.leans(next)? {
                    return Ok(Some((next + 1, at)));
                }
                at = next;
            }
            return Ok(Some((0, at)));
        }
        while at < top {
            let next = (at * 2).max(at + 1).min(top);
            if self.leans(next)? {
                return Ok(Some((at + 1, next)));
            }
            at = next;
        }
        // The top may fail by a hair, or because too much of it is as bad as too little.
        if self.is_sure(top)? {
            return Ok(Some((top, top)));
        }
        let inside = [top / 2, top / 4, top - top / 4, top / 8];
        for index in inside {
            if !self.known.contains_key(&index) && self.leans(index)? {
                return Ok(Some((0, index)));
            }
        }
        Ok(None)
    }

    /// The smallest index from `from` on that is sure to hold, under the assumption that sureness is monotone.
    fn sure_from(&mut self, from: usize) -> Result<Option<usize>, O::Error> {
        let top = self.count - 1;
        let (mut below, mut above, mut step) = (from, from, 1);
        while !self.is_sure(above)? {
            if above == top {
                return Ok(None);
            }
            below = above + 1;
            above = (above + step).min(top);
            step *= 2;
        }
        self.between(below, above).map(Some)
    }

    /// The smallest sure index from `below` to `above`, of which the last is sure.
    fn between(&mut self, mut below: usize, mut above: usize) -> Result<usize, O::Error> {
        while above > below {
            let middle = below + (above - below) / 2;
            if self.is_sure(middle)? {
                above = middle;
            } else {
                below = middle + 1;
            }
        }
        Ok(above)
    }

    /// From a sure index down to the last one of which the next below is not.
    fn down_from(&mut self, sure: usize) -> Result<usize, O::Error> {
        let (mut at, mut step) = (sure, 1);
        while at > 0 {
            let next = at.saturating_sub(step);
            if !self.is_sure(next)? {
                return self.between(next + 1, at);
            }
            at = next;
            step *= 2;
        }
        Ok(at)
    }

    /// Looks at a value that is known if the predicate is monotone; a surprise is looked at in earnest.
    fn check(&mut self, index: usize, answer: usize) -> Result<(), O::Error> {
        if index < self.count && self.leans(index)? != (index >= answer) {
            self.ask(index, Effort::Verdict)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    /// Knows the truth, and how hard it is to see.
    struct Synthetic<'a> {
        truth: &'a dyn Fn(usize) -> bool,
        /// Indices whose verdict stays undecided.
        hazy: &'a [usize],
        /// Indices whose glance leans the wrong way.
        misleading: &'a [usize],
        verdicts: usize,
        glances: usize,
    }

    impl Oracle for Synthetic<'_> {
        type Error = Infallible;

        fn ask(&mut self, index: usize, effort: Effort) -> Result<Belief, Infallible> {
            let truth = (self.truth)(index);
            if effort == Effort::Glance {
                self.glances += 1;
                return Ok(Belief::Undecided { leans: truth != self.misleading.contains(&index) });
            }
            self.verdicts += 1;
            Ok(match truth {
                _ if self.hazy.contains(&index) => Belief::Undecided { leans: truth },
                true => Belief::Yes,
                false => Belief::No,
            })
        }
    }

    fn oracle<'a>(truth: &'a dyn Fn(usize) -> bool) -> Synthetic<'a> {
        Synthetic { truth, hazy: &[], misleading: &[], verdicts: 0, glances: 0 }
    }

    fn found(count: usize, start: Option<usize>, oracle: &mut Synthetic<'_>) -> Found {
        let Ok(found) = smallest(count, start, |answer| vec![0, answer / 2, (answer + count) / 2, count - 1], oracle);
        found
    }

    #[test]
    fn a_threshold_anywhere_is_found_from_anywhere() {
        for count in [1, 2, 3, 17, 200] {
            for threshold in 0..=count {
                for start in [None, Some(0), Some(count / 3), Some(count - 1), Some(count + 5)] {
                    let truth = |index: usize| index >= threshold;
                    let mut oracle = oracle(&truth);
                    let found = found(count, start, &mut oracle);
                    let expected = (threshold < count).then_some(threshold);
                    assert_eq!(found.answer, expected, "{threshold} of {count} from {start:?}");
                    assert_eq!(found.fails_below(), threshold.checked_sub(1).filter(|_| threshold < count));
                    assert!(found.fails_above().is_empty() && found.undecided_below().is_empty());
                }
            }
        }
    }

    #[test]
    fn verdicts_are_asked_for_at_the_edge_only() {
        let truth = |index: usize| index >= 7_013;
        let mut oracle = oracle(&truth);
        assert_eq!(found(10_000, None, &mut oracle).answer, Some(7_013));
        assert!(oracle.verdicts == 2 && oracle.glances < 20, "{} {}", oracle.verdicts, oracle.glances);
    }

    #[test]
    fn a_wide_range_is_not_searched_to_its_end() {
        let truth = |index: usize| index >= 41;
        let mut oracle = oracle(&truth);
        let Ok(found) = smallest(1_000_000, Some(19), |_| vec![], &mut oracle);
        assert_eq!(found.answer, Some(41));
        assert!(*found.known.last_key_value().unwrap().0 < 100);
    }

    #[test]
    fn what_cannot_be_told_is_not_an_answer() {
        let truth = |index: usize| index >= 40;
        let mut oracle = Synthetic { hazy: &[38, 39, 40, 41], ..oracle(&truth) };
        let found = found(100, None, &mut oracle);
        assert_eq!(found.answer, Some(42));
        assert!(found.undecided_below().ends_with(&[41]), "{found:?}");
    }

    #[test]
    fn a_leaning_the_wrong_way_is_put_right() {
        let truth = |index: usize| index >= 40;
        for misleading in [&[39][..], &[38, 39], &[40], &[40, 41, 42], &[99]] {
            let mut oracle = Synthetic { misleading, ..oracle(&truth) };
            assert_eq!(found(100, None, &mut oracle).answer, Some(40), "{misleading:?}");
        }
    }

    #[test]
    fn nothing_holds() {
        let mut never = oracle(&|_| false);
        let found = found(50, None, &mut never);
        assert_eq!((found.answer, found.known[&49].belief), (None, Belief::No));
        let Ok(empty) = smallest(0, None, |_| vec![], &mut oracle(&|_| true));
        assert_eq!(empty.answer, None);
    }

    #[test]
    fn too_much_may_be_as_bad_as_too_little() {
        let truth = |index: usize| (20..60).contains(&index);
        let found = found(100, None, &mut oracle(&truth));
        assert_eq!(found.answer, Some(20));
        assert_eq!(
            found.fails_above(),
            [60, 99].into_iter().filter(|i| found.known.contains_key(i)).collect::<Vec<_>>()
        );
        assert!(found.fails_above().contains(&99));
    }

    #[test]
    fn what_holds_below_is_the_answer_then() {
        let truth = |index: usize| index >= 80 || (10..30).contains(&index);
        let Ok(found) = smallest(100, None, |answer| vec![answer / 4, answer / 2], &mut oracle(&truth));
        assert_eq!(found.answer, Some(10));
        assert!(found.fails_above().contains(&79));
    }
}
