//! A probability, written `0.02` or `"2%"`.

use super::split_number;

/// A number from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default)]
pub struct Share(pub f64);

impl Share {
    pub fn value(self) -> f64 {
        self.0
    }

    /// A plain number, refused outside 0 … 1.
    pub fn from_number(number: f64) -> Result<Share, String> {
        if (0.0..=1.0).contains(&number) {
            return Ok(Share(number));
        }
        let way_out = if number > 1.0 && number <= 100.0 {
            format!("; write \"{number}%\" or {}", number / 100.0)
        } else {
            String::new()
        };
        Err(format!("{number} is not a share: it lies between 0 and 1{way_out}"))
    }

    /// Reads `"2%"` or `"0.02"`. The error is a sentence for the user.
    pub fn parse(text: &str) -> Result<Share, String> {
        match split_number(text) {
            Some((number, "%")) if (0.0..=100.0).contains(&number) => Ok(Share(number / 100.0)),
            Some((_, "%")) => Err(format!("\"{text}\" is not a share: it lies between 0% and 100%")),
            Some((number, "")) => Share::from_number(number),
            _ => Err(format!("\"{text}\" is not a share; write 0.02 or \"2%\"")),
        }
    }
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}%", super::significant(self.0 * 100.0, 4))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_mean_what_they_say() {
        assert_eq!(Share::parse("2%"), Ok(Share(0.02)));
        assert_eq!(Share::parse("0.5"), Ok(Share(0.5)));
        for text in ["2", "120%", "-1%", "two"] {
            assert!(Share::parse(text).is_err(), "{text}");
        }
        assert!(Share::from_number(5.0).unwrap_err().contains("5%"));
        assert!(Share::from_number(f64::NAN).is_err());
    }
}
