package org.cairn.app

import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.Manifest.permission.RECORD_AUDIO
import android.app.Activity.RESULT_OK
import android.app.AlertDialog
import android.app.DatePickerDialog
import android.content.DialogInterface.BUTTON_NEUTRAL
import android.content.DialogInterface.BUTTON_POSITIVE
import android.content.Intent
import android.content.pm.PackageManager.PERMISSION_GRANTED
import android.location.LocationManager
import android.net.Uri
import android.os.BadParcelableException
import android.os.Looper
import android.widget.Button
import java.io.ByteArrayInputStream
import java.io.FilterInputStream
import java.time.Duration
import java.util.concurrent.CountDownLatch
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue
import org.cairn.app.disguise.Disguise
import org.cairn.app.files.Pipe
import org.cairn.app.files.camera
import org.cairn.app.files.fifo
import org.cairn.logic.Choice
import org.cairn.logic.Event
import org.cairn.logic.Fill
import org.cairn.logic.Forms
import org.cairn.logic.Kind
import org.cairn.logic.MOST_SEEN
import org.cairn.logic.Question
import org.cairn.logic.Viewing
import org.cairn.logic.Word
import org.cairn.logic.files.Attached
import org.junit.After
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowDialog
import org.robolectric.shadows.ShadowMediaPlayer

/** What was begun and waits for something, while the person leaves, the vault locks, or the process ends. */
@RunWith(RobolectricTestRunner::class)
class AwayTest {
    @get:Rule
    val folder = TemporaryFolder()

    private lateinit var workplace: Workplace
    private lateinit var window: Window
    private val places by lazy { window.activity.getSystemService(LocationManager::class.java) }
    private var pipes = 0

    /** Until then a chosen file is read. */
    private val read = CountDownLatch(1)

    @Before
    fun begin() {
        RuntimeEnvironment.setQualifiers("en-w360dp-h640dp-port-hdpi")
        Pipe.open = { fifo(folder).also { pipes += 1 } }
        workplace = Workplace(folder, "survey.csv" to SURVEY, "settings.csv" to SETTINGS)
        window = workplace.open("en")
        window.tap(Word.TODAY_NEW)
        window.tap("Finds")
    }

    @After
    fun end() {
        read.countDown()
        Pipe.open = Pipe::real
        workplace.app.desk.happens(Event.Leave)
        window.settle()
        workplace.close()
    }

    @Test
    fun `leave that is given behind the lock begins nothing`() {
        for ((word, permission) in listOf(Word.FILE_RECORD to RECORD_AUDIO, Word.PLACE_HERE to ACCESS_FINE_LOCATION)) {
            window.tap(word)
            workplace.app.desk.happens(Event.Leave)
            window.settle()
            allows(permission)
            assertEquals(0 to 0, pipes to asked(), "$word")
            opens()
            assertEquals(0 to 0, pipes to asked(), "$word")
        }
        // The control: it was given.
        window.tap(Word.PLACE_HERE)
        assertEquals(1, asked())
        window.tap(Word.PLACE_STOP)
        window.tap(Word.FILE_RECORD)
        assertEquals(1, pipes)
    }

    @Test
    fun `what begins on a page that was drawn anew meanwhile is seen, or does not begin`() {
        window.tap(Word.FILE_RECORD)
        window.tap(Word.FILL_ACKNOWLEDGE)
        allows(RECORD_AUDIO)
        assertTrue(window.shows(Word.FILE_STOP), "its end can be tapped")
        window.tap(Word.FILE_STOP)
        window.tap(Word.PLACE_HERE)
        window.tap(Word.FILL_ACKNOWLEDGE)
        allows(ACCESS_FINE_LOCATION)
        assertEquals(0, asked())
    }

    @Test
    fun `under the disguise a process that ended in the camera comes back as the calculator`() {
        assertTrue(Disguise(workplace.app).putOn("4711"))
        for (request in listOf(SCANNED, SENT)) {
            workplace.app.desk.happens(Event.Leave)
            window.settle()
            // As if it had begun anew.
            workplace.app.onCreate()
            val controller = Robolectric.buildActivity(MainActivity::class.java).create().start()
            controller.get().comesBack(request, Intent())
            controller.resume()
            assertTrue(controller.get().isFinishing, "nobody comes back to a lock that says what this is")
            // The control: who comes from nowhere stays.
            val other = Robolectric.buildActivity(MainActivity::class.java).setup()
            assertFalse(other.get().isFinishing)
            other.pause().stop().destroy()
        }
    }

    @Test
    fun `what another app adds that this one cannot unpack ends nothing`() {
        val strange = object : Intent() {
            override fun getStringExtra(name: String): String = throw BadParcelableException(name)
        }
        for (request in listOf(SCANNED, SENT)) window.activity.comesBack(request, strange)
        window.settle()
        assertTrue(window.has("Day"))
    }

    @Test
    fun `a sound that ended because one went away can be played again`() {
        ShadowMediaPlayer.setMediaInfoProvider { ShadowMediaPlayer.MediaInfo(60_000, 0) }
        val sound = Attached("sound.aac", "audio/aac", 3, here = true)
        window.show(Viewing(Forms(emptyList()), sound, ByteArray(3)))
        window.tap(Word.FILE_PLAY)
        assertTrue(window.shows(Word.FILE_PAUSE), "the control")
        window.controller.pause().stop().restart().start().resume()
        assertTrue(window.shows(Word.FILE_PLAY) && !window.shows(Word.FILE_PAUSE))
        window.tap(Word.FILE_PLAY)
        assertTrue(window.shows(Word.FILE_PAUSE))
        window.tap(Word.FILE_PAUSE)
        assertTrue(window.shows(Word.FILE_PLAY))
    }

    @Test
    fun `a picker begins at the answer, and goes with the page under it`() {
        window.fields.first().setText("2025-03-09")
        window.tap(Word.FILL_PICK_DAY)
        val dialog = assertIs<DatePickerDialog>(ShadowDialog.getLatestDialog())
        assertEquals(listOf(2025, 2, 9), dialog.datePicker.run { listOf(year, month, dayOfMonth) })
        shadowOf(Looper.getMainLooper()).idleFor(Duration.ofSeconds(1))
        workplace.app.desk.happens(Event.Leave)
        window.settle()
        assertFalse(dialog.isShowing, "it says what is behind the lock")

        opens()
        window.tap(Word.FILL_PICK_DAY)
        val other = assertIs<DatePickerDialog>(ShadowDialog.getLatestDialog())
        window.controller.pause().stop()
        assertFalse(other.isShowing)
        window.controller.restart().start().resume()
        window.settle()

        window.tap(Word.FILL_PICK_DAY)
        picks(BUTTON_POSITIVE)
        assertEquals("2025-03-09", window.fields.first().text.toString())
        window.tap(Word.FILL_PICK_DAY)
        picks(BUTTON_NEUTRAL)
        assertTrue(window.activity.isFinishing, "one tap leads out from here too")
        assertFalse(workplace.app.desk.isOpen)
    }

    @Test
    fun `while a chosen file is read that is said, and the record waits for it`() {
        val uri = Uri.parse("content://org.example.files/7")
        val slow = object : FilterInputStream(ByteArrayInputStream(camera(64, 48))) {
            override fun read(into: ByteArray, offset: Int, length: Int): Int {
                read.await()
                return super.read(into, offset, length)
            }
        }
        shadowOf(workplace.app.contentResolver).registerInputStream(uri, slow)
        window.tap(Word.FILE_PICK_PICTURE)
        window.activity.comesBack(SENT, Intent().setData(uri))
        shadowOf(Looper.getMainLooper()).idle()
        assertEquals(window.say(Word.FILE_READS_PICTURE), window.notice)
        repeat(2) {
            @Suppress("DEPRECATION")
            window.activity.onBackPressed()
            shadowOf(Looper.getMainLooper()).idle()
            assertIs<Fill>(workplace.app.desk.screen)
            assertEquals(window.say(Word.FILE_READS_PICTURE), window.notice)
        }
        read.countDown()
        window.settle()
        assertTrue(window.has("picture.jpg"), window.notice)
        @Suppress("DEPRECATION")
        window.activity.onBackPressed()
        window.settle()
        assertEquals(window.say(Word.TODAY_TITLE) to "", window.title to window.notice)
    }

    @Test
    fun `of thousands of choices a screen holds some, and says that there are more`() {
        val choices = (1..5000).map { Choice("v$it", "Village $it") }
        val question = Question("village", "Village", Kind.ONE, choices = choices, chosen = setOf("v4999"))
        window.show(Fill("Form", 0, 1, questions = listOf(question)))
        val villages = { window.root.all().filterIsInstance<Button>().map { "${it.contentDescription}" }.filter { it.startsWith("Village") } }
        assertEquals(choices.take(MOST_SEEN).map { it.label } + "Village 4999", villages().toList())
        assertTrue(window.has(window.say(Word.FILL_MORE_CHOICES)))
        window.type("village 321")
        assertEquals(listOf(321, 3210, 3211, 3212, 3213, 3214, 3215, 3216, 3217, 3218, 3219, 4999), villages().map { it.substringAfter(' ').toInt() }.toList())
        assertFalse(window.has(window.say(Word.FILL_MORE_CHOICES)))
        window.draw("away-many-choices")
    }

    private fun opens() {
        window.type(Workplace.PASSPHRASE)
        window.tap(Word.UNLOCK_OPEN)
        window.tap("Finds")
    }

    private fun picks(button: Int) {
        assertIs<AlertDialog>(ShadowDialog.getLatestDialog()).getButton(button).performClick()
        window.settle()
    }

    /** What the phone asked is answered. */
    private fun allows(permission: String) {
        shadowOf(workplace.app).grantPermissions(permission)
        shadowOf(places).setProviderEnabled(LocationManager.GPS_PROVIDER, true)
        @Suppress("DEPRECATION")
        window.activity.onRequestPermissionsResult(ALLOWED, arrayOf(permission), intArrayOf(PERMISSION_GRANTED))
        window.settle()
    }

    private fun asked() = shadowOf(places).getLocationUpdateListeners(LocationManager.GPS_PROVIDER).size

    private fun android.app.Activity.comesBack(request: Int, data: Intent) {
        MainActivity::class.java.getDeclaredMethod("onActivityResult", Int::class.java, Int::class.java, Intent::class.java)
            .apply { isAccessible = true }
            .invoke(this, request, RESULT_OK, data)
    }

    private fun Window.has(text: String) = root.texts().any { text in it.text }

    private fun Window.shows(word: Word) = root.all().any { it is Button && it.isShown && it.text.toString() == say(word) }

    private companion object {
        const val SCANNED = 1
        const val ALLOWED = 2
        const val SENT = 3
        const val SETTINGS = "form_title,form_id,version\nFinds,finds,1\n"
        const val SURVEY = "type,name,label,appearance\n" +
            "begin_group,seen,Seen,field-list\n" +
            "date,day,Day,\n" +
            "image,photo,A picture,\n" +
            "audio,voice,Say what it is,\n" +
            "geopoint,spot,Where?,\n" +
            "acknowledge,read,Read this,\n" +
            "end_group,,,\n"
    }
}
