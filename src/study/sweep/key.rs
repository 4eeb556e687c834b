//! What a point is, as a hash: everything that its figures depend on, and nothing else.

use crate::study::Engine;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Of the layout of what is hashed, and of what a point's file holds.
const FORMAT: u32 = 1;

pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A point's key, 64 hex digits. `text_sha256` is of the scenario's text; `files` are those that this point names, each
/// with the hash of its bytes.
pub(super) fn of_point(
    text_sha256: &str,
    files: &[(String, String)],
    settings: &[(String, String)],
    seed: u64,
    runs: u32,
    engine: Engine,
) -> String {
    let what: Value = json!({
        "format": FORMAT,
        "tool": env!("CARGO_PKG_VERSION"),
        "text": text_sha256,
        "files": files,
        "settings": in_order(settings),
        "seed": seed,
        "runs": runs,
        "engine": engine.to_string(),
    });
    sha256(what.to_string().as_bytes())
}

/// Sorted where the order means nothing, so that sweeps that name their knobs in another order share their points. A
/// path that is set twice, or of which another one is the beginning, makes the order mean something.
pub(super) fn in_order(settings: &[(String, String)]) -> Vec<(String, String)> {
    let mut sorted = settings.to_vec();
    sorted.sort();
    let leads = |a: &str, b: &str| b.strip_prefix(a).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    // In sorted order a path stands before those that it begins, though not always right before them.
    let entangled =
        sorted.iter().enumerate().any(|(i, (path, _))| sorted[i + 1..].iter().any(|(other, _)| leads(path, other)));
    if entangled { settings.to_vec() } else { sorted }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(path, value)| (path.to_string(), value.to_string())).collect()
    }

    fn key(list: &[(&str, &str)], seed: u64) -> String {
        of_point("t", &[], &settings(list), seed, 20, Engine::Auto)
    }

    #[test]
    fn everything_that_matters_changes_the_key() {
        let base = key(&[("a", "1")], 1);
        assert_eq!(base, key(&[("a", "1")], 1));
        assert_ne!(base, key(&[("a", "2")], 1));
        assert_ne!(base, key(&[("a", "1")], 2));
        assert_ne!(base, of_point("u", &[], &settings(&[("a", "1")]), 1, 20, Engine::Auto));
        assert_ne!(base, of_point("t", &[("f.csv".into(), "0".into())], &settings(&[("a", "1")]), 1, 20, Engine::Auto));
        assert_ne!(base, of_point("t", &[], &settings(&[("a", "1")]), 1, 21, Engine::Auto));
        assert_ne!(base, of_point("t", &[], &settings(&[("a", "1")]), 1, 20, Engine::Weight(10)));
    }

    #[test]
    fn the_order_of_settings_matters_only_where_it_means_something() {
        assert_eq!(key(&[("a.x", "1"), ("b", "2")], 1), key(&[("b", "2"), ("a.x", "1")], 1));
        assert_ne!(key(&[("a", "{}"), ("a.x", "1")], 1), key(&[("a.x", "1"), ("a", "{}")], 1));
        assert_ne!(key(&[("a", "1"), ("a", "2")], 1), key(&[("a", "2"), ("a", "1")], 1));
        // A name that merely starts alike is another one.
        assert_eq!(key(&[("a.x", "1"), ("a.xy", "2")], 1), key(&[("a.xy", "2"), ("a.x", "1")], 1));
    }
}
