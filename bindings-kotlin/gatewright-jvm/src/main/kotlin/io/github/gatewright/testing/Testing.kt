@file:JvmName("Testing")

package io.github.gatewright.testing

import io.github.gatewright.Decision
import io.github.gatewright.Gate
import io.github.gatewright.GatewrightException
import io.github.gatewright.internal.crossing
import io.github.gatewright.internal.invalidArgument
import io.github.gatewright.internal.suspending

/** Opens another policy on the same store, clock and entropy, and closes nothing: the old gate stays usable. */
public suspend fun Gate.reopen(policy: String): Gate = suspending { Gate(ffi.reopen(policy)) }

/** Refreshes the local view now, instead of at its time. */
public suspend fun Gate.refreshView(): Unit = suspending { ffi.refreshView() }

/**
 * Verifies a token of a published signature suite: all rules on size, form, header and signature, none on type and claims.
 *
 * @param keys each a JWK or `{kid, alg, secret}`, as JSON text.
 * @return the payload, whatever its bytes are.
 * @throws GatewrightException.TokenError the first rule that is broken.
 */
public fun verifyJws(keys: List<String>, jws: String): ByteArray = crossing { io.github.gatewright.internal.ffi.verifyJws(keys, jws) }

/**
 * Reads a decision written as JSON, by the names that its members have in every language; what is left out is what it would be of a tier
 * that allowed and of which nothing is taken.
 *
 * ```
 * val refused = readDecision("""{"tiers": [{"id": "minute", "limit": 100, "remaining": 0, "retry_after_us": 600000}]}""")
 * ```
 *
 * @throws GatewrightException.InvalidArgument the text is no such object, or has a member that no decision has.
 */
public fun readDecision(json: String): Decision = crossing {
    Decision(io.github.gatewright.internal.ffi.readDecision(json) ?: throw invalidArgument("json: give the members of a decision"))
}

/**
 * A figure by its id, of arguments in a JSON object by the names of every language; its result as JSON. For vectors that give what the
 * functions of [io.github.gatewright.Kpi] cannot be given, as a text for a number.
 *
 * @throws GatewrightException what the figure gives for it.
 */
public fun evaluateKpi(method: String, arguments: String): String =
    crossing { io.github.gatewright.internal.ffi.evaluateKpiJson(method, arguments) }
