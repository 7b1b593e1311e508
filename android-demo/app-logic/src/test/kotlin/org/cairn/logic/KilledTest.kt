package org.cairn.logic

import java.io.File
import java.util.concurrent.TimeUnit
import kotlin.random.Random
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import org.cairn.ffi.AnswerValue
import org.cairn.ffi.OpenVault
import org.cairn.ffi.RecordQuery
import org.cairn.ffi.Scene
import org.junit.Rule
import org.junit.Test

/** A process is killed by force while it keeps answers, and whatever it had been told to be kept is there. */
class KilledTest {
    @get:Rule
    val scene = Scene("survey.csv" to SURVEY, "settings.csv" to "form_title,form_id,version\nCounts,counts,1\n")

    @Test
    fun `what was kept before a kill is there after it, whenever it comes`() {
        val vault = scene.newFolder()
        Person(vault).run {
            joins(scene.office.invite(), "zarina")
            isAdmitted(scene.office)
            syncs()
            locks()
        }
        val seed = System.nanoTime()
        val dice = Random(seed)
        val ledger = Ledger()
        repeat(ROUNDS) { round ->
            val wait = dice.nextLong(LONGEST)
            val said = writes(vault, wait)
            val told = "seed $seed, round $round, killed after $wait ms, which said ${said.takeLast(3)}"
            println(told)
            said.forEach(ledger::hears)
            OpenVault.open(vault.path, Person.PASSPHRASE).use { open ->
                ledger.compares(open, told)
                open.lock()
            }
        }
        // The controls: there was something to lose, and it was not always killed in a pause.
        assertTrue(ledger.kept > ROUNDS && ledger.records.isNotEmpty(), "seed $seed: ${ledger.kept} answers")
        assertTrue(ledger.cutOff > 0, "seed $seed: no kill fell between an order and its acknowledgement")
    }

    /** Lets a process write, kills it [wait] ms after its first acknowledgement, and gives all that it said. */
    private fun writes(vault: File, wait: Long): List<String> {
        val java = listOf(
            File(System.getProperty("java.home"), "bin/java").path,
            "-Djna.library.path=${System.getProperty("jna.library.path")}",
            "-cp", System.getProperty("java.class.path"),
            "org.cairn.logic.KilledTestKt", vault.path,
        )
        val process = ProcessBuilder(java).redirectError(ProcessBuilder.Redirect.INHERIT).start()
        val out = process.inputStream.bufferedReader()
        val said = mutableListOf<String>()
        while (said.none { it.startsWith("kept") }) said += checkNotNull(out.readLine()) { "it ended after $said" }
        Thread.sleep(wait)
        // By its handle, which leaves the pipe open: what it had said can still be read.
        process.toHandle().destroyForcibly()
        assertTrue(process.waitFor(1, TimeUnit.MINUTES), "it did not end")
        assertEquals(128 + SIGKILL, process.exitValue(), "it was killed, and did not end by itself")
        return said + out.readLines()
    }

    /** What the processes have said, and so what must be in the vault. */
    private class Ledger {
        var kept = 0
            private set

        /** How many kills fell between an order and its acknowledgement. */
        var cutOff = 0
            private set
        val records = mutableSetOf<String>()
        private val answers = mutableMapOf<String, String>()
        private var order: List<String> = emptyList()

        fun hears(line: String) {
            val words = line.split(' ')
            order = emptyList()
            when (words.first()) {
                "kept" -> {
                    kept += 1
                    answers[words[1]] = words[2]
                }
                "record" -> {
                    records += words[1]
                    answers.clear()
                }
                else -> order = words
            }
        }

        fun compares(vault: OpenVault, told: String) {
            if (order.isNotEmpty()) cutOff += 1
            val found = vault.records(RecordQuery("", null, emptyList(), null, MANY), "en").rows.map { it.record }
            assertEquals(emptySet(), records - found.toSet(), told)
            // What was on its way may have come through, and what had been kept has gone into the record then.
            if (order == listOf("ends") && vault.drafts("en").isEmpty()) {
                assertEquals(1, (found - records).size, told)
                answers.clear()
            }
            records += found
            val stands = if (answers.isEmpty()) emptyMap() else stands(vault)
            for ((key, text) in answers) {
                val may = listOfNotNull(text, order.getOrNull(2).takeIf { order.getOrNull(1) == key })
                assertTrue(stands[key] in may, "$told: $key is ${stands[key]} and not one of $may")
            }
            for (key in answers.keys) answers[key] = stands.getValue(key)
        }

        private fun stands(vault: OpenVault): Map<String, String> =
            vault.resume(vault.drafts("en").single().draft, "en").use { filling ->
                filling.steps().flatMap { it.questions }.mapNotNull { question ->
                    (question.answer as? AnswerValue.Text)?.let { question.key to it.text }
                }.toMap()
            }
    }

    private companion object {
        const val ROUNDS = 8

        /** In milliseconds; some records are finished in that time. */
        const val LONGEST = 400L
        const val SIGKILL = 9
        const val MANY = 10_000uL
        const val SURVEY = "type,name,label\ntext,q0,One\ntext,q1,Two\ntext,q2,Three\ntext,q3,Four\n"
    }
}

/** Answers without an end, says before each call what it gives, and after it that this is kept. */
fun main(arguments: Array<String>) {
    val vault = OpenVault.open(arguments.single(), Person.PASSPHRASE)
    var count = 0
    fun says(what: String) {
        println(what)
        System.out.flush()
    }
    var filling = vault.drafts("en").firstOrNull()?.let { vault.resume(it.draft, "en") } ?: vault.begin("counts", null, "en")
    while (true) {
        repeat(ANSWERS) {
            val (key, text) = "q${count % QUESTIONS}" to "${ProcessHandle.current().pid()}-${count++}"
            says("gives $key $text")
            filling.answer(key, AnswerValue.Text(text))
            says("kept $key $text")
        }
        says("ends")
        val record = filling.finish(false)
        says("record $record")
        filling.close()
        filling = vault.begin("counts", null, "en")
    }
}

private const val ANSWERS = 10
private const val QUESTIONS = 4
