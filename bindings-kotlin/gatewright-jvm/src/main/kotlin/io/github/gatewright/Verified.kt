package io.github.gatewright

import io.github.gatewright.internal.crossing
import io.github.gatewright.internal.ffi.FfiChecked
import io.github.gatewright.internal.ffi.FfiRequestLine
import io.github.gatewright.internal.ffi.FfiVerified
import io.github.gatewright.internal.instantOf
import io.github.gatewright.internal.suspending
import java.time.Instant
import kotlinx.coroutines.runBlocking as runBlockingHere

/**
 * The line of a request, for schemes that sign it.
 *
 * @property method the HTTP method.
 * @property url the URL as the sender called it.
 */
public class RequestLine(public val method: String, public val url: String) {
    internal fun toFfi(): FfiRequestLine = FfiRequestLine(method, url)

    /** Method and URL. */
    override fun toString(): String = "$method $url"
}

/** A message whose signature and window are right. Nothing is known about replays. */
public class Checked internal constructor(private val ffi: FfiChecked) {
    /** Which secret signed it. */
    public val keyId: String get() = ffi.keyId

    /** When, if the scheme has a time. */
    public val timestamp: Instant? get() = ffi.timestamp?.let(::instantOf)

    /** The message's id, if the scheme has one. */
    public val id: String? get() = ffi.id

    /** The nonce, if the scheme has one. */
    public val nonce: String? get() = ffi.nonce

    /** Which secret and when. */
    override fun toString(): String = "Checked(keyId=$keyId, timestamp=$timestamp, id=$id)"
}

/**
 * A message that was checked and claimed: nobody else can use it until it is committed or released.
 *
 * Closed without a commit, it is released. [Webhooks.run] does all that by itself.
 *
 * ```
 * gate.webhooks.verify("chirpstack", headers, body).use { message ->
 *     handle(body)
 *     message.commit()
 * }
 * ```
 */
public class Verified internal constructor(private val ffi: FfiVerified) : AutoCloseable {
    private val details = crossing { ffi.details() }

    /** What was checked. */
    public val checked: Checked = Checked(details.checked)

    /** Which secret signed it. */
    public val keyId: String get() = checked.keyId

    /** When, if the scheme has a time. */
    public val timestamp: Instant? get() = checked.timestamp

    /** The message's id, if the scheme has one. */
    public val id: String? get() = checked.id

    /** The nonce, if the scheme has one. */
    public val nonce: String? get() = checked.nonce

    /** Whether a message with this id has been committed before: answer 2xx and do nothing. */
    public val duplicate: Boolean get() = details.duplicate

    /**
     * The message has been used: any further one is a replay, or a duplicate. It is done even if the coroutine is cancelled.
     *
     * @throws GatewrightException `unavailable`, `closed`.
     */
    public suspend fun commit(): Unit = suspending { ffi.commit() }

    /** [commit] for callers without coroutines. */
    public fun commitBlocking(): Unit = runBlockingHere { commit() }

    /**
     * The message has not been used: its sender may deliver it again. It is done even if the coroutine is cancelled.
     *
     * @throws GatewrightException `unavailable`, `closed`.
     */
    public suspend fun release(): Unit = suspending { ffi.release() }

    /** [release] for callers without coroutines. */
    public fun releaseBlocking(): Unit = runBlockingHere { release() }

    /** Releases the message unless it was committed. Closing again does nothing; calls after it are `closed`. */
    override fun close(): Unit = ffi.close()

    /** What was checked. */
    override fun toString(): String = "Verified(keyId=$keyId, timestamp=$timestamp, id=$id, duplicate=$duplicate)"
}
