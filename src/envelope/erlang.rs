//! Erlang's formulas: c servers, Poisson arrivals, exponential service, and who waits how long.
//!
//! Source: Gross, Shortle, Thompson and Harris, "Fundamentals of Queueing Theory", 4th ed. 2008, chapter 2.

/// Erlang B: the share of arrivals that find all of `servers` busy where nobody can wait; `offered` = λ·E\[S\].
pub fn erlang_b(servers: u32, offered: f64) -> f64 {
    (1..=servers).fold(1.0, |blocked, k| offered * blocked / (f64::from(k) + offered * blocked))
}

/// Erlang C: the share of arrivals that wait. 1 where the servers cannot keep up.
pub fn erlang_c(servers: u32, offered: f64) -> f64 {
    let utilization = offered / f64::from(servers);
    if utilization >= 1.0 {
        return 1.0;
    }
    let blocked = erlang_b(servers, offered);
    blocked / (1.0 - utilization * (1.0 - blocked))
}

/// M/M/c in its steady state. Seconds, per second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mmc {
    pub rate: f64,
    pub service_s: f64,
    pub servers: u32,
}

impl Mmc {
    pub fn utilization(&self) -> f64 {
        self.rate * self.service_s / f64::from(self.servers)
    }

    /// cμ − λ: what is left of the capacity, per second.
    pub fn spare(&self) -> f64 {
        f64::from(self.servers) / self.service_s - self.rate
    }

    /// P(W > 0).
    pub fn waits(&self) -> f64 {
        erlang_c(self.servers, self.rate * self.service_s)
    }

    pub fn mean_wait_s(&self) -> f64 {
        self.waits() / self.spare()
    }

    /// The least t with P(W ≤ t) ≥ p, from P(W > t) = C·e^−(cμ−λ)t.
    pub fn wait_quantile_s(&self, p: f64) -> f64 {
        ((self.waits() / (1.0 - p)).ln() / self.spare()).max(0.0)
    }

    /// P(T > t) of wait and service together.
    pub fn latency_beyond(&self, t: f64) -> f64 {
        let (waits, spare, mu) = (self.waits(), self.spare(), 1.0 / self.service_s);
        let own = (-mu * t).exp();
        let sum = if (spare - mu).abs() < 1e-9 * mu {
            (1.0 + mu * t) * own
        } else {
            (spare * own - mu * (-spare * t).exp()) / (spare - mu)
        };
        (1.0 - waits) * own + waits * sum
    }

    /// The least t with P(T ≤ t) ≥ p.
    pub fn latency_quantile_s(&self, p: f64) -> f64 {
        bisect(|t| self.latency_beyond(t) <= 1.0 - p, self.service_s)
    }

    /// Time in which what an unusual start left behind fades to a third or so: 1 / (√(cμ) − √λ)².
    pub fn relaxation_s(&self) -> f64 {
        let capacity = f64::from(self.servers) / self.service_s;
        1.0 / (capacity.sqrt() - self.rate.sqrt()).powi(2)
    }
}

/// The least t at which `reached` is true and stays so, to one part in 10¹⁰; `scale` is a first guess.
pub(super) fn bisect(reached: impl Fn(f64) -> bool, scale: f64) -> f64 {
    let (mut low, mut high) = (0.0, scale);
    while !reached(high) && high < 1e15 {
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = (low + high) / 2.0;
        if reached(middle) {
            high = middle;
        } else {
            low = middle;
        }
        if high - low <= 1e-10 * high {
            break;
        }
    }
    high
}

/// The fewest servers for which `enough` is true, from the least that keep up on; `None` beyond ten million.
pub fn fewest(rate: f64, service_s: f64, enough: impl Fn(&Mmc) -> bool) -> Option<u32> {
    let least = (rate * service_s * (1.0 + 1e-12)).floor() as u32 + 1;
    let with = |servers| Mmc { rate, service_s, servers };
    // Doubling the servers beyond the least, then halving the gap: more servers never wait longer.
    let mut beyond = 1;
    while !enough(&with(least - 1 + beyond)) {
        beyond *= 2;
        if beyond > 10_000_000 {
            return None;
        }
    }
    let (mut low, mut high) = (least - 1 + beyond / 2, least - 1 + beyond);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if enough(&with(middle)) { high = middle } else { low = middle }
    }
    Some(high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_is_the_textbook_case() {
        let one = Mmc { rate: 8.0, service_s: 0.1, servers: 1 };
        assert!((one.waits() - 0.8).abs() < 1e-12 && (one.mean_wait_s() - 0.4).abs() < 1e-12);
        // The sojourn time is exponential with mean 1/(μ − λ) = 0.5 s.
        assert!((one.latency_quantile_s(0.99) - 0.5 * 100f64.ln()).abs() < 1e-8);
    }

    #[test]
    fn a_call_centre() {
        let centre = Mmc { rate: 0.2, service_s: 240.0, servers: 55 };
        assert!((centre.waits() - 0.2387).abs() < 5e-5 && (centre.mean_wait_s() - 8.184).abs() < 5e-4);
        assert_eq!(fewest(0.2, 240.0, |m| m.waits() * (-m.spare() * 15.0).exp() <= 0.2), Some(55));
    }
}
