package org.cairn.logic

import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import org.cairn.ffi.Scene
import org.cairn.logic.files.Found
import org.junit.Rule
import org.junit.Test

/** Two people took a picture of the same thing: whoever settles it sees both. */
class PictureConflictTest {
    @get:Rule
    val scene = Scene("survey.csv" to SURVEY, "settings.csv" to SETTINGS)

    @Test
    fun `each of two pictures of one name is seen, the other one fetched first, and one is chosen`() {
        val zarina = newcomer("zarina")
        val farid = newcomer("farid")
        zarina.records("finds", "what" to typed("Well"))
        for (person in listOf(zarina, farid)) person.syncs()
        zarina.takes(ONE)
        farid.takes(OTHER)
        for (person in listOf(zarina, farid)) person.syncs()

        val conflict = assertIs<Conflict>(farid.goes(Door.Conflicts()))
        assertEquals(listOf("picture.jpg", "picture.jpg"), conflict.values.map { it.attached?.name })
        assertEquals(setOf(ONE.size.toLong(), OTHER.size.toLong()), conflict.values.map { it.attached?.octets }.toSet())
        val own = conflict.values.single { it.who == "farid" }
        val theirs = conflict.values.single { it.who == "zarina" }
        assertEquals(true to false, own.attached?.here to theirs.attached?.here)
        assertContentEquals(OTHER, assertIs<Viewing>(farid.does(FileEvent.Look(assertNotNull(own.file)))).octets)
        assertEquals(conflict, farid.does(Event.Back))

        farid.shown.clear()
        val fetched = assertIs<Conflict>(farid.does(FileEvent.Fetch(assertNotNull(theirs.file))))
        assertEquals(Line(Word.FILE_FETCHED), fetched.notice)
        val said = farid.shown.mapNotNull { ((it as? Working)?.on as? Conflict)?.under?.word }.toSet()
        assertEquals(setOf(Word.FILE_FETCHES), said, "and never that it sends")
        val seen = assertIs<Viewing>(farid.does(FileEvent.Look(assertNotNull(theirs.file))))
        assertContentEquals(ONE, seen.octets)
        assertTrue(seen.file.here)
        farid.does(Event.Back)
        assertContentEquals(ByteArray(ONE.size), seen.octets, "it is wiped")

        farid.does(ConflictEvent.Settle(conflict.values.indexOf(theirs)))
        assertEquals(emptyList(), assertIs<Conflict>(farid.desk.screen).values)
        assertFalse(farid.finds().isEmpty())
        for (person in listOf(zarina, farid)) person.locks()
    }

    private fun Person.takes(octets: ByteArray) {
        val record = assertIs<Search>(goes(Door.Search())).rows.single().id
        goes(Door.Edit(record))
        assertIs<Fill>(does(FileEvent.Brought("photo", Found("picture.jpg", "image/jpeg", octets.copyOf()))))
        does(FillingEvent.Moved(Move.Review))
        assertEquals(Line(Word.REVIEW_SAVED), assertIs<Today>(does(FillingEvent.Moved(Move.Finish))).notice)
    }

    private fun newcomer(name: String) = Person(scene.newFolder()).apply {
        joins(scene.office.invite(), name)
        isAdmitted(scene.office)
        syncs()
    }

    private companion object {
        const val SURVEY = "type,name,label\ntext,what,What\nimage,photo,A picture of it\n"
        const val SETTINGS = "form_title,form_id,version,instance_name\nFinds,finds,1,\${what}\n"
        val ONE = ByteArray(3_000) { 1 }
        val OTHER = ByteArray(5_000) { 2 }
    }
}
