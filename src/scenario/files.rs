//! The files that a scenario names, read by whoever calls.

use std::collections::BTreeMap;
use std::io::Read as _;

/// Reads what a scenario names. Paths are relative to the scenario's folder, as written.
pub trait Files {
    /// The bytes, or a sentence that says why there are none.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;
}

/// Files held in memory, by path.
impl Files for BTreeMap<String, Vec<u8>> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.get(path).cloned().ok_or_else(|| "no such file".into())
    }
}

/// A file as text; `.gz` is unpacked first.
pub(super) fn text(files: &dyn Files, path: &str) -> Result<String, String> {
    let mut bytes = files.read(path)?;
    if path.ends_with(".gz") {
        let mut unpacked = vec![];
        flate2::read::MultiGzDecoder::new(bytes.as_slice())
            .read_to_end(&mut unpacked)
            .map_err(|error| format!("it is not a gzip file ({error})"))?;
        bytes = unpacked;
    }
    String::from_utf8(bytes).map_err(|_| "it is not text in UTF-8".into())
}
