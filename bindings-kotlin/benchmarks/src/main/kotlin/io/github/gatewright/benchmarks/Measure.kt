package io.github.gatewright.benchmarks

/** Something to time: [perCall] pieces of work are done by one call of [run]. */
class Contender(val name: String, val perCall: Int = 1, val run: () -> Any?)

/** Keeps results alive, so that the compiler cannot leave the work out. */
@Volatile
var sink: Any? = null

/**
 * Times contenders in turns, so that a busy machine is as unfair to one as to the other, and prints the median of each in
 * microseconds for one piece of work.
 */
fun compare(title: String, contenders: List<Contender>, rounds: Int = 15, milliseconds: Long = 60) {
    contenders.forEach { round(it, WARM_UP_MILLISECONDS) }
    val times = contenders.associateWith { ArrayList<Double>(rounds) }
    repeat(rounds) { for ((contender, taken) in times) taken.add(round(contender, milliseconds)) }
    println(title)
    for ((contender, taken) in times) {
        taken.sort()
        println("  %-42s %9.2f µs   (quartiles %.2f, %.2f)".format(contender.name, taken[rounds / 2], taken[rounds / 4], taken[rounds * 3 / 4]))
    }
}

private fun round(contender: Contender, milliseconds: Long): Double {
    val begin = System.nanoTime()
    var calls = 0L
    do {
        repeat(BATCH) { sink = contender.run() }
        calls += BATCH
    } while (System.nanoTime() - begin < milliseconds * 1_000_000)
    return (System.nanoTime() - begin) / 1_000.0 / calls / contender.perCall
}

private const val WARM_UP_MILLISECONDS = 1_500L
private const val BATCH = 8
