package org.cairn.logic

import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.junit.Test

/** What can be set, and a sync that is under way: as far as they need no vault. */
class SettingsTest {
    private val settings = Settings(SettingsPage.LIST, "en", Lapses(300, 120))
    private val sync = Sync(listOf(Line(Word.TODAY_ALL_SENT)))
    private val running = sync.after(SyncEvent.Begin).screen

    @Test
    fun `a new passphrase is typed twice alike`() {
        assertEquals(Line(Word.EMPTY_PASSPHRASE), refused(SettingsEvent.Change("", "n", "n")))
        assertEquals(Line(Word.EMPTY_PASSPHRASE), refused(SettingsEvent.Change("o", "", "")))
        assertEquals(Line(Word.START_NOT_THE_SAME), refused(SettingsEvent.Change("o", "n", "m")))
        val work = assertIs<SettingsWork.Change>(settings.after(SettingsEvent.Change("o", "n", "n")).work)
        assertEquals("o" to "n", work.old to work.new)
    }

    @Test
    fun `the second passphrase is another one`() {
        assertEquals(Line(Word.SETTINGS_MUST_DIFFER), refused(SettingsEvent.Duress("o", "o", "o")))
        assertEquals(Line(Word.START_NOT_THE_SAME), refused(SettingsEvent.Duress("o", "n", "m")))
        assertIs<SettingsWork.Duress>(settings.after(SettingsEvent.Duress("o", "n", "n")).work)
        assertEquals(Line(Word.EMPTY_PASSPHRASE), refused(SettingsEvent.DropDuress("")))
        assertIs<SettingsWork.DropDuress>(settings.after(SettingsEvent.DropDuress("o")).work)
    }

    @Test
    fun `nothing is shut or wiped without the tick`() {
        assertEquals(Line(Word.SETTINGS_TICK), refused(SettingsEvent.Depart("o", sure = false)))
        assertEquals(Line(Word.EMPTY_PASSPHRASE), refused(SettingsEvent.Depart("", sure = true)))
        assertEquals(Line(Word.SETTINGS_TICK), refused(SettingsEvent.Wipe(sure = false)))
        assertIs<SettingsWork.Depart>(settings.after(SettingsEvent.Depart("o", sure = true)).work)
        val wiping = settings.after(SettingsEvent.Wipe(sure = true))
        assertEquals(SettingsWork.Wipe, wiping.work)
        assertEquals(Turn(Start.Invitation()), wiping.screen.after(Event.Wiped()))
        assertEquals(Turn(Return(Line(Word.DEPARTED))), wiping.screen.after(Event.Departed()))
        val paper = Return(Line(Word.DEPARTED_PAPER))
        assertEquals(Turn(paper), wiping.screen.after(Event.Departed(paperOnly = true)))
        // What cannot be promised is said.
        fun but(first: Word) = Line(Word.BOTH, Line(first), Line(Word.KEY_IN_FILE))
        assertEquals(Turn(Start.Invitation(but(Word.WIPED))), wiping.screen.after(Event.Wiped(certain = false)))
        assertEquals(Turn(Return(but(Word.DEPARTED))), wiping.screen.after(Event.Departed(certain = false)))
        val cutOff = wiping.screen.after(Event.Departed(cutOff = true))
        assertEquals(Turn(Screen.Unlock(Line(Word.CUT_OFF))), cutOff)
    }

    @Test
    fun `what would be lost is counted, and nothing is not`() {
        val some = Unsent(changes = 3, files = 0, drafts = 1).lines
        val said = listOf(Line(Word.SETTINGS_ONLY_HERE), Line(Word.TODAY_WAITING, 3L), Line(Word.SETTINGS_DRAFTS, 1L))
        assertEquals(said, some)
        assertTrue(Line(Word.TODAY_FILES_WAIT, 2L) in Unsent(0, 2, 0).lines)
        assertEquals(listOf(Line(Word.TODAY_ALL_SENT)), Unsent(0, 0, 0).lines)
    }

    @Test
    fun `language and lapses are set, and pages lead back to the list`() {
        assertEquals(SettingsWork.Speak("tg"), settings.after(SettingsEvent.Speak("tg")).work)
        val lapses = Lapses(60, 0)
        assertEquals(SettingsWork.Lapse(lapses), settings.after(SettingsEvent.Lapse(lapses)).work)
        assertEquals(Work.Go(Door.Today), settings.after(Event.Back).work)
        val page = settings.copy(page = SettingsPage.TRAVEL)
        assertEquals(Work.Go(Door.Settings()), page.after(Event.Back).work)
    }

    @Test
    fun `a sync says how far it is, stops once, and ends`() {
        assertEquals(SyncWork.Run, sync.after(SyncEvent.Begin).work)
        val further = running.after(SyncEvent.Goes(Progress(Word.SYNC_FETCHES, 3, 9))).screen
        assertEquals(Progress(Word.SYNC_FETCHES, 3, 9), assertIs<Sync>(assertIs<Working>(further).on).under)
        val stopping = further.after(SyncEvent.Stop)
        assertEquals(SyncWork.Stop, stopping.work)
        assertNull(stopping.screen.after(SyncEvent.Stop).work)
        val done = Sync(listOf(Line(Word.SYNC_DONE)))
        assertEquals(Turn(done), stopping.screen.after(Event.Came(done)))
        // A last word of how far it was comes after the end, and changes nothing.
        assertEquals(Turn(done), done.after(SyncEvent.Goes(Progress(Word.SYNC_FETCHES, 9, 9))))
    }

    @Test
    fun `a sync that failed says why and can begin again`() {
        val failed = running.after(Event.Failed(Trouble("offline"))).screen
        assertEquals(Line(Word.OFFLINE), assertIs<Sync>(failed).notice)
        assertNull(failed.under)
        assertEquals(SyncWork.Run, failed.after(SyncEvent.Begin).work)
    }

    private fun refused(event: SettingsEvent): Line? {
        val turn = settings.after(event)
        assertNull(turn.work)
        return assertIs<Settings>(turn.screen).notice
    }
}
