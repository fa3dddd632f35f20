//! Rows that are no text: objects of JSON or of a language, with the names and units of a header.

use std::collections::HashMap;

use super::column::Column;
use super::row::{Row, RowProblem, Writing};
use super::table::{MOST_COLUMNS, ReadOptions, columns, named, read_row};
use crate::error::{KpiError, Result};
use crate::json::{Node, Value};

/// Reads rows of a JSON array of objects. Numbers are read as they are written; lists, as `weights_g`, may be arrays; null is missing.
///
/// ```
/// use gatewright::kpi::report::{read_json, ReadOptions};
///
/// let rows = r#"[{"batch": "A1", "day": 35, "dead": 3, "feed_kg": 120.5, "weights_g": [2200, 2310.5, null]}]"#;
/// let (rows, problems) = read_json(rows, &ReadOptions::default())?;
/// assert_eq!((rows[0].feed_g, rows[0].weights_mg.len(), problems.len()), (Some(120_500), 2, 0));
/// # Ok::<(), gatewright::Error>(())
/// ```
///
/// # Errors
/// `kpi_bad_row` for what is no array of objects, and for names as those of a table ([`Table::open`](super::Table::open)).
pub fn read_json(text: &str, options: &ReadOptions) -> Result<(Vec<Row>, Vec<RowProblem>)> {
    let no_rows = || KpiError::bad_table("give a JSON array of objects, each a row".to_owned());
    let node = crate::json::read(text.as_bytes(), 4).map_err(|error| KpiError::bad_table(format!("no JSON at byte {}", error.at)))?;
    let Value::Array(rows) = node.value else { return Err(no_rows().into()) };
    let mut records: Vec<Vec<(String, String)>> = Vec::with_capacity(rows.len());
    for row in &rows {
        let Value::Object(members) = &row.value else { return Err(no_rows().into()) };
        records.push(members.iter().map(|member| (member.name.clone().into_owned(), text_of(&member.node))).collect());
    }
    read_records(&records, options)
}

/// Reads rows of names and texts.
///
/// # Errors
/// As [`read_json`].
pub fn read_records(records: &[Vec<(String, String)>], options: &ReadOptions) -> Result<(Vec<Row>, Vec<RowProblem>)> {
    let mut headers: Vec<String> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (name, _) in records.iter().flatten() {
        if !places.contains_key(name.as_str()) {
            places.insert(name, headers.len());
            headers.push(name.clone());
        }
        if headers.len() > MOST_COLUMNS {
            return Err(KpiError::bad_table(format!("rows with more than {MOST_COLUMNS} names")).into());
        }
    }
    if records.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let columns = columns(&headers, options)?;
    let column_of = |name: &str| -> Option<&Option<Column>> { places.get(name).and_then(|at| columns.get(*at)) };
    // A number of a program has one reading.
    let writing = Writing { decimal: super::DecimalSign::Point, dates: options.dates };
    let (mut rows, mut problems) = (Vec::with_capacity(records.len()), Vec::new());
    for (line, record) in (1..).zip(records) {
        let cells = record.iter().filter_map(|(name, text)| Some(((name.as_str(), column_of(name)?), text.as_str())));
        let row = read_row(line, cells, writing, &mut problems);
        rows.extend(named(row, options.batch.as_deref(), &mut problems));
    }
    Ok((rows, problems))
}

/// A cell as a table would have it.
fn text_of(node: &Node<'_>) -> String {
    match &node.value {
        Value::Null => String::new(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => plain(number.text(), number.as_f64()),
        Value::Text(text) => text.clone().into_owned(),
        Value::Array(members) => {
            let texts = members.iter().map(text_of).filter(|text| !text.is_empty()).collect::<Vec<_>>();
            texts.join(" ")
        }
        Value::Object(_) => "an object".to_owned(),
    }
}

/// A number without an exponent.
fn plain(text: &str, number: f64) -> String {
    if text.contains(['e', 'E']) { format!("{number}") } else { text.to_owned() }
}
