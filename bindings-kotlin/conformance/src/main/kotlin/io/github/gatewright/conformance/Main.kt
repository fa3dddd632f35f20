package io.github.gatewright.conformance

import kotlinx.coroutines.runBlocking
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.isDirectory
import kotlin.io.path.isRegularFile
import kotlin.io.path.name
import kotlin.io.path.readBytes
import kotlin.io.path.relativeTo
import kotlin.io.path.writeText
import kotlin.system.exitProcess

/** Runs every `*.json` below a folder and writes the report: `conformance <folder> <report>`, as `docs/conformance.md` says. */
fun main(arguments: Array<String>) {
    if (arguments.size != 2 || !Path.of(arguments[0]).isDirectory()) {
        System.err.println("usage: conformance <folder> <report>")
        exitProcess(2)
    }
    val folder = Path.of(arguments[0])
    var passed = 0
    var failed = 0
    val report = LinkedHashMap<String, Map<String, String>>()
    for (file in filesBelow(folder)) {
        val name = file.relativeTo(folder).joinToString("/")
        val verdicts = try {
            runBlocking { runFile(file.readBytes()) }
        } catch (rejected: Rejected) {
            println("FAIL $name: rejected: ${rejected.message}")
            failed++
            report[name] = mapOf("file" to "rejected")
            continue
        }
        for ((tcId, verdict) in verdicts) {
            if (verdict.fault == null) passed++ else failed++
            verdict.fault?.let { println("FAIL $name tcId $tcId: $it") }
        }
        report[name] = verdicts.entries.associate { (tcId, verdict) -> tcId.toString() to verdict.outcome }
    }
    Path.of(arguments[1]).writeText(writeJson(report) + "\n")
    println("kotlin: $passed passed, $failed failed")
    exitProcess(if (failed == 0 && passed > 0) 0 else 1)
}

private suspend fun runFile(bytes: ByteArray): Map<Long, Verdict> =
    readVectorFile(bytes).groups.flatMap { group -> group.tests.map { test -> test.tcId to runTest(group, test) } }.toMap()

private fun filesBelow(folder: Path): List<Path> = Files.walk(folder).use { paths ->
    paths.filter { it.isRegularFile() && it.name.endsWith(".json") }.toList().sortedBy { it.relativeTo(folder).joinToString("/") }
}
