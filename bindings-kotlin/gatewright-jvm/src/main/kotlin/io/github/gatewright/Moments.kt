package io.github.gatewright

import io.github.gatewright.internal.Numbers
import io.github.gatewright.internal.crossing
import io.github.gatewright.internal.ffi.FfiFloatMoments
import io.github.gatewright.internal.ffi.FfiMoments

/**
 * Count, mean and spread of integers, as weights in g, added up as they come: exact, so that neither order nor grouping changes a bit.
 * Usable from any thread.
 *
 * ```
 * val morning = Moments().apply { addAll(longArrayOf(1930, 2110)) }
 * val evening = Moments.fromBytes(received)
 * morning.merge(evening)
 * morning.snapshot().mean
 * ```
 */
public class Moments private constructor(private val ffi: FfiMoments) {
    /** Of no values yet. */
    public constructor() : this(crossing { FfiMoments() })

    /**
     * Adds a value.
     *
     * @throws GatewrightException.KpiError `kpi_negative`; `kpi_overflow` past 128 bits of a sum.
     */
    public fun add(value: Long): Unit = crossing { ffi.add(value) }

    /** Adds values, or none if one of them is refused. Errors as [add]. */
    @JvmOverloads
    public fun addAll(values: LongArray, missing: BooleanArray? = null): Unit = addAll(Numbers.of(values, missing))

    /** [addAll] of an array. */
    @JvmOverloads
    public fun addAll(values: IntArray, missing: BooleanArray? = null): Unit = addAll(Numbers.of(values, missing))

    /** [addAll] of a list, whose `null`s are missing. */
    public fun addAll(values: List<Long?>): Unit = addAll(Numbers.of(values))

    private fun addAll(numbers: Numbers): Unit = crossing { numbers.lent { ffi.addAll(it, numbers.missing) } }

    /** Counts values that are missing. */
    public fun addMissing(count: Long): Unit = crossing { ffi.addMissing(count) }

    /** Adds what another has added. */
    public fun merge(other: Moments): Unit = crossing { ffi.merge(other.ffi) }

    /** What has been added so far. */
    public fun snapshot(): Summary = crossing { Summary(ffi.snapshot()) }

    /** How many values there are. */
    public val count: Long get() = crossing { ffi.count() }

    /** How many were missing. */
    public val missing: Long get() = crossing { ffi.missing() }

    /** Its bytes, the same in every language. */
    public fun toBytes(): ByteArray = crossing { ffi.toBytes() }

    /** Count and mean. */
    override fun toString(): String = snapshot().toString()

    /** From bytes. */
    public companion object {
        /**
         * What [toBytes] gave.
         *
         * @throws GatewrightException.RecordUnreadable anything else.
         */
        @JvmStatic
        public fun fromBytes(bytes: ByteArray): Moments = crossing { Moments(FfiMoments.fromBytes(bytes)) }
    }
}

/**
 * Count, mean and spread of doubles, added up as they come, with the same bits in every language for the same values in the same order.
 * Usable from any thread. For weights in whole grams [Moments] are exact.
 */
public class FloatMoments private constructor(private val ffi: FfiFloatMoments) {
    /** Of no values yet. */
    public constructor() : this(crossing { FfiFloatMoments() })

    /**
     * Adds a value.
     *
     * @throws GatewrightException.KpiError `kpi_non_finite`; `kpi_overflow` where a sum or a square passes the doubles.
     */
    public fun add(value: Double): Unit = crossing { ffi.add(value) }

    /** Adds values. Errors as [add]. */
    @JvmOverloads
    public fun addAll(values: DoubleArray, missing: BooleanArray? = null): Unit = addAll(Numbers.of(values, missing))

    /** [addAll] of a list, whose `null`s are missing. */
    public fun addAll(values: List<Double?>): Unit =
        addAll(DoubleArray(values.size) { values[it] ?: 0.0 }, BooleanArray(values.size) { values[it] == null })

    private fun addAll(numbers: Numbers): Unit = crossing { numbers.lent { ffi.addAll(it, numbers.missing) } }

    /** Counts values that are missing. */
    public fun addMissing(count: Long): Unit = crossing { ffi.addMissing(count) }

    /** Adds what another has added, after what this one has. */
    public fun merge(other: FloatMoments): Unit = crossing { ffi.merge(other.ffi) }

    /** What has been added so far. */
    public fun snapshot(): Summary = crossing { Summary(ffi.snapshot()) }

    /** How many values there are. */
    public val count: Long get() = crossing { ffi.count() }

    /** How many were missing. */
    public val missing: Long get() = crossing { ffi.missing() }

    /** Its bytes, the same in every language. */
    public fun toBytes(): ByteArray = crossing { ffi.toBytes() }

    /** Count and mean. */
    override fun toString(): String = snapshot().toString()

    /** From bytes. */
    public companion object {
        /**
         * What [toBytes] gave.
         *
         * @throws GatewrightException.RecordUnreadable anything else.
         */
        @JvmStatic
        public fun fromBytes(bytes: ByteArray): FloatMoments = crossing { FloatMoments(FfiFloatMoments.fromBytes(bytes)) }
    }
}
