package org.cairn.logic

import java.io.File
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import org.cairn.ffi.Alarm
import org.cairn.ffi.CommandLine
import org.cairn.ffi.DraftLine
import org.cairn.ffi.Membership
import org.cairn.ffi.NoHandle
import org.cairn.ffi.OpenVault
import org.cairn.ffi.TaskPage
import org.cairn.ffi.TaskQuery
import org.cairn.ffi.VaultState
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder

/**
 * From the passphrase to the first screen. Each call of the core crosses a language border and waits for the vault;
 * what they ask of its database is counted for the same calls in `xtask/phone/src/first.rs`.
 */
class FirstScreenTest {
    @get:Rule
    val folder = TemporaryFolder()

    @Test
    fun `the first screen takes seven calls, whatever is in the vault`() {
        val path = folder.newFolder()
        CommandLine.beginVault(path)
        assertEquals(CALLS, calls(path, records = 0))
        CommandLine.saveRecord(path)
        assertEquals(CALLS, calls(path, records = 1))
        repeat(9) { CommandLine.saveRecord(path) }
        assertEquals(CALLS, calls(path, records = 10))
    }

    @Test
    fun `a call that nobody expects is no call that goes uncounted`() {
        val path = folder.newFolder()
        CommandLine.beginVault(path)
        Counted(OpenVault.open(path.path, CommandLine.PASSPHRASE), mutableListOf()).use { vault ->
            assertFailsWith<Throwable> { vault.forms("en") }
            vault.lock()
        }
    }

    /** What a person's phone calls between the passphrase and today. */
    private fun calls(path: File, records: Long): List<String> {
        val calls = mutableListOf<String>()
        val person = Person(path, opening = { at, passphrase, key ->
            calls += "open"
            Counted(OpenVault.openWithKey(at, passphrase, key), calls)
        })
        val today = assertIs<Today>(person.opens(CommandLine.PASSPHRASE))
        assertEquals(records, today.counts.records)
        val told = calls.toList()
        println("$records records: ${told.size} calls, $told")
        person.locks()
        return told
    }

    /** A vault that notes each call; one that is not among these has nothing behind it and fails. */
    private class Counted(private val vault: OpenVault, private val calls: MutableList<String>) : OpenVault(NoHandle) {
        private fun <T> noted(name: String, call: () -> T): T {
            calls += name
            return call()
        }

        override fun setUtcOffset(minutes: Int) = noted("setUtcOffset") { vault.setUtcOffset(minutes) }

        override fun membership(): Membership = noted("membership", vault::membership)

        override fun state(): VaultState = noted("state", vault::state)

        override fun tasks(query: TaskQuery, language: String): TaskPage =
            noted("tasks") { vault.tasks(query, language) }

        override fun drafts(language: String): List<DraftLine> = noted("drafts") { vault.drafts(language) }

        override fun alarms(): List<Alarm> = noted("alarms", vault::alarms)

        override fun lock() = noted("lock", vault::lock)

        override fun cancel() = vault.cancel()

        override fun close() = vault.close()
    }

    private companion object {
        /** In this order, too. */
        val CALLS = listOf("open", "setUtcOffset", "membership", "state", "tasks", "drafts", "alarms")
    }
}
