package io.github.gatewright.conformance

import io.github.gatewright.Begin
import io.github.gatewright.FinishAs
import io.github.gatewright.Gate
import io.github.gatewright.IdempotencyGuard
import io.github.gatewright.Response
import io.github.gatewright.Scope

/** Runs one step of an `idempotency.sequence`. */
internal suspend fun idempotencyStep(gate: Gate, op: String, arguments: Map<String, Any?>): Answer = when (op) {
    "begin" -> begin(gate, arguments)
    "new_key" -> Answer(mapOf("value" to gate.idempotency.newKey()))
    "next_action" -> Answer(mapOf("value" to gate.idempotency.nextAction(status(arguments), arguments.text("code")).code))
    else -> {
        val guard = arguments["guard"] as? IdempotencyGuard ?: throw Unresolved()
        when (op) {
            "guard.complete" -> Answer(guard.complete(answer(arguments), finishAs(arguments)).offers())
            else -> {
                act(guard, op, arguments)
                Answer()
            }
        }
    }
}

private suspend fun act(guard: IdempotencyGuard, op: String, arguments: Map<String, Any?>) = when (op) {
    "guard.mark_effects" -> guard.markEffects()
    "guard.checkpoint" -> guard.checkpoint(arguments.text("name").orEmpty(), bytes(arguments["bytes"] ?: ""))
    "guard.renew" -> guard.renew()
    "guard.release" -> guard.release()
    else -> throw Rejected("unknown op $op")
}

private suspend fun begin(gate: Gate, arguments: Map<String, Any?>): Answer {
    val scope = arguments.obj("scope").orEmpty()
    val begun = gate.idempotency.begin(
        key = lines(arguments["key"]),
        scope = Scope(
            scope.text("tenant").orEmpty(),
            scope.text("principal").orEmpty(),
            scope.text("method").orEmpty(),
            scope.text("path").orEmpty(),
        ),
        body = arguments["body"]?.let(::bytes),
        fingerprint = arguments["fingerprint"]?.let(::bytes),
        contentType = arguments.text("content_type"),
        query = arguments.text("query"),
        route = arguments.text("route"),
        context = arguments.obj("context")?.let(::requestContext),
    )
    return when (begun) {
        is Begin.Execute -> Answer(begun.guard.offers("execute"), begun.guard, suffix = ":execute")
        is Begin.Resume -> Answer(begun.guard.offers("resume"), begun.guard, suffix = ":resume")
        is Begin.Replay -> Answer(begun.response.offers() + ("outcome" to "replay"), suffix = ":replay")
    }
}

/** Header lines. A byte beyond ASCII stands for a character beyond ASCII, which no key may have either. */
private fun lines(key: Any?): List<String> = when (key) {
    null -> emptyList()
    is List<*> -> key.flatMap(::lines)
    is String -> listOf(key)
    else -> listOf(binary(key).toString(Charsets.ISO_8859_1))
}

private fun answer(arguments: Map<String, Any?>): Response {
    val answer = Response.Builder(status(arguments)).body(bytes(arguments["body"] ?: ""))
    for (line in arguments.list("headers")) {
        val (name, value) = line as List<*>
        answer.header(name as String, bytes(value))
    }
    return answer.build()
}

private fun finishAs(arguments: Map<String, Any?>): FinishAs? = arguments.text("finish_as")?.let { FinishAs.valueOf(it.uppercase()) }

/** No number beyond an `Int` is a status, and the library says so. */
private fun status(arguments: Map<String, Any?>): Int = whole(arguments["status"]).coerceIn(-1, Int.MAX_VALUE.toLong()).toInt()
