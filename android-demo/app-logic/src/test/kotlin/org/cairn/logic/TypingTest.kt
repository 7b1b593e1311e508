package org.cairn.logic

import java.io.File
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue
import org.cairn.ffi.CommandLine
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder

/** What was typed a moment ago is kept, however one leaves; but the keys do not wait for it long. */
class TypingTest {
    @get:Rule
    val folder = TemporaryFolder()

    private lateinit var vault: File
    private lateinit var person: Person

    @Before
    fun begin() {
        vault = folder.newFolder()
        CommandLine.beginVault(vault)
        CommandLine.saveRecord(vault)
        person = Person(vault)
        person.opens(CommandLine.PASSPHRASE)
    }

    @Test
    fun `the quick exit keeps it, then shuts the vault`() {
        typesAMomentAgo()
        person.desk.exit()
        assertIs<Screen.Unlock>(person.desk.screen, "nothing is seen any more")
        person.waits()
        assertFalse(person.desk.isOpen || person.ended)
        assertEquals("7", keptBy(Person(vault)))
    }

    @Test
    fun `the vault is shut when it is kept, before anything else is done`() {
        typesAMomentAgo()
        person.desk.exit()
        person.waits(2)
        assertEquals("7", keptBy(Person(vault)), "another desk could not open it otherwise")
    }

    @Test
    fun `the quick exit waits for a moment only`() {
        typesAMomentAgo()
        person.desk.exit()
        person.momentPasses()
        assertFalse(person.ended, "nothing went on that would have had to be ended by force")
        assertEquals("", keptBy(Person(vault)), "shut before it could be kept")
        person.waits()
    }

    @Test
    fun `with nothing typed the quick exit does not wait at all`() {
        person.goes(Door.Search())
        person.desk.happens(Event.Go(Door.Today))
        person.desk.exit()
        val other = Person(vault)
        assertIs<Today>(other.opens(CommandLine.PASSPHRASE))
        other.locks()
        person.waits()
    }

    @Test
    fun `a vault that locks at once when it is out of sight keeps it before`() {
        person.goes(Door.Settings(SettingsPage.LAPSES))
        person.does(SettingsEvent.Lapse(Lapses(idle = 300, background = 0)))
        typesAMomentAgo()
        person.desk.hidden()
        person.waits()
        assertIs<Screen.Unlock>(person.desk.screen)
        assertEquals("7", keptBy(person))
    }

    @Test
    fun `locking keeps it`() {
        typesAMomentAgo()
        person.locks()
        assertEquals("7", keptBy(person))
    }

    @Test
    fun `a process that is killed as soon as the exit is through has kept it`() {
        person.locks()
        val other = Apart(vault)
        assertTrue(other.does("open ${CommandLine.PASSPHRASE}").startsWith("Today"))
        other.does("begin vehicles")
        assertEquals("shut", other.does("type-and-exit seen 7"))
        other.kill()
        assertEquals("7", keptBy(person))
    }

    /** The answer is on its way, and nothing has been done with it. */
    private fun typesAMomentAgo() {
        person.goes(Door.NewRecord("vehicles"))
        person.desk.happens(FillingEvent.Typed("seen", typed("7")))
    }

    private fun keptBy(person: Person): String {
        val today = assertIs<Today>(person.opens(CommandLine.PASSPHRASE))
        person.goes(Door.Draft(today.drafts.single().number))
        val text = assertIs<Fill>(person.desk.screen).questions.single().text
        person.locks()
        return text
    }
}
