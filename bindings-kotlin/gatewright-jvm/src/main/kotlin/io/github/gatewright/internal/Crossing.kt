package io.github.gatewright.internal

import io.github.gatewright.GatewrightException
import io.github.gatewright.Problem
import io.github.gatewright.internal.ffi.FfiException
import io.github.gatewright.internal.ffi.FfiFault
import io.github.gatewright.internal.ffi.InternalException
import java.nio.charset.CharacterCodingException
import kotlin.coroutines.cancellation.CancellationException

/** Makes one call into the library. Nothing but a [GatewrightException], a cancellation or an `Error` of the JVM leaves it. */
internal inline fun <T> crossing(call: () -> T): T =
    try {
        call()
    } catch (failure: Exception) {
        throw translate(failure)
    }

@PublishedApi
internal fun translate(failure: Exception): Exception = when (failure) {
    is GatewrightException -> failure
    // Before IllegalStateException, of which it is one on the JVM.
    is CancellationException -> failure
    is FfiException.Failed -> exceptionOf(failure.fault)
    is CharacterCodingException -> invalidArgument("a text has half of a surrogate pair; give well-formed Unicode")
    // The handle is gone: the gate, or the verified message, was closed by another thread.
    is IllegalStateException -> closed()
    is InternalException -> internalError("the library panicked", failure)
    else -> internalError("an unexpected ${failure.javaClass.simpleName}", failure)
}

/** Everything that an error says, before its class is chosen. */
internal class ErrorDetails(
    val code: String,
    val text: String,
    val status: Int,
    val publicCode: String,
    val retryable: Boolean = false,
    val retryAfterMicros: Long? = null,
    val advice: String = "no",
    val reason: String? = null,
    val clearCookies: Boolean? = null,
    val serverTimeMs: Long? = null,
    val problems: List<Problem> = emptyList(),
    val cause: Throwable? = null,
)

internal fun exceptionOf(fault: FfiFault): GatewrightException = GatewrightException.of(
    ErrorDetails(
        code = fault.code,
        text = fault.text,
        status = fault.status,
        publicCode = fault.publicCode,
        retryable = fault.retryable,
        retryAfterMicros = fault.retryAfter,
        advice = fault.advice,
        reason = fault.reason,
        clearCookies = fault.clearCookies,
        serverTimeMs = fault.serverTimeMs,
        problems = fault.problems.map { Problem(it.file, it.line, it.field, it.mend) },
    ),
)

/** `invalid_argument`, for what cannot even be said to the library. */
internal fun invalidArgument(text: String): GatewrightException =
    GatewrightException.of(ErrorDetails("invalid_argument", text, status = 400, publicCode = "invalid_argument", advice = "change"))

/** `closed`, for a handle that is gone. */
internal fun closed(): GatewrightException =
    GatewrightException.of(ErrorDetails("closed", "this gate is closed; open another one", status = 500, publicCode = "internal"))

/** `internal`, for a fault of the edge itself. */
internal fun internalError(text: String, cause: Throwable): GatewrightException =
    GatewrightException.of(
        ErrorDetails("internal", "internal error: $text; please report it", status = 500, publicCode = "internal", cause = cause),
    )
