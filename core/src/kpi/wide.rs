//! Unsigned integers of 256 bits: the products of two sums, before they become one `f64`.

/// `high · 2^128 + low`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct U256 {
    high: u128,
    low: u128,
}

impl U256 {
    /// The product, which always fits.
    pub(super) const fn product(a: u128, b: u128) -> Self {
        let (a_high, a_low) = (a >> 64, a & LOW);
        let (b_high, b_low) = (b >> 64, b & LOW);
        let lowest = a_low * b_low;
        // None of these sums passes 2^128: (2^64 − 1)² + 2 · (2^64 − 1) = 2^128 − 1.
        let middle = a_high * b_low + (lowest >> 64);
        let other = a_low * b_high + (middle & LOW);
        Self { high: a_high * b_high + (middle >> 64) + (other >> 64), low: (other << 64) | (lowest & LOW) }
    }

    /// The difference; none if it is negative.
    pub(super) const fn minus(self, other: Self) -> Option<Self> {
        let (low, borrow) = self.low.overflowing_sub(other.low);
        match self.high.checked_sub(other.high) {
            Some(high) => match high.checked_sub(borrow as u128) {
                Some(high) => Some(Self { high, low }),
                None => None,
            },
            None => None,
        }
    }

    /// The nearest double; of two that are as near, the even one.
    #[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "the rounding of `as` is the one wanted")]
    pub(super) fn to_f64(self) -> f64 {
        if self.high == 0 {
            return self.low as f64;
        }
        // The upper 128 bits hold all 53 that count and more; whether anything is below them is one more bit.
        let shift = self.high.leading_zeros();
        let top = if shift == 0 { self.high } else { (self.high << shift) | (self.low >> (128 - shift)) };
        let is_rest = self.low << shift != 0;
        (top | u128::from(is_rest)) as f64 * 2_f64.powi(128 - i32::try_from(shift).unwrap_or(0))
    }
}

const LOW: u128 = u64::MAX as u128;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Bits, lowest first.
    fn bits(value: U256) -> Vec<bool> {
        (0..256).map(|at| if at < 128 { value.low >> at & 1 == 1 } else { value.high >> (at - 128) & 1 == 1 }).collect()
    }

    /// The nearest double by comparing with both neighbours, bit by bit.
    fn nearest(value: U256) -> f64 {
        let bits = bits(value);
        let Some(top) = bits.iter().rposition(|bit| *bit) else { return 0.0 };
        let lowest = top.saturating_sub(52);
        let mut mantissa = (lowest..=top).rev().fold(0_u64, |sum, at| sum * 2 + u64::from(bits[at]));
        if lowest > 0 {
            let half = bits[lowest - 1];
            let rest = bits[..lowest - 1].iter().any(|bit| *bit);
            if half && (rest || mantissa % 2 == 1) {
                mantissa += 1;
            }
        }
        mantissa as f64 * 2_f64.powi(i32::try_from(lowest).unwrap())
    }

    proptest! {
        #[test]
        fn it_rounds_to_the_nearest(a: u128, b: u128, down in 0_u32..128, lower in 0_u32..128) {
            let product = U256::product(a >> down, b >> lower);
            prop_assert_eq!(product.to_f64(), nearest(product));
        }

        #[test]
        fn products_are_those_of_their_halves(a: u128, b: u64) {
            // a · b in two steps of 64 bits each.
            let (low, high) = ((a & LOW) * u128::from(b), (a >> 64) * u128::from(b));
            let (sum, carry) = low.overflowing_add(high << 64);
            let expected = U256 { high: (high >> 64) + u128::from(carry), low: sum };
            prop_assert_eq!(U256::product(a, b.into()), expected);
            prop_assert_eq!(U256::product(b.into(), a), expected);
        }

        #[test]
        fn differences_add_up(a: u128, b: u128, c: u128, d: u128) {
            let (x, y) = (U256::product(a, b), U256::product(c, d));
            match x.minus(y) {
                None => prop_assert!(x < y),
                Some(rest) => {
                    let (low, carry) = rest.low.overflowing_add(y.low);
                    prop_assert_eq!(U256 { high: rest.high + y.high + u128::from(carry), low }, x);
                }
            }
        }
    }

    #[test]
    fn ties_go_to_the_even_one() {
        let odd = (1_u128 << 53) + 1;
        assert_eq!(U256 { high: odd, low: 0 }.to_f64(), 2_f64.powi(53 + 128));
        assert_eq!(U256 { high: odd, low: 1 }.to_f64(), (2_f64.powi(53) + 2.0) * 2_f64.powi(128));
        assert_eq!(U256 { high: odd + 2, low: 0 }.to_f64(), (2_f64.powi(53) + 4.0) * 2_f64.powi(128));
        assert_eq!(U256::product(u128::MAX, u128::MAX).to_f64(), 2_f64.powi(256));
    }
}
