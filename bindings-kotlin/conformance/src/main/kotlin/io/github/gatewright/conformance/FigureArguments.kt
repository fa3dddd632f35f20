package io.github.gatewright.conformance

import io.github.gatewright.CohortMember
import io.github.gatewright.DayCount
import io.github.gatewright.FcrBasis
import io.github.gatewright.FigureWeight
import io.github.gatewright.Movement
import io.github.gatewright.Quantity
import java.math.BigInteger

/** What the compiler would refuse: an argument of another type, one that is missing, one that no figure has. */
internal class Inexpressible : Exception()

/** The arguments of a figure as Kotlin's functions take them, each taken once. */
internal class FigureArguments(private val members: Map<String, Any?>) {
    private val taken = HashSet<String>()

    /** Refuses what no function has taken. */
    fun end() {
        if (taken != members.keys) throw Inexpressible()
    }

    fun has(name: String): Boolean = name in members

    fun any(name: String): Any? {
        if (name !in members) throw Inexpressible()
        taken.add(name)
        return members[name]
    }

    fun long(name: String): Long = longOf(any(name))

    fun longOr(name: String, default: Long): Long = if (has(name)) long(name) else default

    fun longOrNull(name: String): Long? = if (has(name)) long(name) else null

    fun number(name: String): Number = numberOf(any(name))

    fun numberOr(name: String, default: Number): Number = if (has(name)) number(name) else default

    fun flagOr(name: String, default: Boolean): Boolean = if (has(name)) any(name) as? Boolean ?: throw Inexpressible() else default

    fun longs(name: String): List<Long?> = list(name).map { member -> member?.let(::longOf) }

    fun longsOrNone(name: String): List<Long?> = if (has(name)) longs(name) else emptyList()

    fun numbers(name: String): List<Number?> = list(name).map { member -> member?.let(::numberOf) }

    fun basis(): FcrBasis = FcrBasis.entries.find { it.code == any("fcr_basis") } ?: throw Inexpressible()

    fun list(name: String): List<Any?> = listOf(any(name))

    fun days(): List<DayCount> = list("daily").map { row ->
        val (start, end, movedIn) = row(row, "start", "end", "moved_in").map { cell -> cell.map { it?.let(::longOf) } }
        DayCount(start.single(), end.single(), if (movedIn.isEmpty()) 0 else movedIn.single())
    }

    fun movements(name: String): List<Movement> = if (!has(name)) emptyList() else list(name).map { row ->
        val (day, count) = row(row, "day", "count").map { longOf(it.single()) }
        Movement(day, count)
    }

    fun quantity(name: String): Quantity = when (val given = any(name)) {
        is Map<*, *> if !isSpecial(given) -> {
            if (given.keys.any { it != "value" && it != "unit" }) throw Inexpressible()
            Quantity(given["value"]?.let(::numberOf), given["unit"]?.let { it as? String ?: throw Inexpressible() })
        }
        else -> Quantity(given?.let(::numberOf), null)
    }

    fun named(name: String): Map<String, Number?> = namedOf(any(name))

    fun cohort(): List<CohortMember> = list("cohort").map { row ->
        if (row !is Map<*, *> || row.keys != setOf("id", "figures")) throw Inexpressible()
        CohortMember(row["id"] as? String ?: throw Inexpressible(), namedOf(row["figures"]))
    }

    fun weights(): Map<String, FigureWeight> = (any("weights") as? Map<*, *> ?: throw Inexpressible()).entries.associate { (name, weight) ->
        if (weight !is Map<*, *> || weight.keys.any { it != "weight" && it != "lower_is_better" }) throw Inexpressible()
        val lowerIsBetter = if ("lower_is_better" in weight) weight["lower_is_better"] as? Boolean ?: throw Inexpressible() else false
        name as String to FigureWeight(numberOf(weight["weight"]), lowerIsBetter)
    }

    private fun namedOf(given: Any?): Map<String, Number?> =
        (given as? Map<*, *> ?: throw Inexpressible()).entries.associate { (name, value) -> name as String to value?.let(::numberOf) }

    /** The cells of a row, each a list of one or, of the last that may be left out, of none. */
    private fun row(row: Any?, vararg names: String): List<List<Any?>> = when (row) {
        is List<*> ->
            if (row.size > names.size) throw Inexpressible() else names.indices.map { listOfNotNull(row.getOrNull(it).wrap(it < row.size)) }
        is Map<*, *> ->
            if (row.keys.any { it !in names }) throw Inexpressible() else names.map { listOfNotNull(row[it].wrap(it in row)) }
        else -> throw Inexpressible()
    }.map { cell -> cell.map { it.value } }.also { cells ->
        val needed = if ("moved_in" in names) names.size - 1 else names.size
        if (cells.take(needed).any { it.isEmpty() }) throw Inexpressible()
    }

    private class Cell(val value: Any?)

    private fun Any?.wrap(isThere: Boolean) = if (isThere) Cell(this) else null

    companion object {
        fun listOf(given: Any?): List<Any?> = given as? List<Any?> ?: throw Inexpressible()

        fun longOf(given: Any?): Long = numberOf(given) as? Long ?: throw Inexpressible()

        /** A number as it is written: whole or not. */
        fun numberOf(given: Any?): Number = when {
            given is JsonNumber -> number(given.text)
            given is String && WHOLE.matches(given) -> BigInteger(given).let { if (it.bitLength() < Long.SIZE_BITS) it.toLong() else it }
            given is Map<*, *> && isSpecial(given) -> when (given["f64"]) {
                "Infinity" -> Double.POSITIVE_INFINITY
                "-Infinity" -> Double.NEGATIVE_INFINITY
                else -> Double.NaN
            }
            else -> throw Inexpressible()
        }

        private fun number(text: String): Number = when {
            !WHOLE.matches(text) || text == "-0" -> text.toDouble()
            text.toLongOrNull() != null -> text.toLong()
            else -> BigInteger(text).let { if (it.bitLength() < MOST_BITS) it else it.toDouble() }
        }

        private fun isSpecial(given: Map<*, *>) = given.keys == setOf("f64")

        private val WHOLE = Regex("-?[0-9]+")
        private const val MOST_BITS = 128
    }
}
