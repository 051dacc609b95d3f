//! The sandbox's time: the machine's, plus what somebody moved it on by.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{DateTime, TimeDelta, Utc};

/// Cheap to clone; all clones move together.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    offset_ms: Arc<AtomicI64>,
    /// Says how far it was moved on, as `faketime` reads it, so that other programs go with it.
    file: Option<Arc<Path>>,
}

impl Clock {
    /// The machine's time.
    ///
    /// # Errors
    /// The file can't be written.
    pub(crate) fn open(file: Option<PathBuf>) -> std::io::Result<Self> {
        let clock = Self { file: file.map(Arc::from), ..Self::default() };
        clock.tell(0)?;
        Ok(clock)
    }

    #[expect(clippy::disallowed_methods, reason = "this is the sandbox's clock")]
    pub fn now(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::milliseconds(self.offset_ms.load(Ordering::Relaxed))
    }

    /// Moves the time on.
    pub fn advance(&self, by: TimeDelta) {
        let by = by.num_milliseconds();
        let offset = self.offset_ms.fetch_add(by, Ordering::Relaxed) + by;
        if let Err(error) = self.tell(offset) {
            tracing::error!(%error, "other programs don't learn that the time was moved on");
        }
    }

    fn tell(&self, offset_ms: i64) -> std::io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        fs::write(file, format!("+{}\n", offset_ms / 1_000))
    }
}
