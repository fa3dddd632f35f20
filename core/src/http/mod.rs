//! HTTP, as far as the core speaks it: plain data, no server and no client.

mod problem;
mod response;
#[cfg(feature = "tower")]
pub mod tower;

pub(crate) use problem::answer;
pub use problem::{ErrorFormat, Problem};
pub use response::Response;
