package io.github.gatewright.conformance

/** A file of vectors whose form has been checked. */
class VectorFile(val groups: List<Group>)

/** A group: its type, the members of that type, its tests. */
class Group(val type: String, val members: Map<String, Any?>, val tests: List<Map<String, Any?>>)

/** The number of a test in its file. */
val Map<String, Any?>.tcId: Long get() = whole(this["tcId"])

/** A member that is an object. */
@Suppress("UNCHECKED_CAST")
fun Map<String, Any?>.obj(name: String): Map<String, Any?>? = this[name] as Map<String, Any?>?

/** A member that is a list. */
fun Map<String, Any?>.list(name: String): List<Any?> = this[name] as List<Any?>? ?: emptyList()

/** A member that is a text. */
fun Map<String, Any?>.text(name: String): String? = this[name] as String?

/**
 * Reads a file and checks all of it, so that a member that this runner does not know fails the file and is not skipped.
 *
 * @throws Rejected the file is not of the format.
 */
fun readVectorFile(bytes: ByteArray): VectorFile {
    val file = FILE.check(readJson(bytes), "file")
    if (file["schema"] != "gatewright-vectors-1") throw Rejected("unknown schema ${file["schema"]}")
    val ids = HashSet<Long>()
    val groups = file.list("testGroups").mapIndexed { index, group ->
        val where = "group $index"
        val type = (group as? Map<*, *>)?.get("type") as? String ?: throw Rejected("$where: type is missing")
        val shapes = TYPES[type] ?: throw Rejected("$where: unknown type $type")
        val members = shapes.group.check(group, where)
        val tests = members.list("tests").map { test ->
            val checked = shapes.test.check(test, "$where, a test")
            if (!ids.add(checked.tcId)) throw Rejected("tcId ${checked.tcId} is there twice")
            checkSteps(checked, type)
            checked
        }
        Group(type, members, tests)
    }
    val count = groups.sumOf { it.tests.size }
    if (whole(file["numberOfTests"]) != count.toLong()) throw Rejected("numberOfTests is not $count")
    return VectorFile(groups)
}

private fun checkSteps(test: Map<String, Any?>, type: String) {
    for ((index, step) in test.list("steps").withIndex()) {
        val where = "tcId ${test.tcId}, step ${index + 1}"
        val op = (step as? Map<*, *>)?.get("op") as? String ?: throw Rejected("$where: op is missing")
        val shape = OPERATIONS.getValue(type)[op] ?: throw Rejected("$where: unknown op $op")
        shape.check(step, where)
    }
}

private class TypeShapes(val group: Shape, val test: Shape)

private val FILE = Shape(
    mapOf("schema" to Forms.text, "numberOfTests" to Forms.integer, "testGroups" to Forms.listOf(Forms.obj)),
    mapOf("notes" to Forms.textMap),
)

private fun group(required: Map<String, Form> = emptyMap(), optional: Map<String, Form> = emptyMap()) =
    Shape(mapOf("type" to Forms.text, "tests" to Forms.listOf(Forms.obj)) + required, optional)

private fun test(required: Map<String, Form>, optional: Map<String, Form> = emptyMap()) = Shape(
    mapOf("tcId" to Forms.integer, "result" to Forms.result) + required,
    mapOf("comment" to Forms.text, "flags" to Forms.texts, "code" to Forms.text) + optional,
)

private fun expects(vararg members: String): Map<String, Form> =
    mapOf("expect" to Form { it is Map<*, *> && it.keys.all { name -> name in members || name == "tol" } })

private val env = mapOf("env" to Forms.textMap)
private val sequence = TypeShapes(
    group(mapOf("policy" to Forms.obj, "seed" to Forms.binary), env),
    test(mapOf("steps" to Forms.listOf(Forms.obj))),
)

private val TYPES = mapOf(
    "jws.verify" to TypeShapes(
        group(mapOf("keys" to Forms.listOf(Forms.obj))),
        test(mapOf("jws" to Forms.text), expects("payload")),
    ),
    "jwt.verify" to TypeShapes(
        group(mapOf("policy" to Forms.obj), env + ("issuer" to Forms.text)),
        test(mapOf("now" to Forms.whole, "token" to Forms.text), expects("claims")),
    ),
    "headers.render" to TypeShapes(
        group(mapOf("policy" to Forms.obj), env),
        test(mapOf("decision" to Forms.obj), expects("headers")),
    ),
    "idempotency.sequence" to sequence,
    "kpi.evaluate" to TypeShapes(
        group(),
        test(
            mapOf("method" to Forms.text, "args" to Forms.obj),
            expects(
                *arrayOf("id", "value", "status", "reason", "unit", "num", "den", "n", "missing", "basis", "coverage", "warnings"),
                *arrayOf("mean", "sd", "ci95_low", "ci95_high", "min", "max"),
            ),
        ),
    ),
    "kpi.report" to TypeShapes(
        group(),
        test(
            mapOf("rows" to Forms.rows),
            mapOf("targets" to Forms.obj) +
                expects(
                    *arrayOf("batches", "ranking", "farm", "targets", "batch_count", "rows", "problem_count", "problems", "figures"),
                ),
        ),
    ),
    "limits.sequence" to sequence,
    "refresh.sequence" to sequence,
    "webhook.sequence" to sequence,
    "webhook.verify" to TypeShapes(
        group(mapOf("endpoint" to Forms.obj), env),
        test(
            mapOf("now" to Forms.whole, "headers" to Forms.headers, "body" to Forms.binary),
            mapOf("request" to Forms.request) +
                expects("key_id", "timestamp", "id", "nonce", "server_time_ms"),
        ),
    ),
    "webhook.sign" to TypeShapes(
        group(mapOf("endpoint" to Forms.obj), env + ("seed" to Forms.binary)),
        test(
            mapOf("now" to Forms.whole, "body" to Forms.binary),
            mapOf("id" to Forms.text, "nonce" to Forms.text, "request" to Forms.request) + expects("headers"),
        ),
    ),
    "config.load" to TypeShapes(
        group(),
        test(
            mapOf("format" to Forms.format, "text" to Forms.text),
            env + expects("line", "field"),
        ),
    ),
)

private fun step(vararg required: Pair<String, Form>) = Shape(
    mapOf("op" to Forms.text, "now" to Forms.whole, "result" to Forms.result) + required.toMap().mapValues { Forms.orReference(it.value) },
    mapOf("code" to Forms.text, "expect" to Forms.obj, "save" to Forms.text, "context" to Forms.orReference(Forms.context)),
)

private fun optional(vararg members: Pair<String, Form>) = members.toMap().mapValues { Forms.orReference(it.value) }

private val REOPEN = "reopen" to Shape(
    mapOf("op" to Forms.text, "now" to Forms.whole, "result" to Forms.result, "policy" to Forms.obj),
    mapOf("code" to Forms.text, "expect" to Forms.obj, "save" to Forms.text, "context" to Forms.context) + env,
)

private val presenter = optional("dpop" to Forms.dpop, "client" to Forms.text, "tenant" to Forms.text, "device_id" to Forms.text)
private val message = step("body" to Forms.binary) +
    optional("endpoint" to Forms.text, "headers" to Forms.headers, "request" to Forms.request)
private val guard = "guard" to Forms.text
private val metered = step() + optional("policy" to Forms.text, "subject" to Forms.text)
private val cost = optional("cost" to Forms.whole)
private val account = step() + optional("policy" to Forms.text, "identifier" to Forms.text, "device" to Forms.text)
private val subject = arrayOf("tenant" to Forms.text, "subject" to Forms.text)

// A required text that is absent is "", so that the shapes of tokens name few as required.
private val OPERATIONS: Map<String, Map<String, Shape>> = mapOf(
    "idempotency.sequence" to mapOf(
        "begin" to step() + optional(
            "key" to Forms.lines,
            "scope" to Forms.scope,
            "body" to Forms.bytes,
            "fingerprint" to Forms.bytes,
            "content_type" to Forms.text,
            "query" to Forms.text,
            "route" to Forms.text,
        ),
        "guard.mark_effects" to step(guard),
        "guard.checkpoint" to step(guard) + optional("name" to Forms.text, "bytes" to Forms.bytes),
        "guard.renew" to step(guard),
        "guard.complete" to step(guard, "status" to Forms.whole) +
            optional("headers" to Forms.headers, "body" to Forms.bytes, "finish_as" to Forms.finishAs),
        "guard.release" to step(guard),
        "new_key" to step(),
        "next_action" to step("status" to Forms.whole),
        REOPEN,
    ),
    "limits.sequence" to mapOf(
        "check" to metered + cost,
        "check_local" to metered + cost,
        "allow_local" to metered + cost,
        "peek" to metered,
        "reset" to metered,
        "check_all" to step("bundle" to Forms.bundle),
        "reserve" to step("max_wait" to Forms.span) + optional("policy" to Forms.text, "subject" to Forms.text) + cost,
        "refund" to step("permit" to Forms.text) + cost,
        "headers" to step("decision" to Forms.text),
        "parse_headers" to step("headers" to Forms.headers),
        "lockout.begin" to account,
        "lockout.status" to account,
        "lockout.unlock" to account,
        "attempt.settle" to step("attempt" to Forms.text, "success" to Forms.bool),
        "attempt.abandon" to step("attempt" to Forms.text),
        REOPEN,
    ),
    "refresh.sequence" to mapOf(
        "issue" to step() + optional(
            *subject,
            "client" to Forms.text,
            "roles" to Forms.texts,
            "scope" to Forms.text,
            "device" to Forms.device,
            "claims" to Forms.obj,
            "auth_time" to Forms.whole,
            "amr" to Forms.texts,
            "dpop_jkt" to Forms.text,
        ),
        "refresh" to step() + optional("token" to Forms.text, "retry_key" to Forms.binary) + presenter,
        "refresh_access_only" to step() + optional("token" to Forms.text) + presenter,
        "verify" to step() + optional("access" to Forms.text, "issuer" to Forms.text, "dpop" to Forms.dpop),
        "verify_fresh" to step() + optional("access" to Forms.text, "dpop" to Forms.dpop),
        "confirm" to step() + optional("access" to Forms.text),
        "revoke" to step() + optional("token" to Forms.text),
        "sessions.revoke" to step() + optional(*subject, "session_id" to Forms.text),
        "sessions.revoke_others" to step() + optional(*subject, "keep" to Forms.text),
        "sessions.revoke_all" to step() + optional(*subject),
        "epochs.bump_subject" to step() + optional(*subject, "reason" to Forms.text),
        "epochs.bump_tenant" to step() + optional("tenant" to Forms.text, "reason" to Forms.text),
        "epochs.bump_all" to step() + optional("reason" to Forms.text),
        REOPEN,
    ),
    "webhook.sequence" to mapOf(
        "sign" to step("body" to Forms.binary) +
            optional("endpoint" to Forms.text, "id" to Forms.text, "nonce" to Forms.text, "request" to Forms.request),
        "check" to message,
        "verify" to message,
        "verified.commit" to step("verified" to Forms.text),
        "verified.release" to step("verified" to Forms.text),
        REOPEN,
    ),
)
