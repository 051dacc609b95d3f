//! A list of people as somebody has it: CSV or TSV in the encodings that spreadsheets write, with a header or without.

use csv::{Position, StringRecord};
use model::{
    launches::{Columns, MOST_PEOPLE},
    workspaces::Tag,
};

use crate::sheet::{self, records, separator};

/// Longest cell in characters: mail addresses have 320 at most, tag values 255.
const LONGEST_CELL: usize = 320;

/// One line with something on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// 1-based, as an editor counts.
    pub number: u32,
    /// The account or mail address, as written.
    pub who: String,
    pub bundle: Option<String>,
    pub tags: Vec<Tag>,
    /// What makes the line of no use.
    pub problem: Option<String>,
}

/// Why a list is of no use as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ListFault {
    #[error("The list is empty.")]
    Empty,
    #[error("This is not a text file: it holds binary data. Save the list as CSV and try again. Nothing was added.")]
    Binary,
    #[error("The list has more than {MOST_PEOPLE} lines. Split it into several launches. Nothing was added.")]
    TooLong,
    #[error(
        "The header names no column with accounts or mail addresses. Name one of them account, user name, UPN or mail. Nothing was added."
    )]
    NoPeople,
}

/// A list that can be read line by line, and what was recognized.
#[derive(Debug)]
pub(super) struct List<'t> {
    pub columns: Columns,
    places: Places,
    /// Where the header begins, in bytes.
    header: Option<u64>,
    text: &'t str,
}

/// Which column holds what.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Places {
    who: Vec<usize>,
    bundle: Option<usize>,
    tags: Vec<(usize, String)>,
}

impl<'t> List<'t> {
    /// # Errors
    /// Nothing in it, binary data, or a header without people.
    pub(super) fn open(text: &'t str, encoding: &'static str) -> Result<Self, ListFault> {
        if text.contains('\0') {
            return Err(ListFault::Binary);
        }
        let line = text.lines().find(|line| !line.trim().is_empty()).ok_or(ListFault::Empty)?;
        let separator = separator(line);
        let mut columns = Columns { encoding: encoding.to_owned(), separator, header: false, ignored: Vec::new() };
        let first = records(text, separator).next().and_then(Result::ok).ok_or(ListFault::Empty)?;
        let named: Vec<_> = first.iter().map(Named::of).collect();
        let is_header = named.iter().any(|named| !matches!(named, Named::Other));
        let mut places = Places::default();
        if is_header {
            for (place, (named, written)) in named.into_iter().zip(first.iter()).enumerate() {
                match named {
                    Named::Who => places.who.push(place),
                    Named::Bundle => places.bundle = Some(place),
                    Named::Tag(key) => places.tags.push((place, key)),
                    Named::Other if written.is_empty() => {}
                    Named::Other => columns.ignored.push(written.chars().take(60).collect()),
                }
            }
            if places.who.is_empty() {
                return Err(ListFault::NoPeople);
            }
            columns.header = true;
        } else {
            places.who.push(0);
        }
        let header = first.position().map(Position::byte).filter(|_| is_header);
        Ok(Self { columns, places, header, text })
    }

    /// The lines, one by one. Ends with an error at the first line too many.
    pub(super) fn rows(&self) -> impl Iterator<Item = Result<Row, ListFault>> + '_ {
        let records = records(self.text, self.columns.separator).filter_map(Result::ok);
        let body = records.filter(|record| self.header.is_none() || record.position().map(Position::byte) != self.header);
        let filled = body.filter(|record| record.iter().any(|cell| !cell.is_empty()));
        filled
            .enumerate()
            .map(|(place, record)| if place < MOST_PEOPLE { Ok(self.row(&record)) } else { Err(ListFault::TooLong) })
    }

    fn row(&self, record: &StringRecord) -> Row {
        let cell = |place: usize| record.get(place).filter(|cell| !cell.is_empty());
        let who = self.places.who.iter().find_map(|place| cell(*place)).unwrap_or_default();
        let tags = self.places.tags.iter().filter_map(|(place, key)| {
            let value = cell(*place)?;
            Some(Tag { key: key.clone(), value: value.to_owned() })
        });
        let tags: Vec<_> = tags.collect();
        let problem = if record.iter().any(|cell| cell.contains('\n')) {
            Some("A quotation mark is not closed.".to_owned())
        } else if record.iter().any(|cell| cell.chars().count() > LONGEST_CELL) {
            Some("A cell is longer than 320 characters.".to_owned())
        } else if record.iter().any(|cell| cell.chars().any(char::is_control)) {
            Some("It holds a character that can't be shown.".to_owned())
        } else if who.is_empty() {
            Some("There is neither an account nor a mail address on it.".to_owned())
        } else {
            tags.iter().find_map(|tag| Some(format!("Tag {}: {}.", tag.key, tag.problem()?)))
        };
        Row {
            number: u32::try_from(sheet::line(self.text, record)).unwrap_or(u32::MAX),
            who: who.chars().take(LONGEST_CELL).collect(),
            bundle: self.places.bundle.and_then(cell).map(|cell| cell.chars().take(LONGEST_CELL).collect()),
            tags,
            problem,
        }
    }
}

/// What the header says of a column.
enum Named {
    Who,
    Bundle,
    /// `tag:cost centre`
    Tag(String),
    Other,
}

impl Named {
    fn of(written: &str) -> Self {
        let plain: String = written.chars().filter(|c| c.is_alphanumeric() || *c == ':').flat_map(char::to_lowercase).collect();
        if let Some((_, key)) = written.split_once(':').filter(|(kind, _)| kind.trim().eq_ignore_ascii_case("tag")) {
            return Self::Tag(key.trim().to_owned());
        }
        match plain.as_str() {
            "account" | "samaccountname" | "user" | "username" | "login" | "upn" | "userprincipalname" | "mail" | "email"
            | "mailaddress" | "emailaddress" => Self::Who,
            "bundle" | "bundleid" | "bundlename" => Self::Bundle,
            _ => Self::Other,
        }
    }
}

#[cfg(any(test, fuzzing))]
use crate::sheet::decode;

#[cfg(any(test, fuzzing))]
fn read(bytes: &[u8]) -> Result<Vec<Row>, ListFault> {
    let (text, encoding) = decode(bytes);
    List::open(&text, encoding)?.rows().collect()
}

/// Whatever is uploaded, each line that is of use names somebody, fits the database's columns, and holds nothing that can't be
/// shown; the lines are counted upwards, and none is made up.
#[cfg(any(test, fuzzing))]
pub(crate) fn prove(bytes: &[u8]) {
    let Ok(rows) = read(bytes) else { return };
    assert!(rows.len() <= MOST_PEOPLE);
    let lines = decode(bytes).0.lines().count();
    assert!(rows.len() <= lines, "{} rows of {lines} lines", rows.len());
    assert!(rows.is_sorted_by(|one, next| one.number < next.number), "lines are counted upwards");
    for row in rows {
        let written = [Some(&row.who), row.bundle.as_ref()];
        for text in written.into_iter().flatten().chain(row.tags.iter().map(|tag| &tag.value)) {
            assert!(row.problem.is_some() || !text.chars().any(char::is_control), "{text:?}");
            assert!(row.problem.is_some() || text.chars().count() <= LONGEST_CELL, "{text:?}");
        }
        assert!(row.problem.is_some() || !row.who.is_empty(), "line {}", row.number);
        assert!(row.who.chars().count() <= LONGEST_CELL);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn who(bytes: &[u8]) -> Vec<String> {
        read(bytes).unwrap().into_iter().map(|row| row.who).collect()
    }

    #[test]
    fn lists_without_a_header_are_read_by_their_first_column() {
        assert_eq!(who(b"anna.nordwind\nben.nordwind\n"), ["anna.nordwind", "ben.nordwind"]);
        assert_eq!(who(b" anna ; x\r\n\r\n\"ben\";y"), ["anna", "ben"]);
        assert_eq!(who(b"anna\tSales\nben\tSales"), ["anna", "ben"]);
    }

    #[test]
    fn lines_are_counted_as_an_editor_counts() {
        let numbers: Vec<_> = read(b"account\n\n\nanna\n \nben\n").unwrap().into_iter().map(|row| row.number).collect();
        assert_eq!(numbers, [4, 6]);
    }

    #[test]
    fn a_header_says_which_column_is_which() {
        let list = b"Name,E-Mail,Bundle,Tag:cost centre,Remark\nAnna,anna@c.example,Office,4711,x\nBen,,,,\n";
        let (text, encoding) = decode(list);
        let list = List::open(&text, encoding).unwrap();
        assert_eq!((list.columns.header, &list.columns.ignored[..]), (true, &["Name".to_owned(), "Remark".to_owned()][..]));
        let rows: Vec<_> = list.rows().map(Result::unwrap).collect();
        let tag = Tag { key: "cost centre".into(), value: "4711".into() };
        let anna = Row { number: 2, who: "anna@c.example".into(), bundle: Some("Office".into()), tags: vec![tag], problem: None };
        assert_eq!(rows[0], anna);
        assert_eq!((rows[1].number, rows[1].problem.is_some()), (3, true));
        assert_eq!(read(b"Name,Remark,Bundle\na,b,c"), Err(ListFault::NoPeople));
    }

    #[test]
    fn the_first_filled_column_of_accounts_and_addresses_counts() {
        assert_eq!(who(b"mail;account\n;anna\nben@c.example;ben"), ["anna", "ben@c.example"]);
    }

    #[test]
    fn encodings_of_spreadsheets_are_recognized() {
        let text = "account\njos\u{e9}\n";
        let utf16 = |bom: bool, bytes: fn(u16) -> [u8; 2]| {
            let bom = bom.then_some(0xfeff_u16);
            bom.into_iter().chain(text.encode_utf16()).flat_map(bytes).collect::<Vec<u8>>()
        };
        for bytes in [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            b"account\njos\xe9\n".to_vec(),
            utf16(true, u16::to_le_bytes),
            utf16(true, u16::to_be_bytes),
            utf16(false, u16::to_le_bytes),
            utf16(false, u16::to_be_bytes),
        ] {
            assert_eq!(who(&bytes), ["jos\u{e9}"], "{bytes:?}");
        }
    }

    #[test]
    fn lists_of_no_use_say_why() {
        assert_eq!(read(b""), Err(ListFault::Empty));
        assert_eq!(read(b" \r\n\n"), Err(ListFault::Empty));
        assert_eq!(read(b"PK\x03\x04\0\0binary"), Err(ListFault::Binary));
        let lines = |count: usize| (0..count).map(|number| format!("a{number}\n")).collect::<String>();
        assert_eq!(read(lines(MOST_PEOPLE).as_bytes()).unwrap().len(), MOST_PEOPLE);
        assert_eq!(read(lines(MOST_PEOPLE + 1).as_bytes()), Err(ListFault::TooLong));
        assert_eq!(read(format!("account\n{}", lines(MOST_PEOPLE)).as_bytes()).unwrap().len(), MOST_PEOPLE);
    }

    #[test]
    fn lines_of_no_use_say_why_and_the_others_stay() {
        let rows =
            read(format!("account,tag:x\nanna,\u{202e}<>\n{},\nben,1\n\"carl,2\ndora,3\n", "y".repeat(400)).as_bytes()).unwrap();
        assert_eq!(rows.iter().map(|row| row.problem.is_some()).collect::<Vec<_>>(), [true, true, false, true]);
    }

    #[test]
    fn the_corpus_of_the_fuzzer_holds() {
        crate::fuzz::each_of_corpus("list", prove);
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            prove(&bytes);
        }

        #[test]
        fn what_a_spreadsheet_quotes_comes_back(names in proptest::collection::vec("[a-z][a-z ,;\"\t]{0,12}[a-z]", 1..20), separator in prop::sample::select(vec![',', ';', '\t'])) {
            let quoted = |name: &String| format!("\"{}\"{separator}1", name.replace('"', "\"\""));
            let text = format!("account{separator}n\n{}", names.iter().map(quoted).collect::<Vec<_>>().join("\n"));
            let rows = read(text.as_bytes()).unwrap();
            let shown = |row: &Row| if row.problem.is_some() { None } else { Some(row.who.clone()) };
            let expected: Vec<_> = names.iter().map(|name| (!name.contains('\t')).then(|| name.clone())).collect();
            prop_assert_eq!(rows.iter().map(shown).collect::<Vec<_>>(), expected);
        }
    }
}
