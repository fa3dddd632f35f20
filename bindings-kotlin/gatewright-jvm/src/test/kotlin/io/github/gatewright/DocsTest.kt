package io.github.gatewright

import kotlinx.coroutines.runBlocking
import java.nio.file.Path
import java.time.Duration
import kotlin.io.path.readText
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNotNull
import kotlin.test.assertNull

/** The login that `docs/limits.md` shows, run as it is shown. */
class DocsTest {
    private val page = Path.of("../../docs/limits.md").readText()

    private suspend fun logIn(gate: Gate, ip: String, email: String, password: String): Duration? {
        // Shown from here
        for ((policy, subject) in listOf("login_ip" to ip, "login" to email)) {
            val decision = gate.limits.check(policy, subject)
            if (!decision.allowed) return refuse(decision.retryAfter)
        }
        gate.lockout.begin("login", email).use { it.settle(checkPassword(email, password)) }
        // to here
        return null
    }

    private fun refuse(retryAfter: Duration): Duration = retryAfter

    private fun checkPassword(email: String, password: String): Boolean {
        check(!email.startsWith("eve@")) { "no database" }
        return password == "right"
    }

    private fun block(language: String) = page.substringAfter("```$language\n").substringBefore("```")

    /** Where the network and the address are limited more loosely than the page has it, the lockout comes first. */
    private fun onThePolicies(isLoose: Boolean = false, run: suspend (Gate) -> Unit) = runBlocking {
        val loose = "tiers = [{ id = \"any\", limit = 100, period = \"1h\" }]"
        val policies = if (isLoose) block("toml").replace(Regex("preset = \"login\\w*\""), loose) else block("toml")
        Gate.fromPolicy("version = 1\nstore = { default = \"memory:\" }\n$policies").use { run(it) }
    }

    @Test
    fun `the page shows what is run`() {
        val source = Path.of("src/test/kotlin/io/github/gatewright/DocsTest.kt").readText()
        val shown = source.substringAfter("// Shown from here\n").substringBefore("        // to here").trimIndent()
        assertEquals(block("kotlin").trimEnd(), shown.trimEnd())
    }

    @Test
    fun `guesses are limited before they are locked`() = onThePolicies { gate ->
        repeat(5) { assertNull(logIn(gate, "203.0.113.7", "ada@example.com", "wrong")) }
        assertNotNull(logIn(gate, "203.0.113.7", "Ada@Example.com", "right"))
        assertEquals(5, gate.lockout.status("login", "ada@example.com").fails)
    }

    @Test
    fun `each guess is charged, and the right password forgives`() = onThePolicies(isLoose = true) { gate ->
        repeat(9) { logIn(gate, "203.0.113.7", "ada@example.com", "wrong") }
        logIn(gate, "203.0.113.7", "Ada@example.com", "right")
        assertEquals(0, gate.lockout.status("login", "ada@example.com").fails)
        repeat(10) { logIn(gate, "203.0.113.7", "ada@example.com", "wrong") }
        assertFailsWith<GatewrightException.Locked> { logIn(gate, "203.0.113.7", "ada@example.com", "right") }
        assertFailsWith<IllegalStateException> { logIn(gate, "203.0.113.7", "eve@example.com", "right") }
        assertEquals(0, gate.lockout.status("login", "eve@example.com").fails)
    }
}
