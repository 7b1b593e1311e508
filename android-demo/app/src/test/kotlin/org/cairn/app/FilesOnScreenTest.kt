package org.cairn.app

import android.Manifest.permission.RECORD_AUDIO
import android.app.Activity.RESULT_CANCELED
import android.app.Activity.RESULT_OK
import android.content.Intent
import android.content.pm.PackageManager.PERMISSION_DENIED
import android.net.Uri
import android.os.Looper
import android.os.ParcelFileDescriptor
import android.provider.MediaStore
import android.widget.Button
import android.widget.ImageView
import java.io.ByteArrayInputStream
import java.io.FileOutputStream
import java.time.Duration
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import org.cairn.app.disguise.Disguise
import org.cairn.app.files.CameraDoor
import org.cairn.app.files.Pipe
import org.cairn.app.files.camera
import org.cairn.app.files.fifo
import org.cairn.ffi.RecordQuery
import org.cairn.logic.Event
import org.cairn.logic.Lapses
import org.cairn.logic.Screen
import org.cairn.logic.SettingsEvent
import org.cairn.logic.Door
import org.cairn.logic.Word
import org.cairn.logic.files.Limits
import org.junit.After
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.ParameterizedRobolectricTestRunner
import org.robolectric.ParameterizedRobolectricTestRunner.Parameters
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf

/** Pictures, sounds and files from the button to the record, in the real window and over a real vault. */
@RunWith(ParameterizedRobolectricTestRunner::class)
class FilesOnScreenTest(private val language: String) {
    @get:Rule
    val folder = TemporaryFolder()

    private lateinit var workplace: Workplace
    private lateinit var window: Window
    private lateinit var sink: ParcelFileDescriptor

    @Before
    fun begin() {
        Pipe.open = { fifo(folder).also { sink = it.second } }
        workplace = Workplace(folder, "survey.csv" to SURVEY, "settings.csv" to SETTINGS)
        window = workplace.open(language)
        window.tap(Word.TODAY_NEW)
        window.tap("Finds")
        window.type("A")
        window.next()
    }

    @After
    fun end() {
        Pipe.open = Pipe::real
        CameraDoor.close()
        workplace.close()
    }

    @Test
    fun `a picture is taken, looked at, finished, sent, and fetched by the office`() {
        window.draw("files-picture")
        window.tap(Word.FILE_CAMERA)
        window.controller.pause().stop()
        takes(camera(640, 480))
        window.comesBack(RESULT_OK)
        assertTrue(window.has("picture.jpg"), "it is the answer now")
        window.draw("files-picture-taken")
        window.tap(Word.FILE_SHOW)
        assertTrue(window.picture().drawable.intrinsicWidth > 0)
        window.draw("files-picture-seen")
        window.back()
        window.tap(Word.FILL_CHECK)
        window.next()
        assertEquals(window.say(Word.REVIEW_SAVED), window.notice)
        assertTrue(window.has(window.say(Word.TODAY_FILES_WAIT, 1L)), "what waits is told")
        assertFalse(window.has(window.say(Word.TODAY_ALL_SENT)))

        window.tap(Word.TODAY_SEARCH)
        window.tap("A")
        window.draw("files-record")
        window.tap(Word.FILE_SHOW)
        window.picture()
        window.back()
        window.back()
        window.back()
        window.tap(Word.TODAY_SYNC)
        window.next()
        assertTrue(window.has(window.say(Word.SYNC_DONE)), window.notice)
        window.back()
        assertTrue(window.has(window.say(Word.TODAY_ALL_SENT)))

        val office = workplace.office
        office.sync()
        val record = office.vault.records(RecordQuery("", null, emptyList(), null, 9u), "en").rows.single().record
        office.vault.fetchAttachment(record, "photo", null)
        val octets = office.vault.readAttachment(record, "photo")
        assertEquals(listOf(0xFF, 0xD8), octets.take(2).map { it.toInt() and 0xFF })
    }

    @Test
    fun `a picture that comes after the lock is not kept, and the draft is`() {
        window.tap(Word.FILE_CAMERA)
        window.controller.pause().stop()
        workplace.app.desk.happens(Event.Leave)
        window.settle()
        takes(camera(64, 48))
        window.comesBack(RESULT_OK)
        assertEquals(window.say(Word.UNLOCK_TITLE) to window.say(Word.FILE_LOCKED), window.title to window.notice)
        window.draw("files-locked")
        window.type(Workplace.PASSPHRASE)
        window.tap(Word.UNLOCK_OPEN)
        window.tap("Finds")
        assertEquals("A", window.fields.single().text.toString())
        window.next()
        assertFalse(window.has("picture.jpg"))
    }

    @Test
    fun `a picture that was taken is gone as soon as the vault locks itself, while the camera is still open`() {
        window.settings(Lapses(120, 1))
        window.tap(Word.FILE_CAMERA)
        window.controller.pause().stop()
        window.settle()
        takes(camera(64, 48))
        Thread.sleep(1_500)
        passes(6)
        window.settle()
        assertIs<Screen.Unlock>(workplace.app.desk.screen)
        window.comesBack(RESULT_OK)
        assertEquals(window.say(Word.FILE_LOCKED), window.notice)
    }

    @Test
    fun `who turns round, has no camera, or brings nothing, is told what to do`() {
        window.tap(Word.FILE_CAMERA)
        window.comesBack(RESULT_CANCELED)
        assertEquals("", window.notice)
        window.tap(Word.FILE_CAMERA)
        window.comesBack(RESULT_OK)
        assertEquals(window.say(Word.FILE_NO_PICTURE), window.notice)
        window.draw("files-no-picture")
        shadowOf(workplace.app).checkActivities(true)
        window.tap(Word.FILE_CAMERA)
        assertEquals(window.say(Word.FILE_NO_CAMERA), window.notice)
        window.tap(Word.FILE_PICK_PICTURE)
        assertEquals(window.say(Word.FILE_NO_PICKER), window.notice)
    }

    @Test
    fun `a vault that locks at once asks nobody for anything`() {
        window.settings(Lapses(120, 0))
        assertTrue(window.has(window.say(Word.FILE_AT_ONCE)))
        assertFalse(window.shows(Word.FILE_CAMERA) || window.shows(Word.FILE_PICK_PICTURE))
        window.draw("files-at-once")
    }

    @Test
    fun `a sound is recorded, ends by itself, and is the answer`() {
        window.next()
        window.tap(Word.FILE_RECORD)
        @Suppress("DEPRECATION")
        window.activity.onRequestPermissionsResult(ALLOWED, arrayOf(RECORD_AUDIO), intArrayOf(PERMISSION_DENIED))
        assertEquals(window.say(Word.FILE_NO_MICROPHONE), window.notice)
        shadowOf(workplace.app).grantPermissions(RECORD_AUDIO)
        window.tap(Word.FILE_RECORD)
        FileOutputStream(sink.fileDescriptor).write(ByteArray(5_000))
        passes(3)
        window.draw("files-recording")
        val shown = window.root.all().filterIsInstance<Button>().filter { it.isShown && it.isEnabled }
        val free = listOf(Word.PAGE_EXIT, Word.FILE_STOP).map { window.say(it) }
        assertEquals(free, shown.map { it.text.toString() }, "only the way out and the end can be touched")
        passes(Limits.SECONDS)
        window.settle()
        assertTrue(window.has("sound.aac"), window.notice)
        window.draw("files-recorded")
        window.tap(Word.FILE_REMOVE)
        assertEquals(window.say(Word.FILE_REMOVE_SURE), window.notice)
        window.tap(Word.FILE_REMOVE)
        assertFalse(window.has("sound.aac"))
    }

    @Test
    fun `a recording is kept when the app goes out of sight, and lost with the lock`() {
        shadowOf(workplace.app).grantPermissions(RECORD_AUDIO)
        window.next()
        window.tap(Word.FILE_RECORD)
        FileOutputStream(sink.fileDescriptor).write(ByteArray(500))
        window.controller.pause().stop()
        window.settle()
        window.controller.restart().start().resume()
        window.settle()
        assertTrue(window.has("sound.aac"), window.notice)
        repeat(2) { window.tap(Word.FILE_REMOVE) }

        window.tap(Word.FILE_RECORD)
        FileOutputStream(sink.fileDescriptor).write(ByteArray(500))
        workplace.app.desk.happens(Event.Leave)
        window.settle()
        assertEquals(window.say(Word.UNLOCK_TITLE), window.title)
        passes(2)
        assertFalse(window.has("sound.aac"))
    }

    @Test
    fun `a file is chosen by its name and kind, and one that is too large is not`() {
        window.next()
        window.next()
        window.draw("files-file")
        val uri = Uri.parse("content://org.example.files/7")
        shadowOf(workplace.app.contentResolver).registerInputStream(uri, ByteArrayInputStream("text".toByteArray()))
        window.tap(Word.FILE_PICK)
        window.comesBack(RESULT_OK, uri)
        assertTrue(window.has("file"), window.notice)
        repeat(2) { window.tap(Word.FILE_REMOVE) }
        val large = ByteArrayInputStream(ByteArray(Limits.OCTETS + 1))
        shadowOf(workplace.app.contentResolver).registerInputStream(uri, large)
        window.tap(Word.FILE_PICK)
        window.comesBack(RESULT_OK, uri)
        assertEquals(window.say(Word.FILE_TOO_LARGE, Limits.MEGABYTES), window.notice)
    }

    @Test
    fun `under the disguise one comes back from the camera to the question, and after a lock to the calculator`() {
        val disguise = Disguise(workplace.app)
        assertTrue(disguise.putOn("4711"))
        window.tap(Word.FILE_CAMERA)
        window.controller.pause().stop()
        assertFalse(window.activity.isFinishing, "it waits for the picture")
        takes(camera(64, 48))
        window.comesBack(RESULT_OK)
        assertTrue(window.has("picture.jpg"))

        repeat(2) { window.tap(Word.FILE_REMOVE) }
        window.tap(Word.FILE_CAMERA)
        window.controller.pause().stop()
        workplace.app.desk.happens(Event.Leave)
        window.settle()
        window.comesBack(RESULT_OK)
        assertTrue(window.activity.isFinishing, "nobody comes back to a lock that says what this is")
    }

    /** What a camera app does that was sent for. */
    private fun takes(octets: ByteArray) {
        val asked = shadowOf(window.activity).nextStartedActivityForResult.intent
        @Suppress("DEPRECATION")
        val uri = assertNotNull(asked.getParcelableExtra<Uri>(MediaStore.EXTRA_OUTPUT))
        Robolectric.buildContentProvider(CameraDoor::class.java).create(uri.authority).get()
            .openFile(uri, "w").use { FileOutputStream(it.fileDescriptor).write(octets) }
    }

    /** The other app ends, as Android does it: in sight, then the result, then in front. */
    private fun Window.comesBack(result: Int, data: Uri? = null) {
        controller.restart().start()
        MainActivity::class.java.getDeclaredMethod("onActivityResult", Int::class.java, Int::class.java, Intent::class.java)
            .apply { isAccessible = true }
            .invoke(activity, SENT, result, data?.let { Intent().setData(it) })
        controller.resume()
        settle()
    }

    private fun Window.settings(lapses: Lapses) {
        repeat(2) { back() }
        tap(Word.TODAY_SETTINGS)
        tap(Word.SETTINGS_LAPSES)
        workplace.app.desk.happens(SettingsEvent.Lapse(lapses))
        settle()
        workplace.app.desk.happens(Event.Go(Door.Today))
        settle()
        tap("Finds")
        next()
    }

    private fun passes(seconds: Int) = shadowOf(Looper.getMainLooper()).idleFor(Duration.ofSeconds(seconds.toLong()))

    private fun Window.picture() = root.all().filterIsInstance<ImageView>().single { it.isShown }

    private fun Window.has(text: String) = root.texts().any { text in it.text }

    private fun Window.shows(word: Word) = root.all().any { it is Button && it.isShown && it.text.toString() == say(word) }

    private fun Window.back() {
        @Suppress("DEPRECATION")
        activity.onBackPressed()
        settle()
    }

    init {
        RuntimeEnvironment.setQualifiers("$language-w360dp-h640dp-port-hdpi")
    }

    companion object {
        private const val ALLOWED = 2
        private const val SENT = 3
        private const val SETTINGS = "form_title,form_id,version,instance_name\nFinds,finds,1,\${name}\n"
        private const val SURVEY = "type,name,label\n" +
            "text,name,Name\n" +
            "image,photo,A picture of it\n" +
            "audio,voice,Say what it is\n" +
            "file,paper,A paper about it\n"

        @JvmStatic
        @Parameters(name = "{0}")
        fun languages() = LANGUAGES.keys.toList()
    }
}
