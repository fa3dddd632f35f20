package io.github.gatewright

import io.github.gatewright.internal.ffi.FfiContext

/**
 * What the caller knows about the request that led to a call. It goes to events and session records, and decides nothing.
 *
 * @property requestId the request's id.
 * @property traceId the trace it belongs to.
 * @property method its HTTP method.
 * @property endpoint its route.
 * @property ip where it came from.
 * @property userAgent its user agent.
 */
public class RequestContext @JvmOverloads constructor(
    public val requestId: String? = null,
    public val traceId: String? = null,
    public val method: String? = null,
    public val endpoint: String? = null,
    public val ip: String? = null,
    public val userAgent: String? = null,
) {
    internal fun toFfi(): FfiContext = FfiContext(requestId, traceId, method, endpoint, ip, userAgent)

    /** The request's id and route. */
    override fun toString(): String = "RequestContext(requestId=$requestId, method=$method, endpoint=$endpoint)"
}
