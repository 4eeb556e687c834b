//! Rules of the partitions that a fault of a stream names.

use super::Checker;
use crate::scenario::written::{self, PartitionsWritten};

impl Checker<'_> {
    /// Empty for all partitions.
    pub(super) fn fault_partitions(&mut self, fault: &written::Fault) -> Vec<u32> {
        let Some(partitions) = &fault.partitions else { return vec![] };
        let Some(name) = &fault.stream else {
            let message = "`partitions` are those of a stream, and this fault hits none";
            self.refuse(&partitions.place, message, "add stream = \"…\", or leave it out");
            return vec![];
        };
        let streams = self.file.stream.iter().flat_map(|named| &named.0);
        let Some((_, stream)) = streams.into_iter().find(|(other, _)| other.value == name.value) else { return vec![] };
        let all = stream.partitions.u32();
        match &partitions.value {
            PartitionsWritten::Count(count) if *count > all => {
                let message = format!("`partitions` = {count}, but `{}` has {all}", name.value);
                self.refuse(&partitions.place, message, "name fewer, or leave it out for the whole stream");
                vec![]
            }
            PartitionsWritten::Count(count) => (0..*count).collect(),
            PartitionsWritten::Numbers(numbers) => {
                let mut found: Vec<u32> = vec![];
                for number in numbers {
                    let partition = number.value.0 as u32;
                    if partition >= all {
                        let message = format!("`{}` has no partition {partition}", name.value);
                        self.refuse(&number.place, message, format!("they are numbered from 0 to {}", all - 1));
                    } else if found.contains(&partition) {
                        let message = format!("`partitions` names {partition} twice");
                        self.refuse(&number.place, message, "name each once");
                    } else {
                        found.push(partition);
                    }
                }
                found
            }
        }
    }
}
