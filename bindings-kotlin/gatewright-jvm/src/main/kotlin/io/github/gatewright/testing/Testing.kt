@file:JvmName("Testing")

package io.github.gatewright.testing

import io.github.gatewright.Gate
import io.github.gatewright.internal.crossing

/** Opens another policy on the same store, clock and entropy, and closes nothing: the old gate stays usable. */
public suspend fun Gate.reopen(policy: String): Gate = crossing { Gate(ffi.reopen(policy)) }

/** Refreshes the local view now, instead of at its time. */
public suspend fun Gate.refreshView(): Unit = crossing { ffi.refreshView() }
