//! How much memory this machine can give, so that a run that needs more is refused rather than killed half-way.

use std::fs;

/// Bytes that this process may still take: what Linux says is available, less where a container is bounded. `None`
/// where the machine does not say.
pub(super) fn available() -> Option<u64> {
    let machine = meminfo(&fs::read_to_string("/proc/meminfo").ok()?)?;
    let bound = |path: &str| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let container = bound("/sys/fs/cgroup/memory.max").zip(bound("/sys/fs/cgroup/memory.current"));
    Some(container.map_or(machine, |(most, taken)| machine.min(most.saturating_sub(taken))))
}

/// `MemAvailable`, in bytes.
fn meminfo(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_linux_says_is_read() {
        let text = "MemTotal:        8000000 kB\nMemFree:          100000 kB\nMemAvailable:    2000000 kB\n";
        assert_eq!(meminfo(text), Some(2_048_000_000));
        assert_eq!(meminfo("MemTotal: 8 kB\n"), None);
    }
}
