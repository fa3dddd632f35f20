//! `gatewright kpi report`: from the table of a farm to pages and numbers.

use std::fs::File;
use std::io::{BufRead, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Args, Subcommand, ValueEnum};

use crate::kpi::report::{DateOrder, DecimalSign, Locale, ReadOptions, Report, Reporter, Table, Targets, read_json};

#[derive(Debug, Subcommand)]
pub(super) enum KpiCommand {
    /// One page a batch, and the batches beside each other, from a table with a row a day, a week or an event.
    ///
    /// Columns are known by their names, in English, German, French, Spanish, Portuguese, Dutch or Italian, with the unit behind:
    /// batch, species, date or day or week, placed, dead, culled, moved_in, moved_out, sold, live_weight_out_kg, feed_kg, feed_left_kg,
    /// water_l, weights_g (a list, or one weighing a row), eggs, egg_mass_kg, area_m2, cost_eur. Without --html, --json and --csv a
    /// summary is printed.
    Report(Box<ReportArguments>),
}

#[derive(Debug, Args)]
pub(super) struct ReportArguments {
    /// The table: CSV, TSV or a JSON array of rows; - reads the input.
    file: PathBuf,
    /// What to compare with, in TOML.
    #[arg(long)]
    targets: Option<PathBuf>,
    /// Write the pages to this file.
    #[arg(long)]
    html: Option<PathBuf>,
    /// Write JSON to this file; - writes to the output.
    #[arg(long)]
    json: Option<PathBuf>,
    /// Write a table with a row for each figure to this file; - writes to the output.
    #[arg(long)]
    csv: Option<PathBuf>,
    /// Which field a column is, where its name does not say so: "Silo 1=feed_kg". May be given often.
    #[arg(long, value_name = "COLUMN=FIELD", value_parser = mapping)]
    map: Vec<(String, String)>,
    /// The name of the batch, for a table without a column for it.
    #[arg(long)]
    batch: Option<String>,
    /// Which sign stands before a fraction.
    #[arg(long, value_enum, default_value_t = Decimal::Auto)]
    decimal: Decimal,
    /// Which part of a date with slashes comes first.
    #[arg(long, value_enum, default_value_t = Dates::Auto)]
    dates: Dates,
    /// What parts the cells of a table, where its first lines do not show it.
    #[arg(long, value_parser = delimiter)]
    delimiter: Option<u8>,
    /// How numbers are written, as en, de or fr-CH; from LC_ALL or LANG if left out.
    #[arg(long)]
    locale: Option<String>,
    /// The heading of the pages.
    #[arg(long, default_value = "Batch report")]
    title: String,
    /// Say nothing about the progress.
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Decimal {
    Auto,
    Point,
    Comma,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Dates {
    Auto,
    DayFirst,
    MonthFirst,
}

pub(super) fn run(command: &KpiCommand) -> u8 {
    let KpiCommand::Report(arguments) = command;
    match report(arguments) {
        Ok(report) if report.problem_count == 0 => 0,
        Ok(_) => 1,
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "gatewright: {}", plain(&message));
            2
        }
    }
}

fn report(arguments: &ReportArguments) -> Result<Report, String> {
    let targets = match &arguments.targets {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| cannot("read", path, &error))?;
            Targets::from_toml(&text).map_err(|error| format!("{}: {error}", path.display()))?
        }
        None => Targets::default(),
    };
    let options = ReadOptions {
        delimiter: arguments.delimiter,
        decimal: match arguments.decimal {
            Decimal::Auto => DecimalSign::Auto,
            Decimal::Point => DecimalSign::Point,
            Decimal::Comma => DecimalSign::Comma,
        },
        dates: match arguments.dates {
            Dates::Auto => DateOrder::Auto,
            Dates::DayFirst => DateOrder::DayFirst,
            Dates::MonthFirst => DateOrder::MonthFirst,
        },
        columns: arguments.map.clone(),
        batch: arguments.batch.clone(),
    };
    let mut reporter = Reporter::new(targets);
    read(arguments, &options, &mut reporter)?;
    let report = reporter.finish().map_err(|error| error.to_string())?;
    let tag = arguments.locale.clone().or_else(|| ["LC_ALL", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|tag| !tag.is_empty())));
    let locale = Locale::of(tag.as_deref().unwrap_or("en"));
    if let Some(path) = &arguments.html {
        write(path, &report.to_html(&arguments.title, &locale))?;
    }
    if let Some(path) = &arguments.json {
        write(path, &format!("{}\n", report.to_json()))?;
    }
    if let Some(path) = &arguments.csv {
        write(path, &report.to_csv())?;
    }
    tell(arguments, &report, &locale);
    Ok(report)
}

fn read(arguments: &ReportArguments, options: &ReadOptions, reporter: &mut Reporter) -> Result<(), String> {
    let path = &arguments.file;
    let is_input = path.as_os_str() == "-";
    let mut is_json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let (text, size): (Box<dyn Read>, Option<u64>) = if is_input {
        let mut input = std::io::stdin().lock();
        let begun = input.fill_buf().map_err(|error| cannot("read", path, &error))?;
        is_json = begun.trim_ascii_start().first() == Some(&b'[');
        (Box::new(input), None)
    } else {
        let file = File::open(path).map_err(|error| cannot("read", path, &error))?;
        let about = file.metadata().ok();
        if about.as_ref().is_some_and(std::fs::Metadata::is_dir) {
            return Err(format!("cannot read {}: it is a folder", path.display()));
        }
        let size = about.map(|about| about.len());
        (Box::new(file), size)
    };
    let named = |error: crate::Error| format!("{}: {error}", path.display());
    if is_json {
        let mut json = String::new();
        { text }.read_to_string(&mut json).map_err(|error| cannot("read", path, &error))?;
        let (rows, problems) = read_json(&json, options).map_err(named)?;
        rows.iter().try_for_each(|row| reporter.add(row)).map_err(named)?;
        problems.into_iter().for_each(|problem| reporter.add_problem(problem));
        return Ok(());
    }
    let mut table = Table::open(text, options).map_err(named)?;
    let mut progress = Progress::new(!arguments.quiet && std::io::stderr().is_terminal(), size);
    while let Some(entry) = table.next_entry().map_err(named)? {
        reporter.add_entry(entry).map_err(named)?;
        progress.at(table.bytes_read());
    }
    progress.end();
    Ok(())
}

/// What was found, on the error output where the output is a file's.
fn tell(arguments: &ReportArguments, report: &Report, locale: &Locale) {
    let is_taken = [&arguments.json, &arguments.csv].into_iter().flatten().any(|path| path.as_os_str() == "-");
    let wants_summary = arguments.html.is_none() && arguments.json.is_none() && arguments.csv.is_none();
    let mut out: Box<dyn Write> = if is_taken { Box::new(std::io::stderr()) } else { Box::new(std::io::stdout()) };
    if wants_summary {
        let locale = &report.written(*locale);
        for batch in &report.batches {
            let _ = writeln!(out, "{}", plain(&batch.batch));
            for figure in &batch.figures {
                let title = crate::kpi::definition(figure.kpi.id).map_or(figure.kpi.id, |definition| definition.title);
                let value = figure
                    .kpi
                    .value
                    .map_or_else(|| figure.kpi.reason.map_or("–", |reason| reason.words()).to_owned(), |value| locale.figure(value, figure.kpi.unit));
                let _ = writeln!(out, "  {title:<44} {value:>16}");
            }
            for told in batch.incomplete.iter().chain(&batch.implausible) {
                let _ = writeln!(out, "  ! {}", plain(told));
            }
        }
    }
    if arguments.quiet {
        return;
    }
    let _ = writeln!(out, "{}", report.size());
    for problem in report.problems.iter().take(SHOWN) {
        let column = problem.column.as_deref().map_or_else(String::new, |column| format!(", {column}"));
        let text = if problem.text.is_empty() { String::new() } else { format!(" {:?}", problem.text) };
        let _ = writeln!(out, "{}", plain(&format!("line {}{column}:{text} {}; {}", problem.line, problem.reason, problem.effect)));
    }
    let shown = u64::try_from(report.problems.len().min(SHOWN)).unwrap_or(u64::MAX);
    if report.problem_count > shown {
        let _ = writeln!(out, "and {} more problems; --html and --json list them", report.problem_count - shown);
    }
}

/// Text of a table that cannot speak to the terminal.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    if path.as_os_str() == "-" {
        return std::io::stdout().write_all(text.as_bytes()).map_err(|error| cannot("write", path, &error));
    }
    std::fs::write(path, text).map_err(|error| cannot("write", path, &error))
}

fn cannot(what: &str, path: &Path, error: &std::io::Error) -> String {
    format!("cannot {what} {}: {error}", path.display())
}

fn mapping(text: &str) -> Result<(String, String), String> {
    let (column, field) = text.rsplit_once('=').ok_or("write COLUMN=FIELD, as \"Silo 1=feed_kg\"")?;
    Ok((column.to_owned(), field.to_owned()))
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        [one] if one.is_ascii() => Ok(*one),
        b"\\t" | b"tab" => Ok(b'\t'),
        _ => Err("give one character, or tab".to_owned()),
    }
}

/// How far a long file has been read, told a few times a second where somebody looks.
struct Progress {
    wanted: bool,
    size: Option<u64>,
    begun: Instant,
    last: Option<Instant>,
}

#[allow(clippy::disallowed_methods, reason = "progress for somebody who looks decides nothing")]
impl Progress {
    fn new(wanted: bool, size: Option<u64>) -> Self {
        Self { wanted, size, begun: Instant::now(), last: None }
    }

    fn at(&mut self, bytes: u64) {
        if !self.wanted {
            return;
        }
        let now = Instant::now();
        if now.duration_since(self.last.unwrap_or(self.begun)) < EVERY {
            return;
        }
        self.last = Some(now);
        let megabytes = bytes / 1_000_000;
        let _ = match self.size.filter(|size| *size > 0) {
            Some(size) => write!(std::io::stderr(), "\rreading: {} % of {} MB ", bytes.saturating_mul(100) / size, size / 1_000_000),
            None => write!(std::io::stderr(), "\rreading: {megabytes} MB "),
        };
    }

    fn end(&self) {
        if self.last.is_some() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

const EVERY: Duration = Duration::from_millis(250);
const SHOWN: usize = 20;
