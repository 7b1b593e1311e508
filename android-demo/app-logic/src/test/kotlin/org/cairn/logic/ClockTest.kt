package org.cairn.logic

import java.time.Year
import java.time.ZoneOffset
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertTrue
import org.cairn.ffi.Scene
import org.junit.Rule
import org.junit.Test

/** A phone whose clock is ten years off, in another time zone than the server's. */
class ClockTest {
    @get:Rule
    val scene = Scene("survey.csv" to SURVEY, "settings.csv" to SETTINGS)

    @Test
    fun `ten years behind nothing is lost, and it is said`() = wrong(-10, "Asia/Dushanbe", Word.CLOCK_BEHIND)

    @Test
    fun `ten years ahead nothing is lost, and it is said`() = wrong(10, "Pacific/Apia", Word.CLOCK_AHEAD)

    @Test
    fun `a clock that jumped by twenty years costs one request more, once`() {
        val right = requests(0, 0, "UTC")
        val (first, then) = requests(-10, 10, "Pacific/Apia")
        assertEquals(right, listOf(first - 1, then), "it is refused once and told the time")
        assertTrue(right.all { it > 0 }, "the control: requests are counted")
    }

    /** How many requests it takes to send a record, and then nothing, where the clock was once wrong otherwise. */
    private fun requests(before: Int, after: Int, zone: String): List<Int> {
        val vault = scene.newFolder()
        joined(Apart(vault, before, "Asia/Dushanbe")).use { it.does("lock") }
        val counts = Apart(vault, after, zone).use { phone ->
            phone.does("open ${Person.PASSPHRASE}")
            phone.does("record visits village=Mill$after day=2026-01-31 at=23:30")
            phone.does("lock")
            val counts = List(2) { phone.does("count-requests").toInt() }
            val today = phone.does("open ${Person.PASSPHRASE}")
            if (after == 0) assertTrue("CLOCK" !in today, "the control: $today") else assertSaid(today, Word.CLOCK_AHEAD)
            phone.does("lock")
            counts
        }
        assertReads(reader(), "Mill$after")
        return counts
    }

    private fun wrong(years: Int, zone: String, word: Word) {
        joined(Apart(scene.newFolder(), years, zone)).use { phone ->
            assertEquals(Year.now(ZoneOffset.UTC).value + years, phone.does("year").toInt(), "its clock is wrong")
            assertSaid(phone.does("today"), word)
            scene.server.close()
            assertEquals("recorded", phone.does("record visits village=Mill day=2026-01-31 at=23:30"))
            assertTrue(Word.OFFLINE.name in phone.does("sync"))
            scene.restart()
            val done = phone.does("sync")
            assertTrue(Word.SYNC_DONE.name in done, done)
            assertSaid(done, word)
            val other = reader()
            assertReads(other, "Mill")
            // And back: what the other writes comes to the phone, wherever in time it is.
            other.opens()
            other.records("visits", "village" to typed("Bridge"), "day" to typed("2026-02-01"))
            assertEquals(Line(Word.SYNC_DONE), other.syncs().said.first())
            other.locks()
            phone.does("sync")
            assertEquals("[Bridge]", phone.does("find bridge"))
        }
    }

    /** A phone that belongs to the workspace; its clock is wrong from the first moment. */
    private fun joined(phone: Apart) = phone.apply {
        val asked = does("join ${scene.office.invite()} zarina")
        assertTrue(asked.startsWith("Waiting"), asked)
        scene.office.sync()
        val admitted = does("ask")
        assertTrue(admitted.startsWith("Today"), admitted)
    }

    /** Somebody else, whose clock is right. */
    private fun reader() = Person(scene.newFolder()).apply {
        joins(scene.office.invite(), "farid")
        isAdmitted(scene.office)
        assertEquals(Line(Word.SYNC_DONE), syncs().said.first())
        locks()
    }

    /** Days and times in forms are what the person answered, whatever the clocks and the zones. */
    private fun assertReads(person: Person, name: String) {
        assertIs<Today>(person.opens())
        assertEquals(listOf(name), person.finds(name))
        val record = assertIs<Search>(person.desk.screen).rows.single().id
        val page = assertIs<RecordPage>(person.goes(Door.Record(record, Door.Search())))
        assertEquals(listOf(name, "2026-01-31", "23:30"), page.answers.map { it.said })
        person.locks()
    }

    /** In years, as they round: ten calendar years are ten. */
    private fun assertSaid(screen: String, word: Word) {
        val said = Line(word, Line(Word.SPAN_YEARS, 10L)).toString()
        assertTrue(said in screen, "$said is not in $screen")
    }

    private companion object {
        const val SETTINGS = "form_title,form_id,version,instance_name\nVisits,visits,1,\${village}\n"
        const val SURVEY = "type,name,label\ntext,village,Village\ndate,day,Day\ntime,at,At\n"
    }
}
