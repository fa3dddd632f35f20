//! What happened to a batch on one day, or over all of them.

use std::collections::BTreeMap;

use super::amounts::{Told, told_by};
use super::column::Field;
use super::row::Row;

/// One day of a batch.
#[derive(Debug, Clone, Default)]
pub(super) struct Day {
    pub(super) placed: u64,
    pub(super) moved_in: u64,
    pub(super) dead: u64,
    pub(super) culled: u64,
    pub(super) moved_out: u64,
    pub(super) sold: u64,
    pub(super) live_weight_out_g: u64,
    pub(super) feed_g: u64,
    pub(super) feed_left_g: u64,
    pub(super) water_ml: u64,
    pub(super) eggs: u64,
    pub(super) egg_mass_g: u64,
    pub(super) cost_minor: u64,
    /// How many animals had each weight, in mg.
    pub(super) weights: BTreeMap<u64, u64>,
    /// What its rows told.
    pub(super) told: Told,
    /// What its rows told and could not be read.
    pub(super) lost: Told,
    /// The line of its first row.
    pub(super) line: u64,
}

impl Day {
    /// Adds a row. Says whether a row before told of this day what one row a day tells; none where a sum is too large.
    pub(super) fn add(&mut self, row: &Row) -> Option<bool> {
        let told = told_by(row);
        let is_repeated = self.told.and(told).has_any(Told::ONCE_A_DAY);
        self.add_amounts(row)?;
        for weight in &row.weights_mg {
            *self.weights.entry(*weight).or_default() += 1;
        }
        self.lost = row.lost.iter().fold(self.lost, |lost, field| lost.with(*field));
        if self.line == 0 {
            self.line = row.line;
        }
        Some(is_repeated)
    }

    /// Adds the amounts of a row, all or none; none where a sum is too large.
    pub(super) fn add_amounts(&mut self, row: &Row) -> Option<()> {
        let told = told_by(row);
        let fits = |field: &Field| self.amount(*field).is_none_or(|sum| sum.checked_add(row.amount(*field).unwrap_or(0)).is_some());
        if !told.iter().all(|field| fits(&field)) {
            return None;
        }
        for field in told.iter() {
            if let (Some(sum), Some(more)) = (self.amount_mut(field), row.amount(field)) {
                *sum = sum.saturating_add(more);
            }
        }
        self.told = self.told.or(told);
        Some(())
    }

    /// Adds another day of the same batch, whose sums all fit.
    pub(super) fn merge(&mut self, other: &Self) {
        for field in other.told.iter() {
            if let (Some(sum), Some(more)) = (self.amount_mut(field), other.amount(field)) {
                *sum = sum.saturating_add(more);
            }
        }
        for (weight, count) in &other.weights {
            *self.weights.entry(*weight).or_default() += count;
        }
        self.told = self.told.or(other.told);
        self.lost = self.lost.or(other.lost);
        if self.line == 0 {
            self.line = other.line;
        }
    }

    /// Whether a row tells something other than 0, and all that it tells is what this is.
    pub(super) fn equals_where_told(&self, row: &Row) -> bool {
        let told = told_by(row);
        told.iter().any(|field| row.amount(field).is_some_and(|amount| amount > 0))
            && told.iter().filter(|field| *field != Field::Area).all(|field| self.amount(field).is_some() && self.amount(field) == row.amount(field))
    }

    pub(super) fn amount(&self, field: Field) -> Option<u64> {
        Some(match field {
            Field::Placed => self.placed,
            Field::Dead => self.dead,
            Field::Culled => self.culled,
            Field::MovedIn => self.moved_in,
            Field::MovedOut => self.moved_out,
            Field::Sold => self.sold,
            Field::LiveWeightOut => self.live_weight_out_g,
            Field::Feed => self.feed_g,
            Field::FeedLeft => self.feed_left_g,
            Field::Water => self.water_ml,
            Field::Eggs => self.eggs,
            Field::EggMass => self.egg_mass_g,
            Field::Cost => self.cost_minor,
            Field::Area | Field::Batch | Field::Date | Field::Day | Field::Species | Field::Week | Field::Weights => return None,
        })
    }

    fn amount_mut(&mut self, field: Field) -> Option<&mut u64> {
        Some(match field {
            Field::Placed => &mut self.placed,
            Field::Dead => &mut self.dead,
            Field::Culled => &mut self.culled,
            Field::MovedIn => &mut self.moved_in,
            Field::MovedOut => &mut self.moved_out,
            Field::Sold => &mut self.sold,
            Field::LiveWeightOut => &mut self.live_weight_out_g,
            Field::Feed => &mut self.feed_g,
            Field::FeedLeft => &mut self.feed_left_g,
            Field::Water => &mut self.water_ml,
            Field::Eggs => &mut self.eggs,
            Field::EggMass => &mut self.egg_mass_g,
            Field::Cost => &mut self.cost_minor,
            Field::Area | Field::Batch | Field::Date | Field::Day | Field::Species | Field::Week | Field::Weights => return None,
        })
    }
}
