package org.cairn.app

import android.Manifest.permission.RECORD_AUDIO
import android.os.Looper
import android.os.ParcelFileDescriptor
import android.widget.Button
import android.widget.EditText
import java.io.FileOutputStream
import java.lang.reflect.Proxy
import java.time.Duration
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import org.cairn.app.files.Pipe
import org.cairn.app.files.fifo
import org.cairn.logic.Event
import org.cairn.logic.FileEvent
import org.cairn.logic.Fill
import org.cairn.logic.FillingEvent
import org.cairn.logic.Kind
import org.cairn.logic.Move
import org.cairn.logic.Question
import org.cairn.logic.Word
import org.cairn.logic.files.Found
import org.junit.After
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf

/** What is being written is not lost to what comes by itself: a lock, a picture, another window. */
@RunWith(RobolectricTestRunner::class)
class WritingOnScreenTest {
    @get:Rule
    val folder = TemporaryFolder()

    private lateinit var workplace: Workplace
    private lateinit var window: Window
    private lateinit var sink: ParcelFileDescriptor

    @Before
    fun begin() {
        RuntimeEnvironment.setQualifiers("en-w360dp-h640dp-port-hdpi")
        Pipe.open = { fifo(folder).also { sink = it.second } }
        workplace = Workplace(folder, "survey.csv" to SURVEY, "settings.csv" to SETTINGS)
        window = workplace.open("en")
        window.tap(Word.TODAY_NEW)
        window.tap("Finds")
    }

    @After
    fun end() {
        Pipe.open = Pipe::real
        workplace.app.desk.happens(Event.Leave)
        window.settle()
        workplace.close()
    }

    @Test
    fun `a note is in the vault soon after its last letter, and can be written on after a lock`() {
        at("notes")
        window.type("She came")
        passes(1)
        locks()
        at("notes")
        assertEquals("She came", window.fields.single().text.toString())
        window.type("She came at night")
        window.tap(Word.FILL_CHECK)
        assertTrue(window.has("She came at night") && !window.has("She came\n"), "one note, not two")
    }

    @Test
    fun `whoever types is there, although a keyboard's letters are no touches`() {
        var stays = 0
        val hands = Proxy.newProxyInstance(Hands::class.java.classLoader, arrayOf(Hands::class.java)) { _, method, _ ->
            if (method.name == "stays") stays += 1
            null
        } as Hands
        val page = Page(window.activity, {}, {})
        val kinds = listOf(Kind.TEXT, Kind.LOG, Kind.INTEGER, Kind.LINE)
        FillView(page, hands).show(Fill("Form", 0, 1, questions = kinds.map { Question("$it", "$it", it) }))
        val fields = page.root.all().filterIsInstance<EditText>().toList()
        assertEquals(kinds.size, fields.size)
        fields.forEachIndexed { at, field ->
            field.append("1")
            assertEquals(at + 1, stays, "${kinds[at]}")
        }
    }

    @Test
    fun `a picture that comes while one writes at another question takes nothing away`() {
        for ((key, text) in listOf("notes" to "She came", "last" to "No")) {
            at(key)
            window.type(text)
            comes()
            assertTrue(window.has(if (key == "notes") "Notes" else "Anything else?"), "one stays where one writes")
            assertEquals(text, window.fields.single().text.toString())
        }
        locks()
        at("notes")
        assertEquals("She came", window.fields.single().text.toString())
        at("last")
        assertEquals("No", window.fields.single().text.toString())
        at("photo")
        assertTrue(window.has("picture.jpg"))
    }

    @Test
    fun `a picture that comes while one speaks does not end that`() {
        shadowOf(workplace.app).grantPermissions(RECORD_AUDIO)
        window.tap(Word.FILE_RECORD)
        FileOutputStream(sink.fileDescriptor).write(ByteArray(500))
        comes()
        assertTrue(window.has("picture.jpg"))
        passes(2)
        assertFalse(window.has("sound.aac"))
        val free = window.root.all().filterIsInstance<Button>().filter { it.isShown && it.isEnabled }.map { "${it.text}" }
        assertEquals(listOf(Word.PAGE_EXIT, Word.FILE_STOP).map { window.say(it) }, free.toList())
        window.tap(Word.FILE_STOP)
        assertTrue(window.has("sound.aac"), window.notice)
        assertTrue(window.has("picture.jpg"))
    }

    @Test
    fun `the way back ends a recording and nothing else, and the recording is kept`() {
        shadowOf(workplace.app).grantPermissions(RECORD_AUDIO)
        window.tap(Word.FILE_RECORD)
        FileOutputStream(sink.fileDescriptor).write(ByteArray(500))
        window.back()
        assertTrue(window.has("sound.aac"), window.notice)
        window.back()
        assertEquals(window.say(Word.TODAY_TITLE) to "", window.title to window.notice)
    }

    @Test
    fun `places that were typed are kept whatever is done next`() {
        at("path")
        window.type("38.5 68.5")
        window.controller.pause().stop()
        window.settle()
        window.controller.restart().start().resume()
        window.settle()
        assertEquals("38.5 68.5", window.fields.single().text.toString(), "still seen")
        window.tap(Word.PLACE_ADD)
        window.type("38.6 68.6")
        window.tap(Word.PLACE_ADD)
        assertPlaces("38.5 68.5", "38.6 68.6")
        window.type("38.7 68.7")
        window.tap(Word.PLACE_AWAY, 1)
        assertPlaces("38.6 68.6", "38.7 68.7")
        window.type("38.8 68.8")
        window.tap(Word.PLACE_UNDO)
        assertPlaces("38.5 68.5", "38.6 68.6", "38.7 68.7", "38.8 68.8")
    }

    @Test
    fun `a place that is being typed can be typed on, also when a picture comes, and is in the vault`() {
        at("path")
        window.type("38.5 68.5")
        window.tap(Word.PLACE_ADD)
        for (text in listOf("38.6 6", "38.6 68.6", "38.6 68.")) {
            window.type(text)
            passes(1)
            comes()
            assertPlaces("38.5 68.5")
            assertEquals(text, window.fields.single().text.toString())
        }
        window.type("38.6 68.66")
        passes(1)
        locks()
        at("path")
        assertPlaces("38.5 68.5", "38.6 68.66")
    }

    @Test
    fun `a window that takes another's place shows what was typed in that one`() {
        at("last")
        window.type("8")
        window.controller.pause().stop().destroy()
        window = Window("en")
        window.settle()
        assertEquals("8", window.fields.single().text.toString())
    }

    @Test
    fun `a caption is seen when one comes back from looking at the picture`() {
        comes()
        window.fields.single().setText("by the well")
        window.tap(Word.FILE_SHOW)
        window.back()
        assertEquals("by the well", window.fields.single().text.toString())
    }

    /** What was awaited comes, as errands tell it. */
    private fun comes() {
        workplace.app.desk.happens(FileEvent.Brought("photo", Found("picture.jpg", "image/jpeg", byteArrayOf(1, 2, 3))))
        window.settle()
    }

    /** Goes on to the check, which hands over what was typed, and from there to that question. */
    private fun at(key: String) {
        window.tap(Word.FILL_CHECK)
        workplace.app.desk.happens(FillingEvent.Moved(Move.To(key)))
        window.settle()
    }

    /** The vault locks by itself and is opened again. */
    private fun locks() {
        workplace.app.desk.happens(Event.Leave)
        window.settle()
        window.type(Workplace.PASSPHRASE)
        window.tap(Word.UNLOCK_OPEN)
        window.tap("Finds")
    }

    private fun assertPlaces(vararg places: String) {
        val seen = window.root.texts().map { "${it.text}" }.filter { NUMBERED.containsMatchIn(it) }
        assertEquals(places.mapIndexed { at, place -> "${at + 1}. ${apart(place)}" }, seen.toList())
    }

    private fun passes(seconds: Int) {
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofSeconds(seconds.toLong()))
        window.settle()
    }

    private fun Window.has(text: String) = root.texts().any { text in it.text }

    private fun Window.back() {
        @Suppress("DEPRECATION")
        activity.onBackPressed()
        settle()
    }

    private companion object {
        val NUMBERED = Regex("""^\d+\. """)
        const val SETTINGS = "form_title,form_id,version\nFinds,finds,1\n"
        const val SURVEY = "type,name,label,appearance,cairn::merge\n" +
            "begin_group,seen,Seen,field-list,\n" +
            "image,photo,A picture,,\n" +
            "audio,voice,Say what it is,,\n" +
            "text,caption,What it shows,,\n" +
            "end_group,,,,\n" +
            "text,notes,Notes,,log\n" +
            "geotrace,path,Which way?,,\n" +
            "text,last,Anything else?,,\n"
    }
}
