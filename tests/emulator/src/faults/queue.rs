//! The faults that are pending.

use super::Fault;

/// Faults in the order in which they were injected; the first match strikes.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    waiting: Vec<Fault>,
}

impl Queue {
    pub(crate) fn push(&mut self, fault: Fault) {
        if fault.times != Some(0) {
            self.waiting.push(fault);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Takes the fault that strikes this request, if any.
    pub(crate) fn take(&mut self, method: &str, path: &str, operation: Option<&str>) -> Option<Fault> {
        let fits = |fault: &Fault| fault.fits(method, path, operation);
        for fault in self.waiting.iter_mut().filter(|fault| fits(fault)) {
            if fault.skip > 0 {
                fault.skip -= 1;
                continue;
            }
            let taken = fault.clone();
            if let Some(times) = &mut fault.times {
                *times -= 1;
            }
            self.waiting.retain(|fault| fault.times != Some(0));
            return Some(taken);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_strike_in_order_and_as_often_as_asked() {
        let mut queue = Queue::default();
        queue.push(Fault::status(500).times(2).on_method("get"));
        queue.push(Fault::status(429).after(1).always());
        let mut take = |method: &str| queue.take(method, "/v1/x", None).is_some();
        assert_eq!(
            [take("GET"), take("POST"), take("POST"), take("GET"), take("GET")],
            [true, false, true, true, true]
        );
        assert_eq!(queue.len(), 1);
    }
}
