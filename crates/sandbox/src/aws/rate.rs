//! A token bucket in real time, as AWS keeps one.

use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

#[derive(Debug)]
pub(crate) struct Bucket {
    per_second: f64,
    burst: f64,
    filled: Mutex<(f64, Instant)>,
}

impl Bucket {
    pub(crate) fn new(per_second: f64, burst: f64) -> Self {
        Self { per_second, burst, filled: Mutex::new((burst, Instant::now())) }
    }

    /// Takes a token if there is one.
    pub(crate) fn take(&self) -> bool {
        self.take_at(self.per_second, self.burst)
    }

    /// With another rate than the bucket was made for.
    pub(crate) fn take_at(&self, per_second: f64, burst: f64) -> bool {
        let mut filled = self.filled.lock().unwrap_or_else(PoisonError::into_inner);
        let tokens = (filled.0 + filled.1.elapsed().as_secs_f64() * per_second).min(burst);
        let taken = tokens >= 1.0;
        *filled = (if taken { tokens - 1.0 } else { tokens }, Instant::now());
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_of_five_then_nothing() {
        let bucket = Bucket::new(2.0, 5.0);
        assert_eq!((0..8).filter(|_| bucket.take()).count(), 5);
    }
}
