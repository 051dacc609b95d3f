//! What spreadsheets write: text in many encodings, cells between commas, semicolons or tabs. And what is written for them.

use std::borrow::Cow;

use csv::{ReaderBuilder, StringRecord, StringRecordsIntoIter, Terminator, Trim, WriterBuilder};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::Fault;

/// The text of a file. Without a byte order mark it is UTF-8 if it can be, UTF-16 if every other byte is zero, and what
/// Windows writes in the West otherwise.
pub(crate) fn decode(bytes: &[u8]) -> (Cow<'_, str>, &'static str) {
    let zeros = |odd: usize| bytes.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count() * 3 > bytes.len() / 2;
    let encoding = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None if bytes.len() > 3 && zeros(1) && !zeros(0) => UTF_16LE,
        None if bytes.len() > 3 && zeros(0) && !zeros(1) => UTF_16BE,
        None if std::str::from_utf8(bytes).is_ok() => UTF_8,
        None => WINDOWS_1252,
    };
    let (text, encoding, _) = encoding.decode(bytes);
    // The reader of CSV counts lines by their line feeds.
    let text = if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { text };
    (text, encoding.name())
}

/// The lines that can be read, each with its cells; how many those are may differ.
pub(crate) fn records(text: &str, separator: char) -> StringRecordsIntoIter<&[u8]> {
    let mut reader = ReaderBuilder::new();
    reader.has_headers(false).flexible(true).trim(Trim::All).delimiter(u8::try_from(separator).unwrap_or(b','));
    reader.from_reader(text.as_bytes()).into_records()
}

/// On which line a record of [`records`] begins, as an editor counts. The reader's own position is before the empty lines that it
/// passes over.
pub(crate) fn line(text: &str, record: &StringRecord) -> u64 {
    let Some(position) = record.position() else { return 0 };
    let rest = usize::try_from(position.byte()).ok().and_then(|byte| text.get(byte..)).unwrap_or_default();
    position.line() + rest.bytes().take_while(|byte| *byte == b'\n').map(|_| 1).sum::<u64>()
}

/// The separator that stands most often in a line, outside of quotation marks.
pub(crate) fn separator(line: &str) -> char {
    let outside: String = line.split('"').step_by(2).collect();
    let count = |separator: char| outside.matches(separator).count();
    [';', '\t', ','].into_iter().max_by_key(|separator| count(*separator)).unwrap_or(',')
}

/// CSV that can be opened without harm: the columns' names, then the rows.
pub(crate) fn write<const N: usize>(columns: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> Result<String, Fault> {
    let wrong = |error: &dyn std::error::Error| Fault::Bug(format!("CSV: {error}"));
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(columns).map_err(|error| wrong(&error))?;
    for row in rows {
        writer.write_record(row.map(harmless)).map_err(|error| wrong(&error))?;
    }
    let bytes = writer.into_inner().map_err(|error| wrong(&error))?;
    String::from_utf8(bytes).map_err(|error| wrong(&error))
}

/// A spreadsheet takes what begins so for a formula, and runs it; and where the country's list separator is a semicolon, what stands
/// after one begins a cell too.
fn harmless(cell: String) -> String {
    let cell = cell.replace([';', '\t', '\r'], ",");
    if cell.starts_with(['=', '+', '-', '@', ',']) { format!("'{cell}") } else { cell }
}
