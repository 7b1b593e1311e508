package org.cairn.logic

import java.io.File
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue
import org.cairn.ffi.CommandLine
import org.cairn.ffi.createVault
import org.cairn.ffi.vaultExists
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
    fun `a bad invitation is told to who looked away while it was tried`() {
        val empty = folder.newFolder()
        val person = Person(empty)
        person.does(StartEvent.Invited("not an invitation"))
        person.does(StartEvent.Named("blue phone"))
        person.desk.happens(StartEvent.Chosen(Person.PASSPHRASE, Person.PASSPHRASE))
        person.does(Event.Leave)
        assertEquals(Start.Invitation(Line(Word.BAD_INVITATION)), person.desk.screen)
        assertFalse(vaultExists(empty.path))
    }

    @Test
    fun `a vault that was cut off before its invitation was kept is begun anew`() {
        val empty = folder.newFolder()
        createVault(empty.path, Person.PASSPHRASE, null)
        val person = Person(empty)
        assertEquals(Screen.Unlock(), person.desk.screen)
        assertEquals(Start.Invitation(Line(Word.NOTHING_HERE)), person.opens())
        assertFalse(vaultExists(empty.path))
        assertEquals(Start.Invitation(Line(Word.BAD_INVITATION)), person.joins("not an invitation", "blue phone"))
        // The control: where somebody has begun, nothing is made anew, also before the first record.
        val begun = folder.newFolder().also(CommandLine::beginVault)
        assertIs<Today>(Person(begun).opens(CommandLine.PASSPHRASE))
        assertTrue(vaultExists(begun.path))
    }

    @Test
    fun `how long to wait and how much is needed is said in numbers`() {
        val person = Person(vault())
        val said = mutableListOf<Line?>()
        while (said.lastOrNull()?.word in listOf(null, Word.WRONG_PASSPHRASE)) {
            check(said.size < 20) { "nobody has to wait" }
            said += assertIs<Screen.Unlock>(person.opens("another passphrase")).notice
        }
        val wait = assertIs<Line>(said.last()?.places?.single())
        assertEquals(Word.TOO_MANY_TRIES_FOR to Word.SPAN_SECONDS, said.last()?.word to wait.word)
        val seconds = assertIs<Long>(wait.places.single())
        assertTrue(seconds in 1..120, "$seconds")
        val weak = Person(folder.newFolder()).joins("not an invitation", "blue phone", "short")
        assertEquals(Line(Word.WEAK_PASSPHRASE_OF, 14L), assertIs<Start>(weak).notice)
    }

    @Test
    fun `an alarm that is not about the server does not speak of it`() {
        assertEquals(Line(Word.ALARM, "rolled_back"), alarm("rolled_back"))
        val others = listOf("other_pack", "other_submit_key").map(::alarm)
        assertEquals(listOf(Line(Word.ALARM_PACK), Line(Word.ALARM_SUBMIT_KEY)), others)
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
