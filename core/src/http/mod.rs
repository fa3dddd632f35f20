//! HTTP, as far as the core speaks it: plain data, no server and no client.

mod response;

pub use response::Response;
