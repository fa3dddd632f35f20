//! Figures that add up as values come.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gatewright::Error;
use gatewright::error::KpiError;
use gatewright::kpi::{FloatMoments, Fraction, Histogram, Moments};

use super::argument::{doubles, wholes};
use super::result::{FfiKpi, FfiSummary, count};
use crate::fault::FfiException;
use crate::gate::signed;

/// Moments of integers.
#[derive(uniffi::Object)]
pub struct FfiMoments(Mutex<Moments>);

/// Moments of doubles.
#[derive(uniffi::Object)]
pub struct FfiFloatMoments(Mutex<FloatMoments>);

/// Counts by latency.
#[derive(uniffi::Object)]
pub struct FfiHistogram(Mutex<Histogram>);

/// What a histogram has counted.
#[derive(uniffi::Record)]
#[allow(missing_docs, reason = "named as in gatewright::kpi::HistogramSnapshot")]
pub struct FfiHistogramSnapshot {
    pub n: i64,
    pub missing: i64,
    pub mean: Option<f64>,
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub p50: Option<i64>,
    pub p90: Option<i64>,
    pub p95: Option<i64>,
    pub p99: Option<i64>,
    pub basis: String,
}

/// What all three have; no call leaves one half changed, so that a lock is never poisoned for long.
macro_rules! accumulator {
    ($ffi:ident($core:ident)) => {
        impl $ffi {
            fn inner(&self) -> MutexGuard<'_, $core> {
                self.0.lock().unwrap_or_else(PoisonError::into_inner)
            }
        }

        #[uniffi::export]
        #[allow(missing_docs, reason = "each passes its arguments to the call of the same name in gatewright::kpi")]
        #[allow(clippy::missing_errors_doc, clippy::needless_pass_by_value, reason = "as above")]
        impl $ffi {
            #[uniffi::constructor]
            #[must_use]
            pub fn new() -> Arc<Self> {
                Arc::new(Self(Mutex::new($core::new())))
            }

            #[uniffi::constructor]
            pub fn from_bytes(bytes: Vec<u8>) -> Result<Arc<Self>, FfiException> {
                Ok(Arc::new(Self(Mutex::new($core::from_bytes(&bytes)?))))
            }

            #[must_use]
            pub fn to_bytes(&self) -> Vec<u8> {
                self.inner().to_bytes()
            }

            pub fn add_missing(&self, missing: i64) -> Result<(), FfiException> {
                self.inner().add_missing(count(missing, "count")?);
                Ok(())
            }

            /// Of itself too: what is merged is copied first.
            pub fn merge(&self, other: Arc<Self>) -> Result<(), FfiException> {
                let other = other.inner().clone();
                Ok(self.inner().merge(&other)?)
            }

            #[must_use]
            pub fn count(&self) -> i64 {
                signed(self.inner().count())
            }

            #[must_use]
            pub fn missing(&self) -> i64 {
                signed(self.inner().missing())
            }
        }
    };
}

accumulator!(FfiMoments(Moments));
accumulator!(FfiFloatMoments(FloatMoments));
accumulator!(FfiHistogram(Histogram));

#[uniffi::export]
#[allow(missing_docs, reason = "each passes its arguments to the call of the same name in gatewright::kpi::Moments")]
#[allow(clippy::missing_errors_doc, reason = "as above")]
impl FfiMoments {
    pub fn add(&self, value: i64) -> Result<(), FfiException> {
        Ok(self.inner().add(count(value, "value")?)?)
    }

    pub fn add_all(&self, values: &[u8], missing: i64) -> Result<(), FfiException> {
        let values = known(values)?;
        let mut moments = self.inner();
        moments.add_all(&values)?;
        moments.add_missing(count(missing, "missing")?);
        Ok(())
    }

    pub fn snapshot(&self) -> Result<FfiSummary, FfiException> {
        Ok(self.inner().snapshot()?.into())
    }
}

#[uniffi::export]
#[allow(missing_docs, reason = "each passes its arguments to the call of the same name in gatewright::kpi::FloatMoments")]
#[allow(clippy::missing_errors_doc, reason = "as above")]
impl FfiFloatMoments {
    pub fn add(&self, value: f64) -> Result<(), FfiException> {
        Ok(self.inner().add(value)?)
    }

    pub fn add_all(&self, values: &[u8], missing: i64) -> Result<(), FfiException> {
        let mut moments = self.inner();
        moments.add_all(&doubles(values, false))?;
        moments.add_missing(count(missing, "missing")?);
        Ok(())
    }

    pub fn snapshot(&self) -> Result<FfiSummary, FfiException> {
        Ok(self.inner().snapshot()?.into())
    }
}

#[uniffi::export]
#[allow(missing_docs, reason = "each passes its arguments to the call of the same name in gatewright::kpi::Histogram")]
#[allow(clippy::missing_errors_doc, reason = "as above")]
impl FfiHistogram {
    pub fn add(&self, micros: i64) -> Result<(), FfiException> {
        Ok(self.inner().add(count(micros, "micros")?)?)
    }

    pub fn add_all(&self, micros: &[u8], missing: i64) -> Result<(), FfiException> {
        let micros = known(micros)?;
        let mut histogram = self.inner();
        histogram.add_all(&micros)?;
        histogram.add_missing(count(missing, "missing")?);
        Ok(())
    }

    pub fn quantile(&self, p: f64) -> Result<FfiKpi, FfiException> {
        Ok(self.inner().quantile(Fraction(p))?.into())
    }

    #[must_use]
    pub fn snapshot(&self) -> FfiHistogramSnapshot {
        let snapshot = self.inner().snapshot();
        FfiHistogramSnapshot {
            n: signed(snapshot.n),
            missing: signed(snapshot.missing),
            mean: snapshot.mean,
            min: snapshot.min.map(signed),
            max: snapshot.max.map(signed),
            p50: snapshot.p50.map(signed),
            p90: snapshot.p90.map(signed),
            p95: snapshot.p95.map(signed),
            p99: snapshot.p99.map(signed),
            basis: snapshot.basis.as_str().to_owned(),
        }
    }
}

fn known(values: &[u8]) -> Result<Vec<u64>, Error> {
    wholes(values).ok_or_else(|| KpiError::Negative { field: "values" }.into())
}
