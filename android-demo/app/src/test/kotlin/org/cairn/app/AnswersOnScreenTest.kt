package org.cairn.app

import android.Manifest.permission.ACCESS_COARSE_LOCATION
import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.content.pm.PackageManager.PERMISSION_DENIED
import android.location.Location
import android.location.LocationManager
import android.os.Looper
import android.os.SystemClock
import android.view.accessibility.AccessibilityManager
import android.view.accessibility.AccessibilityNodeInfo.ACTION_ACCESSIBILITY_FOCUS
import android.widget.Button
import android.widget.TextView
import java.time.Duration
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue
import org.cairn.ffi.NoAnswer
import org.cairn.logic.Door
import org.cairn.logic.Entry
import org.cairn.logic.History
import org.cairn.logic.Told
import org.cairn.logic.Word
import org.cairn.logic.place.Search
import org.junit.After
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.ParameterizedRobolectricTestRunner
import org.robolectric.ParameterizedRobolectricTestRunner.Parameters
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf

/** Answers that are missing, in an order, or places, in the real window and in each language. */
@RunWith(ParameterizedRobolectricTestRunner::class)
class AnswersOnScreenTest(private val language: String) {
    @get:Rule
    val folder = TemporaryFolder()

    private lateinit var workplace: Workplace
    private lateinit var window: Window
    private val places by lazy { window.activity.getSystemService(LocationManager::class.java) }

    @Before
    fun begin() {
        workplace = Workplace(folder, "survey.csv" to SURVEY, "choices.csv" to CHOICES, "settings.csv" to SETTINGS)
        window = workplace.open(language)
        window.tap(Word.TODAY_NEW)
        window.tap("Rounds")
    }

    @After
    fun end() = workplace.close()

    @Test
    fun `that there is no answer is said in two taps, seen, and taken back`() {
        assertFalse(window.shows(Word.NONE_DECLINED), "folded away until it is wanted")
        window.fields.single().setText("A")
        window.tap(Word.NONE_ASK)
        for (word in listOf(Word.NONE_UNKNOWN, Word.NONE_DECLINED, Word.NONE_NOT_ASKED)) assertTrue(window.shows(word))
        window.draw("answers-none-which")
        window.tap(Word.NONE_DECLINED)
        assertEquals("", window.fields.single().text.toString(), "what was typed is no answer any more")
        assertTrue(window.button(window.say(Word.NONE_DECLINED)).isSelected)
        assertFalse(window.button(window.say(Word.NONE_UNKNOWN)).isSelected)
        window.draw("answers-none")
        window.tap(Word.FILL_CHECK)
        assertTrue(window.has(window.say(Word.NONE_DECLINED)), "in this language's words, not in the core's")
        assertFalse(window.has("(declined)"))
        window.draw("answers-review")
        window.tap("Name")
        window.tap(Word.NONE_DECLINED)
        assertFalse(window.shows(Word.NONE_DECLINED))
    }

    @Test
    fun `that there was no answer is told in this language's words too`() {
        val (none, name) = Told("(declined)", NoAnswer.DECLINED) to Told("Anna")
        val entries = listOf(Entry("zarina", 60, "Name", name, none), Entry("zarina", 0, "Name", none, null))
        window.show(History(Door.Record("r", Door.Today), "Anna", entries))
        val declined = window.say(Word.NONE_DECLINED)
        for (text in listOf("Name\n$declined", window.say(Word.HISTORY_BEFORE, declined))) assertTrue(window.has(text), text)
        assertFalse(window.has("(declined)"))
    }

    @Test
    fun `choices are put in an order by buttons that say what they do`() {
        window.next()
        window.tap("Water")
        window.tap("Food")
        assertEquals(listOf("Water", "Food"), window.order())
        window.tap(Word.RANK_UP, "Food")
        assertEquals(listOf("Food", "Water"), window.order())
        window.draw("answers-rank")
        window.tap(Word.RANK_DOWN, "Food")
        window.tap(Word.RANK_TAKE, "Water")
        assertEquals(listOf("Food"), window.order())
        for (first in listOf(Word.RANK_UP, Word.RANK_DOWN)) {
            assertFalse(window.shows(window.say(first, "Food")), "there is nowhere to go")
        }
    }

    @Test
    fun `a long list is narrowed by a part of a choice, and stays so while one chooses`() {
        while (!window.has("Which stops?")) window.next()
        val stops = { window.root.all().filter { it is Button && it.isShown && "Stop" in "${it.contentDescription}" }.count() }
        assertEquals(15, stops())
        window.fields.single().setText(" STOP 1")
        assertEquals(7, stops())
        window.tap("Stop 12")
        assertEquals(" STOP 1" to 7, window.fields.single().text.toString() to stops())
        window.fields.single().setText("3")
        assertEquals(3, stops(), "what was chosen stays in sight")
        assertTrue(window.button("Stop 12").isSelected)
    }

    @Test
    fun `who hears the screen stands on the same thing after an answer was kept`() {
        shadowOf(window.activity.getSystemService(AccessibilityManager::class.java)).run {
            setEnabled(true)
            setTouchExplorationEnabled(true)
        }
        window.next()
        for (name in listOf("Water", "Food", "Heat")) window.tap(name)
        val up = window.button(window.say(Word.RANK_UP, "Heat"))
        assertTrue(up.performAccessibilityAction(ACTION_ACCESSIBILITY_FOCUS, null))
        up.performClick()
        window.settle()
        assertEquals(listOf("Water", "Heat", "Food"), window.order())
        assertEquals(listOf(window.say(Word.RANK_UP, "Heat")), window.heard(), "with the choice that was moved")
        window.tap(Word.RANK_TAKE, "Heat")
        assertEquals(1, window.heard().size, "what has come to its place, where it is gone")
        window.next()
        assertEquals(emptyList(), window.heard(), "the control: another page begins at its top")
    }

    @Test
    fun `the phone is asked where it is only after the person said so, and for a bounded time`() {
        window.next()
        window.next()
        window.tap(Word.PLACE_HERE)
        assertEquals(0, asked(), "not before it is allowed")
        @Suppress("DEPRECATION")
        window.activity.onRequestPermissionsResult(ALLOWED, arrayOf(ACCESS_FINE_LOCATION), intArrayOf(PERMISSION_DENIED))
        assertEquals(window.say(Word.PLACE_REFUSED), window.notice)
        assertEquals(1, window.fields.size, "it can be typed all the same")

        shadowOf(workplace.app).grantPermissions(ACCESS_FINE_LOCATION, ACCESS_COARSE_LOCATION)
        for (provider in places.allProviders) shadowOf(places).setProviderEnabled(provider, false)
        window.tap(Word.PLACE_HERE)
        assertEquals(window.say(Word.PLACE_OFF), window.notice)

        shadowOf(places).setProviderEnabled(LocationManager.GPS_PROVIDER, true)
        window.tap(Word.PLACE_HERE)
        assertEquals(1, asked())
        passes(3)
        val seconds = (1..3).map { window.say(Word.PLACE_SEARCHING, it, Search.LIMIT) }
        assertTrue(seconds.any { window.has(it) }, "how long it takes is seen")
        here(80f)
        assertTrue(window.has(window.say(Word.PLACE_WITHIN_METRES, 80L)))
        window.draw("answers-place-searching")
        window.tap(Word.PLACE_STOP)
        assertEquals(0, asked())
        assertEquals("", window.fields.single().text.toString())

        window.tap(Word.PLACE_HERE)
        passes(Search.LIMIT + 1)
        assertEquals(0, asked(), "time is up")
        assertEquals(window.say(Word.PLACE_NOT_FOUND), window.notice)

        window.tap(Word.PLACE_HERE)
        here(2000f, old = true)
        here(4f)
        assertEquals(0, asked(), "exact enough")
        assertEquals("38.56001 68.78001 0 4", window.fields.single().text.toString())
        window.draw("answers-place")
        window.tap(Word.PLACE_NEAR)
        here(4f)
        assertEquals("38.56 68.78 0 1000", window.fields.single().text.toString())
    }

    @Test
    fun `searching ends when the app goes out of sight, and with the step`() {
        shadowOf(workplace.app).grantPermissions(ACCESS_FINE_LOCATION, ACCESS_COARSE_LOCATION)
        shadowOf(places).setProviderEnabled(LocationManager.GPS_PROVIDER, true)
        window.next()
        window.next()
        window.tap(Word.PLACE_HERE)
        assertEquals(1, asked())
        window.next()
        assertEquals(0, asked())
        assertFalse(window.shows(Word.PLACE_HERE), "a form that wants the mark beside the place is not told the place")
        window.tap(Word.PLACE_NEAR)
        assertEquals(1, asked())
        window.controller.pause().stop()
        assertEquals(0, asked())
    }

    @Test
    fun `a line grows place by place, says what it lacks, and can be undone`() {
        repeat(4) { window.next() }
        window.type("38.5 68.5")
        window.tap(Word.PLACE_ADD)
        assertTrue(window.has(window.say(Word.WRONG_LINE)))
        window.type("38,6 68,6")
        window.tap(Word.PLACE_ADD)
        assertEquals(window.say(Word.WRONG_PLACE), window.notice)
        window.type("38.6 68.6")
        window.tap(Word.PLACE_ADD)
        assertFalse(window.has(window.say(Word.WRONG_LINE)))
        window.draw("answers-line")
        window.tap(Word.PLACE_AWAY, 1)
        assertFalse(window.has(apart("38.5 68.5")))
        window.tap(Word.PLACE_UNDO)
        assertTrue(window.has(apart("38.5 68.5")))
        // What stands in the field when one goes on is added too.
        window.type("38.7 68.7")
        window.next()
        window.tap(Word.PAGE_BACK)
        for (place in listOf("38.5 68.5", "38.6 68.6", "38.7 68.7")) assertTrue(window.has(apart(place)), place)
    }

    private fun asked() = shadowOf(places).getLocationUpdateListeners(LocationManager.GPS_PROVIDER).size

    private fun passes(seconds: Int) = shadowOf(Looper.getMainLooper()).idleFor(Duration.ofSeconds(seconds.toLong()))

    private fun here(within: Float, old: Boolean = false) {
        val location = Location(LocationManager.GPS_PROVIDER).apply {
            latitude = if (old) 10.0 else 38.560011
            longitude = if (old) 10.0 else 68.780011
            accuracy = if (old) 1f else within
            time = System.currentTimeMillis()
            elapsedRealtimeNanos = SystemClock.elapsedRealtimeNanos() - if (old) 60_000_000_000L else 0
        }
        shadowOf(places).simulateLocation(location)
        window.settle()
    }

    private fun Window.shows(word: Word) = shows(say(word))

    private fun Window.shows(text: String) =
        root.all().any { it is Button && it.isShown && (it.text.toString() == text || it.contentDescription == text) }

    private fun Window.button(text: String) =
        root.all().filterIsInstance<Button>().single { it.isShown && it.contentDescription == text }

    private fun Window.has(text: String) = root.texts().any { text in it.text }

    /** Where a screen reader stands. */
    private fun Window.heard() = root.all().filter { it.isAccessibilityFocused }
        .map { "${it.contentDescription ?: (it as? TextView)?.text}" }.toList()

    /** The choices that have a place in the order. */
    private fun Window.order(): List<String> =
        root.texts().filter { it !is Button && NUMBERED.containsMatchIn(it.text) }
            .map { text: TextView -> text.text.toString().substringAfter(". ").trim('\u2066', '\u2068', '\u2069') }

    init {
        RuntimeEnvironment.setQualifiers("$language-w360dp-h640dp-port-hdpi")
    }

    companion object {
        private const val ALLOWED = 2
        private val NUMBERED = Regex("""^\p{Nd}+\. """)
        private const val SETTINGS = "form_title,form_id,version\nRounds,rounds,1\n"
        private val CHOICES = "list_name,name,label\nneed,water,Water\nneed,food,Food\nneed,heat,Heat\n" +
            (1..15).joinToString("") { "stop,s$it,Stop $it\n" }
        private const val SURVEY = "type,name,label,appearance\n" +
            "text,name,Name,\n" +
            "rank need,order,What comes first?,\n" +
            "geopoint,exact,Where?,\n" +
            "geopoint,near,Roughly where?,placement-map\n" +
            "geotrace,path,Which way?,\n" +
            "text,last,Anything else?,\n" +
            "select_multiple stop,stops,Which stops?,\n"

        @JvmStatic
        @Parameters(name = "{0}")
        fun languages() = LANGUAGES.keys.toList()
    }
}
