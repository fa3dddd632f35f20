//! From the rows of a table to the report of a farm.

mod column;
mod date;
mod decimal;
mod lines;
mod row;
mod table;

pub use column::Field;
pub use date::DateOrder;
pub use decimal::DecimalSign;
pub use row::{Row, RowProblem, Time};
pub use table::{Entry, ReadOptions, Table};
