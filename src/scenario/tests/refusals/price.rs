//! Prices that cannot be.

use super::{QUEUE, RATE, SERVICE, check, differs};
use crate::scenario::tests::BASE;

#[test]
fn prices_that_cannot_be() {
    check(&[
        (SERVICE, "service = \"50ms\"\nprice = 5", "9:9", "`price` takes a price", "\"0.08/h\""),
        (SERVICE, "service = \"50ms\"\nprice = \"$5/h\"", "9:9", "names a currency", "number alone"),
        (SERVICE, "service = \"50ms\"\nprice = \"5/GB\"", "9:9", "leaves open what of `worker`", "for each replica"),
        (SERVICE, "service = \"50ms\"\nprice = {}", "9:9", "the `price` of `worker` says nothing", "for each replica"),
        (
            SERVICE,
            "service = \"50ms\"\nprice = { replica = \"5/M\" }",
            "9:21",
            "`replica` = \"5/M\" is no price by time",
            "\"0.08/h\"",
        ),
        (SERVICE, "service = \"50ms\"\nprice = { storage = \"5/GB-h\" }", "9:11", "`storage` is not a key", "replica"),
        (RATE, "rate = \"10/s\"\nprice = \"1/M\"", "5:1", "`price` is not a key of a producer", ""),
        (QUEUE, "[queue.orders]\nprice = { partition = \"1/h\" }", "6:11", "`partition` is not a key", ""),
        (
            QUEUE,
            "[queue.orders]\nbilling = { chunk = \"64 KiB\" }",
            "6:11",
            "there is no price for them",
            "requests = \"0.40/M\"",
        ),
        (
            QUEUE,
            "[queue.orders]\nprice = \"1/GB-h\"\nbilling = { chunk = \"64 KiB\" }",
            "7:11",
            "there is no price for them",
            "requests = \"0.40/M\"",
        ),
        (
            QUEUE,
            "[queue.orders]\nprice = \"1/M\"\nbilling = { counts = [\"recieve\"] }",
            "7:23",
            "no choice \"recieve\"",
            "did you mean \"receive\"?",
        ),
        ("duration = \"10m\"", "duration = \"10m\"\ncurrency = \"EUR\"", "2:12", "nothing has a `price`", "0.08/h"),
        ("duration = \"10m\"", "duration = \"10m\"\nslo = [\"cost < 5\"]", "2:8", "nothing has a price", "0.08/h"),
    ]);
}

#[test]
fn prices_of_streams_that_cannot_be() {
    let stream = |price: &str| {
        format!(
            "duration = \"10m\"\n[producer.p]\nto = \"s\"\nrate = \"1/s\"\n[stream.s]\nprice = {price}\n\
             [consumer.c]\nfrom = \"s\"\nservice = \"1ms\"\n"
        )
    };
    let wrong: Vec<String> = [
        ("\"0.015/h\"", "6:9", "leaves open what of `s`", "partition = \"0.015/h\""),
        ("{ enhanced = \"0.015/h\" }", "6:22", "no consumer has one", "fan_out = \"enhanced\""),
        ("{ shard = \"0.015/h\" }", "6:11", "`shard`", "partition"),
    ]
    .into_iter()
    .filter_map(|(price, at, message, way_out)| differs(&stream(price), at, message, way_out))
    .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_price_alone_is_for_what_its_unit_says() {
    let what = |from: &str, to: &str| {
        let scenario = crate::scenario::tests::parse(&BASE.replacen(from, to, 1)).unwrap();
        scenario.prices.tariffs.iter().map(|tariff| tariff.what.key()).collect::<Vec<_>>()
    };
    assert_eq!(what(SERVICE, "service = \"50ms\"\nprice = \"1/h\""), ["replica"]);
    assert_eq!(what(SERVICE, "service = \"50ms\"\nprice = \"1/M\""), ["requests"]);
    assert_eq!(what(QUEUE, "[queue.orders]\nprice = \"1/M\""), ["requests"]);
    assert_eq!(what(QUEUE, "[queue.orders]\nprice = \"1/GB\""), ["data_in", "data_out"]);
    assert_eq!(what(QUEUE, "[queue.orders]\nprice = \"1/GB-month\""), ["storage"]);
    assert_eq!(what(QUEUE, "[queue.orders]\nprice = \"1/day\""), ["fixed"]);
}
