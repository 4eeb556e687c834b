//! Bytes, written `"4 KB"` (base 10) or `"1 MiB"` (base 2).

use super::split_number;

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Size(pub u64);

const UNITS: [(&str, f64); 10] = [
    ("", 1.0),
    ("B", 1.0),
    ("KB", 1e3),
    ("kB", 1e3),
    ("MB", 1e6),
    ("GB", 1e9),
    ("KiB", 1024.0),
    ("MiB", 1_048_576.0),
    ("GiB", 1_073_741_824.0),
    ("TB", 1e12),
];

impl Size {
    /// Reads a number and a unit. The error is a sentence for the user.
    pub fn parse(text: &str) -> Result<Size, String> {
        let hint = "sizes are written \"4 KB\" or \"1 MiB\"";
        let Some((number, unit)) = split_number(text) else {
            return Err(format!("\"{text}\" is not a size; {hint}"));
        };
        match UNITS.iter().find(|(name, _)| *name == unit) {
            Some((_, bytes)) if number >= 0.0 => Ok(Size((number * bytes).round() as u64)),
            Some(_) => Err(format!("\"{text}\" is negative; a size is zero or more")),
            None => Err(format!("\"{unit}\" is not a unit of size; {hint}")),
        }
    }
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (size, unit) = match self.0 {
            1_000_000_000.. => (1e9, "GB"),
            1_000_000.. => (1e6, "MB"),
            1_000.. => (1e3, "KB"),
            _ => (1.0, "B"),
        };
        write!(f, "{} {unit}", super::significant(self.0 as f64 / size, 3))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_ten_and_base_two_differ() {
        assert_eq!(Size::parse("4 KB"), Ok(Size(4_000)));
        assert_eq!(Size::parse("1 MiB"), Ok(Size(1_048_576)));
        assert!(Size::parse("1 parsec").is_err());
    }
}
