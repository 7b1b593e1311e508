package org.cairn.logic

import java.io.BufferedReader
import java.io.BufferedWriter
import java.io.File
import java.time.Year
import java.util.concurrent.TimeUnit
import kotlin.test.assertTrue
import org.cairn.ffi.OpenVault
import org.cairn.ffi.SyncProgress
import org.cairn.ffi.SyncWatcher

/**
 * Somebody whose phone is a process of its own, with its own clock and its own place on earth; can be killed.
 *
 * @param years by how many years its clock is wrong
 * @param zone its time zone, by the name that the system knows it by
 */
class Apart(vault: File, years: Int = 0, zone: String = "UTC") : AutoCloseable {
    private val process: Process
    private val says: BufferedWriter
    private val answers: BufferedReader

    init {
        val clock = "%+dy".format(years)
        // Only the clock that tells the date: waiting takes as long as ever.
        val wrong = if (years == 0) emptyList() else listOf("faketime", "-m", "--exclude-monotonic", "-f", clock)
        val java = listOf(
            File(System.getProperty("java.home"), "bin/java").path,
            "-Djna.library.path=${System.getProperty("jna.library.path")}",
            "-cp", System.getProperty("java.class.path"),
            "org.cairn.logic.ApartKt", vault.path,
        )
        process = ProcessBuilder(wrong + java)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .apply { environment()["TZ"] = zone }
            .start()
        says = process.outputStream.bufferedWriter()
        answers = process.inputStream.bufferedReader()
    }

    /** Tells the person there, and waits for the answer. */
    fun does(order: String): String {
        says.write("$order\n")
        says.flush()
        return checkNotNull(answers.readLine()) { "it ended at: $order" }
    }

    /** Ends it by force, so that nothing more is done in it. */
    fun kill() = ends { process.destroyForcibly() }

    override fun close() = ends { says.close() }

    private fun ends(how: () -> Unit) {
        how()
        assertTrue(process.waitFor(1, TimeUnit.MINUTES), "it did not end")
    }
}

/** What the process does: an order a line, an answer a line. */
fun main(arguments: Array<String>) {
    val person = Person(File(arguments.single()))
    for (order in generateSequence(::readLine)) {
        val (verb, rest) = order.split(' ', limit = 2) + ""
        println(person.obeys(verb, rest).replace('\n', ' '))
    }
}

/** Counts how often a sync asks whether it may send its next request. */
private class Asked : SyncWatcher {
    var times = 0
        private set

    override fun goOn() = true.also { times += 1 }

    override fun progress(progress: SyncProgress) = Unit
}

/** What is seen, and what is said there. */
private val Screen.told: String get() = "$this ${(this as? Today)?.lines} ${(this as? Sync)?.said}"

private fun Person.obeys(verb: String, rest: String): String = when (verb) {
    "year" -> Year.now().toString()
    "join" -> rest.split(' ').let { (invitation, name) -> joins(invitation, name) }.toString()
    "ask" -> does(StartEvent.Ask).told
    "open" -> opens(rest).told
    "lock" -> "locked".also { locks() }
    "begin" -> goes(Door.NewRecord(rest)).toString()
    "record" -> "recorded".also {
        val answers = rest.split(' ').drop(1).map { it.substringBefore('=') to typed(it.substringAfter('=')) }
        records(rest.substringBefore(' '), *answers.toTypedArray())
    }
    "sync" -> syncs().told
    "today" -> goes(Door.Today).told
    "find" -> finds(rest).toString()
    "type-and-exit" -> {
        val (key, text) = rest.split(' ')
        desk.happens(FillingEvent.Typed(key, typed(text)))
        desk.exit()
        waits(2)
        "shut"
    }
    "count-requests" -> {
        val asked = Asked()
        OpenVault.open(folder.path, Person.PASSPHRASE).use { vault ->
            vault.sync(asked)
            vault.lock()
        }
        asked.times.toString()
    }
    else -> error("nobody knows how to $verb")
}
