package io.github.gatewright.internal

import java.time.Duration
import java.time.Instant

private const val MICROS_PER_SECOND = 1_000_000L
private const val NANOS_PER_MICRO = 1_000L

/** The instant so many microseconds after the epoch. */
internal fun instantOf(micros: Long): Instant =
    Instant.ofEpochSecond(Math.floorDiv(micros, MICROS_PER_SECOND), Math.floorMod(micros, MICROS_PER_SECOND) * NANOS_PER_MICRO)

/** The duration of so many microseconds. */
internal fun durationOf(micros: Long): Duration = Duration.ofSeconds(
    Math.floorDiv(micros, MICROS_PER_SECOND),
    Math.floorMod(micros, MICROS_PER_SECOND) * NANOS_PER_MICRO,
)

/** Whole microseconds since the epoch, rounded down; `invalid_argument` beyond the year 294,000. */
internal fun microsOf(name: String, instant: Instant): Long =
    try {
        Math.addExact(Math.multiplyExact(instant.epochSecond, MICROS_PER_SECOND), instant.nano / NANOS_PER_MICRO)
    } catch (_: ArithmeticException) {
        throw invalidArgument("$name: give an instant within 292,000 years of 1970")
    }

/** Whole microseconds, rounded down; beyond what a number holds, the longest that it does. */
internal fun microsOf(duration: Duration): Long =
    try {
        Math.addExact(Math.multiplyExact(duration.seconds, MICROS_PER_SECOND), duration.nano / NANOS_PER_MICRO)
    } catch (_: ArithmeticException) {
        if (duration.isNegative) Long.MIN_VALUE else Long.MAX_VALUE
    }
