//! Student's t distribution: the quantile for 95 % confidence intervals.

/// The t that a variable with this many degrees of freedom stays below with probability 0.975, to a relative error under 1e-12.
///
/// Found by bisection on the upper tail, I(ν / (ν + t²); ν/2, 1/2) / 2, down to two neighbouring doubles, of which the lower one is
/// given; above 20,000 degrees of freedom, where the tail would lose digits, by the expansion around the normal quantile (Cornish and
/// Fisher). None without a degree of freedom.
#[must_use]
#[allow(clippy::cast_precision_loss, clippy::as_conversions, reason = "degrees of freedom become a double once, rounded to the nearest")]
pub fn t_quantile_975(degrees_of_freedom: u64) -> Option<f64> {
    if degrees_of_freedom == 0 {
        return None;
    }
    if degrees_of_freedom > SERIES_ABOVE {
        return Some(near_normal(degrees_of_freedom as f64));
    }
    let half = Half::of(degrees_of_freedom as f64 / 2.0);
    // t falls from 12.7 to 1.96 as ν grows.
    let (mut below, mut above) = (1.0_f64, 16.0_f64);
    loop {
        let middle = f64::midpoint(below, above);
        if middle <= below || middle >= above {
            return Some(below);
        }
        if half.upper_tail(middle) > TAIL { below = middle } else { above = middle }
    }
}

/// The first terms of t in powers of 1/ν (Abramowitz and Stegun 26.7.5); the next is below 1e-16 here.
fn near_normal(nu: f64) -> f64 {
    let z = NORMAL_975;
    let s = z * z;
    let terms = [z, z * (s + 1.0) / 4.0, z * ((5.0 * s + 16.0) * s + 3.0) / 96.0, z * (((3.0 * s + 19.0) * s + 17.0) * s - 15.0) / 384.0];
    terms.iter().rev().fold(0.0, |sum, term| sum / nu + term)
}

/// The incomplete beta function I(x; a, 1/2), for one a.
struct Half {
    a: f64,
    /// ln (Γ(a + 1/2) / (Γ(a) · Γ(1/2))).
    ln_scale: f64,
}

impl Half {
    fn of(a: f64) -> Self {
        // The difference of two large logarithms would have few digits left: for large a it has a series of its own.
        let ln_ratio = if a < SERIES_FROM {
            libm::lgamma(a + 0.5) - libm::lgamma(a)
        } else {
            let square = 1.0 / (a * a);
            let terms = [-1.0 / 8.0, 1.0 / 192.0, -1.0 / 640.0, 17.0 / 14_336.0, -31.0 / 18_432.0];
            libm::log(a) / 2.0 + terms.iter().rev().fold(0.0, |sum, term| sum * square + term) / a
        };
        Self { a, ln_scale: ln_ratio - LN_GAMMA_HALF }
    }

    /// The probability of more than t.
    fn upper_tail(&self, t: f64) -> f64 {
        let nu = 2.0 * self.a;
        let square = t * t;
        let (x, rest) = (nu / (nu + square), square / (nu + square));
        // x^a · (1 − x)^(1/2) / B(a, 1/2)
        let front = libm::exp(self.ln_scale - self.a * libm::log1p(square / nu) + libm::log(rest) / 2.0);
        // On the far side of the mean the fraction converges slowly and loses digits.
        let inner = if x < (self.a + 1.0) / (self.a + 2.5) {
            front * fraction(x, self.a, 0.5) / self.a
        } else {
            1.0 - front * fraction(rest, 0.5, self.a) / 0.5
        };
        inner / 2.0
    }
}

/// The continued fraction of the incomplete beta function, by Lentz's method.
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    let mut m = 0.0;
    for _ in 0..MAX_STEPS {
        m += 1.0;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + term * d);
            c = away_from_zero(1.0 + term / c);
            change = c * d;
            value *= change;
        }
        if (change - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    value
}

/// One of the two tails of a 95 % interval.
const TAIL: f64 = 0.025;
/// ln √π.
const LN_GAMMA_HALF: f64 = 0.572_364_942_924_700_1;
/// From here on the fifth term of the series is below the last digit.
const SERIES_FROM: f64 = 60.0;
const TINY: f64 = 1e-300;
/// It takes about as many steps as the square root of a.
const MAX_STEPS: usize = 1000;
const SERIES_ABOVE: u64 = 20_000;
/// What a normal variable stays below with probability 0.975.
const NORMAL_975: f64 = 1.959_963_984_540_054;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::excessive_precision, reason = "the digits of the reference, which the compiler rounds")]
    fn it_is_in_the_tables() {
        // Computed with 40 digits by an arbitrary-precision library.
        let expected = [
            (1, 12.706_204_736_174_704),
            (2, 4.302_652_729_749_464),
            (3, 3.182_446_305_283_709_5),
            (4, 2.776_445_105_197_794),
            (5, 2.570_581_835_636_315_6),
            (6, 2.446_911_851_144_97),
            (9, 2.262_157_162_798_205_5),
            (10, 2.228_138_851_986_274_7),
            (14, 2.144_786_687_917_804),
            (29, 2.045_229_642_132_704_3),
            (30, 2.042_272_456_301_238_3),
            (99, 1.984_216_951_586_417_5),
            (119, 1.980_099_876_456_939_9),
            (120, 1.979_930_405_082_440_8),
            (121, 1.979_763_762_505_387),
            (500, 1.964_719_837_467_367_8),
            (999, 1.962_341_461_133_45),
            (9_999, 1.960_201_263_621_357_7),
            (19_999, 1.960_082_611_089_815_5),
            (20_001, 1.960_082_599_227_048),
            (100_000, 1.959_987_707_534_609_6),
            (1_000_000, 1.959_966_356_814_107),
            (1_000_000_000, 1.959_963_986_912_325_5),
        ];
        for (degrees, t) in expected {
            let found = t_quantile_975(degrees).unwrap();
            assert!(((found - t) / t).abs() < 1e-12, "{degrees}: {found} is not {t}");
        }
        assert_eq!(t_quantile_975(0), None);
    }

    #[test]
    fn it_falls() {
        let all: Vec<f64> = (1..400).map(|degrees| t_quantile_975(degrees).unwrap()).collect();
        assert!(all.is_sorted_by(|a, b| a > b));
    }
}
