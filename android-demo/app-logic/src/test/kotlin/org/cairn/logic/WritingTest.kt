package org.cairn.logic

import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertTrue
import org.cairn.ffi.Scene
import org.cairn.logic.files.Found
import org.junit.After
import org.junit.Before
import org.junit.Rule
import org.junit.Test

/** What is being written is kept, whatever comes meanwhile: a lock, a picture, the end. A real vault behind. */
class WritingTest {
    @get:Rule
    val scene = Scene("survey.csv" to SURVEY, "settings.csv" to SETTINGS)

    private lateinit var person: Person

    @Before
    fun begin() {
        person = Person(scene.newFolder())
        person.joins(scene.office.invite(), "zarina")
        person.isAdmitted(scene.office)
        person.goes(Door.NewRecord("finds"))
        types("name", "Amina")
    }

    @After
    fun end() = person.locks()

    @Test
    fun `a note is kept as often as one likes while it is written, and is one entry`() {
        for (text in listOf("She", "She came", "She came at ni", "She came at night. ")) types("notes", text)
        comesBack()
        assertEquals("She came at night." to "", question("notes").let { it.text to it.said })
        assertEquals(false, question("notes").canHaveNone)
        types("notes", "She came at night, alone.")
        finish()
        assertEquals("She came at night, alone.", noted())

        person.goes(Door.Edit(record().door.id))
        assertEquals("" to "She came at night, alone.", question("notes").let { it.text to it.said })
        for (text in listOf("Later", "", "Later she", "Later she left.")) types("notes", text)
        assertEquals("Later she left.", question("notes").text)
        finish()
        assertEquals("She came at night, alone.\nLater she left.", noted())
    }

    @Test
    fun `a note that was taken back before the end is none`() {
        types("notes", "no")
        types("notes", " ")
        assertTrue(question("notes").canHaveNone)
        finish()
        assertEquals(emptyList(), record().answers.filter { it.key == "notes" })
    }

    @Test
    fun `whoever writes elsewhere when a picture comes stays there, and is told`() {
        question("last")
        person.does(brought())
        val fill = assertIs<Fill>(person.desk.screen)
        assertEquals("last" to Line(Word.FILE_KEPT, "A picture"), fill.questions.single().key to fill.notice)
        assertEquals("picture.jpg", question("photo").file?.name)
        // The control: at its own question it is seen, and nothing needs to be said.
        person.does(brought())
        assertEquals("photo" to null, assertIs<Fill>(person.desk.screen).let { it.questions.first().key to it.notice })
        person.does(FillingEvent.Moved(Move.Review))
        person.does(brought())
        assertTrue(assertIs<Review>(person.desk.screen).answers.any { it.file != null })
    }

    @Test
    fun `a picture that comes behind other work is seen`() {
        question("photo")
        person.desk.happens(FillingEvent.Answered("photo", typed("")))
        person.does(brought())
        assertEquals("picture.jpg", assertIs<Fill>(person.desk.screen).questions.first().file?.name)
    }

    @Test
    fun `a picture that comes behind the end of its record is told to be lost, and nothing is locked`() {
        for (end in listOf(Move.Pause, Move.Finish)) {
            person.does(FillingEvent.Moved(Move.Review))
            val brought = brought()
            person.desk.happens(FillingEvent.Moved(end))
            person.does(brought)
            val today = assertIs<Today>(person.desk.screen, "$end")
            assertEquals(Line(Word.FILE_LOST), today.notice)
            assertTrue(person.desk.isOpen)
            assertContentEquals(ByteArray(3), brought.found.octets)
            if (end == Move.Pause) person.goes(Door.Draft(today.drafts.single().number))
        }
    }

    @Test
    fun `what was typed is seen when one comes back from looking at a file`() {
        question("photo")
        person.does(brought())
        person.desk.happens(FillingEvent.Typed("photo", typed("picture.jpg")))
        types("caption", "by the well")
        assertIs<Viewing>(person.does(FileEvent.Look("photo")))
        assertEquals("by the well", assertIs<Fill>(person.does(Event.Back)).questions.last().text)
    }

    private fun brought() = FileEvent.Brought("photo", Found("picture.jpg", "image/jpeg", byteArrayOf(1, 2, 3)))

    private fun types(key: String, text: String) {
        if (assertIs<Fill>(person.desk.screen).questions.none { it.key == key }) question(key)
        person.does(FillingEvent.Typed(key, typed(text)))
    }

    private fun question(key: String): Question =
        assertIs<Fill>(person.does(FillingEvent.Moved(Move.To(key)))).questions.first { it.key == key }

    /** The vault has locked meanwhile. */
    private fun comesBack() {
        person.locks()
        person.goes(Door.Draft(assertIs<Today>(person.opens()).drafts.single().number))
    }

    private fun finish() {
        assertEquals(emptyList(), assertIs<Review>(person.does(FillingEvent.Moved(Move.Review))).missing)
        assertIs<Today>(person.does(FillingEvent.Moved(Move.Finish)))
    }

    private fun record(): RecordPage =
        assertIs(person.goes(Door.Record(assertIs<Search>(person.goes(Door.Search())).rows.single().id, Door.Today)))

    private fun noted() = record().answers.single { it.key == "notes" }.said

    private companion object {
        const val SETTINGS = "form_title,form_id,version,instance_name\nFinds,finds,1,\${name}\n"
        const val SURVEY =
            "type,name,label,appearance,cairn::merge\n" +
                "text,name,Name,,\n" +
                "text,notes,Notes,,log\n" +
                "begin_group,seen,Seen,field-list,\n" +
                "image,photo,A picture,,\n" +
                "text,caption,What it shows,,\n" +
                "end_group,,,,\n" +
                "text,last,Anything else?,,\n"
    }
}
