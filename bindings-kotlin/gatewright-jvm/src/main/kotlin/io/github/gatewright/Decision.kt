package io.github.gatewright

import io.github.gatewright.internal.crossing
import io.github.gatewright.internal.durationOf
import io.github.gatewright.internal.ffi.FfiAlgo
import io.github.gatewright.internal.ffi.FfiAtomicity
import io.github.gatewright.internal.ffi.FfiDecided
import io.github.gatewright.internal.ffi.FfiDecision
import io.github.gatewright.internal.ffi.FfiPermit
import io.github.gatewright.internal.ffi.FfiSource
import io.github.gatewright.internal.ffi.FfiTier
import io.github.gatewright.internal.instantOf
import java.time.Duration
import java.time.Instant
import java.util.Objects

/**
 * The answer to a call on limits. A refusal is an answer too, never an exception.
 *
 * ```
 * val decision = gate.limits.check("tenant", "acme")
 * if (!decision.allowed) respond(429, gate.limits.headers(decision))
 * ```
 *
 * Whole microseconds have names that end in `Us`; beside each stands the same in a type of `java.time`. The constructor is for tests.
 *
 * @property allowed whether the request may go on.
 * @property source who decided.
 * @property nowUs when, by the clock that decided, in µs since the epoch.
 * @property cost what was asked for; of a bundle the greatest.
 * @property binding of a refusal the tier that refuses for longest, else the one that is nearest to refusing.
 * @property retryAfterUs after how many µs the same request would be allowed if nobody else asked, not 1 µs earlier; 0 if it was.
 * @property waitUs for a reservation that was granted: µs to wait before going on, see [Limits.wait]; else `null`.
 * @property tiers every tier, in the order of the bundle and of its policies.
 * @property permit gives back what was taken, by [Limits.refund]; `null` where nothing was. Losing it gives nothing back.
 * @property atomicity how the tiers were decided together.
 */
public class Decision(
    public val allowed: Boolean,
    public val source: Source,
    public val nowUs: Long,
    public val cost: Long,
    public val binding: Binding,
    public val retryAfterUs: Long,
    public val waitUs: Long?,
    tiers: List<TierDecision>,
    public val permit: Permit?,
    public val atomicity: Atomicity,
) {
    public val tiers: List<TierDecision> = ArrayList(tiers)

    internal constructor(decided: FfiDecided) : this(decided.decision, decided.permit)

    private constructor(ffi: FfiDecision, permit: FfiPermit?) : this(
        allowed = ffi.allowed,
        source = Source.of(ffi.source),
        nowUs = ffi.nowUs,
        cost = ffi.cost,
        binding = Binding(ffi.bindingPolicy, ffi.bindingTier),
        retryAfterUs = ffi.retryAfterUs,
        waitUs = ffi.waitUs,
        tiers = ffi.tiers.map(::TierDecision),
        permit = permit?.let(::Permit),
        atomicity = Atomicity.of(ffi.atomicity),
    )

    /** When, by the clock that decided. */
    public val now: Instant get() = instantOf(nowUs)

    /** How long to wait before the same request, as [retryAfterUs]. */
    public val retryAfter: Duration get() = durationOf(retryAfterUs)

    /** For a reservation that was granted: how long to wait before going on, from when it was decided. */
    public val wait: Duration? get() = waitUs?.let(::durationOf)

    internal fun toFfi(): FfiDecision = FfiDecision(
        allowed = allowed,
        source = source.ffi,
        nowUs = nowUs,
        cost = cost,
        bindingPolicy = binding.policy,
        bindingTier = binding.tier,
        retryAfterUs = retryAfterUs,
        waitUs = waitUs,
        tiers = tiers.map(TierDecision::toFfi),
        atomicity = atomicity.ffi,
    )

    private fun members() = listOf(allowed, source, nowUs, cost, binding, retryAfterUs, waitUs, tiers, permit, atomicity)

    /** Whether all members are the same; a permit is the same as itself only. */
    override fun equals(other: Any?): Boolean = other is Decision && members() == other.members()

    /** By all members. */
    override fun hashCode(): Int = members().hashCode()

    /** What was decided, by which tier. */
    override fun toString(): String =
        "Decision(allowed=$allowed, source=$source, cost=$cost, binding=$binding, retryAfter=$retryAfter, tiers=$tiers)"

    /**
     * The tier that matters most.
     *
     * @property policy its policy.
     * @property tier its id there.
     */
    public class Binding(public val policy: String, public val tier: String) {
        /** Whether both are the same. */
        override fun equals(other: Any?): Boolean = other is Binding && policy == other.policy && tier == other.tier

        /** By both. */
        override fun hashCode(): Int = Objects.hash(policy, tier)

        /** As `policy/tier`. */
        override fun toString(): String = "$policy/$tier"
    }

    /**
     * Who decided.
     *
     * @property code the stable name, the same in every language.
     */
    public enum class Source(public val code: String, internal val ffi: FfiSource) {
        /** The store that everybody shares. */
        STORE("store", FfiSource.STORE),

        /** This process by itself, by its share of the limits: the store did not answer. */
        LOCAL("local", FfiSource.LOCAL),

        /** Nobody: the store did not answer, and the policy allows then. */
        FAIL_OPEN("fail_open", FfiSource.FAIL_OPEN),

        /** Nobody: the store did not answer, and the policy denies then. */
        FAIL_CLOSED("fail_closed", FfiSource.FAIL_CLOSED),
        ;

        internal companion object {
            fun of(ffi: FfiSource): Source = entries[ffi.ordinal]
        }
    }

    /**
     * How the tiers of a bundle were decided together.
     *
     * @property code the stable name, the same in every language.
     */
    public enum class Atomicity(public val code: String, internal val ffi: FfiAtomicity) {
        /** In one step: all were charged, or none. */
        ATOMIC("atomic", FfiAtomicity.ATOMIC),

        /** One after another, and given back where a later one refused. */
        COMPENSATED("compensated", FfiAtomicity.COMPENSATED),
        ;

        internal companion object {
            fun of(ffi: FfiAtomicity): Atomicity = entries[ffi.ordinal]
        }
    }
}

/**
 * What came of one tier.
 *
 * @property policy its policy.
 * @property id its id there.
 * @property algo how it counts.
 * @property limit units a period.
 * @property burst units that can be taken at once; the limit of all but token buckets.
 * @property periodUs its period in µs: of a calendar the length of the current hour, day or month, 0 of concurrency.
 * @property remaining units that can be taken now.
 * @property used [burst] − [remaining].
 * @property nextUnitUs µs until one unit more remains; 0 if all do.
 * @property fullAtUs when nothing is taken any more, in µs since the epoch.
 * @property retryAfterUs µs until this tier would allow the request; 0 if it did.
 * @property allowed whether this tier allowed the request.
 */
public class TierDecision(
    public val policy: String,
    public val id: String,
    public val algo: Algo,
    public val limit: Long,
    public val burst: Long,
    public val periodUs: Long,
    public val remaining: Long,
    public val used: Long,
    public val nextUnitUs: Long,
    public val fullAtUs: Long,
    public val retryAfterUs: Long,
    public val allowed: Boolean,
) {
    internal constructor(ffi: FfiTier) : this(
        policy = ffi.policy,
        id = ffi.id,
        algo = Algo.of(ffi.algo),
        limit = ffi.limit,
        burst = ffi.burst,
        periodUs = ffi.periodUs,
        remaining = ffi.remaining,
        used = ffi.used,
        nextUnitUs = ffi.nextUnitUs,
        fullAtUs = ffi.fullAtUs,
        retryAfterUs = ffi.retryAfterUs,
        allowed = ffi.allowed,
    )

    /** Its period. */
    public val period: Duration get() = durationOf(periodUs)

    /** How long until one unit more remains. */
    public val nextUnit: Duration get() = durationOf(nextUnitUs)

    /** When nothing is taken any more. */
    public val fullAt: Instant get() = instantOf(fullAtUs)

    /** How long until this tier would allow the request. */
    public val retryAfter: Duration get() = durationOf(retryAfterUs)

    internal fun toFfi(): FfiTier = FfiTier(
        policy = policy,
        id = id,
        algo = algo.ffi,
        limit = limit,
        burst = burst,
        periodUs = periodUs,
        remaining = remaining,
        used = used,
        nextUnitUs = nextUnitUs,
        fullAtUs = fullAtUs,
        retryAfterUs = retryAfterUs,
        allowed = allowed,
    )

    private fun members() =
        listOf(policy, id, algo, limit, burst, periodUs, remaining, used, nextUnitUs, fullAtUs, retryAfterUs, allowed)

    /** Whether all members are the same. */
    override fun equals(other: Any?): Boolean = other is TierDecision && members() == other.members()

    /** By all members. */
    override fun hashCode(): Int = members().hashCode()

    /** Which tier, and what is left of it. */
    override fun toString(): String = "TierDecision($policy/$id, allowed=$allowed, remaining=$remaining of $burst, retryAfter=$retryAfter)"

    /**
     * How a tier counts.
     *
     * @property code its name in policies, the same in every language.
     */
    public enum class Algo(public val code: String, internal val ffi: FfiAlgo) {
        /** A bucket that refills evenly. */
        TOKEN_BUCKET("token_bucket", FfiAlgo.TOKEN_BUCKET),

        /** Exactly the limit in any period, by the time of each request. */
        SLIDING_LOG("sliding_log", FfiAlgo.SLIDING_LOG),

        /** About the limit in any period, by two counters. */
        SLIDING_WINDOW("sliding_window", FfiAlgo.SLIDING_WINDOW),

        /** The limit in each hour, day or month of the calendar. */
        CALENDAR("calendar", FfiAlgo.CALENDAR),

        /** The limit at a time. */
        CONCURRENT("concurrent", FfiAlgo.CONCURRENT),
        ;

        internal companion object {
            fun of(ffi: FfiAlgo): Algo = entries[ffi.ordinal]
        }
    }
}

/** What was taken, so that it can be given back once: see [Limits.refund]. Losing it gives nothing back. */
public class Permit internal constructor(internal val ffi: FfiPermit) {
    /** The most that can be given back; of a bundle the greatest cost. */
    public val cost: Long get() = crossing { ffi.cost() }

    /** Whether it has been given back. */
    public val isSpent: Boolean get() = crossing { ffi.isSpent() }

    /** What is left of it. */
    override fun toString(): String = "Permit(cost=$cost, isSpent=$isSpent)"
}
