package org.cairn.logic

import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNull
import org.junit.Test

class FlowTest {
    private val counts = Counts(records = 3, conflicts = 1, waiting = 2)
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
        val opened = left.screen.after(Event.Opened(counts))
        assertIs<Screen.Unlock>(opened.screen)
        assertEquals(Work.Close, opened.work)
        // The control: who stayed sees what opened.
        assertEquals(Turn(Screen.Today(counts)), trying.after(Event.Opened(counts)))
    }

    @Test
    fun `nothing is tried until the last vault has closed`() {
        val leaving = Screen.Today(counts).after(Event.Leave)
        assertEquals(Work.Close, leaving.work)
        assertNull(leaving.screen.after(Event.Submit("open sesame")).work)
        val closed = leaving.screen.after(Event.Closed).screen
        assertFalse(assertIs<Screen.Unlock>(closed).busy)
        assertIs<Work.Open>(closed.after(Event.Submit("open sesame")).work)
    }

    @Test
    fun `a vault that could not write while closing leaves the person at the lock`() {
        val leaving = Screen.Today(counts).after(Event.Leave).screen
        assertEquals(Turn(Screen.Unlock(Line(Word.LOCKED))), leaving.after(Event.Failed(Trouble("disk"))))
    }

    @Test
    fun `no error is without words`() {
        assertEquals(Line(Word.TROUBLE, "from_the_future"), Trouble("from_the_future").line)
    }
}
