package org.cairn.ffi

import com.sun.management.OperatingSystemMXBean
import java.lang.management.ManagementFactory

/**
 * What calls cost in Kotlin, in processor time; `cargo xtask measure ffi` runs it beside the core.
 *
 * Told on standard input: the vault's folder, its passphrase, a draft's number, the key of a question in it; then what
 * to do and how often, a line each. Answers each with nanoseconds of this thread, and of the process with the JVM's
 * compiler and collector.
 */
fun main() {
    val vault = OpenVault.open(readln(), readln())
    val filling = vault.resume(readln().toULong(), LANGUAGE)
    val key = readln()
    val records = vault.records(query(1_000u), LANGUAGE).rows.map { it.record }
    fun page(limit: ULong) = check(vault.records(query(limit), LANGUAGE).rows.size == limit.toInt())
    val deeds = mapOf<String, (Int) -> Unit>(
        "cross" to { filling.number() },
        "counts" to { vault.counts() },
        "page_1" to { page(1u) },
        "page_50" to { page(50u) },
        "page_1000" to { page(1_000u) },
        "record" to { vault.record(records[it % records.size], LANGUAGE) },
        "answer" to { filling.answer(key, AnswerValue.Text(if (it % 2 == 0) "One" else "Two")) },
        "steps" to { filling.steps() },
    )
    val threads = ManagementFactory.getThreadMXBean()
    val system = ManagementFactory.getOperatingSystemMXBean() as OperatingSystemMXBean
    for (order in generateSequence(::readLine)) {
        val (deed, times) = order.split(' ')
        val act = deeds.getValue(deed)
        val (thread, process) = threads.currentThreadCpuTime to system.processCpuTime
        repeat(times.toInt()) { act(it) }
        println("${threads.currentThreadCpuTime - thread} ${system.processCpuTime - process}")
    }
    filling.close()
    vault.use { it.lock() }
}

private const val LANGUAGE = "en"

private fun query(limit: ULong) = RecordQuery("", null, emptyList(), null, limit)
