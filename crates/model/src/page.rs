//! One page of a longer list.

use serde::{Deserialize, Serialize};

/// Which page is wanted: 1-based number, and how many rows (25, 50 or 100).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRequest {
    pub number: u32,
    pub size: u32,
}

impl PageRequest {
    pub const SIZES: [u32; 3] = [25, 50, 100];

    /// Reads the URL's values; anything else than an offered size or a positive number falls back to the first page of 25.
    pub fn from_query(number: Option<u32>, size: Option<u32>) -> Self {
        Self {
            number: number.filter(|number| (1..=100_000).contains(number)).unwrap_or(1),
            size: size.filter(|size| Self::SIZES.contains(size)).unwrap_or(25),
        }
    }

    /// Rows before this page.
    pub fn offset(self) -> i64 {
        i64::from(self.number.saturating_sub(1)) * i64::from(self.size)
    }

    pub fn limit(self) -> i64 {
        i64::from(self.size)
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        Self::from_query(None, None)
    }
}

/// Rows of one page and the count of all rows that the filter matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    pub rows: Vec<T>,
    pub total: i64,
    pub request: PageRequest,
}

impl<T> Page<T> {
    /// How many pages there are, at least one.
    pub fn pages(&self) -> u32 {
        let size = i64::from(self.request.size.max(1));
        u32::try_from((self.total + size - 1) / size).unwrap_or(u32::MAX).max(1)
    }
}
