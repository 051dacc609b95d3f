//! A price sheet's lines as somebody has them: CSV in the encodings that spreadsheets write. Nothing is guessed: every line that is
//! wrong is told, and one wrong line keeps all of them out.

use std::collections::HashMap;

use csv::StringRecord;
use model::{
    FieldError,
    offerings::{AutoStop, Line, LineRow, MOST_LINES},
};
use sqlx::types::Decimal;

use crate::sheet::{self, records, separator};

/// The columns, in this order.
pub(super) const HEADER: [&str; 7] =
    ["compute", "root_gib", "user_gib", "always_on_month", "auto_stop_month", "auto_stop_hour", "volume_gib_month"];
/// How many wrong lines are named.
const NAMED: usize = 50;
/// Dearer than any desktop, and far within what PostgreSQL and a decimal hold.
const DEAREST: u32 = 1_000_000;
/// AWS's largest volume in GiB.
const LARGEST_GIB: u32 = 2_000;
/// The most decimals of an amount.
const DECIMALS: u32 = 8;

/// All lines, or what is wrong with them, on the field `text`.
pub(super) fn lines(text: &str) -> Result<Vec<Line>, Vec<FieldError>> {
    let whole = |message: String| vec![FieldError { field: "text".to_owned(), message }];
    if text.contains('\0') {
        return Err(whole("This is not a text file: it holds binary data. Save the sheet as CSV and try again.".to_owned()));
    }
    let Some(first) = text.lines().find(|line| !line.trim().is_empty()) else {
        return Err(whole("There are no prices in it. Paste the lines, or choose a file.".to_owned()));
    };
    let (mut errors, mut found, mut seen) = (Vec::new(), Vec::new(), HashMap::new());
    let filled = records(text, separator(first))
        .filter(|record| record.as_ref().map_or(true, |record| record.iter().any(|cell| !cell.is_empty())));
    for (place, record) in filled.enumerate() {
        let Ok(record) = record else { return Err(whole("It can\u{2019}t be read as CSV.".to_owned())) };
        if place == 0 {
            header(&record).map_err(whole)?;
            continue;
        }
        if place > MOST_LINES {
            return Err(whole(format!("It has more than {MOST_LINES} lines, which no Region has prices for.")));
        }
        let number = sheet::line(text, &record);
        match line(&record) {
            Ok(line) => match seen.insert((line.compute.clone(), line.root_gib, line.user_gib), number) {
                None => found.push(line),
                Some(first) => errors.push(format!("Line {number}: line {first} is about the same compute type and volumes.")),
            },
            Err(problem) => errors.push(format!("Line {number}: {problem}")),
        }
    }
    if errors.is_empty() && found.is_empty() {
        return Err(whole("There is a header and nothing below it.".to_owned()));
    }
    if errors.is_empty() {
        return Ok(found);
    }
    let more = errors.len().saturating_sub(NAMED);
    errors.truncate(NAMED);
    if more > 0 {
        errors.push(format!("And {more} more lines."));
    }
    Err(errors.into_iter().flat_map(whole).collect())
}

fn header(record: &StringRecord) -> Result<(), String> {
    let named: Vec<_> = record.iter().map(str::to_lowercase).collect();
    if named == HEADER {
        return Ok(());
    }
    Err(format!("The first line has to name these columns, in this order: {}.", HEADER.join(",")))
}

fn line(record: &StringRecord) -> Result<Line, String> {
    if record.len() != HEADER.len() {
        return Err(format!("it has {} cells in place of {}. A price has a point, as in 12.50.", record.len(), HEADER.len()));
    }
    let cell = |place: usize| record.get(place).unwrap_or_default();
    let size = |place: usize| {
        let gib = cell(place).parse().ok().filter(|gib| (1..=LARGEST_GIB).contains(gib));
        gib.ok_or_else(|| format!("{} has to be whole GB from 1 to {LARGEST_GIB}.", name(place)))
    };
    let compute = cell(0).to_uppercase();
    if compute.is_empty() || compute.len() > 60 || !compute.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err("compute has to be a compute type as AWS writes it, such as STANDARD or GRAPHICS_G4DN.".to_owned());
    }
    let (root_gib, user_gib) = (size(1)?, size(2)?);
    let price = |place: usize| price(name(place), cell(place));
    let (always_on_month, month, hour, volume_gib_month) = (price(3)?, price(4)?, price(5)?, price(6)?);
    let auto_stop = match (month, hour) {
        (Some(month), Some(hour)) => Some(AutoStop { month, hour }),
        (None, None) => None,
        _ => return Err("AutoStop has a price a month and one an hour: give both, or neither.".to_owned()),
    };
    if always_on_month.is_none() && auto_stop.is_none() {
        return Err("there is a price neither for AlwaysOn nor for AutoStop.".to_owned());
    }
    Ok(Line { compute, root_gib, user_gib, always_on_month, auto_stop, volume_gib_month })
}

fn name(place: usize) -> &'static str {
    HEADER.get(place).copied().unwrap_or_default()
}

/// An empty cell is no price.
fn price(name: &str, cell: &str) -> Result<Option<Decimal>, String> {
    if cell.is_empty() {
        return Ok(None);
    }
    if cell.contains(',') {
        return Err(format!("{name} has a comma. Write a price with a point and without separators, as in 1250.50."));
    }
    if cell.starts_with('-') {
        return Err(format!("{name} is below zero."));
    }
    let plain = cell.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let price = cell.parse::<Decimal>().ok().filter(|price| plain && price.scale() <= DECIMALS && *price <= DEAREST.into());
    price.map(Some).ok_or_else(|| format!("{name} is not a price such as 12.50, without a currency."))
}

/// A line as its CSV has it.
pub(super) fn row(line: &Line) -> LineRow {
    let written = |amount: Option<Decimal>| amount.map(|amount| amount.to_string()).unwrap_or_default();
    LineRow {
        compute: line.compute.clone(),
        root_gib: line.root_gib,
        user_gib: line.user_gib,
        always_on_month: written(line.always_on_month),
        auto_stop_month: written(line.auto_stop.map(|auto_stop| auto_stop.month)),
        auto_stop_hour: written(line.auto_stop.map(|auto_stop| auto_stop.hour)),
        volume_gib_month: written(line.volume_gib_month),
    }
}

/// The CSV of these lines, with its header.
pub(super) fn csv(lines: &[Line]) -> String {
    let mut text = HEADER.join(",") + "\n";
    for line in lines.iter().map(row) {
        let LineRow { compute, root_gib, user_gib, always_on_month, auto_stop_month, auto_stop_hour, volume_gib_month } = line;
        text +=
            &format!("{compute},{root_gib},{user_gib},{always_on_month},{auto_stop_month},{auto_stop_hour},{volume_gib_month}\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "compute,root_gib,user_gib,always_on_month,auto_stop_month,auto_stop_hour,volume_gib_month\n";

    fn wrong(body: &str) -> Vec<String> {
        lines(&format!("{HEAD}{body}")).err().unwrap_or_default().into_iter().map(|error| error.message).collect()
    }

    #[test]
    fn a_sheet_and_its_csv_say_the_same() {
        let text = format!("{HEAD}STANDARD,80,50,44,9.75,0.3,0.10\nPOWER,175,100,,10.50,0.65,\nGRAPHICS_G4DN,100,100,570,,,\n");
        let read = lines(&text).unwrap();
        assert_eq!(read.len(), 3);
        assert_eq!(csv(&read), text, "amounts keep their decimals");
        assert_eq!(
            lines(&text.replace(',', ";").replace("STANDARD", " standard ")).unwrap(),
            read,
            "as some spreadsheets save it"
        );
    }

    #[test]
    fn every_wrong_line_is_told_with_its_number() {
        let body = "STANDARD,80,50,44,9.75,0.3,\n\nSTANDARD,80,100,-1,,,\nSTANDARD,80,50,50,,,\n,80,50,44,,,\nPOWER,0,50,44,,,\n\
                    POWER,80,50,,,,\nPOWER,80,50,,9,,\nPOWER,80,50,1e3,,,\nPOWER,80,50,44\nPOWER,80,50,44.123456789,,,\nPOWER,80,50,$44,,,\n";
        let told = wrong(body);
        let expected = [
            "Line 4: always_on_month is below zero.",
            "Line 5: line 2 is about the same",
            "Line 6: compute has to be",
            "Line 7: root_gib has to be",
            "Line 8: there is a price neither",
            "Line 9: AutoStop has a price a month and one an hour",
            "Line 10: always_on_month is not a price",
            "Line 11: it has 4 cells in place of 7.",
            "Line 12: always_on_month is not a price",
            "Line 13: always_on_month is not a price",
        ];
        assert_eq!(told.len(), expected.len(), "{told:#?}");
        for (told, expected) in told.iter().zip(expected) {
            assert!(told.starts_with(expected), "{told}");
        }
    }

    #[test]
    fn decimal_commas_are_told_as_such() {
        let semicolons = format!("{}STANDARD;80;50;44,50;9,75;0,30;\n", HEAD.replace(',', ";"));
        let told = lines(&semicolons).unwrap_err().remove(0).message;
        assert!(told.starts_with("Line 2: always_on_month has a comma."), "{told}");
        assert!(wrong("STANDARD,80,50,44,50,9,75,0,30,\n")[0].contains("it has 10 cells in place of 7. A price has a point"));
        assert!(wrong("STANDARD,80,50,\"44,50\",,,\n")[0].contains("has a comma"));
    }

    #[test]
    fn what_is_wrong_as_a_whole_is_told_once() {
        let one = |text: &str| {
            let mut told = lines(text).unwrap_err();
            assert_eq!(told.len(), 1);
            told.remove(0).message
        };
        assert!(one("").starts_with("There are no prices"));
        assert!(one(HEAD).starts_with("There is a header and nothing"));
        assert!(one("bundle,price\nSTANDARD,44\n").starts_with("The first line has to name these columns"));
        assert!(one(&format!("{HEAD}\0")).starts_with("This is not a text file"));
        let many: String = (0..10_000).map(|number| format!("C{number},80,50,44,,,\n")).collect();
        assert!(one(&format!("{HEAD}{many}")).starts_with("It has more than 2000 lines"));
        let most: String = (0..MOST_LINES).map(|number| format!("C{number},80,50,44,,,\n")).collect();
        assert_eq!(lines(&format!("{HEAD}{most}")).unwrap().len(), MOST_LINES);
        assert_eq!(wrong(&"X,80,50,,,,\n".repeat(60)).len(), NAMED + 1, "and {} more", 10);
    }
}
