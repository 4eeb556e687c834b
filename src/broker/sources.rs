//! Where the facts were read.

/// The address behind a fact's `source`.
pub fn source(key: &str) -> Option<&'static str> {
    SOURCES.iter().find(|(name, _)| *name == key).map(|(_, address)| *address)
}

/// Key and address, in the order of the brokers.
const SOURCES: &[(&str, &str)] = &[("TAILBACK", "Tailback's own neutral broker")];
