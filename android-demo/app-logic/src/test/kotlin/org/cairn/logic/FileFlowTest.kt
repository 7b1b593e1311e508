package org.cairn.logic

import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertSame
import org.cairn.logic.files.Attached
import org.cairn.logic.files.Found
import org.junit.Test

/** Files that are brought, looked at and fetched, as far as it needs no vault. */
class FileFlowTest {
    private val fill = Fill("Form", at = 2, of = 5)
    private val record = RecordPage(Door.Record("r", Door.Today), "n", "f", emptyList())
    private val found = Found("picture.jpg", "image/jpeg", byteArrayOf(1, 2, 3))
    private val brought = FileEvent.Brought("photo", found)

    @Test
    fun `what is brought to its question is kept, also while something else is done or checked`() {
        for (screen in listOf(fill, Working(fill), Review("Form", emptyList()), Working(Review("Form", emptyList())))) {
            val work = assertIs<FillingWork.Attach>(screen.after(brought).work, "$screen")
            assertEquals("photo", work.key)
            assertSame(found, work.found)
        }
        assertContentEquals(byteArrayOf(1, 2, 3), found.octets)
    }

    @Test
    fun `what comes after the lock is wiped, and the person is told, also when the vault has closed`() {
        val locked = fill.after(Event.Leave).screen
        val late = locked.after(brought)
        assertEquals(null, late.work)
        assertContentEquals(ByteArray(3), found.octets)
        val closed = assertIs<Screen.Unlock>(late.screen.after(Event.Closed).screen)
        assertEquals(Line(Word.FILE_LOCKED), closed.notice)
        assertEquals(false, closed.busy)
        // The control: who brought nothing is told that it is locked.
        assertEquals(Line(Word.LOCKED), assertIs<Screen.Unlock>(locked.after(Event.Closed).screen).notice)
    }

    @Test
    fun `a vault that locked under what was brought says so`() {
        val turn = fill.after(brought).screen.after(Event.Failed(Trouble(Trouble.LOCKED)))
        assertEquals(Line(Word.FILE_LOCKED), assertIs<Screen.Unlock>(turn.screen).notice)
        assertEquals(Work.Close, turn.work)
        // One that was kept is forgotten: the next lock is a lock like any other.
        val kept = fill.after(brought).screen.after(Event.Came(fill)).screen.after(Event.Leave)
        assertEquals(Line(Word.LOCKED), assertIs<Screen.Unlock>(kept.screen).notice)
        val failed = fill.after(brought).screen.after(Event.Failed(Trouble("full"))).screen
        assertEquals(fill.with(Line(Word.NO_ROOM)), failed)
    }

    @Test
    fun `what is brought where nobody waits for it is wiped and told to be lost`() {
        val turn = Forms(emptyList()).after(brought)
        assertEquals(Turn(Forms(emptyList(), Line(Word.FILE_LOST))), turn)
        assertContentEquals(ByteArray(3), found.octets)
    }

    @Test
    fun `nothing brought says why`() {
        val why = Line(Word.FILE_NO_PICTURE)
        assertEquals(Turn(fill.with(why)), fill.after(FileEvent.Nothing(why)))
    }

    @Test
    fun `what is looked at is wiped when one goes back or leaves`() {
        val file = Attached("picture.jpg", "image/jpeg", 3, here = true)
        for (event in listOf(Event.Back, Event.Leave)) {
            val octets = byteArrayOf(1, 2, 3)
            val turn = Viewing(fill, file, octets).after(event)
            assertContentEquals(ByteArray(3), octets)
            if (event == Event.Leave) assertIs<Screen.Unlock>(turn.screen) else {
                // What was typed before is in the vault, and not in the screen.
                assertEquals(Turn(Working(fill), FillingWork.Fill(2, null, Move.Stay)), turn)
            }
        }
        assertEquals(Turn(record), Viewing(record, file, ByteArray(3)).after(Event.Back))
    }

    @Test
    fun `what is brought while one looks at a file is kept, and one goes on looking`() {
        val file = Attached("picture.jpg", "image/jpeg", 3, here = true)
        val viewing = Viewing(fill, file, byteArrayOf(1, 2, 3))
        val turn = viewing.after(brought)
        assertSame(viewing, turn.screen)
        assertSame(found, assertIs<FillingWork.Attach>(turn.work).found)
        assertSame(viewing, viewing.after(Event.Came(fill)).screen)
        assertEquals(null, Viewing(record, file, ByteArray(3)).after(brought).work, "no draft is open there")
    }

    @Test
    fun `while something is read that is said, and nobody can end the record that waits for it`() {
        val what = Line(Word.FILE_READS_FILE)
        val review = Review("Form", emptyList())
        val why = Line(Word.FILE_NO_PICTURE)
        for (screen in listOf<Inside>(fill, review)) {
            assertEquals(Turn(screen.with(what)), screen.after(FileEvent.Reads(what)))
            assertEquals(Turn(screen.with(why)), screen.after(FileEvent.Nothing(why)))
            for (event in listOf(FillingEvent.Moved(Move.Finish), FillingEvent.Moved(Move.Pause), Event.Go(Door.Today))) {
                assertEquals(true, screen.endsFilling(event), "$event")
            }
            for (event in listOf(FillingEvent.Moved(Move.Next), FillingEvent.Moved(Move.Discard), Event.Leave)) {
                assertEquals(false, screen.endsFilling(event), "$event")
            }
        }
        assertEquals(listOf(false, true, true), listOf(fill, fill.copy(at = 0), review).map { it.endsFilling(Event.Back) })
        assertEquals(false, Forms(emptyList()).endsFilling(Event.Back))
        assertEquals(Turn(Forms(emptyList())), Forms(emptyList()).after(FileEvent.Reads(what)))
    }

    @Test
    fun `either of two pictures is looked at or fetched, and a lock that wiped one is told`() {
        val conflict = Conflict(0, 1, "r", values = listOf(Held(null, "a", "zarina", 1, "id")))
        assertEquals("id", assertIs<FileWork.Look>(conflict.after(FileEvent.Look("id")).work).key)
        val begun = conflict.after(FileEvent.Fetch("id"))
        assertEquals("id", assertIs<FileWork.Fetch>(begun.work).key)
        val stopping = begun.screen.after(SyncEvent.Stop)
        assertEquals(SyncWork.Stop, stopping.work)
        assertEquals(Turn(conflict.with(Line(Word.OFFLINE))), stopping.screen.after(Event.Failed(Trouble("offline"))))
        val locked = Screen.Unlock(Line(Word.LOCKED)).after(FileEvent.Nothing(Line(Word.FILE_LOCKED)))
        assertEquals(Turn(Screen.Unlock(Line(Word.FILE_LOCKED))), locked)
    }

    @Test
    fun `a file is fetched with progress, and once told to stop it stops`() {
        val begun = record.after(FileEvent.Fetch("photo"))
        assertEquals("photo", assertIs<FileWork.Fetch>(begun.work).key)
        val further = Progress(Word.FILE_FETCHES, 2, 5)
        val goes = begun.screen.after(SyncEvent.Goes(further)).screen
        assertEquals(Working(record.copy(under = further)), goes)
        val stopping = goes.after(SyncEvent.Stop)
        assertEquals(SyncWork.Stop, stopping.work)
        assertEquals(null, stopping.screen.after(SyncEvent.Stop).work)
        val failed = stopping.screen.after(Event.Failed(Trouble("offline")))
        assertEquals(Turn(record.with(Line(Word.OFFLINE))), failed)
        // What a sync says that ended before is nothing to this screen.
        assertEquals(Working(record), Working(record).after(SyncEvent.Goes(further)).screen)
    }
}
