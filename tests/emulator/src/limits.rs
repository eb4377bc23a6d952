//! How many requests an emulator accepts in a time. The service's own limits are not known.

use std::time::{Duration, Instant};

use crate::http::response::Response;

/// A fixed window: this many requests, then 429 until it is over.
#[derive(Debug, Clone)]
pub(crate) struct RateLimit {
    requests: u32,
    window: Duration,
    since: Option<Instant>,
    used: u32,
}

impl RateLimit {
    pub(crate) fn new(requests: u32, window: Duration) -> RateLimit {
        RateLimit { requests, window, since: None, used: 0 }
    }

    /// Accepts one request, or says in whole seconds when the next one has a chance.
    pub(crate) fn take(&mut self, now: Instant) -> Result<(), Response> {
        let age = self.since.map(|since| now.saturating_duration_since(since));
        let left = match age.and_then(|age| self.window.checked_sub(age)).filter(|left| !left.is_zero()) {
            Some(left) => left,
            None => {
                self.since = Some(now);
                self.used = 0;
                self.window
            }
        };
        if self.used < self.requests {
            self.used += 1;
            return Ok(());
        }
        let mut response = Response::text(429, "Too many requests");
        response.headers.push(("Retry-After".to_owned(), left.as_secs_f64().ceil().to_string()));
        Err(response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_takes_so_many_requests_and_the_next_one_takes_more() {
        let mut limit = RateLimit::new(2, Duration::from_secs(3));
        let start = Instant::now();
        let mut at = |seconds: u64| {
            let response = limit.take(start + Duration::from_secs(seconds));
            response.map_err(|response| response.headers.last().unwrap().1.clone())
        };
        assert_eq!([at(0), at(1), at(1), at(2)], [Ok(()), Ok(()), Err("2".to_owned()), Err("1".to_owned())]);
        assert_eq!([at(3), at(4), at(4)], [Ok(()), Ok(()), Err("2".to_owned())]);
    }
}
