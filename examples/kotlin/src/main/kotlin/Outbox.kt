// The outbox of a tablet: what is to be done, and the idempotency key that it is sent with, are on disk before the first request.
// A key is used until an answer says that the operation is over; so however often the tablet sends, or is switched off in between,
// the server does it once.

package outbox

import io.github.gatewright.Idempotency
import io.github.gatewright.NextAction
import kotlinx.coroutines.delay
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import java.nio.channels.FileChannel
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardCopyOption.REPLACE_EXISTING
import java.nio.file.StandardOpenOption.WRITE
import java.time.Duration

/** An operation that waits for its outcome. */
data class Entry(val key: String, val body: String, val parked: Boolean = false)

/** What came back: status 0 for nothing, [code] from the problem's body, [retryAfter] from the header. */
class Answer(val status: Int, val code: String? = null, val retryAfter: Duration? = null)

/** [send] makes one request: POST [Entry.body], with the header `Idempotency-Key: ` and [Entry.key]. */
class Outbox(private val file: Path, private val idempotency: Idempotency, private val send: suspend (Entry) -> Answer) {
    /** What waits, of earlier runs of the program too. */
    var entries: List<Entry> = read()
        private set

    /** Takes an operation. When this returns, it and its key survive a loss of power. */
    fun put(body: String): Entry = Entry(idempotency.newKey(), body).also { keep(entries + it) }

    /** Sends an entry until its outcome is known, and gives the last answer. */
    suspend fun deliver(entry: Entry): Answer {
        var pause = FIRST_PAUSE
        while (true) {
            val answer = send(entry)
            when (idempotency.nextAction(answer.status, answer.code)) {
                // It is over, done or refused: what comes next gets a key of its own.
                NextAction.ROTATE -> return answer.also { keep(entries - entry) }
                // Nobody knows whether it was done. Ask the server for the resource, or the user; a new key might do it twice.
                NextAction.RECONCILE -> return answer.also { keep(entries - entry + entry.copy(parked = true)) }
                NextAction.WAIT -> delay((answer.retryAfter ?: pause).toMillis())
                NextAction.REUSE -> delay(pause.toMillis())
            }
            pause = minOf(pause.multipliedBy(2), LONGEST_PAUSE)
        }
    }

    private fun keep(now: List<Entry>) {
        val rows = now.map { entry ->
            val (key, body) = listOf(entry.key, entry.body).map(::JsonPrimitive)
            JsonObject(mapOf("key" to key, "body" to body, "parked" to JsonPrimitive(entry.parked)))
        }
        // Whole or not at all: a file of its own, on the disk before it takes the place of the old one.
        val next = file.resolveSibling("${file.fileName}.next")
        Files.write(next, JsonArray(rows).toString().toByteArray())
        FileChannel.open(next, WRITE).use { it.force(true) }
        Files.move(next, file, ATOMIC_MOVE, REPLACE_EXISTING)
        entries = now
    }

    private fun read(): List<Entry> {
        if (!Files.exists(file)) return emptyList()
        return Json.parseToJsonElement(String(Files.readAllBytes(file))).jsonArray.map { row ->
            fun text(name: String) = row.jsonObject.getValue(name).jsonPrimitive.content
            Entry(text("key"), text("body"), text("parked").toBoolean())
        }
    }

    private companion object {
        val FIRST_PAUSE: Duration = Duration.ofMillis(500)
        val LONGEST_PAUSE: Duration = Duration.ofMinutes(5)
    }
}
