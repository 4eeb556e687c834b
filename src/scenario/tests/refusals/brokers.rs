//! Mistakes in what brokers differ in: traits of queues, keys, streams and their groups.

use super::{BASE, QUEUE, RATE, SERVICE, check, differs};

/// One mistake in the group of a stream `orders`: lines added to the consumer (the first is line 10), then line:column,
/// message and way out (fragments).
fn check_group(cases: &[(&str, &str, &str, &str)]) {
    let base = BASE.replace(QUEUE, "[stream.orders]\npartitions = 4");
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(lines, at, message, way_out)| {
            let text = base.replace(SERVICE, &format!("{SERVICE}\n{lines}"));
            differs(&text, at, message, way_out).map(|why| format!("{lines}: {why}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn traits_of_queues() {
    check(&[
        (QUEUE, "[queue.orders]\non_nack = \"lease\"", "6:11", "`on_nack` is about leases", "visibility_timeout"),
        (QUEUE, "[queue.orders]\nlease_check = \"5s\"", "6:15", "`lease_check` is about leases", "visibility_timeout"),
        (
            QUEUE,
            "[queue.orders]\nlease_extension = \"1h\"",
            "6:19",
            "`lease_extension` is about leases",
            "leave it out",
        ),
        (QUEUE, "[queue.orders]\nsession_idle = \"1s\"", "6:16", "without order = \"session\"", "add order"),
        (QUEUE, "[queue.orders]\nscan_depth = 100", "6:14", "without order = \"key\"", "add order = \"key\""),
        (QUEUE, "[queue.orders]\ndead_letter_expired = true", "6:23", "and there is none", "dead_letter"),
        (QUEUE, "[queue.orders]\ndead_letter_overflow = true", "6:24", "and there is none", "dead_letter"),
        (QUEUE, "[queue.orders]\ndead_letter_clock = \"original\"", "6:21", "and there is none", "dead_letter"),
        (
            QUEUE,
            "[queue.orders]\ncapacity = 5\noverflow = \"reject-dead-letter\"",
            "7:12",
            "says what goes to the dead-letter queue",
            "add dead_letter",
        ),
        (QUEUE, "[queue.orders]\nttl_at = \"head\"", "6:10", "`ttl_at` means nothing without a `ttl`", "set `ttl`"),
        (
            QUEUE,
            "[queue.orders]\nmax_deliveries = 3\ndelivery_count = []",
            "7:18",
            "`max_deliveries` would never be reached",
            "\"nack\"",
        ),
        (QUEUE, "[queue.orders]\ndelivery_count = [\"nak\"]", "6:19", "no choice \"nak\"", "did you mean \"nack\"?"),
        (
            QUEUE,
            "[queue.orders]\nat_most_once = true\nvisibility_timeout = \"5s\"",
            "6:16",
            "`at_most_once` has no leases",
            "leave one",
        ),
        (
            QUEUE,
            "[queue.orders]\nat_most_once = true\nmax_deliveries = 5",
            "7:18",
            "delivers nothing again",
            "leave one of them out",
        ),
        (QUEUE, "[queue.orders]\npublish_limit = 300", "6:17", "takes a rate with its unit", "\"300/s\""),
        (QUEUE, "[queue.orders]\ndeliver_limit = \"0\"", "6:17", "`deliver_limit`", "/s"),
        (QUEUE, "[queue.orders]\noperation_limit = \"1/parsec\"", "6:19", "not a unit of time", "/s"),
        (QUEUE, "[queue.orders]\nduplicate_delivery = 2", "6:22", "2 is not a share", "%"),
        (QUEUE, "[queue.orders]\nlog_length = 0", "6:14", "`log_length` = 0 means nothing", "1 or more"),
        (QUEUE, "[queue.orders]\ndedup_window = 300", "6:16", "a length of time with its unit", "\"300s\""),
        (QUEUE, "[queue.orders]\nsingle_active = \"yes\"", "6:17", "takes true or false", "without quotes"),
        (QUEUE, "[queue.orders]\nredelivery = \"front\"", "6:14", "no choice \"front\"", "\"tail\", \"head\""),
        (QUEUE, "[queue.orders]\nreceive_wait = -1", "6:16", "a length of time", ""),
        (
            QUEUE,
            "[queue.orders]\ncapacity_bytes = \"200 B\"",
            "6:18",
            "less than one message of producer `shop`",
            "raise",
        ),
        (QUEUE, "[queue.orders]\nmemory_alarm = 999", "6:16", "`memory_alarm` = 999 B is less than one", "`size`"),
        (QUEUE, "[queue.orders]\ncapacity_bytes = \"1 GX\"", "6:18", "`capacity_bytes`", ""),
    ]);
}

const KEYED: &str = "rate = \"10/s\"\nkeys = { count = 10 }\n[queue.orders]\n";
const TO_QUEUE: &str = "rate = \"10/s\"\n[queue.orders]\n";

#[test]
fn keys() {
    let keyed = |lines: &str| format!("{KEYED}{lines}\n");
    let row = |lines: &str, at: &str, message: &str, way_out: &str| {
        let text = BASE.replace(TO_QUEUE, &keyed(lines));
        differs(&text, at, message, way_out).map(|why| format!("{lines}: {why}"))
    };
    let wrong: Vec<String> = [
        row("order = \"key\"\nsession_idle = \"1s\"", "8:16", "without order = \"session\"", "add order"),
        row("order = \"key\"\npriorities = [\"a\"]", "8:14", "without order = \"priority\"", "leave them out"),
        row("order = \"session\"\npriorities = [\"a\"]", "8:14", "without order = \"priority\"", "leave them out"),
        row("order = \"key\"\nduplicate_delivery = 0.1", "8:22", "keeps the order of keys", "leave it out"),
    ]
    .into_iter()
    .flatten()
    .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    check(&[
        (RATE, "rate = \"10/s\"\nkeys = {}", "5:8", "needs `count`", "count = 100000"),
        (RATE, "rate = \"10/s\"\nkeys = { count = 0 }", "5:18", "`count` = 0 means nothing", "1 or more"),
        (RATE, "rate = \"10/s\"\nkeys = { count = 9, zipf = 0 }", "5:28", "`zipf` = 0 means nothing", "above zero"),
        (RATE, "rate = \"10/s\"\nkeys = { count = 9, hot = [0.7, 0.7] }", "5:27", "`hot` sum to 1.4", "1 or less"),
        (RATE, "rate = \"10/s\"\nkeys = { count = 1, hot = [0.2, 0.1] }", "5:27", "has 2 keys of 1", "raise `count`"),
        (RATE, "rate = \"10/s\"\nkeys = { count = 2, hot = [0.2, 0.1] }", "5:27", "not to 1", "the others"),
        (
            RATE,
            "rate = \"10/s\"\nkeys = { count = 9, zipf = 1, hot = [0.1] }",
            "5:28",
            "`zipf` and `hot`, which are two laws",
            "one of the two",
        ),
        (RATE, "rate = \"10/s\"\nsize = \"big\"", "5:8", "`size`", ""),
        (RATE, "rate = \"10/s\"\nduplicate = 1.5", "5:13", "1.5 is not a share", ""),
        (RATE, "rate = \"10/s\"\nbatch_size = \"16 KiB\"", "5:14", "publishes to none", "`batch`"),
        (RATE, "rate = \"10/s\"\noutbox = true", "5:10", "an outbox: it takes a table", "key = value"),
        (RATE, "messages = \"sizes.csv\"", "4:12", "sizes.csv:2: `size` = \"1.5\" is not a whole number", "time_s"),
        (
            QUEUE,
            "[queue.orders]\n[queue.keyed]\norder = \"key\"\n[consumer.onward]\nfrom = \"orders\"\nservice = \"1s\"\nthen = [{ to = \"keyed\" }]",
            "7:9",
            "`keyed` keeps the order of keys, but the messages of producer `shop` have none",
            "keys = { count = 1000 }",
        ),
        (
            QUEUE,
            "[queue.orders]\nmax_deliveries = 2\ndead_letter = \"dead\"\n[queue.dead]\norder = \"session\"",
            "9:9",
            "the messages of producer `shop` have none",
            "order = \"fifo\"",
        ),
        (
            QUEUE,
            "[queue.orders]\n[queue.keyed]\norder = \"key\"\ninitial = { messages = 5 }",
            "7:9",
            "the messages of `keyed` at time 0 have none",
            "leave `initial` out",
        ),
        (
            QUEUE,
            "[queue.orders]\npublish_limit = \"5/s\"\n[producer.two]\nto = \"orders\"\nrate = \"1/s\"\non_reject = \"block\"",
            "10:13",
            "the target refuses by rate",
            "retry",
        ),
    ]);
}

#[test]
fn consumers_of_queues() {
    check(&[
        (
            SERVICE,
            "service = \"1s\"\ncommit_interval = \"5s\"",
            "9:19",
            "belongs to consumers of streams",
            "read a stream",
        ),
        (SERVICE, "service = \"1s\"\ndead_letter = \"dead\"", "9:15", "belongs to consumers of streams", "queue's own"),
        (SERVICE, "service = \"1s\"\nmax_poll_records = 5", "9:20", "belongs to consumers of streams", "`receive`"),
        (SERVICE, "service = \"1s\"\nsession_timeout = \"5s\"", "9:19", "of streams", "`visibility_timeout`"),
        (SERVICE, "service = \"1s\"\non_failure = \"skip\"", "9:14", "of streams", "`max_deliveries`"),
        (SERVICE, "service = \"1s\"\nassignment = \"eager\"", "9:14", "of streams", "read a stream"),
        (SERVICE, "service = \"1s\"\nstart = \"latest\"", "9:9", "of streams", "read a stream"),
        (SERVICE, "service = \"1s\"\nheartbeat = \"5s\"", "9:13", "has no `visibility_timeout`", "set the queue's"),
        (
            SERVICE,
            "service = \"1s\"\nreceive = 10\nprefetch = 20",
            "9:11",
            "`prefetch` ahead of that",
            "one of the two",
        ),
        (
            SERVICE,
            "service = \"1s\"\nreceive = 10\nbatch = { size = 5 }",
            "9:11",
            "one after another",
            "one of the two",
        ),
        (SERVICE, "service = \"1s\"\npoll = \"1s\"\nprefetch = 20", "9:8", "it does not poll", "leave one out"),
        (
            SERVICE,
            "service = \"1s\"\nack = \"before\"\nidempotent = { window = \"1h\" }",
            "10:14",
            "nothing to remember",
            "after the work",
        ),
        (SERVICE, "service = \"1s\"\nidempotent = {}", "9:14", "needs `window`", "window = \"24h\""),
        (
            SERVICE,
            "service = \"1s\"\n[queue.once]\nat_most_once = true\n[consumer.c]\nfrom = \"once\"\nservice = \"1s\"\nretry = { backoff = \"1s\" }",
            "14:9",
            "takes nothing back",
            "where = \"process\"",
        ),
        (
            SERVICE,
            "service = \"1s\"\n[queue.sessions]\norder = \"session\"\n[consumer.c]\nfrom = \"sessions\"\nservice = \"1s\"\nbatch = { size = 5 }",
            "14:9",
            "no batch fills",
            "order = \"session\"",
        ),
        (
            SERVICE,
            "service = \"1s\"\n[queue.sessions]\norder = \"session\"\n[consumer.c]\nfrom = \"sessions\"\nservice = \"1s\"\nprefetch = 5",
            "14:12",
            "one at a time",
            "leave `prefetch` out",
        ),
    ]);
}

#[test]
fn streams_and_topics() {
    check(&[
        (QUEUE, "[stream.orders]\npartitions = 0", "6:14", "`partitions` = 0 means nothing", "1 or more"),
        (QUEUE, "[stream.orders]\npartitions = 100001", "6:14", "is more than 100000", "equal parts"),
        (QUEUE, "[stream.orders]\nretention = \"0s\"", "6:13", "longer than zero", ""),
        (QUEUE, "[stream.orders]\nshards = 3", "6:1", "`shards` is not a key of a stream", "`partitions`"),
        (QUEUE, "[stream.orders]\nreplication_factor = 3", "6:1", "`replication_factor` is not supported yet", "later"),
        (QUEUE, "[stream.orders]\npartition_limit = { write_bytes = 0 }", "6:35", "lets nothing through", "raise it"),
        (QUEUE, "[stream.orders]\npartition_limit = { wite = \"1/s\" }", "6:21", "`wite` is not a key", "`write`"),
        (QUEUE, "[stream.orders]\nrecovered_when = \"lag < 5\"", "6:18", "not about `lag`", "backlog <= 20"),
        (QUEUE, "[stream.orders]\nbroker = \"sqs\"", "6:10", "is no stream: it is a queue", "[queue.orders]"),
        (QUEUE, "[stream.orders]\ndead_letter = \"dead\"", "6:1", "`dead_letter` is not a key of a stream", ""),
        (
            RATE,
            "rate = \"10/s\"\non_reject = \"block\"\n[stream.s]\n[producer.two]\nto = \"s\"\nrate = \"1/s\"\non_reject = \"block\"",
            "10:13",
            "the target refuses by rate",
            "retry",
        ),
        (
            QUEUE,
            "[queue.orders]\n[topic.t]\ndelivery_retry = [{ attempts = 3, from = \"0s\", to = \"1s\" }]",
            "7:19",
            "cannot grow by a factor from 0s",
            "leave `to` out",
        ),
        (
            QUEUE,
            "[queue.orders]\n[topic.t]\ndelivery_retry = [{ from = \"1s\" }]",
            "7:19",
            "needs `attempts`",
            "attempts = 10",
        ),
        (
            QUEUE,
            "[queue.orders]\n[stream.s]\n[[fault]]\nat = \"1m\"\nfor = \"1m\"\nstream = \"s\"\nslow = 2",
            "11:8",
            "a stream has no fault `slow`",
            "`pause` and `down`",
        ),
        (
            QUEUE,
            "[queue.orders]\n[[fault]]\nat = \"1m\"\nfor = \"1m\"\nstream = \"orders\"\npause = true",
            "9:10",
            "is a queue, not a stream",
            "",
        ),
    ]);
}

#[test]
fn groups() {
    check_group(&[
        ("prefetch = 5", "10:12", "`prefetch` belongs to consumers of queues", "`max_poll_records`"),
        ("receive = 5", "10:11", "`receive` belongs to consumers of queues", "`max_poll_records`"),
        ("heartbeat = \"5s\"", "10:13", "`heartbeat` belongs to consumers of queues", "`session_timeout`"),
        ("retry = { max_attempts = 3 }", "10:26", "goes on for ever", "on_failure = \"skip\""),
        ("retry = { where = \"queue\" }", "10:19", "tried again in place", "on_failure = \"retry-topic\""),
        ("on_failure = \"dead-letter\"", "10:14", "does not say where records go", "add dead_letter"),
        ("on_failure = \"skip\"\ndead_letter = \"dead\"", "11:15", "nothing goes to `dead_letter`", "leave one"),
        ("on_failure = \"drop\"", "10:14", "no choice \"drop\"", "\"block\", \"skip\""),
        ("on_failure = \"retry-topic\"\nbatch = { size = 5 }", "11:9", "no use for a retry topic", "\"dead-letter\""),
        ("bisect = true", "10:10", "`bisect` halves batches", "add batch"),
        ("assignment = \"sticky\"", "10:14", "no choice \"sticky\"", "\"cooperative\""),
        ("start = \"middle\"", "10:9", "no choice \"middle\"", "\"earliest\", \"latest\""),
        ("start = { lag = 1, log = 5 }", "10:20", "`log` is not a key", "it has `lag`"),
        ("offset_reset = \"none\"", "10:16", "no choice \"none\"", "\"earliest\""),
        ("fan_out = true", "10:11", "`fan_out`", "\"enhanced\""),
        ("poll = \"10m\"\nmax_poll_interval = \"5m\"", "11:21", "put out between two polls", "lower `poll`"),
        (
            "heartbeat_interval = \"10s\"\nmax_poll_interval = \"5s\"",
            "11:21",
            "`heartbeat_interval` = 10s is longer than `max_poll_interval` = 5s",
            "raise `max_poll_interval`",
        ),
        (
            "session_timeout = \"2s\"\nheartbeat_interval = \"3s\"",
            "10:19",
            "taken for dead between two heartbeats",
            "lower `heartbeat_interval`",
        ),
        ("parallelization = 30000", "10:19", "into 120000 parts", "lower it"),
        ("replicas = 2000\nconcurrency = 1000", "10:12", "a group of 2000000 members", "lower `replicas`"),
        ("max_poll_records = 0", "10:20", "`max_poll_records` = 0 means nothing", "1 or more"),
        ("max_record_age = \"0s\"", "10:18", "longer than zero", ""),
        ("service_time = \"1s\"", "10:1", "`service_time` is not a key of a consumer", "`service`"),
    ]);
}

#[test]
fn messages_through_streams() {
    let service = |law: &str, lines: &str| {
        BASE.replace(QUEUE, "[stream.orders]").replace(SERVICE, &format!("service = {law}\n{lines}"))
    };
    let wrong: Vec<String> = [
        (service("\"1s\"", "then = [{ to = \"orders\" }]"), "9:16", "go round `orders` → `orders`", "below 1"),
        (
            service(
                "\"1s\"",
                "then = [{ to = \"q\" }]\n[queue.q]\n[consumer.back]\nfrom = \"q\"\nservice = \"1s\"\nthen = [{ to = \"orders\" }]",
            ),
            "14:16",
            "go round `q` → `orders` → `q`",
            "below 1",
        ),
        (
            service(
                "\"1s\"",
                "permanent_failure = 1\non_failure = \"dead-letter\"\ndead_letter = \"dead\"\n[consumer.back]\nfrom = \"dead\"\nservice = \"1s\"\nthen = [{ to = \"orders\" }]",
            ),
            "15:16",
            "go round `dead` → `orders` → `dead`",
            "below 1",
        ),
        (service("\"0s\"", "failure = 1"), "8:11", "for ever at the same instant", "on_failure = \"skip\""),
        (service("\"message\"", ""), "8:11", "those of producer `shop` bring none", "service_s"),
        (
            service("\"1s\"", "then = [{ to = \"q\" }]\n[queue.q]\n[consumer.c]\nfrom = \"q\"\nservice = \"message\""),
            "13:11",
            "those of producer `shop` bring none",
            "service_s",
        ),
        (
            service(
                "\"1s\"",
                "on_failure = \"skip\"\n[stream.s]\ninitial = { messages = 5 }\n[consumer.c]\nfrom = \"s\"\nservice = \"message\"",
            ),
            "14:11",
            "those of `s` at time 0 bring none",
            "leave `initial` out",
        ),
        (
            service(
                "\"1s\"",
                "on_failure = \"dead-letter\"\ndead_letter = \"dead\"\n[queue.dead]\norder = \"key\"",
            ),
            "12:9",
            "the messages of producer `shop` have none",
            "keys = ",
        ),
    ]
    .iter()
    .filter_map(|(text, at, message, way_out)| differs(text, at, message, way_out))
    .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
