//! Fluids: peaks, drains, areas and the longest wait, with ramps, steps of replicas and outages; and servers without end.

use super::{near, parsed};
use crate::theory::case::{s, shared};
use crate::theory::fluid::{curve, points, replicas, servers};
use tailback::envelope::{fluid, in_work_at, load_of};
use tailback::scenario::Service;

#[test]
fn the_fluid_is_exact() {
    for case in shared("fluid") {
        let steps = servers(&case);
        let outage = steps.iter().position(|(_, count)| *count == 0.0);
        let (consumer, fault) = match outage {
            None => (replicas(&steps), String::new()),
            Some(i) => {
                let (at, lasts) = (steps[i].0, steps[i + 1].0 - steps[i].0);
                let fault = format!(
                    "[[fault]]\nname = \"f\"\nat = {}\nfor = {}\nconsumer = \"w\"\npause = true\n",
                    s(at),
                    s(lasts)
                );
                (replicas(&steps[..1]), fault)
            }
        };
        let text = format!(
            "duration = {}\n[producer.p]\nto = \"q\"\nprocess = \"constant\"\n{}\n[queue.q]\n[consumer.w]\nfrom = \"q\"\n{consumer}service = {}\n{fault}",
            s(case.number("duration_s")),
            curve(&points(&case)),
            case.service().toml
        );
        let scenario = parsed(&text);
        let load = load_of(&scenario, 0).expect("a load");
        let course = fluid(&scenario, &load);
        let id = &case.id;
        near(id, "peak", course.peak, case.expected("ready_peak").expect("peak"), 1e-8);
        near(
            id,
            "start",
            course.starts_at_s.expect("it grows"),
            case.expected("queue_starts_at_s").expect("start"),
            1e-8,
        );
        near(id, "area", course.area, case.expected("ready_area_message_s").expect("area"), 1e-6);
        let delayed = case.expected("messages_delayed").expect("messages");
        near(id, "delayed, those that still wait included", course.delayed + course.left, delayed, 1e-6);
        near(id, "longest wait", course.oldest_s, case.expected("max_wait_s").expect("wait"), 1e-6);
        match case.expected("drained_at_s") {
            Some(at) => {
                near(id, "drained at", course.empty_at_s.expect("it drains"), at, 1e-8);
                near(id, "peak at", course.peak_at_s, case.expected("peak_at_s").expect("an instant"), 1e-8);
            }
            None => assert_eq!(course.empty_at_s, None, "{id}"),
        }
    }
}

#[test]
fn as_many_servers_as_it_takes() {
    for case in shared("infinite_server") {
        let n = |key: &str| case.parameters[key].as_f64();
        let (Some(base), Some(spike)) = (n("base_per_s"), n("spike_per_s")) else { continue };
        let (from, lasts) = (n("spike_from_s").expect("from"), n("spike_for_s").expect("for"));
        // The spike of the case begins at 0, before which the base rate holds: here it comes late enough.
        let late = 1000.0;
        let text = format!(
            "duration = \"1h\"\n[producer.p]\nto = \"q\"\nrate = \"{base}/s\"\nspikes = [{{ at = {}, for = {}, rate = \"{spike}/s\" }}]\n\
             [queue.q]\n[consumer.w]\nfrom = \"q\"\nreplicas = 100000\nservice = {}\n",
            s(late + from),
            s(lasts),
            case.service().toml
        );
        let scenario = parsed(&text);
        let load = load_of(&scenario, 0).expect("a load");
        let Service::Drawn(law) = &scenario.consumers[0].service else { panic!("a law") };
        for point in case.expected["in_flight_mean_at"].as_array().expect("instants") {
            let (t, mean) = (point["t_s"].as_f64().expect("t"), point["mean"].as_f64().expect("mean"));
            near(&case.id, &format!("in work at {t}"), in_work_at(&load, law, late + t), mean, 1e-4);
        }
        let lines = tailback::envelope::check(&scenario, &tailback::envelope::Question::default());
        let most = case.expected("peak_mean").expect("the most");
        near(&case.id, "at the most", super::value(&lines, "slots_without_waiting"), most, 1e-4);
    }
}
