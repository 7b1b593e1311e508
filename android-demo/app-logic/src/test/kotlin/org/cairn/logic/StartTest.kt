package org.cairn.logic

import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertNull
import org.junit.Test

/** From nothing to the words that are compared. */
class StartTest {
    private val named = Start.Name("the text")
    private val joining = Joining("the text", "blue phone")
    private val asking = Start.Passphrase(joining)
    private val making = asking.after(StartEvent.Chosen("p", "p")).screen

    @Test
    fun `an invitation and a name are asked for, and neither may be empty`() {
        val empty = Start.Invitation().after(StartEvent.Invited("  \n"))
        assertEquals(Turn(Start.Invitation(Line(Word.START_NO_INVITATION))), empty)
        assertEquals(Turn(named), Start.Invitation().after(StartEvent.Invited(" the text\n")))
        assertEquals(Turn(named.copy(notice = Line(Word.START_NO_NAME))), named.after(StartEvent.Named(" ")))
        assertEquals(Turn(asking, StartWork.Offer), named.after(StartEvent.Named(" blue phone ")))
    }

    @Test
    fun `words are offered, others too, and one's own are taken as well`() {
        val offered = asking.after(StartEvent.Offered("one two")).screen
        assertEquals(asking.copy(offered = "one two"), offered)
        assertEquals(StartWork.Offer, offered.after(StartEvent.Offer).work)
        assertEquals(Turn(asking), offered.after(StartEvent.Own))
    }

    @Test
    fun `a passphrase is typed twice alike`() {
        assertEquals(Line(Word.EMPTY_PASSPHRASE), notice(asking.after(StartEvent.Chosen("", ""))))
        assertEquals(Line(Word.START_NOT_THE_SAME), notice(asking.after(StartEvent.Chosen("a", "b"))))
        val turn = asking.after(StartEvent.Chosen("a", "a"))
        val work = assertIs<StartWork.Begin>(turn.work)
        assertEquals(joining to "a", work.joining to work.passphrase)
        assertNull(turn.screen.after(StartEvent.Chosen("a", "a")).work)
    }

    @Test
    fun `a bad invitation is asked for again, a weak passphrase too`() {
        for (code in listOf("bad_invitation", "invitation_expired", "invitation_used")) {
            assertIs<Start.Invitation>(making.after(Event.Failed(Trouble(code))).screen)
        }
        val weak = making.after(Event.Failed(Trouble("weak_passphrase")))
        assertEquals(Turn(asking.copy(notice = Line(Word.WEAK_PASSPHRASE))), weak)
    }

    @Test
    fun `back leads back, but not out of what is being made`() {
        assertEquals(Turn(named), asking.after(Event.Back))
        assertEquals(Turn(Start.Invitation()), named.after(Event.Back))
        assertEquals(Turn(making), making.after(Event.Back))
        val told = Start.Invitation(Line(Word.INVITATION_USED))
        assertEquals(Turn(Start.Invitation()), told.after(Event.Back))
    }

    @Test
    fun `what was made while the person left is locked at once`() {
        val left = making.after(Event.Leave).screen
        assertEquals(Work.Close, left.after(Event.Came(Waiting("one two"))).work)
        val closing = left.after(Event.Came(Waiting("one two"))).screen
        assertEquals(Turn(Screen.Unlock(Line(Word.LOCKED))), closing.after(Event.Closed))
        // The control.
        assertEquals(Turn(Waiting("one two")), making.after(Event.Came(Waiting("one two"))))
    }

    @Test
    fun `what could not be made while the person was away begins anew and says why`() {
        val left = making.after(Event.Leave).screen
        assertIs<Screen.Unlock>(left)
        for (code in listOf("invitation_expired", "invitation_used", "bad_invitation", "weak_passphrase")) {
            val trouble = Trouble(code)
            assertEquals(Turn(Start.Invitation(trouble.line)), left.after(Event.Failed(trouble)), code)
        }
        // The control: behind a lock there is a vault, and its passphrase was wrong.
        val wrong = Screen.Unlock(busy = true, leaving = true).after(Event.Failed(Trouble("wrong_passphrase")))
        assertEquals(Turn(Screen.Unlock(Line(Word.LOCKED))), wrong)
    }

    @Test
    fun `a lock with nothing behind it leads to the invitation`() {
        val nothing = Trouble(Trouble.NOTHING)
        val turn = Screen.Unlock(busy = true).after(Event.Failed(nothing))
        assertEquals(Turn(Start.Invitation(Line(Word.NOTHING_HERE))), turn)
    }

    @Test
    fun `who waits asks again, once at a time`() {
        val turn = Waiting("one two", Line(Word.STILL_WAITING)).after(StartEvent.Ask)
        assertEquals(Turn(Working(Waiting("one two")), StartWork.Ask), turn)
        assertEquals(Turn(turn.screen), turn.screen.after(StartEvent.Ask))
    }

    private fun notice(turn: Turn) = assertIs<Start>(turn.screen).notice.also { assertNull(turn.work) }
}
