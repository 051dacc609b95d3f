//! One measured number and its limit.

use serde_json::{Value, json};

/// What a number must be.
#[derive(Debug, Clone, Copy)]
enum Limit {
    /// It is told only.
    None,
    AtMost(f64),
    AtLeast(f64),
    Exactly(f64),
}

/// A row of the table.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) value: f64,
    unit: &'static str,
    limit: Limit,
}

impl Row {
    pub(super) fn new(name: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self { name: name.into(), value, unit, limit: Limit::None }
    }

    pub(super) fn at_most(name: impl Into<String>, value: f64, unit: &'static str, limit: f64) -> Self {
        Self { limit: Limit::AtMost(limit), ..Self::new(name, value, unit) }
    }

    pub(super) fn at_least(name: impl Into<String>, value: f64, unit: &'static str, limit: f64) -> Self {
        Self { limit: Limit::AtLeast(limit), ..Self::new(name, value, unit) }
    }

    pub(super) fn exactly(name: impl Into<String>, value: f64, unit: &'static str, limit: f64) -> Self {
        Self { limit: Limit::Exactly(limit), ..Self::new(name, value, unit) }
    }

    pub(super) fn holds(&self) -> bool {
        match self.limit {
            Limit::None => true,
            Limit::AtMost(limit) => self.value <= limit,
            Limit::AtLeast(limit) => self.value >= limit,
            Limit::Exactly(limit) => (self.value - limit).abs() < f64::EPSILON,
        }
    }

    pub(super) fn json(&self) -> Value {
        let limit = match self.limit {
            Limit::None => Value::Null,
            Limit::AtMost(limit) => json!({ "at_most": limit }),
            Limit::AtLeast(limit) => json!({ "at_least": limit }),
            Limit::Exactly(limit) => json!({ "exactly": limit }),
        };
        json!({ "name": self.name, "value": self.value, "unit": self.unit, "limit": limit, "holds": self.holds() })
    }
}

/// The rows as Markdown.
pub(super) fn table(rows: &[Row]) -> String {
    let mut table = "| what | value | limit | |\n|---|---:|---:|---|\n".to_owned();
    for row in rows {
        let unit = |value: f64| format!("{} {}", number(value), row.unit).trim_end().to_owned();
        let limit = match row.limit {
            Limit::None => "–".to_owned(),
            Limit::AtMost(limit) => format!("≤ {}", unit(limit)),
            Limit::AtLeast(limit) => format!("≥ {}", unit(limit)),
            Limit::Exactly(limit) => format!("= {}", unit(limit)),
        };
        let verdict = match (row.limit, row.holds()) {
            (Limit::None, _) => "",
            (_, true) => "holds",
            (_, false) => "**broken**",
        };
        table.push_str(&format!("| {} | {} | {limit} | {verdict} |\n", row.name, unit(row.value)));
    }
    table
}

/// Three digits are all that a shared machine tells.
fn number(value: f64) -> String {
    if value.fract() == 0.0 || value.abs() >= 100.0 {
        format!("{value:.0}")
    } else if value.abs() >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_whether_its_limit_holds() {
        let rows = [
            Row::at_most("quick", 0.25, "s", 1.0),
            Row::at_least("ratio", 0.4, "", 0.5),
            Row::exactly("calls", 40.0, "", 40.0),
            Row::new("told", 1_234.5, "requests/s"),
        ];
        assert_eq!(rows.each_ref().map(Row::holds), [true, false, true, true]);
        let table = table(&rows);
        assert!(table.contains("| quick | 0.25 s | ≤ 1 s | holds |\n| ratio | 0.40 | ≥ 0.50 | **broken** |\n"), "{table}");
        assert!(table.contains("| calls | 40 | = 40 | holds |\n| told | 1234 requests/s | – |  |\n"), "{table}");
        assert_eq!(rows[1].json()["limit"], json!({ "at_least": 0.5 }));
    }
}
