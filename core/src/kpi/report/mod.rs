//! From the rows of a table to the report of a farm: one page a batch, and the batches beside each other.
//!
//! ```
//! use gatewright::kpi::report::{ReadOptions, Reporter, Table, Targets};
//!
//! let text = "batch,day,placed,dead,sold,live_weight_out_kg,feed_kg,weights_g\n\
//!             A1,0,1000,5,,,10,42 43 41\n\
//!             A1,35,,15,980,2156,3100,2150 2230 2220\n";
//! let mut table = Table::open(text.as_bytes(), &ReadOptions::default())?;
//! let mut reporter = Reporter::new(Targets::default());
//! while let Some(entry) = table.next_entry()? {
//!     reporter.add_entry(entry)?;
//! }
//! let report = reporter.finish()?;
//! let survival = report.batches[0].figure("survival.v1").unwrap();
//! assert_eq!(survival.kpi.value, Some(0.98));
//! # Ok::<(), gatewright::Error>(())
//! ```

mod amounts;
mod batch;
mod call;
mod column;
mod date;
mod day;
mod decimal;
mod figures;
mod html;
mod lines;
mod locale;
mod plausible;
mod plot;
mod plots;
mod presence;
mod records;
mod reporter;
mod row;
mod species;
mod table;
mod targets;
mod text;
mod weighing;

pub use call::{report_csv, report_json};
pub use column::Field;
pub use date::DateOrder;
pub use decimal::DecimalSign;
pub use locale::Locale;
pub use records::{read_json, read_records};
pub use reporter::{BatchReport, FarmFigure, Figure, MAX_BATCHES, MAX_OPEN, MAX_PAGES, MAX_PROBLEMS, Report, Reporter};
pub use row::{Row, RowProblem, Time};
pub use table::{Entry, ReadOptions, Table};
pub use targets::{Curve, RankWeight, Target, Targets};
pub use weighing::Weighing;
