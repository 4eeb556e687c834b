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

#[test]
fn a_key_is_free_after_a_delivery_that_does_not_count() {
    // Failures do not count here; what came back so was taken for new, and its key stayed shut.
    keyed_holds(
        "[queue.q]\norder = \"key\"\nmax_deliveries = 2\ndelivery_count = [\"crash\", \"lease\"]\n\
         [consumer.w]\nfrom = \"q\"\nservice = \"10ms\"\nfailure = 0.5\n",
    );
}

#[test]
fn who_lets_go_of_a_session_takes_another() {
    // The slot waited for the next publish while other sessions had messages.
    keyed_holds("[queue.q]\norder = \"session\"\n[consumer.w]\nfrom = \"q\"\nservice = \"30ms\"\n");
}

#[test]
fn a_commit_does_not_hide_the_end_of_a_wait_for_more() {
    // The look at the broker for the commit took the place of the one at which the last records would have been taken.
    for waits in ["batch = { size = 8, wait = \"150ms\" }", "fetch_min_bytes = \"5 KB\"\nfetch_wait = \"300ms\""] {
        holds(&format!(
            "[stream.q]\n[consumer.w]\nfrom = \"q\"\ncommit_interval = \"1s\"\nservice = \"5ms\"\n{waits}\n"
        ));
    }
}

#[track_caller]
fn keyed_holds(text: &str) {
    holds(&format!("keys = {{ count = 9 }}\n{text}"));
}

#[test]
fn a_static_member_that_is_back_hears_of_the_round_it_missed() {
    // The round that began while a deploy had it away waited for it for ever, and nobody read its partitions.
    holds(
        "[stream.q]\npartitions = 3\n[consumer.w]\nfrom = \"q\"\nassignment = \"eager\"\nsession_timeout = \"4s\"\n\
         static_membership = true\nreplicas = 5\nservice = \"50ms\"\n\
         schedule = [{ at = \"9s\", replicas = 2 }, { at = \"20s\", replicas = 6 }]\n\
         [[fault]]\nat = \"8s\"\nconsumer = \"w\"\n\
         deploy = { max_unavailable = \"40%\", drain = \"150ms\", startup = { exp = \"1s\" } }\n",
    );
}
