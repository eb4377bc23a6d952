//! Time that counts only while somebody waits. A waiting task is woken once a second, so a later poll means that nobody
//! was waiting: the consumer was busy with something else, or the machine was asleep.

use std::pin::Pin;
use std::task::Context;
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep};

/// How often a waiting task is woken.
const BEAT: Duration = Duration::from_secs(1);

/// Measures the waits of a consumer.
#[derive(Debug, Default)]
pub(super) struct Stopwatch {
    last: Option<Instant>,
    paused: bool,
    beat: Option<Pin<Box<Sleep>>>,
}

/// What happened between two polls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Since {
    /// The consumer waited this long.
    Waited(Duration),
    /// Nobody waited.
    Away,
}

impl Stopwatch {
    /// The consumer polls.
    pub(super) fn poll(&mut self, now: Instant) -> Since {
        let last = self.last.replace(now);
        let away = std::mem::take(&mut self.paused);
        match last {
            _ if away => Since::Away,
            None => Since::Waited(Duration::ZERO),
            Some(last) => {
                let since = now.saturating_duration_since(last);
                if since > 2 * BEAT { Since::Away } else { Since::Waited(since) }
            }
        }
    }

    /// Nothing is ready: wakes the task within a second, or when the next limit passes.
    pub(super) fn pending(&mut self, context: &mut Context<'_>, limit: Duration) {
        let wake = limit.clamp(Duration::from_millis(1), BEAT);
        match &mut self.beat {
            Some(beat) => beat.as_mut().reset(Instant::now() + wake),
            None => self.beat = Some(Box::pin(sleep(wake))),
        }
        if let Some(beat) = &mut self.beat
            && beat.as_mut().poll(context).is_ready()
        {
            context.waker().wake_by_ref();
        }
    }

    /// The consumer stops polling.
    pub(super) fn pause(&mut self) {
        self.paused |= self.last.is_some();
        // A timer that nobody waits for would wake the task needlessly.
        self.beat = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn only_waits_count() {
        let mut watch = Stopwatch::default();
        let at = Instant::now();
        let second = Duration::from_secs(1);
        assert_eq!(watch.poll(at), Since::Waited(Duration::ZERO));
        assert_eq!(watch.poll(at + second), Since::Waited(second));
        assert_eq!(watch.poll(at + 3600 * second), Since::Away, "a waiting task is woken every second");
        assert_eq!(watch.poll(at + 3601 * second), Since::Waited(second));
        watch.pause();
        assert_eq!(watch.poll(at + 3602 * second), Since::Away);
        assert_eq!(watch.poll(at + 3603 * second), Since::Waited(second));
    }
}
