package io.github.gatewright

import io.github.gatewright.internal.Numbers
import io.github.gatewright.internal.crossing
import io.github.gatewright.internal.ffi.FfiHistogram
import io.github.gatewright.internal.ffi.FfiHistogramSnapshot

/**
 * Counts of latencies in µs, of fixed size however many there are: up to 10,000 values its quantiles are exact, beyond that they are the
 * upper bound of a bin, less than 1.6 % above. Usable from any thread.
 *
 * ```
 * val latencies = Histogram()
 * latencies.add(micros)
 * latencies.quantile(0.95).value
 * ```
 */
public class Histogram private constructor(private val ffi: FfiHistogram) {
    /** Of no values yet. */
    public constructor() : this(crossing { FfiHistogram() })

    /**
     * Adds a value, in µs.
     *
     * @throws GatewrightException.KpiError `kpi_negative`, `kpi_overflow`.
     */
    public fun add(micros: Long): Unit = crossing { ffi.add(micros) }

    /** Adds values, or none if one of them is refused. Errors as [add]. */
    @JvmOverloads
    public fun addAll(micros: LongArray, missing: BooleanArray? = null): Unit = addAll(Numbers.of(micros, missing))

    /** [addAll] of an array. */
    @JvmOverloads
    public fun addAll(micros: IntArray, missing: BooleanArray? = null): Unit = addAll(Numbers.of(micros, missing))

    /** [addAll] of a list, whose `null`s are missing. */
    public fun addAll(micros: List<Long?>): Unit = addAll(Numbers.of(micros))

    private fun addAll(numbers: Numbers): Unit = crossing { numbers.lent { ffi.addAll(it, numbers.missing) } }

    /** Counts values that are missing. */
    public fun addMissing(count: Long): Unit = crossing { ffi.addMissing(count) }

    /** Adds what another has added. */
    public fun merge(other: Histogram): Unit = crossing { ffi.merge(other.ffi) }

    /**
     * The least value that a share of [p] (0 to 1) of the values does not exceed; [KpiResult.basis] says whether it is `exact`.
     *
     * @throws GatewrightException.KpiError `kpi_out_of_range`, `kpi_non_finite`.
     */
    public fun quantile(p: Double): KpiResult = crossing { KpiResult(ffi.quantile(p)) }

    /** What has been added so far. */
    public fun snapshot(): HistogramSnapshot = crossing { HistogramSnapshot(ffi.snapshot()) }

    /** How many values there are. */
    public val count: Long get() = crossing { ffi.count() }

    /** How many were missing. */
    public val missing: Long get() = crossing { ffi.missing() }

    /** Its bytes, the same in every language. */
    public fun toBytes(): ByteArray = crossing { ffi.toBytes() }

    /** Its usual quantiles. */
    override fun toString(): String = snapshot().toString()

    /** From bytes. */
    public companion object {
        /**
         * What [toBytes] gave.
         *
         * @throws GatewrightException.RecordUnreadable anything else.
         */
        @JvmStatic
        public fun fromBytes(bytes: ByteArray): Histogram = crossing { Histogram(FfiHistogram.fromBytes(bytes)) }
    }
}

/** What a [Histogram] has counted, in µs; a number of no values is `null`. */
public class HistogramSnapshot internal constructor(private val ffi: FfiHistogramSnapshot) {
    /** How many values there are. */
    public val n: Long get() = ffi.n

    /** How many were missing. */
    public val missing: Long get() = ffi.missing

    /** Their mean. */
    public val mean: Double? get() = ffi.mean

    /** The least. */
    public val min: Long? get() = ffi.min

    /** The greatest. */
    public val max: Long? get() = ffi.max

    /** The median. */
    public val p50: Long? get() = ffi.p50

    /** The 90th percentile. */
    public val p90: Long? get() = ffi.p90

    /** The 95th. */
    public val p95: Long? get() = ffi.p95

    /** The 99th. */
    public val p99: Long? get() = ffi.p99

    /** `exact`, or `histogram` where the percentiles are bounds of bins. */
    public val basis: String get() = ffi.basis

    /** Whether all members are the same. */
    override fun equals(other: Any?): Boolean = other is HistogramSnapshot && ffi == other.ffi

    /** By all members. */
    override fun hashCode(): Int = ffi.hashCode()

    /** The usual quantiles. */
    override fun toString(): String = "HistogramSnapshot(n=$n, p50=$p50, p95=$p95, p99=$p99, max=$max, missing=$missing, basis=$basis)"
}
