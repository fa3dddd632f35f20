@file:JvmName("Testing")

package io.github.gatewright.testing

import io.github.gatewright.Gate
import io.github.gatewright.GatewrightException
import io.github.gatewright.internal.crossing
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
