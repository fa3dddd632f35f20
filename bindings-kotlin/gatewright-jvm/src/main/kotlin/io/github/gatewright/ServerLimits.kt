package io.github.gatewright

import io.github.gatewright.internal.durationOf
import io.github.gatewright.internal.ffi.FfiServerLimit
import io.github.gatewright.internal.ffi.FfiServerLimits
import java.time.Duration

/** What an answer says of its server's limits, by [Limits.parseHeaders]. */
public class ServerLimits internal constructor(ffi: FfiServerLimits) {
    /**
     * How long to wait before the next request, in µs: `Retry-After`, else the longest reset of a limit of which nothing remains; 0: ask at
     * once.
     */
    public val waitUs: Long = ffi.waitUs

    /** The limits that are told of, in the server's order; 64 at most. */
    public val limits: List<ServerLimit> = ffi.limits.map(::ServerLimit)

    /** How long to wait before the next request, as [waitUs]. */
    public val wait: Duration get() = durationOf(waitUs)

    /** The wait and the limits. */
    override fun toString(): String = "ServerLimits(wait=$wait, limits=$limits)"
}

/** One limit of a server. What it does not say is `null`. */
public class ServerLimit internal constructor(private val ffi: FfiServerLimit) {
    /** Its name; empty where it has none, as in `X-RateLimit-*`. */
    public val name: String get() = ffi.name

    /** Units in a window. */
    public val quota: Long? get() = ffi.quota

    /** The window, in seconds. */
    public val windowS: Long? get() = ffi.windowS

    /** Units that can be used now. */
    public val remaining: Long? get() = ffi.remaining

    /** Seconds, counted from the answer, until there are more units; of `X-RateLimit-Reset` what its server means by it. */
    public val resetS: Long? get() = ffi.resetS

    /** What is counted, if not requests. */
    public val unit: String? get() = ffi.unit

    /** For whom it is counted, as the server writes it; a copy. */
    public val partitionKey: ByteArray? get() = ffi.partitionKey?.clone()

    /** The window. */
    public val window: Duration? get() = windowS?.let(Duration::ofSeconds)

    /** How long until there are more units, counted from the answer. */
    public val reset: Duration? get() = resetS?.let(Duration::ofSeconds)

    /** What is left of it. */
    override fun toString(): String = "ServerLimit($name, remaining=$remaining of $quota, window=$window, reset=$reset)"
}
