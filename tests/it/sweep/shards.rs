//! Shards and their merging: exact, in any order, and never the wrong ones.

use std::fs;

use super::{REPLICAS, results, sweep};
use crate::program::{Ended, Place};

/// A plan of four points in three shards, and the same sweep on one machine.
fn place() -> Place {
    let place = Place::with_small();
    sweep(&place, "one", &REPLICAS);
    sweep(&place, "many", &[&REPLICAS[..], &["--shards", "3"]].concat());
    place
}

const PLAN: &str = "many/small/sweep/plan.json";

fn shard(place: &Place, index: &str, more: &[&str]) -> Ended {
    place.run(&[&["shard", PLAN, index], more].concat())
}

#[test]
fn merged_shards_are_the_sweep_of_one_machine() {
    let place = place();
    for index in ["2", "0", "1"] {
        shard(&place, index, &[]).with_status(0);
    }
    let ended = place.run(&["merge", PLAN, "--format", "csv"]).with_status(0);
    assert_eq!(ended.stdout(), place.read("one/small/sweep/sweep.csv"));
    assert!(results(&place, "one/small/sweep") == results(&place, "many/small/sweep"));
    assert!(!place.listing().iter().any(|name| name.contains("partial")), "{:?}", place.listing());
    // And a sweep on this machine finds the points.
    assert!(sweep(&place, "many", &REPLICAS).contains("4 of 4 points are there already"));
}

#[test]
fn what_is_missing_is_named() {
    let place = place();
    shard(&place, "1", &[]).with_status(0);
    let said = place.run(&["merge", PLAN]).with_status(1).stderr();
    assert!(said.contains("3 of 4 points are missing, of the shards 0, 2 of 3"), "{said}");
    assert!(!place.path("many/small/sweep/sweep.csv").exists());
}

#[test]
fn a_shard_that_is_there_is_left_alone_and_a_damaged_one_is_not() {
    let place = place();
    shard(&place, "0", &["--output", "shards"]).with_status(0);
    assert!(shard(&place, "0", &["--output", "shards"]).with_status(0).stderr().contains("is there already"));
    let point = place.listing().into_iter().find(|name| name.starts_with("shards/0000-of-0003/points/"));
    let point = point.expect("a point");
    let good = place.read(&point);
    place.write(&point, &good[..good.len() / 2]);
    assert!(!shard(&place, "0", &["--output", "shards"]).with_status(0).stderr().contains("already"));
    assert_eq!(place.read(&point), good);
}

#[test]
fn what_a_killed_shard_had_finished_is_taken_over() {
    let place = place();
    shard(&place, "0", &["--output", "shards"]).with_status(0);
    let whole = place.path("shards/0000-of-0003");
    // As a kill leaves it: some points, not sealed, under the name of work in progress.
    fs::remove_file(whole.join("shard.json")).expect("removed");
    fs::rename(&whole, place.path("shards/.0000-of-0003.partial-0")).expect("renamed");
    let said = shard(&place, "0", &["--output", "shards"]).with_status(0).stderr();
    assert!(said.contains("2 of 2 points are there already"), "{said}");
    let listing = place.listing();
    assert!(!listing.iter().any(|name| name.contains("partial")), "{listing:?}");
}

#[test]
fn merging_in_steps_and_in_any_order_is_the_same() {
    let place = place();
    for index in ["0", "1", "2"] {
        shard(&place, index, &["--output", "shards"]).with_status(0);
    }
    let [a, b, c] = ["shards/0000-of-0003", "shards/0001-of-0003", "shards/0002-of-0003"];
    place.run(&["merge", c, a, "--into", "ca"]).with_status(0);
    place.run(&["merge", b, "ca", "--into", "bca"]).with_status(0);
    place.run(&["merge", "shards", "--into", "abc"]).with_status(0);
    let read = |folder: &str| {
        let names = place.listing().into_iter().filter(|name| name.starts_with(&format!("{folder}/")));
        names.map(|name| (name[folder.len()..].to_string(), place.read(&name))).collect::<Vec<_>>()
    };
    assert_eq!(read("abc"), read("bca"));
    place.run(&["merge", PLAN, "bca", b, "--output", "stepwise", "--format", "none"]).with_status(0);
    assert!(results(&place, "one/small/sweep") == results(&place, "stepwise/small/sweep"));
    assert!(place.run(&["merge", a, "--into", "ca"]).with_status(2).stderr().contains("exists"));
}

#[test]
fn shards_of_another_plan_are_refused() {
    let place = place();
    shard(&place, "0", &["--output", "shards"]).with_status(0);
    sweep(&place, "other", &[&REPLICAS[..], &["--seed", "7", "--shards", "4"]].concat());
    place.run(&["shard", "other/small/sweep/plan.json", "1", "--output", "shards"]).with_status(0);
    let said = place.run(&["merge", "shards", "--into", "mixed"]).with_status(2).stderr();
    assert!(said.contains("belongs to another plan than"), "{said}");
    let said = place.run(&["merge", PLAN, "shards"]).with_status(2).stderr();
    assert!(said.contains("of another plan than this one: shards/0001-of-0004"), "{said}");
}

#[test]
fn shards_that_disagree_are_refused() {
    let place = place();
    shard(&place, "0", &["--output", "a"]).with_status(0);
    shard(&place, "0", &["--output", "b"]).with_status(0);
    let point = place.listing().into_iter().find(|name| name.starts_with("b/0000-of-0003/points/")).expect("a point");
    place.write(&point, &place.read(&point).replacen("\"value\": ", "\"value\": 1", 1));
    let said = place.run(&["merge", "a", "b", "--into", "ab"]).with_status(2).stderr();
    assert!(said.contains("different figures for the same point"), "{said}");
}

#[test]
fn a_plan_that_was_changed_is_refused() {
    let place = place();
    let plan = place.read(PLAN);
    place.write(PLAN, &plan.replace("\"runs\": 4", "\"runs\": 3"));
    let said = shard(&place, "0", &[]).with_status(2).stderr();
    assert!(said.contains("changed by hand or cut short"), "{said}");
    place.write(PLAN, &plan.replace(concat!("tailback ", env!("CARGO_PKG_VERSION")), "tailback 0.0.1"));
    assert!(shard(&place, "0", &[]).with_status(2).stderr().contains("written by tailback 0.0.1"));
    place.write(PLAN, &plan);
    assert!(shard(&place, "3", &[]).with_status(2).stderr().contains("there is no shard 3"));
}

#[test]
fn a_plan_carries_the_files_that_its_scenario_names() {
    let place = Place::new();
    let traced = crate::program::SMALL
        .replace("rate = \"20/s\"", "trace = \"rates.csv\"")
        .replace("spikes = [{ at = \"1m\", for = \"20s\", rate = \"80/s\" }]", "rate_scale = 1.0");
    place.write("small.toml", &traced);
    place.write("rates.csv", "time_s,rate\n0,20\n60,80\n80,20\n");
    sweep(&place, "one", &REPLICAS);
    sweep(&place, "many", &[&REPLICAS[..], &["--shards", "2"]].concat());
    fs::remove_file(place.path("rates.csv")).expect("removed");
    fs::remove_file(place.path("small.toml")).expect("removed");
    for index in ["0", "1"] {
        shard(&place, index, &[]).with_status(0);
    }
    place.run(&["merge", PLAN, "--format", "none"]).with_status(0);
    assert!(results(&place, "one/small/sweep") == results(&place, "many/small/sweep"));
}
