package org.cairn.logic

import java.io.File
import java.util.concurrent.Executor
import kotlin.test.assertEquals
import kotlin.test.assertIs
import org.cairn.ffi.CommandLine
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder

/** From the lock to today and back, with a real vault behind. */
class DeskTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val shown = mutableListOf<Screen>()
    private val later = ArrayDeque<Runnable>()

    @Test
    fun `a vault opens to what it holds, locks, and opens again`() {
        val desk = desk(vault())
        repeat(2) {
            desk.happens(Event.Submit(CommandLine.PASSPHRASE))
            work()
            assertEquals(1L, assertIs<Screen.Today>(desk.screen).counts.records)
            desk.happens(Event.Leave)
            work()
            assertEquals(Screen.Unlock(Line(Word.LOCKED)), desk.screen)
        }
    }

    @Test
    fun `the person is told to wait, then that the passphrase was wrong`() {
        val desk = desk(vault())
        desk.happens(Event.Submit("another passphrase"))
        work()
        assertEquals(
            listOf<Screen>(
                Screen.Unlock(Line(Word.WAIT), busy = true),
                Screen.Unlock(Line(Word.WRONG_PASSPHRASE)),
            ),
            shown,
        )
    }

    @Test
    fun `a vault that opened too late is closed, so that it opens again`() {
        val desk = desk(vault())
        desk.happens(Event.Submit(CommandLine.PASSPHRASE))
        desk.happens(Event.Leave)
        work()
        assertEquals(Screen.Unlock(Line(Word.LOCKED)), desk.screen)
        assertEquals(emptyList(), shown.filterIsInstance<Screen.Today>())
        desk.happens(Event.Submit(CommandLine.PASSPHRASE))
        work()
        assertIs<Screen.Today>(desk.screen)
        desk.happens(Event.Leave)
        work()
    }

    @Test
    fun `where there is no vault the lock says so`() {
        val desk = desk(folder.newFolder())
        desk.happens(Event.Submit(CommandLine.PASSPHRASE))
        work()
        assertEquals(Screen.Unlock(Line(Word.NOTHING_HERE)), desk.screen)
    }

    private fun desk(vault: File) =
        Desk(vault, front = Executor(Runnable::run), back = Executor(later::add)).apply { show = shown::add }

    private fun vault() = folder.newFolder().also {
        CommandLine.beginVault(it)
        CommandLine.saveRecord(it)
    }

    /** Does what was put off, until nothing is left. */
    private fun work() {
        while (true) (later.removeFirstOrNull() ?: return).run()
    }
}
