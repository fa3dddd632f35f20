package io.github.gatewright

import io.github.gatewright.internal.JsonText
import io.github.gatewright.internal.crossing
import io.github.gatewright.internal.ffi.FfiGate
import io.github.gatewright.internal.ffi.errorCodes
import io.github.gatewright.internal.ffi.gateFromPolicy
import io.github.gatewright.internal.ffi.openGate
import io.github.gatewright.internal.suspending
import kotlinx.coroutines.runBlocking
import java.nio.file.Path
import java.util.concurrent.atomic.AtomicBoolean

/**
 * An opened policy document. Usable from any thread; open one and keep it.
 *
 * ```
 * Gate.open("gatewright.toml").use { gate ->
 *     var pair = gate.tokens.issue(Login(tenant = "acme", subject = "u-42", client = "web", roles = listOf("operator")))
 *     pair = gate.tokens.refresh(pair.refreshToken)
 *     val claims = gate.tokens.verify(pair.accessToken)
 * }
 * ```
 *
 * Calls that touch memory only are plain functions. Calls that may touch a disk or a network are `suspend`, each with a
 * `…Blocking` twin for Java. Every failure is a [GatewrightException].
 *
 * The first gate of a process loads the native library, which takes 100 to 250 ms: see [warmUp].
 */
public class Gate internal constructor(internal val ffi: FfiGate) : AutoCloseable {
    private val closed = AtomicBoolean()

    /** Sessions' tokens. */
    public val tokens: Tokens = Tokens(ffi)

    /** Sessions. */
    public val sessions: Sessions = Sessions(ffi)

    /** The breach response. */
    public val epochs: Epochs = Epochs(ffi)

    /** Webhooks. */
    public val webhooks: Webhooks = Webhooks(ffi)

    /** Idempotency keys. */
    public val idempotency: Idempotency = Idempotency(ffi)

    /** Rate limits. */
    public val limits: Limits = Limits(ffi)

    /** The lockout of accounts. */
    public val lockout: Lockout = Lockout(ffi)

    /** Calls [listener] with every decision, on the thread that decided. It stays until the gate is closed. */
    public fun onEvent(listener: EventListener): Unit = crossing { ffi.onEvent(ListenerSink(listener)) }

    /**
     * Deletes expired records in bounded batches until none is left, and says how many.
     *
     * @throws GatewrightException `unavailable`, `closed`, `config_invalid` without a store.
     */
    public suspend fun sweep(): Long = suspending { ffi.sweep() }

    /** [sweep] for callers without coroutines. */
    public fun sweepBlocking(): Long = runBlocking { sweep() }

    /**
     * Returns if the store answers.
     *
     * @throws GatewrightException `unavailable`, `closed`, `config_invalid` without a store.
     */
    public suspend fun health(): Unit = suspending { ffi.health() }

    /** [health] for callers without coroutines. */
    public fun healthBlocking(): Unit = runBlocking { health() }

    /**
     * Ends the gate: calls under way finish, later ones are [GatewrightException.Closed]. Closing again does nothing.
     *
     * It waits for the calls under way, so call it where a short wait does no harm.
     */
    override fun close() {
        if (closed.compareAndSet(false, true)) {
            try {
                crossing { ffi.shut() }
            } finally {
                ffi.close()
            }
        }
    }

    /** How gates are opened. */
    public companion object {
        /**
         * Opens the policy document in a file, TOML or JSON. Relative paths in it start at its folder.
         *
         * @throws GatewrightException.ConfigError with every problem of the file.
         * @throws GatewrightException.Unavailable the store cannot be opened.
         */
        public suspend fun open(path: String): Gate = suspending { Gate(openGate(path)) }

        /** [open] with a path of the file system. */
        public suspend fun open(path: Path): Gate = open(path.toString())

        /** [open] for callers without coroutines. */
        @JvmStatic
        public fun openBlocking(path: String): Gate = runBlocking { open(path) }

        /** [open] for callers without coroutines, with a path of the file system. */
        @JvmStatic
        public fun openBlocking(path: Path): Gate = openBlocking(path.toString())

        /**
         * Opens a policy document given as text: TOML, or JSON, which begins with `{`.
         *
         * @throws GatewrightException as [open]; the problems name no file.
         */
        public suspend fun fromPolicy(text: String): Gate = suspending { Gate(gateFromPolicy(text, data = false)) }

        /**
         * Opens a policy document given as maps, lists, texts, whole numbers and booleans.
         *
         * @throws GatewrightException as [open], but the problems have no lines; `invalid_argument` for a value of any other type.
         */
        public suspend fun fromPolicy(policy: Map<String, Any?>): Gate =
            suspending { Gate(gateFromPolicy(JsonText.of("policy", policy), data = true)) }

        /** [fromPolicy] for callers without coroutines. */
        @JvmStatic
        public fun fromPolicyBlocking(text: String): Gate = runBlocking { fromPolicy(text) }

        /** [fromPolicy] for callers without coroutines. */
        @JvmStatic
        public fun fromPolicyBlocking(policy: Map<String, Any?>): Gate = runBlocking { fromPolicy(policy) }

        /** Loads the native library now. Call it off the main thread, where the first gate would otherwise pay for it. */
        @JvmStatic
        public fun warmUp() {
            errorCodes()
        }
    }
}
