package org.cairn.logic

import java.io.File
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.cairn.ffi.CairnException
import org.junit.Test

/** The lock, what is behind it, and leaving. */
class FlowTest {
    private val today = Today(Counts(records = 3, conflicts = 1, waiting = 2))
    private val trying = Screen.Unlock().after(Event.Submit("open sesame")).screen

    @Test
    fun `a passphrase is tried once however often the button is tapped`() {
        val first = Screen.Unlock().after(Event.Submit("open sesame"))
        assertEquals("open sesame", assertIs<Work.Open>(first.work).passphrase)
        assertEquals(Turn(first.screen), first.screen.after(Event.Submit("open sesame")))
    }

    @Test
    fun `an empty passphrase is not tried`() {
        val turn = Screen.Unlock().after(Event.Submit(""))
        assertEquals(Turn(Screen.Unlock(Line(Word.EMPTY_PASSPHRASE))), turn)
    }

    @Test
    fun `a wrong passphrase may be typed again`() {
        val turn = trying.after(Event.Failed(Trouble("wrong_passphrase")))
        assertEquals(Turn(Screen.Unlock(Line(Word.WRONG_PASSPHRASE))), turn)
        assertIs<Work.Open>(turn.screen.after(Event.Submit("open sesame")).work)
    }

    @Test
    fun `what opens after the person has left is locked at once and never shown`() {
        val left = trying.after(Event.Leave)
        assertNull(left.work)
        val opened = left.screen.after(Event.Came(today))
        assertIs<Screen.Unlock>(opened.screen)
        assertEquals(Work.Close, opened.work)
        // The control: who stayed sees what opened.
        assertEquals(Turn(today), trying.after(Event.Came(today)))
    }

    @Test
    fun `nothing is tried until the last vault has closed`() {
        val leaving = today.after(Event.Leave)
        assertEquals(Work.Close, leaving.work)
        assertNull(leaving.screen.after(Event.Submit("open sesame")).work)
        val closed = leaving.screen.after(Event.Closed).screen
        assertFalse(assertIs<Screen.Unlock>(closed).busy)
        assertIs<Work.Open>(closed.after(Event.Submit("open sesame")).work)
    }

    @Test
    fun `a vault that could not write while closing leaves the person at the lock`() {
        val leaving = today.after(Event.Leave).screen
        assertEquals(Turn(Screen.Unlock(Line(Word.LOCKED))), leaving.after(Event.Failed(Trouble("disk"))))
    }

    @Test
    fun `no error is without words, and who must act is said`() {
        assertEquals(Line(Word.TROUBLE, "from_the_future"), Trouble("from_the_future").line)
        assertEquals(Line(Word.TROUBLE_WAIT, "from_the_future"), Trouble("from_the_future", "wait").line)
        assertEquals(Line(Word.TROUBLE_UPDATE, "from_the_future"), Trouble("from_the_future", "update").line)
    }

    @Test
    fun `what the app has words for is what the core calls it`() {
        // What was stopped is said by the calls themselves.
        val source = listOf("core/src/error/names.rs", "ffi/src/syncing.rs").joinToString { File("../../$it").readText() }
        val names = Regex(""""([a-z_]+)",""").findAll(source).map { it.groupValues[1] }.toSet()
        assertTrue(names.size > 50)
        // Which refusal it was is in a place of its own, and what comes too late is the app's own trouble.
        assertEquals(emptySet(), Trouble.WORDS.keys - names - Trouble.CLOCK - Trouble.LATE)
    }

    @Test
    fun `a server that refuses the phone's clock is told apart from other refusals`() {
        val refused = { reason: String ->
            CairnException.Failed("refused", "person", "", "", mapOf("reason" to reason), emptyList())
        }
        assertEquals(Line(Word.WRONG_CLOCK), Trouble.of(refused("clock")).line)
        assertEquals(Line(Word.TROUBLE, "refused"), Trouble.of(refused("toolarge")).line)
    }

    @Test
    fun `while work is done further taps do nothing, and leaving locks`() {
        val going = today.after(Event.Go(Door.Forms))
        assertEquals(Turn(Working(today), Work.Go(Door.Forms)), going)
        assertEquals(Turn(going.screen), going.screen.after(Event.Go(Door.Settings())))
        assertEquals(Turn(going.screen), going.screen.after(Event.Back))
        val left = going.screen.after(Event.Leave)
        assertEquals(Work.Close, left.work)
        assertIs<Screen.Unlock>(left.screen)
    }

    @Test
    fun `work that fails leaves the person where they were, and says why`() {
        val going = today.after(Event.Go(Door.Forms)).screen
        val failed = going.after(Event.Failed(Trouble("full")))
        assertEquals(Turn(today.with(Line(Word.NO_ROOM))), failed)
        // What was said once is gone with the next step.
        assertEquals(Working(today), failed.screen.after(Event.Go(Door.Forms)).screen)
    }

    @Test
    fun `a vault that locked itself is behind its lock, from everywhere`() {
        for (screen in listOf(today, Working(today), Forms(emptyList()), Search(Door.Search(), emptyList(), false))) {
            val turn = screen.after(Event.Failed(Trouble("locked")))
            assertIs<Screen.Unlock>(turn.screen)
            assertEquals(Work.Close, turn.work)
        }
    }

    @Test
    fun `the back key leads to where one came from, and from today out`() {
        val search = Door.Search("aziz")
        val page = RecordPage(Door.Record("r", from = search), "n", "f", emptyList())
        assertEquals(Work.Go(search), page.after(Event.Back).work)
        assertEquals(Work.Go(page.door), History(page.door, "n", emptyList()).after(Event.Back).work)
        assertEquals(Work.Go(Door.Today), Forms(emptyList()).after(Event.Back).work)
        val out = today.after(Event.Back)
        assertIs<Screen.Unlock>(out.screen)
        assertEquals(Work.Close, out.work)
    }

    @Test
    fun `a vault that has departed asks for the words of a coordinator`() {
        val turn = trying.after(Event.Failed(Trouble("departed")))
        val asks = assertIs<Return>(turn.screen)
        assertEquals(Line(Word.EMPTY_PASSPHRASE), assertIs<Return>(asks.after(ReturnEvent("", "a b")).screen).notice)
        assertEquals(Line(Word.RETURN_NO_CODE), assertIs<Return>(asks.after(ReturnEvent("p", " ")).screen).notice)
        val tried = asks.after(ReturnEvent("p", " a b "))
        assertEquals("a b", assertIs<ReturnWork>(tried.work).code)
        assertEquals(Turn(tried.screen), tried.screen.after(ReturnEvent("p", "a b")))
        val wrong = tried.screen.after(Event.Failed(Trouble("wrong_return_code")))
        assertEquals(Turn(Return(Line(Word.BAD_RETURN_CODE))), wrong)
        assertEquals(Turn(today), tried.screen.after(Event.Came(today)))
        assertEquals(Work.Close, tried.screen.after(Event.Leave).screen.after(Event.Came(today)).work)
        assertEquals(Turn(Screen.Unlock()), asks.after(Event.Back))
    }

    @Test
    fun `how long ago the last contact was is said in words, and too long ago is a warning`() {
        val hour = 3600L
        val said = listOf(null, 5L, 3 * hour, 49 * hour, -2 * hour).map { Contact(it).line }
        val expected = listOf(
            Line(Word.CONTACT_NEVER),
            Line(Word.CONTACT_NOW),
            Line(Word.CONTACT_HOURS, 3L),
            Line(Word.CONTACT_DAYS, 2L),
            Line(Word.CONTACT_CLOCK),
        )
        assertEquals(expected, said)
        assertNull(Contact(13 * 24 * hour).warning)
        assertEquals(Line(Word.CONTACT_STALE), Contact(15 * 24 * hour).warning)
    }

    @Test
    fun `a wrong clock is said with about how much it is wrong, and a right one is not spoken of`() {
        val (minute, hour, day) = Triple(60L, 3600L, 86_400L)
        fun slow(word: Word, number: Long) = Line(Word.CLOCK_BEHIND, Line(word, number))
        val said = mapOf(
            0L to null,
            minute to null,
            7 * minute - 2 to slow(Word.SPAN_MINUTES, 7),
            90 * minute to slow(Word.SPAN_MINUTES, 90),
            5 * hour to slow(Word.SPAN_HOURS, 5),
            100 * day to slow(Word.SPAN_DAYS, 100),
            3650 * day to slow(Word.SPAN_YEARS, 10),
            -3650 * day to Line(Word.CLOCK_AHEAD, Line(Word.SPAN_YEARS, 10L)),
        )
        for ((behind, line) in said) assertEquals(line, Contact(behind = behind).clock, "$behind")
        assertTrue(Contact(behind = 3650 * day).clock in today.copy(contact = Contact(0, 3650 * day)).lines)
    }

    @Test
    fun `a conflict is settled by the place of its answer, and no other place does anything`() {
        val held = listOf(Held(null, null, "a", 1), Held(null, "x", "b", 2))
        val conflict = Conflict(skip = 2, left = 3, record = "r", field = "f", values = held)
        val turn = conflict.after(ConflictEvent.Settle(1))
        assertEquals(ConflictWork.Settle("r", "f", null, 2), turn.work)
        assertEquals(Turn(conflict), conflict.after(ConflictEvent.Settle(2)))
    }
}
