package org.cairn.logic

import java.io.File
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue
import org.cairn.ffi.CommandLine
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder

/** From the lock to today and back, with a real vault behind. */
class DeskTest {
    @get:Rule
    val folder = TemporaryFolder()

    @Test
    fun `a vault opens to what it holds, locks, and opens again`() {
        val person = Person(vault())
        repeat(2) {
            assertEquals(1L, assertIs<Today>(person.opens(CommandLine.PASSPHRASE)).counts.records)
            assertEquals(Screen.Unlock(Line(Word.LOCKED)), person.does(Event.Leave))
        }
    }

    @Test
    fun `the person is told to wait, then that the passphrase was wrong`() {
        val person = Person(vault())
        person.opens("another passphrase")
        assertEquals(
            listOf<Screen>(
                Screen.Unlock(Line(Word.WAIT), busy = true),
                Screen.Unlock(Line(Word.WRONG_PASSPHRASE)),
            ),
            person.shown,
        )
    }

    @Test
    fun `a vault that opened too late is closed, so that it opens again`() {
        val person = Person(vault())
        person.desk.happens(Event.Submit(CommandLine.PASSPHRASE))
        person.desk.happens(Event.Leave)
        person.waits()
        assertEquals(Screen.Unlock(Line(Word.LOCKED)), person.desk.screen)
        assertEquals(emptyList(), person.shown.filterIsInstance<Today>())
        assertIs<Today>(person.opens(CommandLine.PASSPHRASE))
        person.locks()
    }

    @Test
    fun `where there is no vault one is begun`() {
        assertEquals(Start.Invitation(), Person(folder.newFolder()).desk.screen)
        // The control.
        assertEquals(Screen.Unlock(), Person(vault()).desk.screen)
    }

    @Test
    fun `a bad invitation leaves no vault behind`() {
        val empty = folder.newFolder()
        val screen = Person(empty).joins("not an invitation", "blue phone")
        assertEquals(Start.Invitation(Line(Word.BAD_INVITATION)), screen)
        assertEquals(Start.Invitation(), Person(empty).desk.screen)
    }

    @Test
    fun `what a visit began and did not end is nothing to the next one`() {
        val person = Person(vault())
        person.opens(CommandLine.PASSPHRASE)
        person.desk.happens(Event.Go(Door.Search()))
        person.does(Event.Leave)
        assertEquals(Screen.Unlock(Line(Word.LOCKED)), person.desk.screen)
        assertEquals(emptyList(), person.shown.filterIsInstance<Search>())
    }

    @Test
    fun `the quick exit shuts the vault before any work is done`() {
        val person = Person(vault())
        person.opens(CommandLine.PASSPHRASE)
        assertTrue(person.desk.isOpen)
        person.desk.happens(Event.Go(Door.Search()))
        person.desk.exit()
        assertIs<Screen.Unlock>(person.desk.screen)
        assertFalse(person.ended, "nothing went on that would have had to be ended by force")
        person.waits()
        assertFalse(person.desk.isOpen)
        assertIs<Today>(person.opens(CommandLine.PASSPHRASE))
        person.locks()
    }

    @Test
    fun `out of sight a vault locks when it was told to`() {
        val person = Person(vault())
        person.opens(CommandLine.PASSPHRASE)
        val lapses = Lapses(idle = 300, background = 0)
        person.goes(Door.Settings(SettingsPage.LAPSES))
        assertEquals(lapses, assertIs<Settings>(person.does(SettingsEvent.Lapse(lapses))).lapses)
        person.desk.hidden()
        person.desk.seen()
        person.waits()
        assertIs<Screen.Unlock>(person.desk.screen)
        // The control: with some patience it stays open.
        person.opens(CommandLine.PASSPHRASE)
        person.goes(Door.Settings(SettingsPage.LAPSES))
        person.does(SettingsEvent.Lapse(Lapses(idle = 300, background = 120)))
        person.desk.hidden()
        person.desk.seen()
        person.waits()
        assertIs<Settings>(person.desk.screen)
        person.locks()
    }

    private fun vault(): File = folder.newFolder().also {
        CommandLine.beginVault(it)
        CommandLine.saveRecord(it)
    }
}
