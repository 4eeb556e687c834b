//! What random scenarios found, cut down to what it takes: each was wrong once.

use super::examine;

#[track_caller]
fn holds(text: &str) {
    let head = "duration = \"90s\"\nruns = 3\n[producer.p]\nto = \"q\"\n\
                stages = [{ duration = \"30s\", target = \"20/s\" }, { duration = \"0s\", target = \"0/s\" }]\n";
    match examine(&format!("{head}{text}")) {
        Some(result) => result.unwrap_or_else(|wrong| panic!("{wrong}\n{text}")),
        None => panic!("the language refuses\n{text}"),
    }
}

#[test]
fn a_message_that_comes_back_too_late_is_let_go_of_once() {
    // It expired at the head at the very instant of its return, and its record was given back twice.
    holds(
        "[queue.q]\nmax_in_flight = 3\nttl = { exp = \"2s\" }\nttl_at = \"head\"\n\
         [consumer.w]\nfrom = \"q\"\nreplicas = 4\nservice = { exp = \"200ms\" }\nfailure = 0.5\n",
    );
}

#[test]
fn an_invocation_tries_again_inside_the_process() {
    // The message that was to be tried again was forgotten when its batch of one ended.
    holds(
        "[queue.q]\n[consumer.w]\nfrom = \"q\"\nservice = { exp = \"20ms\" }\nfailure = 0.1\n\
         retry = { backoff = \"100ms\", where = \"process\" }\n\
         [consumer.w.scaling]\npolicy = \"lambda\"\nreserved_concurrency = 2\n",
    );
}

#[test]
fn a_lease_is_not_extended_after_a_failure() {
    // With nobody to tell the broker, the message stayed in flight for ever.
    holds(
        "[queue.q]\nvisibility_timeout = \"300ms\"\non_nack = \"lease\"\n\
         [consumer.w]\nfrom = \"q\"\nheartbeat = \"40ms\"\nservice = { exp = \"20ms\" }\nfailure = 0.2\n",
    );
}

#[test]
fn a_paced_try_that_never_went_out_has_not_timed_out() {
    // The attempt ends while its call waits for its turn; there were more timeouts than calls.
    holds(
        "[queue.q]\n[consumer.w]\nfrom = \"q\"\nservice = { exp = \"20ms\" }\ntimeout = \"40ms\"\n\
         calls = [{ dependency = \"d\", retry = { policy = \"aws-adaptive\" } }]\n\
         [dependency.d]\nservice = \"15ms\"\nrate_limit = { rate = \"15/s\" }\n",
    );
}
