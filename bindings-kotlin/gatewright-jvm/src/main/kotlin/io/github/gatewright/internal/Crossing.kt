package io.github.gatewright.internal

import io.github.gatewright.GatewrightException
import io.github.gatewright.Problem
import io.github.gatewright.Response
import io.github.gatewright.internal.ffi.FfiException
import io.github.gatewright.internal.ffi.FfiFault
import io.github.gatewright.internal.ffi.InternalException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.suspendCancellableCoroutine
import java.nio.charset.CharacterCodingException
import kotlin.coroutines.Continuation
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.cancellation.CancellationException
import kotlin.coroutines.intrinsics.COROUTINE_SUSPENDED
import kotlin.coroutines.intrinsics.suspendCoroutineUninterceptedOrReturn
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException
import kotlin.coroutines.startCoroutine

/** Makes one call into the library. Nothing but a [GatewrightException], a cancellation or an `Error` of the JVM leaves it. */
internal inline fun <T> crossing(call: () -> T): T =
    try {
        call()
    } catch (failure: Exception) {
        throw translate(failure)
    }

/**
 * [crossing] for a call that suspends. A coroutine without a dispatcher (`suspend fun main`, `Dispatchers.Unconfined`) goes on where it
 * was resumed, which is a thread of the library: it has two, and whatever blocks both leaves none to answer. Such a one goes on elsewhere.
 */
internal suspend inline fun <T> suspending(call: () -> T): T =
    try {
        crossing(call)
    } finally {
        leaveTheLibrary()
    }

/**
 * [suspending] for a call that gives something to let go of. Cancelled when the answer is there already, or is on its way, the coroutine
 * never gets it, and UniFFI would lose it: then [letGo] does.
 */
internal suspend fun <T> handedOver(letGo: (T) -> Unit, call: suspend () -> T): T {
    currentCoroutineContext().ensureActive()
    return received(letGo, call)
}

/** [handedOver] of what was begun already: even a coroutine that is cancelled by now waits for it, so that it is let go of. */
internal suspend fun <T> received(letGo: (T) -> Unit, call: suspend () -> T): T = suspending {
    // Gone on with where the caller runs: on the library's own thread, the answer to one call would begin the next inside its callback.
    val where = currentCoroutineContext()[ContinuationInterceptor]?.takeIf { it !== Dispatchers.Unconfined } ?: Dispatchers.Default
    suspendCancellableCoroutine { caller ->
        call.startCoroutine(
            Continuation(where) { answer ->
                answer.fold({ caller.resume(it) { _, lost, _ -> letGo(lost) } }, caller::resumeWithException)
            },
        )
    }
}

@PublishedApi
internal suspend fun leaveTheLibrary() {
    val interceptor = currentCoroutineContext()[ContinuationInterceptor]
    if (interceptor == null || interceptor === Dispatchers.Unconfined) {
        // Not `withContext`: cancelled at that moment, it would lose what the call gave. Nor `suspendCoroutine`, which goes on right
        // here if it was resumed before it could suspend.
        suspendCoroutineUninterceptedOrReturn { caller ->
            Dispatchers.Default.dispatch(EmptyCoroutineContext) { caller.resume(Unit) }
            COROUTINE_SUSPENDED
        }
    }
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
    val response: Response? = null,
    val responseStatus: Int? = null,
    val bodyDigest: ByteArray? = null,
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
        response = fault.response?.let(::Response),
        responseStatus = fault.responseStatus,
        bodyDigest = fault.bodyDigest,
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
