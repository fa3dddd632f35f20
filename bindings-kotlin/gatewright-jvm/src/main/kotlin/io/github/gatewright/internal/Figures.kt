package io.github.gatewright.internal

import io.github.gatewright.KpiResult
import io.github.gatewright.Norms
import io.github.gatewright.Summary
import io.github.gatewright.internal.ffi.FfiArgument
import io.github.gatewright.internal.ffi.FfiEvaluated
import io.github.gatewright.internal.ffi.FfiMember
import io.github.gatewright.internal.ffi.evaluateKpi
import io.github.gatewright.internal.ffi.evaluateKpiOf
import java.math.BigInteger
import java.nio.ByteBuffer
import java.nio.ByteOrder

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
internal fun figure(method: String, vararg members: FfiMember): KpiResult = crossing { kpiOf(evaluateKpi(method, members.asList())) }

/** A figure that is a number for each value. */
internal fun norms(method: String, vararg members: FfiMember): Norms =
    crossing { Norms((evaluateKpi(method, members.asList()) as FfiEvaluated.Each).norms) }

/** A figure of many values that is one number. */
internal fun figureOf(method: String, field: String, numbers: Numbers, vararg members: FfiMember): KpiResult =
    crossing { kpiOf(evaluate(method, field, numbers, members)) }

/** A figure of many values that is several numbers. */
internal fun summaryOf(method: String, field: String, numbers: Numbers, vararg members: FfiMember): Summary =
    crossing { Summary((evaluate(method, field, numbers, members) as FfiEvaluated.Several).summary) }

private fun kpiOf(evaluated: FfiEvaluated) = KpiResult((evaluated as FfiEvaluated.One).kpi)

private fun evaluate(method: String, field: String, numbers: Numbers, members: Array<out FfiMember>) =
    numbers.lent { evaluateKpiOf(method, field, it, numbers.areWhole, numbers.missing, members.asList()) }

/**
 * Numbers in one piece of native memory, without those that are missing.
 *
 * @property areWhole whether they are 64-bit integers, else doubles.
 * @property missing how many are missing.
 */
internal class Numbers private constructor(private val memory: ByteBuffer, val areWhole: Boolean, val missing: Long) {
    /** Lends the memory to a call, and keeps it until the call is over: the collector knows nothing of its pointer. */
    inline fun <T> lent(call: (ByteBuffer) -> T): T = call(memory).also { check(memory.isDirect) }

    companion object {
        fun of(values: LongArray, missing: BooleanArray?): Numbers {
            val known = if (missing == null) values else LongArray(present(values.size, missing)).also { pick(missing) { to, from -> it[to] = values[from] } }
            return Numbers(memory(known.size).also { it.asLongBuffer().put(known) }, areWhole = true, missing = (values.size - known.size).toLong())
        }

        fun of(values: DoubleArray, missing: BooleanArray?): Numbers {
            val known =
                if (missing == null) values else DoubleArray(present(values.size, missing)).also { pick(missing) { to, from -> it[to] = values[from] } }
            return Numbers(memory(known.size).also { it.asDoubleBuffer().put(known) }, areWhole = false, missing = (values.size - known.size).toLong())
        }

        fun of(values: IntArray, missing: BooleanArray?): Numbers = of(LongArray(values.size) { values[it].toLong() }, missing)

        fun of(values: Iterable<Number?>): Numbers {
            val all = values.toList()
            val known = all.filterNotNull()
            val missing = (all.size - known.size).toLong()
            if (known.all { it is Long || it is Int || it is Short || it is Byte }) {
                val longs = of(LongArray(known.size) { known[it].toLong() }, null)
                return Numbers(longs.memory, areWhole = true, missing)
            }
            val doubles = of(DoubleArray(known.size) { known[it].toDouble() }, null)
            return Numbers(doubles.memory, areWhole = false, missing)
        }

        private fun present(size: Int, missing: BooleanArray): Int {
            if (missing.size != size) throw invalidArgument("missing: give a flag for each value, $size of them")
            return missing.count { !it }
        }

        private inline fun pick(missing: BooleanArray, put: (to: Int, from: Int) -> Unit) {
            var to = 0
            for (from in missing.indices) if (!missing[from]) put(to++, from)
        }

        private fun memory(count: Int): ByteBuffer {
            if (count > MOST) throw invalidArgument("values: give at most $MOST in one piece")
            return ByteBuffer.allocateDirect(count * Long.SIZE_BYTES).order(ByteOrder.nativeOrder())
        }

        private const val MOST = Int.MAX_VALUE / Long.SIZE_BYTES
    }
}
