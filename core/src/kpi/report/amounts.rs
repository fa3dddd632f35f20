//! Which fields something tells: what a table does not say is none, never 0.

use super::column::Field;
use super::row::Row;

/// A set of fields that are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Told(u32);

impl Told {
    /// What changes the number of animals.
    pub(super) const MOVEMENTS: Self =
        Self(Field::Placed.bit() | Field::Dead.bit() | Field::Culled.bit() | Field::MovedIn.bit() | Field::MovedOut.bit() | Field::Sold.bit());
    /// What one row a day tells: twice is one too many.
    pub(super) const ONCE_A_DAY: Self =
        Self(Field::Dead.bit() | Field::Culled.bit() | Field::Feed.bit() | Field::Eggs.bit() | Field::Water.bit() | Field::Placed.bit());

    pub(super) const fn has(self, field: Field) -> bool {
        self.0 & field.bit() != 0
    }

    pub(super) const fn has_any(self, fields: Self) -> bool {
        self.0 & fields.0 != 0
    }

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn with(self, field: Field) -> Self {
        Self(self.0 | field.bit())
    }

    pub(super) fn iter(self) -> impl Iterator<Item = Field> {
        AMOUNTS.iter().copied().filter(move |field| self.has(*field))
    }
}

/// The fields that a row tells.
pub(super) fn told_by(row: &Row) -> Told {
    let told = AMOUNTS.iter().filter(|field| row.amount(**field).is_some() || (**field == Field::Weights && !row.weights_mg.is_empty()));
    Told(told.fold(0, |told, field| told | field.bit()))
}

impl Field {
    pub(super) const fn bit(self) -> u32 {
        1 << match self {
            Self::Placed => 0,
            Self::Dead => 1,
            Self::Culled => 2,
            Self::MovedIn => 3,
            Self::MovedOut => 4,
            Self::Sold => 5,
            Self::LiveWeightOut => 6,
            Self::Feed => 7,
            Self::FeedLeft => 8,
            Self::Water => 9,
            Self::Eggs => 10,
            Self::EggMass => 11,
            Self::Cost => 12,
            Self::Area => 13,
            Self::Weights => 14,
            Self::Batch => 15,
            Self::Date => 16,
            Self::Day => 17,
            Self::Species => 18,
            Self::Week => 19,
        }
    }

    pub(super) const fn is_time(self) -> bool {
        matches!(self, Self::Date | Self::Day | Self::Week)
    }

    /// Whether its cells are numbers, or lists of them.
    pub(super) const fn is_number(self) -> bool {
        !self.is_time() && !matches!(self, Self::Batch | Self::Species)
    }

    pub(super) const fn is_loss(self) -> bool {
        matches!(self, Self::Dead | Self::Culled)
    }
}

/// Every field that is an amount.
const AMOUNTS: &[Field] = &[
    Field::Placed,
    Field::Dead,
    Field::Culled,
    Field::MovedIn,
    Field::MovedOut,
    Field::Sold,
    Field::LiveWeightOut,
    Field::Feed,
    Field::FeedLeft,
    Field::Water,
    Field::Eggs,
    Field::EggMass,
    Field::Cost,
    Field::Area,
    Field::Weights,
];
