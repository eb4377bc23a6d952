//! The latest requests, and counts of all of them.

use std::collections::{HashMap, VecDeque};

use crate::record::RecordedRequest;

/// How many violations are kept as text; the others are only counted.
const VIOLATIONS: usize = 1000;

/// A ring buffer of requests that counts what it dropped.
#[derive(Debug)]
pub(crate) struct Log {
    entries: VecDeque<RecordedRequest>,
    capacity: usize,
    /// How many requests there have been, which is also the number of the latest.
    sequence: u64,
    cleared: u64,
    violations: Vec<String>,
    violation_count: u64,
    by_operation: HashMap<String, u64>,
}

impl Log {
    pub(crate) fn new(capacity: usize) -> Log {
        Log {
            entries: VecDeque::new(),
            capacity,
            sequence: 0,
            cleared: 0,
            violations: Vec::new(),
            violation_count: 0,
            by_operation: HashMap::new(),
        }
    }

    pub(crate) fn push(&mut self, mut entry: RecordedRequest) {
        self.sequence += 1;
        entry.sequence = self.sequence;
        self.violation_count += entry.violations.len() as u64;
        let room = VIOLATIONS.saturating_sub(self.violations.len());
        self.violations.extend(entry.violations.iter().take(room).cloned());
        if let Some(operation) = &entry.operation {
            match self.by_operation.get_mut(operation) {
                Some(count) => *count += 1,
                None => {
                    self.by_operation.insert(operation.clone(), 1);
                }
            }
        }
        if self.entries.len() >= self.capacity {
            self.entries.pop_front();
        }
        if self.capacity > 0 {
            self.entries.push_back(entry);
        }
    }

    /// Forgets everything; the numbering continues.
    pub(crate) fn clear(&mut self) {
        self.entries = VecDeque::new();
        self.cleared = self.sequence;
        self.violations.clear();
        self.violation_count = 0;
        self.by_operation.clear();
    }

    pub(crate) fn entries(&self) -> impl DoubleEndedIterator<Item = &RecordedRequest> + ExactSizeIterator {
        self.entries.iter()
    }

    /// How many requests since the log was cleared are no longer in it.
    pub(crate) fn dropped(&self) -> u64 {
        self.total() - self.entries.len() as u64
    }

    /// The number of the latest request.
    pub(crate) fn last(&self) -> u64 {
        self.sequence
    }

    pub(crate) fn total(&self) -> u64 {
        self.sequence - self.cleared
    }

    pub(crate) fn count_of(&self, operation: &str) -> u64 {
        self.by_operation.get(operation).copied().unwrap_or(0)
    }

    pub(crate) fn operations(&self) -> &HashMap<String, u64> {
        &self.by_operation
    }

    pub(crate) fn violation_count(&self) -> u64 {
        self.violation_count
    }

    /// The violations of all requests, including dropped ones; an extra line says how many are not shown.
    pub(crate) fn violations(&self) -> Vec<String> {
        let mut all = self.violations.clone();
        let untold = self.violation_count - all.len() as u64;
        if untold > 0 {
            all.push(format!("and {untold} more violations"));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::reader::Head;

    #[test]
    fn a_full_log_counts_what_it_dropped_and_keeps_the_violations() {
        let head = Head { method: "GET".to_owned(), target: "/x".to_owned(), headers: Vec::new() };
        let mut log = Log::new(2);
        for number in 0..VIOLATIONS + 5 {
            let mut entry = RecordedRequest::begin(&head, "/x", Vec::new());
            entry.violations.push(format!("violation {number}"));
            log.push(entry);
        }
        assert_eq!(
            (log.entries().len(), log.dropped(), log.total()),
            (2, VIOLATIONS as u64 + 3, VIOLATIONS as u64 + 5)
        );
        assert_eq!(log.violations().first().map(String::as_str), Some("violation 0"));
        assert_eq!(log.violations().last().map(String::as_str), Some("and 5 more violations"));
        log.clear();
        assert_eq!((log.violations(), log.dropped(), log.total()), (Vec::new(), 0, 0));
    }
}
