// The Kotlin worker of the demo: a line of JSON in, a line of JSON out, over the public API only.
//
// `WorkerKt gatewright.toml` opens the policy, says {"ready":"Kotlin"}, and answers requests until its input ends. What Gatewright
// refuses is an answer too: {"error": code, "reason": …}. A request that it does not understand ends it.

import io.github.gatewright.Claims
import io.github.gatewright.Gate
import io.github.gatewright.GatewrightException
import io.github.gatewright.Login
import io.github.gatewright.Response
import io.github.gatewright.Scope
import io.github.gatewright.TokenPair
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.booleanOrNull
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.long
import java.util.HexFormat

fun main(arguments: Array<String>): Unit = runBlocking {
    Gate.open(arguments[0]).use { gate ->
        say(reply("ready" to "Kotlin"))
        for (line in generateSequence(::readLine)) {
            say(
                try {
                    answer(gate, Json.parseToJsonElement(line).jsonObject)
                } catch (refusal: GatewrightException) {
                    reply("error" to refusal.code, "reason" to refusal.reason)
                },
            )
        }
    }
}

private suspend fun answer(gate: Gate, request: JsonObject): JsonObject {
    fun text(name: String) = request.getValue(name).text
    fun body() = text("body").toByteArray()
    fun headers() = request.getValue("headers").jsonArray.map { it.jsonArray }.map { (name, value) -> name.text to value.text }

    return when (val call = text("call")) {
        "issue" -> pair(gate.tokens.issue(Login(tenant = text("tenant"), subject = text("subject"), client = text("client"))))
        "refresh" -> {
            val retryKey = request["retry_key"]?.let { HexFormat.of().parseHex(it.text) }
            pair(gate.tokens.refresh(text("token"), retryKey = retryKey))
        }
        "verify" -> about(gate.tokens.verify(text("access")))
        "verify_fresh" -> about(gate.tokens.verifyFresh(text("access")))
        "revoke" -> {
            gate.tokens.revoke(text("token"))
            reply()
        }
        "bump_subject" -> reply("version" to gate.epochs.bumpSubject(text("tenant"), text("subject"), text("reason")))
        "sign" -> {
            val headers = gate.webhooks.sign(text("endpoint"), body())
            JsonObject(mapOf("headers" to JsonArray(headers.map { (name, value) -> JsonArray(listOf(json(name), json(value))) })))
        }
        "check" -> reply("key_id" to gate.webhooks.check(text("endpoint"), headers(), body()).keyId)
        // Verified and claimed before the block runs; committed after it, or released if it throws.
        "deliver" -> gate.webhooks.run(text("endpoint"), headers(), body()) { message -> reply("duplicate" to message.duplicate) }
        "once" -> {
            val scope = Scope(tenant = "acme", principal = "u-1", method = "POST", path = text("path"))
            var ran = false
            // Run unless there is an answer already, which is then replayed; stored after it, or given back if it throws.
            val sent = gate.idempotency.run(text("key"), scope, body(), contentType = request["content_type"]?.text) {
                ran = true
                val answer = request.getValue("answer").jsonObject
                val headers = answer.getValue("headers").jsonArray.map { it.jsonArray }.map { (name, value) -> name.text to value.text }
                Response(answer.getValue("status").text.toInt(), headers, HexFormat.of().parseHex(answer.getValue("body").text))
            }
            val headers = sent.headers.map { (name, value) -> JsonArray(listOf(json(name), json(value))) }
            val body = HexFormat.of().formatHex(sent.body)
            JsonObject(reply("ran" to ran, "status" to sent.status, "body" to body) + ("headers" to JsonArray(headers)))
        }
        "charge" -> {
            val decision = gate.limits.check(text("policy"), text("subject"), request.getValue("cost").jsonPrimitive.long)
            val remaining = decision.tiers.associate { it.id to JsonPrimitive(it.remaining) }
            JsonObject(reply("allowed" to decision.allowed) + ("remaining" to JsonObject(remaining)))
        }
        // Charged before the block runs; abandoned after it if it was not settled.
        "attempt" -> gate.lockout.begin(text("policy"), text("identifier")).use { attempt ->
            request.getValue("success").jsonPrimitive.booleanOrNull?.let { attempt.settle(it) }
            reply("n" to attempt.n, "last" to attempt.last)
        }
        "account" -> {
            val status = gate.lockout.status(text("policy"), text("identifier"))
            reply("fails" to status.fails, "locked" to (status.lockedUntil != null))
        }
        "unlock" -> {
            gate.lockout.unlock(text("policy"), text("identifier"))
            reply()
        }
        else -> error("not a request: $call")
    }
}

private fun pair(pair: TokenPair) =
    reply("access_token" to pair.accessToken, "refresh_token" to pair.refreshToken, "outcome" to pair.outcome.code)

private fun about(claims: Claims) = reply("subject" to claims.subject, "gen" to claims.gen)

private fun reply(vararg members: Pair<String, Any?>) = JsonObject(members.toMap().mapValues { (_, value) -> json(value) })

private fun json(value: Any?) = when (value) {
    is Number -> JsonPrimitive(value)
    is Boolean -> JsonPrimitive(value)
    else -> JsonPrimitive(value as String?)
}

private val JsonElement.text get() = jsonPrimitive.content

private fun say(reply: JsonObject) = println(reply)
