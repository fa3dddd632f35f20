//! Refresh tokens: opaque, self-authenticating, rotated at every use.
//!
//! [`token`] is the text and what it carries, [`ratchet`] the keys and how a successor is made from its parent, and
//! [`decide`] the rule: what happens to a presented token, reuse included.

#[cfg(test)]
mod against_the_table;
pub mod decide;
pub mod ratchet;
pub mod token;
#[cfg(test)]
mod worked_vector;
