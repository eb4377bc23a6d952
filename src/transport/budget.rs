//! A budget of retries shared by all clones of a client, so that a service that is down is not flooded.

use std::sync::atomic::{AtomicU32, Ordering};

/// What a retry costs.
const COST: u32 = 5;
/// What a success without a retry gives back.
const REFUND: u32 = 1;

/// Tokens for retries: 500 at first, 5 for each retry, one refunded for each success.
///
/// A healthy client never notices it. While everything fails, a hundred retries are made in total, however many callers there
/// are; after that each call gets one attempt until successes have refilled the budget.
#[derive(Debug)]
pub(crate) struct RetryBudget {
    tokens: AtomicU32,
    capacity: u32,
}

impl RetryBudget {
    pub(crate) fn new(retries: u32) -> Self {
        let capacity = retries.saturating_mul(COST);
        Self { tokens: AtomicU32::new(capacity), capacity }
    }

    /// Takes the cost of one retry; false when not enough is left.
    pub(crate) fn take(&self) -> bool {
        self.tokens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |tokens| tokens.checked_sub(COST)).is_ok()
    }

    /// Refunds a call that succeeded. `retries` of its attempts were paid for: the last one, which worked, is refunded in full.
    pub(crate) fn refund(&self, retries: u32) {
        let back = if retries > 0 { COST } else { REFUND };
        if self.tokens.load(Ordering::Relaxed) >= self.capacity {
            return;
        }
        let _ = self.tokens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |tokens| {
            Some(tokens.saturating_add(back).min(self.capacity))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_holds_under_many_callers_and_fills_again() {
        let budget = RetryBudget::new(100);
        let taken = AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..10 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        taken.fetch_add(u32::from(budget.take()), Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(taken.load(Ordering::Relaxed), 100);
        assert!(!budget.take());
        for _ in 0..COST {
            budget.refund(0);
        }
        assert!(budget.take());
        assert!(!budget.take());
        (0..10_000).for_each(|_| budget.refund(1));
        assert_eq!(budget.tokens.load(Ordering::Relaxed), budget.capacity);
    }
}
