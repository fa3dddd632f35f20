package io.github.gatewright

import io.github.gatewright.internal.ffi.FfiBegin
import io.github.gatewright.internal.ffi.FfiBegunMessage

/**
 * What an idempotent request is to do.
 *
 * ```
 * when (val begun = gate.idempotency.begin(key, scope, body)) {
 *     is Begin.Replay -> begun.response
 *     is Begin.Execute -> begun.guard.use { guard -> guard.complete(work()) }
 *     is Begin.Resume -> begun.guard.use { guard -> guard.complete(workFrom(begun.checkpoint)) }
 * }
 * ```
 *
 * [Idempotency.run] does all that by itself.
 */
public sealed class Begin {
    /**
     * Run it, and complete the guard.
     *
     * @property guard the operation.
     */
    public class Execute internal constructor(public val guard: IdempotencyGuard) : Begin() {
        /** The guard. */
        override fun toString(): String = "Execute($guard)"
    }

    /**
     * Another worker began it and its lease ran out: go on from its newest checkpoint, and complete the guard.
     *
     * @property guard the operation.
     */
    public class Resume internal constructor(public val guard: IdempotencyGuard) : Begin() {
        /** How far the others came; `null` if none left a checkpoint. */
        public val checkpoint: Checkpoint? get() = guard.checkpointReached

        /** The guard. */
        override fun toString(): String = "Resume($guard)"
    }

    /**
     * It has been run: send this.
     *
     * @property response the answer that is stored, marked as a replay.
     */
    public class Replay internal constructor(public val response: Response) : Begin() {
        /** The answer. */
        override fun toString(): String = "Replay($response)"
    }

    /** Lets go of the operation, if there is one, without waiting. */
    internal fun drop() = when (this) {
        is Execute -> guard.drop()
        is Resume -> guard.drop()
        is Replay -> Unit
    }

    internal companion object {
        fun of(ffi: FfiBegin): Begin = when (ffi) {
            is FfiBegin.Execute -> Execute(IdempotencyGuard(ffi.guard, ffi.details, null))
            is FfiBegin.Resume -> Resume(IdempotencyGuard(ffi.guard, ffi.details, ffi.checkpoint?.let { Checkpoint(it.name, it.data) }))
            is FfiBegin.Replay -> Replay(Response(ffi.response))
        }
    }
}

/**
 * How far an operation had come when its worker was lost.
 *
 * @property name what the worker called the place.
 */
public class Checkpoint internal constructor(public val name: String, private val bytes: ByteArray) {
    /** What the worker kept, a copy. */
    public val data: ByteArray get() = bytes.clone()

    /** Name and size. */
    override fun toString(): String = "Checkpoint($name, ${bytes.size} bytes)"
}

/** A message whose signature and window are right, and what it is to do. */
public class BegunMessage internal constructor(ffi: FfiBegunMessage) {
    /** What was checked. */
    public val checked: Checked = Checked(ffi.checked)

    /** Whether to handle the message, or what to answer. */
    public val begin: Begin = Begin.of(ffi.begin)

    /** Both. */
    override fun toString(): String = "BegunMessage($checked, $begin)"
}
