// The example of the README.

package quickstart

import io.github.gatewright.Gate
import io.github.gatewright.Login

suspend fun main() {
    Gate.open("gatewright.toml").use { gate ->
        var pair = gate.tokens.issue(Login(tenant = "acme", subject = "u-42", client = "web", roles = listOf("operator")))
        pair = gate.tokens.refresh(pair.refreshToken)
        println("hello " + gate.tokens.verify(pair.accessToken).subject)

        val body = """{"event":"barrier_opened"}""".toByteArray()
        val headers = gate.webhooks.sign("parking", body)
        gate.webhooks.run("parking", headers, body) { message -> println("signed with " + message.keyId) }
    }
}
