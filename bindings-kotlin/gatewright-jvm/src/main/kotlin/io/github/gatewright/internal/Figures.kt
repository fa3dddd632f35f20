package io.github.gatewright.internal

import com.sun.jna.Memory
import io.github.gatewright.KpiResult
import io.github.gatewright.Norms
import io.github.gatewright.Summary
import io.github.gatewright.internal.ffi.FfiArgument
import io.github.gatewright.internal.ffi.FfiEvaluated
import io.github.gatewright.internal.ffi.FfiFigure
import io.github.gatewright.internal.ffi.FfiMember
import io.github.gatewright.internal.ffi.FfiSampleFigure
import io.github.gatewright.internal.ffi.evaluateKpi
import io.github.gatewright.internal.ffi.evaluateKpiOf
import java.math.BigInteger
import java.nio.ByteBuffer

/** An argument by its name in the core. */
internal infix fun String.given(value: Any?): FfiMember = FfiMember(this, argumentOf(value))

private fun argumentOf(value: Any?): FfiArgument = when (value) {
    null -> FfiArgument.Absent
    is Boolean -> FfiArgument.Flag(value)
    is String -> FfiArgument.Words(value)
    is Byte, is Short, is Int, is Long -> FfiArgument.Whole((value as Number).toLong())
    // The core reads a text of digits as the number that it writes.
    is BigInteger -> FfiArgument.Words(value.toString())
    is Number -> FfiArgument.Real(value.toDouble())
    is Map<*, *> -> FfiArgument.Members(value.map { (name, member) -> name as String given member })
    is Iterable<*> -> FfiArgument.Items(value.map(::argumentOf))
    is DoubleArray -> FfiArgument.Items(value.map { FfiArgument.Real(it) })
    else -> throw IllegalArgumentException("no argument of a figure: ${value.javaClass}")
}

/** A figure that is one number. */
internal fun figure(method: String, vararg members: FfiMember): KpiResult = crossing { kpiOf(evaluateKpi(FfiFigure(method, members.asList()))) }

/** A figure that is a number for each value. */
internal fun norms(method: String, vararg members: FfiMember): Norms =
    crossing { Norms((evaluateKpi(FfiFigure(method, members.asList())) as FfiEvaluated.Each).norms) }

/** A figure of many values that is one number. */
internal fun figureOf(method: String, field: String, numbers: Numbers, vararg members: FfiMember): KpiResult =
    crossing { kpiOf(evaluate(method, field, numbers, members)) }

/** A figure of many values that is several numbers. */
internal fun summaryOf(method: String, field: String, numbers: Numbers, vararg members: FfiMember): Summary =
    crossing { Summary((evaluate(method, field, numbers, members) as FfiEvaluated.Several).summary) }

private fun kpiOf(evaluated: FfiEvaluated) = KpiResult((evaluated as FfiEvaluated.One).kpi)

private fun evaluate(method: String, field: String, numbers: Numbers, members: Array<out FfiMember>) =
    numbers.lent { evaluateKpiOf(FfiSampleFigure(FfiFigure(method, members.asList()), field, numbers.areWhole, numbers.missing), it) }

/**
 * Numbers in one piece of native memory, without those that are missing. They are lent to one call and freed with it: direct buffers of the
 * JVM are freed by its collector alone, which is not told how large they are.
 *
 * @property areWhole whether they are 64-bit integers, else doubles.
 * @property missing how many are missing.
 */
internal class Numbers private constructor(count: Int, val areWhole: Boolean, val missing: Long) {
    private val memory = if (count == 0) null else Memory(count.toLong() * Long.SIZE_BYTES)

    private val buffer: ByteBuffer
        get() = memory?.getByteBuffer(0, memory.size()) ?: ByteBuffer.allocateDirect(0)

    /** Lends the memory to a call. */
    inline fun <T> lent(call: (ByteBuffer) -> T): T =
        try {
            call(buffer)
        } finally {
            memory?.close()
        }

    companion object {
        fun of(values: LongArray, missing: BooleanArray?): Numbers {
            val known = if (missing == null) values else LongArray(present(values.size, missing))
            if (missing != null) pick(missing) { to, from -> known[to] = values[from] }
            return whole(known, (values.size - known.size).toLong())
        }

        fun of(values: DoubleArray, missing: BooleanArray?): Numbers {
            val known = if (missing == null) values else DoubleArray(present(values.size, missing))
            if (missing != null) pick(missing) { to, from -> known[to] = values[from] }
            return real(known, (values.size - known.size).toLong())
        }

        fun of(values: IntArray, missing: BooleanArray?): Numbers = of(LongArray(values.size) { values[it].toLong() }, missing)

        fun of(values: Iterable<Number?>): Numbers {
            val all = values.toList()
            val known = all.filterNotNull()
            val missing = (all.size - known.size).toLong()
            return if (known.all { it is Long || it is Int || it is Short || it is Byte }) {
                whole(LongArray(known.size) { known[it].toLong() }, missing)
            } else {
                real(DoubleArray(known.size) { known[it].toDouble() }, missing)
            }
        }

        private fun whole(known: LongArray, missing: Long) =
            Numbers(checked(known.size), areWhole = true, missing).also { it.memory?.write(0, known, 0, known.size) }

        private fun real(known: DoubleArray, missing: Long) =
            Numbers(checked(known.size), areWhole = false, missing).also { it.memory?.write(0, known, 0, known.size) }

        private fun present(size: Int, missing: BooleanArray): Int {
            if (missing.size != size) throw invalidArgument("missing: give a flag for each value, $size of them")
            return missing.count { !it }
        }

        private inline fun pick(missing: BooleanArray, put: (to: Int, from: Int) -> Unit) {
            var to = 0
            for (from in missing.indices) if (!missing[from]) put(to++, from)
        }

        private fun checked(count: Int): Int {
            if (count > MOST) throw invalidArgument("values: give at most $MOST in one piece")
            return count
        }

        // A buffer has no more bytes than an Int counts.
        private const val MOST = Int.MAX_VALUE / Long.SIZE_BYTES
    }
}
