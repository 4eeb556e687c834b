//! What a client does by default when it tries again, and who says so.

use serde_json::{Value, json};

use crate::broker::{self, Client, Fact};

use super::preset::{fact_json, row};
use super::screen::{Footnotes, Screen};

pub(super) fn named(name: &str) -> Option<&'static Client> {
    broker::clients().iter().copied().find(|client| client.name == name)
}

/// Whose retry the facts are of: title, word in JSON, facts.
fn parts(client: &Client) -> [(&'static str, &'static str, &'static [Fact]); 3] {
    [
        ("Its retries", "retry", client.facts),
        ("Besides, in the `retry` of a call", "calls", client.calls),
        ("Instead, in the `retry` of an `on_reject`", "on_reject", client.on_reject),
    ]
}

pub(super) fn text(client: &Client, screen: &Screen) -> String {
    let mut notes = Footnotes::default();
    let mut out = screen.heading(&format!("{}: {}", client.name, client.title));
    let about = format!("policy of a retry; {}; sources read in {}", client.version, client.as_of);
    out.push_str(&screen.paragraphs([about.as_str()]));
    for (title, _, facts) in parts(client).iter().filter(|(_, _, facts)| !facts.is_empty()) {
        let rows: Vec<Vec<String>> = facts.iter().map(|fact| row(fact, &mut notes)).collect();
        out.push_str(&format!("\n{}", screen.heading(title)));
        out.push_str(&screen.table(&["key", "value", "the client's names", "allowed there", "known from"], &rows));
    }
    if let Some(limit) = client.attempts_limit {
        out.push_str(&screen.paragraphs([format!("It never makes more than {limit} attempts.").as_str()]));
    }
    out + &notes.text(screen)
}

pub(super) fn json(client: &Client) -> Value {
    let mut value = json!({
        "schema_version": 1,
        "client": client.name,
        "title": client.title,
        "version": client.version,
        "as_of": client.as_of,
        "attempts_limit": client.attempts_limit,
    });
    for (_, name, facts) in parts(client) {
        value[name] = facts.iter().map(fact_json).collect();
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_client_can_be_shown() {
        for client in broker::clients() {
            let text = text(client, &Screen::new(100, false));
            assert!(text.contains(client.title) && text.contains("max_attempts"), "{text}");
            assert!(json(client)["retry"].as_array().is_some_and(|facts| facts.len() == client.facts.len()));
        }
        assert!(named("aws-standart").is_none());
    }
}
