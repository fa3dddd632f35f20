package io.github.gatewright.conformance

import java.math.BigDecimal
import java.math.BigInteger

/**
 * Whether [actual] is what [expected] names: objects member by member, arrays by length and element by element, numbers by value,
 * a text of digits as the number that it writes, `null` as an absent value or an empty text, bytes in whatever form they are written.
 * No call of this version answers a number that is not finite, so that `{"f64": …}` matches nothing.
 */
fun matches(expected: Any?, actual: Any?, tolerance: BigDecimal = BigDecimal.ZERO): Boolean {
    if (actual is ByteArray) return bytesOrNull(expected)?.contentEquals(actual) == true
    if (isHeaderLine(actual)) return headerLinesMatch(expected, actual as List<*>)
    val wanted = decimalOf(expected)
    val given = decimalOf(actual)
    return when {
        expected is JsonNumber && actual is Double -> doublesMatch(expected.text.toDouble(), actual, tolerance)
        expected == null -> actual == null || actual == ""
        wanted != null && given != null -> (wanted - given).abs() <= tolerance
        expected is String -> expected == actual || expected == "" && actual == null || digits(expected, given)
        wanted != null -> actual is String && digits(actual, wanted)
        expected is Map<*, *> ->
            actual is Map<*, *> && expected.all { (name, member) -> matches(member, actual[name], tolerance) }
        expected is List<*> ->
            actual is List<*> && expected.size == actual.size && expected.zip(actual).all { (a, b) -> matches(a, b, tolerance) }
        else -> expected == actual
    }
}

/** What is written means the nearest double; −0 is 0. */
private fun doublesMatch(wanted: Double, given: Double, tolerance: BigDecimal): Boolean =
    wanted == given || (wanted - given).let { it <= tolerance.toDouble() && -it <= tolerance.toDouble() }

/** A header line of an answer: its name, and its value as bytes. */
private fun isHeaderLine(value: Any?) = value is List<*> && value.size == 2 && value[0] is String && value[1] is ByteArray

/** Names without case, values byte by byte; their order is that of the list that they stand in. */
private fun headerLinesMatch(expected: Any?, line: List<*>): Boolean =
    expected is List<*> && expected.size == 2 && (expected[0] as? String).equals(line[0] as String, ignoreCase = true) &&
        matches(expected[1], line[1])

/** Whether every member of an `expect` matches what was offered. The headers that `sign` gives compare as a set of lower-case name and value. */
fun matchesAll(expect: Map<String, Any?>, offered: Map<String, Any?>): String? {
    val tolerance = decimalOf(expect["tol"]) ?: BigDecimal.ZERO
    for ((name, wanted) in expect) {
        if (name == "tol") continue
        val given = offered[name]
        val same = if (name == "headers" && wanted is List<*> && given is List<*> && !given.any(::isHeaderLine)) {
            headerSet(wanted) == headerSet(given)
        } else {
            matches(wanted, given, tolerance)
        }
        if (!same) return name
    }
    return null
}

private fun headerSet(headers: List<*>): Set<Pair<String, Any?>> = headers.map { header ->
    val (name, value) = header as List<*>
    (name as String).lowercase() to (binaryOrNull(value)?.toString(Charsets.UTF_8) ?: value)
}.toSet()

private fun decimalOf(value: Any?): BigDecimal? = when (value) {
    is JsonNumber -> value.value
    is Long -> BigDecimal(value)
    is Int -> BigDecimal(value)
    is BigInteger -> BigDecimal(value)
    else -> null
}

private val DIGITS = Regex("-?[0-9]+")

private fun digits(text: String, number: BigDecimal?): Boolean =
    number != null && DIGITS.matches(text) && BigDecimal(text).compareTo(number) == 0
