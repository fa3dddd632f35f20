package io.github.gatewright

import io.github.gatewright.internal.Numbers
import io.github.gatewright.internal.crossing
import io.github.gatewright.internal.ffi.fcrLiveWeightAll
import io.github.gatewright.internal.invalidArgument

/**
 * Figures of livestock and operations: one function each, with arguments that name their units, in whole grams and heads. Nothing here
 * needs a [Gate]; all of it touches memory only.
 *
 * ```
 * val fcr = Kpi.fcrLiveWeight(feedG = 180, liveWeightOutG = 202)
 * fcr.value                                                        // 0.8910891089108911
 * Kpi.uniformityScore(weights = listOf(1930, null, 2110)).missing  // 1
 * ```
 *
 * Too little data, or a denominator of 0, is no exception: the figure is undefined and says why. What cannot be, as more animals lost than
 * came, is a [GatewrightException.KpiError]. Missing values are counted, and never zero. The functions stand in [KpiLosses], [KpiFeed],
 * [KpiScores] and [KpiSamples], the report of a whole farm in [KpiReports].
 */
public object Kpi : KpiLosses, KpiFeed, KpiScores, KpiSamples, KpiReports {
    /**
     * [fcrLiveWeight] of many pairs in one call, which costs little more than one.
     *
     * @throws GatewrightException.InvalidArgument the arrays differ in length.
     * @throws GatewrightException.KpiError `kpi_negative`: then there is no result at all.
     */
    public fun fcrLiveWeightAll(feedG: LongArray, liveWeightOutG: LongArray): List<KpiResult> {
        if (feedG.size != liveWeightOutG.size) throw invalidArgument("live_weight_out_g: give as many as feed_g, ${feedG.size}")
        val (feeds, weights) = Numbers.of(feedG, null) to Numbers.of(liveWeightOutG, null)
        return crossing { feeds.lent { feed -> weights.lent { weight -> fcrLiveWeightAll(feed, weight) } }.map(::KpiResult) }
    }
}
