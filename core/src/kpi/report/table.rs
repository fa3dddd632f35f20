//! Tables of text: which sign parts the cells, where the header is, and each row after it, one at a time.

use std::io::{BufReader, Chain, Cursor, Read};

use super::column::{self, Column, Field, NotColumn};
use super::date::DateOrder;
use super::decimal::{DecimalSign, sign_of};
use super::lines::Lines;
use super::row::{Row, RowProblem, Writing, names_a_sum};
use crate::error::{KpiError, Result};

/// How a table is to be read, where it does not say so by itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadOptions {
    /// What parts the cells; told by the header if left out.
    pub delimiter: Option<u8>,
    /// Which sign stands before a fraction.
    pub decimal: DecimalSign,
    /// Which part of a date with slashes comes first.
    pub dates: DateOrder,
    /// Columns whose header is not understood, and the field that each is: `("Silo 1", "feed_kg")`.
    pub columns: Vec<(String, String)>,
    /// The name of the batch, for a table that has no column for it.
    pub batch: Option<String>,
}

/// What a table brings, in its order.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Entry {
    /// A row.
    Row(Box<Row>),
    /// What could not be read.
    Problem(RowProblem),
}

/// The rows of a table of text (CSV), read one at a time.
pub struct Table<R: Read> {
    reader: csv::Reader<Lines<Whole<R>>>,
    columns: Vec<Option<Column>>,
    headers: Vec<String>,
    writing: Writing,
    batch: Option<String>,
    waiting: Vec<RowProblem>,
    record: csv::ByteRecord,
    delimiter: u8,
}

impl<R: Read> Table<R> {
    /// Reads as far as the header.
    ///
    /// # Errors
    /// `kpi_bad_row` where there is none, a measured column says no unit (the message lists what it could mean), two columns are the
    /// same field, a mapped column is not there, there is no batch, or the file is a workbook or UTF-16; `unavailable` where the text
    /// cannot be read.
    pub fn open(text: R, options: &ReadOptions) -> Result<Self> {
        let (head, text) = begun(text)?;
        refuse_other_files(&head)?;
        let delimiter = options.delimiter.unwrap_or_else(|| delimiter_of(&head));
        let mut reader = reader_of(Lines::new(text), delimiter);
        let mut record = csv::ByteRecord::new();
        let mut seen = Vec::new();
        for _ in 0..PREAMBLE {
            if !next(&mut reader, &mut record)? {
                break;
            }
            if record.len() > MOST_COLUMNS {
                return Err(KpiError::bad_table(format!("more than {MOST_COLUMNS} columns")).into());
            }
            let headers: Vec<String> = record.iter().map(decoded).collect();
            if is_header(&headers, options) {
                let columns = columns(&headers, options)?;
                let decimal = match options.decimal {
                    DecimalSign::Auto => sign_shown(&head, delimiter, &columns),
                    given => given,
                };
                let writing = Writing { decimal, dates: options.dates };
                return Ok(Self { reader, columns, headers, writing, batch: options.batch.clone(), waiting: Vec::new(), record, delimiter });
            }
            seen.extend(headers);
        }
        let seen: String = seen.join(", ").chars().take(200).collect();
        Err(KpiError::bad_table(format!("no header: a first row with names as batch, day, dead, feed_kg; found {seen:?}")).into())
    }

    /// The next row or problem; none at the end.
    ///
    /// # Errors
    /// `unavailable` where the text cannot be read on; `kpi_bad_row` for a row of more than 16 MiB, as a quote makes that is never closed.
    pub fn next_entry(&mut self) -> Result<Option<Entry>> {
        loop {
            if let Some(problem) = self.waiting.pop() {
                return Ok(Some(Entry::Problem(problem)));
            }
            if !next(&mut self.reader, &mut self.record)? {
                return Ok(None);
            }
            let line = self.line();
            if let Some(cell) = self.record.iter().find(|cell| holds_rows(cell, self.delimiter, self.headers.len())) {
                let reason = "a quote opens here and is not closed in its row, so that rows stand inside of the cell: close it or leave it out";
                let (reason, effect) = (reason.to_owned(), "the rows inside are left out".to_owned());
                return Ok(Some(Entry::Problem(RowProblem { line, column: None, text: shortened(&decoded(cell)), reason, effect })));
            }
            let cells: Vec<String> = self.record.iter().map(decoded).collect();
            let cells = cells.iter().map(String::as_str);
            let row = read_row(line, self.headers.iter().map(String::as_str).zip(&self.columns).zip(cells), self.writing, &mut self.waiting);
            self.waiting.reverse();
            if let Some(row) = named(row, self.batch.as_deref(), &mut self.waiting) {
                return Ok(Some(Entry::Row(Box::new(row))));
            }
        }
    }

    /// The line on which the record begins: the reader stands behind its end now, and blank lines before it are no part of it.
    fn line(&self) -> u64 {
        let inside = self.record.as_slice().iter().filter(|byte| **byte == b'\n').count();
        let from_end = self.reader.position().line().saturating_sub(1 + u64::try_from(inside).unwrap_or(0));
        // Of a quote that is never closed the last line's end is inside as well.
        from_end.max(self.record.position().map_or(0, csv::Position::line))
    }

    /// How many bytes have been read.
    #[must_use]
    pub fn bytes_read(&self) -> u64 {
        self.reader.get_ref().bytes_read()
    }
}

/// A row of cells; what cannot be read of it goes to the problems.
pub(super) fn read_row<'a>(
    line: u64,
    cells: impl Iterator<Item = ((&'a str, &'a Option<Column>), &'a str)>,
    writing: Writing,
    problems: &mut Vec<RowProblem>,
) -> Row {
    let mut row = Row { line, ..Row::default() };
    let before = problems.len();
    for (at, ((header, column), text)) in cells.enumerate() {
        let Some(column) = column else {
            // A sum is often named in the first column, whatever that is for.
            row.is_sum |= at == 0 && names_a_sum(text);
            continue;
        };
        if let Err(reason) = row.set(*column, text, writing) {
            let effect = format!("its {} counts as missing", column.field.as_str());
            problems.push(RowProblem { line, column: Some(header.to_owned()), text: shortened(text), reason, effect });
        }
    }
    if row.time.is_none() && row.lost.iter().any(|field| field.is_time()) {
        for problem in problems.iter_mut().skip(before) {
            "the row is left out, and figures that rest on it are marked".clone_into(&mut problem.effect);
        }
    }
    row
}

/// The row, if it is one of a batch.
pub(super) fn named(mut row: Row, batch: Option<&str>, problems: &mut Vec<RowProblem>) -> Option<Row> {
    if row.is_sum {
        // What could not be read of a sum is no loss.
        problems.retain(|problem| problem.line != row.line);
        return None;
    }
    if row.batch.is_empty() {
        if row.is_blank() {
            return None;
        }
        match batch {
            Some(batch) => batch.clone_into(&mut row.batch),
            None => {
                let (reason, effect) =
                    ("no batch: write its name in every row, or give one with --batch".to_owned(), "the row is left out".to_owned());
                problems.push(RowProblem { line: row.line, column: None, text: String::new(), reason, effect });
                return None;
            }
        }
    }
    (!row.is_blank() || !row.lost.is_empty()).then_some(row)
}

/// The columns of a header.
pub(super) fn columns(headers: &[String], options: &ReadOptions) -> Result<Vec<Option<Column>>> {
    let mut columns: Vec<Option<Column>> = Vec::with_capacity(headers.len());
    if let Some((name, _)) = options.columns.iter().find(|(name, _)| !headers.iter().any(|header| is_named(header, name))) {
        let there: String = headers.join(", ").chars().take(200).collect();
        return Err(KpiError::bad_table(format!("no column {name:?} to map; there are {there}")).into());
    }
    for header in headers {
        let mapped = options.columns.iter().find(|(name, _)| is_named(header, name));
        let read = match mapped {
            Some((_, field)) => column::mapped(field, header),
            None => column::read(header),
        };
        let column = match read {
            Ok(column) => Some(column),
            Err(NotColumn::Unknown) if mapped.is_none() => None,
            Err(NotColumn::Unknown) => return Err(KpiError::bad_table(format!("{header}: map it to a field, as feed_kg or dead")).into()),
            Err(NotColumn::NoUnit { field, readings }) => {
                let message = format!("{header}: in which unit? Name the column {readings} (or map it: --map {header}={}_…)", field.as_str());
                return Err(KpiError::bad_table(message).into());
            }
            Err(NotColumn::WrongUnit { unit, readings, .. }) => {
                return Err(KpiError::bad_table(format!("{header}: {unit} is no unit of it; give one of {readings}")).into());
            }
        };
        if let Some(column) = column
            && let Some(before) = columns.iter().position(|other| other.is_some_and(|other| other.field == column.field))
        {
            let other = headers.get(before).map_or("", String::as_str);
            let message = format!("{other} and {header} are both read as {}; rename one of them", column.field.as_str());
            return Err(KpiError::bad_table(message).into());
        }
        columns.push(column);
    }
    let has = |field| columns.iter().flatten().any(|column| column.field == field);
    if !has(Field::Batch) && options.batch.is_none() {
        return Err(KpiError::bad_table("no column for the batch: name one batch, or give the name of the one batch (--batch)".to_owned()).into());
    }
    Ok(columns)
}

/// Whether a header is the column that a mapping names, whatever the case.
fn is_named(header: &str, name: &str) -> bool {
    let plain = |text: &str| text.trim_start_matches('\u{feff}').trim().to_lowercase();
    plain(header) == plain(name)
}

/// Whether two cells at least are names of fields, with or without a unit.
fn is_header(cells: &[String], options: &ReadOptions) -> bool {
    let is_known = |cell: &&String| {
        let mapped = options.columns.iter().any(|(name, _)| is_named(cell, name));
        mapped || !matches!(column::read(cell), Err(NotColumn::Unknown))
    };
    cells.iter().filter(is_known).count() >= 2
}

/// The one of semicolon, tab and comma that the first lines have most of, outside of quotes.
fn delimiter_of(head: &[u8]) -> u8 {
    let mut counts = [(b';', 0_usize), (b'\t', 0), (b',', 0)];
    let mut quoted = false;
    for byte in head.split(|byte| *byte == b'\n').take(5).flatten() {
        quoted ^= *byte == b'"';
        if !quoted && let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| delimiter == byte) {
            *count += 1;
        }
    }
    // A decimal comma in each cell is as frequent as the semicolon between them: the earlier of equals wins.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, count)| if *count == 0 { b',' } else { *delimiter })
}

/// UTF-8, or else the Western European code page that spreadsheets write.
fn decoded(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| if *byte == 0x80 { '\u{20ac}' } else { char::from(*byte) }).collect(),
    }
}

/// Whether a cell of several lines has one that looks like a row, as where a quote is not closed. Remarks have fewer delimiters.
fn holds_rows(cell: &[u8], delimiter: u8, columns: usize) -> bool {
    let delimiters = |line: &[u8]| line.iter().filter(|byte| **byte == delimiter).count();
    cell.contains(&b'\n') && cell.split(|byte| *byte == b'\n').any(|line| delimiters(line) >= (columns / 2).max(1))
}

fn shortened(text: &str) -> String {
    text.trim().chars().take(80).collect()
}

/// The next record.
fn next<R: Read>(reader: &mut csv::Reader<Lines<Whole<R>>>, record: &mut csv::ByteRecord) -> Result<bool> {
    reader.get_mut().allow(LONGEST_ROW);
    let line = reader.position().line();
    reader.read_byte_record(record).map_err(|error| match error.kind() {
        csv::ErrorKind::Io(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
            KpiError::bad_table(format!("line {line}: a row of more than 16 MiB; is a quote (\") not closed?")).into()
        }
        _ => unreadable(),
    })
}

fn reader_of<R: Read>(text: R, delimiter: u8) -> csv::Reader<R> {
    csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text)
}

/// The first bytes of a text, and all of it.
fn begun<R: Read>(mut text: R) -> Result<(Vec<u8>, Whole<R>)> {
    let mut head = Vec::new();
    text.by_ref().take(HEAD).read_to_end(&mut head).map_err(|_| unreadable())?;
    Ok((head.clone(), BufReader::with_capacity(64 * 1024, Cursor::new(head).chain(text))))
}

/// A text whose first bytes have been looked at.
type Whole<R> = BufReader<Chain<Cursor<Vec<u8>>, R>>;

/// A workbook or another encoding is told by its first bytes.
fn refuse_other_files(head: &[u8]) -> Result<()> {
    let message = match head {
        [b'P', b'K', 3, 4, ..] | [0xd0, 0xcf, 0x11, 0xe0, ..] => "this is a workbook: save the sheet as CSV (UTF-8)",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "this is UTF-16: save the sheet as CSV (UTF-8)",
        _ => return Ok(()),
    };
    Err(KpiError::bad_table(message.to_owned()).into())
}

/// The decimal sign that the first rows show. Between commas a number with a comma is in quotes; without any the point is it.
fn sign_shown(head: &[u8], delimiter: u8, columns: &[Option<Column>]) -> DecimalSign {
    // Commas of a list of weights part them, where commas part cells.
    let is_shown = |column: &Column| column.field.is_number() && !(delimiter == b',' && column.field == Field::Weights);
    let mut cells: Vec<String> = Vec::new();
    // The last row of the head may be cut.
    let rows = head.rsplitn(2, |byte| matches!(byte, b'\n' | b'\r')).last().unwrap_or(head);
    for record in reader_of(Lines::new(rows), delimiter).byte_records().flatten() {
        let shown = record.iter().zip(columns).filter(|(_, column)| column.as_ref().is_some_and(is_shown));
        cells.extend(shown.flat_map(|(cell, _)| decoded(cell).split([' ', ';', '|']).map(str::to_owned).collect::<Vec<_>>()));
    }
    match sign_of(cells.iter().map(String::as_str)) {
        DecimalSign::Auto if delimiter == b',' => DecimalSign::Point,
        shown => shown,
    }
}

fn unreadable() -> crate::Error {
    crate::Error::unavailable("the table")
}

/// What is looked at to tell how a table is written.
const HEAD: u64 = 64 * 1024;
/// Titles above the header, at most.
const PREAMBLE: usize = 10;
const LONGEST_ROW: u64 = 16 << 20;
/// Columns of a table, and names of the rows of a program.
pub(super) const MOST_COLUMNS: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, options: &ReadOptions) -> (Vec<Row>, Vec<RowProblem>) {
        let mut table = Table::open(text.as_bytes(), options).unwrap();
        let (mut rows, mut problems) = (Vec::new(), Vec::new());
        while let Some(read) = table.next_entry().unwrap() {
            match read {
                Entry::Row(row) => rows.push(*row),
                Entry::Problem(problem) => problems.push(problem),
            }
        }
        (rows, problems)
    }

    #[test]
    fn a_spreadsheet_of_the_continent() {
        let text = "\u{feff}Mastbericht 2026;;;\r\n\r\nHerde;Tag;Tote;Futter [kg];Bemerkung\r\nA1;0;3;1.250,5;\"eingestallt; warm\"\r\nA1;1;2;12,5;\r\n;;;;\r\nSumme;;5;1.263,0;\r\n";
        let (rows, problems) = all(text, &ReadOptions::default());
        assert_eq!(problems, []);
        assert_eq!(
            rows.iter().map(|row| (row.line, row.dead, row.feed_g)).collect::<Vec<_>>(),
            [(4, Some(3), Some(1_250_500)), (5, Some(2), Some(12_500))]
        );
    }

    #[test]
    fn a_bad_cell_is_told_with_its_place_and_the_rest_is_read() {
        let (rows, problems) = all("batch,day,dead,weight_kg\nA,0,x,2.257\nA,1,4,\n,2,1,\n", &ReadOptions::default());
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].dead, rows[0].weights_mg.as_slice(), rows[0].lost.as_slice()), (None, [2_257_000].as_slice(), [Field::Dead].as_slice()));
        let told: Vec<_> = problems.iter().map(|problem| (problem.line, problem.column.as_deref(), &*problem.text, &*problem.reason)).collect();
        assert_eq!(
            told,
            [
                (2, Some("dead"), "x", "no number: write digits, as 12 or 12.5, or leave the cell empty"),
                (4, None, "", "no batch: write its name in every row, or give one with --batch"),
            ]
        );
    }

    #[test]
    fn a_quote_that_is_not_closed_is_told_where_it_opens_and_takes_no_rows_in_silence() {
        let told = |text: &str| {
            let (rows, problems) = all(text, &ReadOptions::default());
            (rows.len(), problems.iter().map(|problem| (problem.line, problem.reason.starts_with("a quote opens here"))).collect::<Vec<_>>())
        };
        assert_eq!(told("batch,day,placed,dead\nA,0,100,0\n\"A,1,,2\nA,2,,1\n"), (1, vec![(3, true)]));
        // Another quote further down closes it in the middle of a row.
        assert_eq!(told("batch,day,dead,note\nA,0,1,\"ill\nA,1,1,x\nA,2,1,\"well\"\nA,3,1,y\n"), (1, vec![(2, true)]));
        // A remark of several lines is none of it, with a comma here and there.
        assert_eq!(told("batch,day,dead,culled,note\nA,0,1,0,\"ill, two\nof them\"\nA,1,1,0,\"a\n\"\n"), (2, vec![]));
    }

    #[test]
    fn tables_that_cannot_be_read_say_what_to_write() {
        let error = |text: &str| Table::open(text.as_bytes(), &ReadOptions::default()).err().unwrap();
        for (text, part) in [
            ("batch,feed\nA,1\n", "feed_g, feed_kg"),
            ("batch,feed_bags,dead\n", "bags is no unit"),
            ("batch,dead,deaths\n", "both read as dead"),
            ("day,dead\n", "no column for the batch"),
            ("a,b\n1,2\n", "no header"),
            ("", "no header"),
        ] {
            let error = error(text);
            assert_eq!(error.code(), "kpi_bad_row");
            assert!(error.to_string().contains(part), "{error}");
        }
    }

    #[test]
    fn sums_are_known_by_their_name_in_any_column() {
        for text in [
            "date,batch,dead\n2026-01-02,A,3\nTotal,,3\n",
            "batch,day,dead\nA,0,3\nA,Total,3\nGrand total,,3\n",
            "remarks;batch;day;dead\n;A;0;3\nSumme:;;;3\n;;;\n",
        ] {
            let (rows, problems) = all(text, &ReadOptions::default());
            assert_eq!((rows.len(), problems), (1, Vec::new()), "{text}");
        }
    }

    #[test]
    fn the_decimal_sign_is_what_numbers_show() {
        let feed = |text: &str| all(text, &ReadOptions::default()).0.iter().map(|row| row.feed_g).collect::<Vec<_>>();
        assert_eq!(feed("batch,day,feed_kg\nA,0,\"12,5\"\nA,1,\"1.250,5\"\n"), [Some(12_500), Some(1_250_500)]);
        assert_eq!(feed("batch,day,feed_kg,weights_g\nA,0,\"1,250\",\"43,41\"\n"), [Some(1_250_000)]);
        assert_eq!(feed("batch;date;feed_kg\nA;13.04.2026;1.250\nA;14.04.2026;12,5\n"), [Some(1_250_000), Some(12_500)]);
        let (rows, problems) = all("batch;day;feed_kg\nA;0;1.250\n", &ReadOptions::default());
        assert_eq!((rows.len(), rows[0].feed_g), (1, None));
        assert!(problems[0].reason.starts_with("1.25 or 1250"), "{}", problems[0].reason);
    }

    #[test]
    fn a_row_on_an_unknown_day_is_left_out_and_told() {
        let (rows, problems) = all("batch,date,dead\nA,03/04/2026,5\n", &ReadOptions::default());
        assert_eq!((rows[0].time, rows[0].lost.as_slice()), (None, [Field::Date].as_slice()));
        assert!(problems[0].reason.starts_with("2026-04-03 or 2026-03-04") && problems[0].effect.starts_with("the row is left out"));
    }

    #[test]
    fn what_is_no_table_is_refused_and_no_row_is_endless() {
        let error = |bytes: &[u8], options: &ReadOptions| Table::open(bytes, options).err().unwrap().to_string();
        assert!(error(b"PK\x03\x04rest", &ReadOptions::default()).contains("workbook"));
        assert!(error(b"\xff\xfeb\0a\0", &ReadOptions::default()).contains("UTF-16"));
        let options = ReadOptions { columns: vec![("Silo 9".into(), "feed_kg".into())], ..ReadOptions::default() };
        assert!(error(b"batch,day,dead\n", &options).contains("no column \"Silo 9\" to map; there are batch, day, dead"));
        let endless = b"batch,day,dead\nA,0,\""[..].chain(std::io::repeat(b'x').take(40 << 20));
        let error = Table::open(endless, &ReadOptions::default()).unwrap().next_entry().unwrap_err();
        assert_eq!(error.code(), "kpi_bad_row");
        assert!(error.to_string().contains("line 2: a row of more than 16 MiB"), "{error}");
    }

    #[test]
    fn columns_can_be_mapped_and_old_code_pages_are_read() {
        let options = ReadOptions { columns: vec![("Silo 1".into(), "feed_kg".into())], batch: Some("house 3".into()), ..ReadOptions::default() };
        let (rows, _) = all("day\tSilo 1\n3\t12.5\n", &options);
        assert_eq!((rows[0].feed_g, &*rows[0].batch), (Some(12_500), "house 3"));
        let mut table = Table::open(&b"Herde;Stallfl\xe4che qm;Tote\nA;1200;3\n"[..], &ReadOptions::default()).unwrap();
        let Some(Entry::Row(row)) = table.next_entry().unwrap() else { unreachable!() };
        assert_eq!((row.area_cm2, row.dead), (Some(12_000_000), Some(3)));
    }
}
