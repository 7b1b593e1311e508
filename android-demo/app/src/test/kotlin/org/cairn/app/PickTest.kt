package org.cairn.app

import android.app.AlertDialog
import android.app.DatePickerDialog
import android.app.TimePickerDialog
import android.content.DialogInterface.BUTTON_NEGATIVE
import android.content.DialogInterface.BUTTON_POSITIVE
import android.view.WindowManager.LayoutParams.FLAG_SECURE
import android.widget.Button
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertNotEquals
import kotlin.test.assertTrue
import org.cairn.ffi.Scene
import org.cairn.logic.Word
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.ParameterizedRobolectricTestRunner
import org.robolectric.ParameterizedRobolectricTestRunner.Parameters
import org.robolectric.RuntimeEnvironment
import org.robolectric.shadows.ShadowDialog

/** Days, times and long lists are picked, in each language, and rest in the vault as they were picked. */
@RunWith(ParameterizedRobolectricTestRunner::class)
class PickTest(private val language: String) {
    init {
        RuntimeEnvironment.setQualifiers("$language-w360dp-h640dp-port-hdpi")
    }

    @get:Rule
    val scene = Scene("survey.csv" to SURVEY, "choices.csv" to CHOICES, "settings.csv" to SETTINGS)

    private lateinit var window: Window

    @Before
    fun begin() {
        window = Window(language)
        window.joins(scene.office)
        window.tap(Word.TODAY_NEW)
        window.tap("Picks")
    }

    @Test
    fun `a day, a time and a moment are what was picked`() {
        window.tap(Word.FILL_PICK_DAY)
        picks { (this as DatePickerDialog).updateDate(2026, 0, 31) }
        assertEquals("2026-01-31", window.fields.single().text.toString())
        // Whoever thinks better of it keeps what was there.
        window.tap(Word.FILL_PICK_DAY)
        picks(BUTTON_NEGATIVE) { (this as DatePickerDialog).updateDate(1999, 0, 1) }
        assertEquals("2026-01-31", window.fields.single().text.toString())
        window.next()
        window.tap(Word.FILL_PICK_TIME)
        picks { (this as TimePickerDialog).updateTime(14, 5) }
        assertEquals("14:05", window.fields.single().text.toString())
        window.next()
        window.tap(Word.FILL_PICK_DAY)
        picks { (this as DatePickerDialog).updateDate(2026, 1, 1) }
        picks { (this as TimePickerDialog).updateTime(23, 30) }
        assertEquals("2026-02-01T23:30", window.fields.single().text.toString())
        window.next()
        window.tap(Word.FILL_CHECK)
        val said = window.root.texts().joinToString("\n") { "${it.text}" }
        for (part in listOf("2026-01-31", "14:05", "2026-02-01")) assertTrue(part in said, "$part: $said")
        window.next()
        assertEquals(window.say(Word.REVIEW_SAVED), window.notice)
    }

    @Test
    fun `a long list is narrowed by typing, and what is chosen stays in sight`() {
        repeat(3) { window.next() }
        val all = (10..30).map { "Village $it" }
        assertEquals(all, offered())
        window.type("12")
        assertEquals(listOf("Village 12"), offered())
        window.tap("Village 12")
        window.type("VILLAGE 2")
        assertEquals(listOf("Village 12") + (20..29).map { "Village $it" }, offered())
        window.type("nothing like it")
        assertEquals(listOf("Village 12"), offered())
        window.draw("pick-list")
    }

    /** Turns the dialog that is open to something, and ends it. */
    private fun picks(button: Int = BUTTON_POSITIVE, turn: AlertDialog.() -> Unit) {
        val dialog = assertIs<AlertDialog>(ShadowDialog.getLatestDialog())
        assertTrue(dialog.isShowing)
        assertNotEquals(0, checkNotNull(dialog.window).attributes.flags and FLAG_SECURE, "nobody takes a picture of it")
        dialog.turn()
        dialog.getButton(button).performClick()
        window.settle()
    }

    private fun offered() = window.root.all().filterIsInstance<Button>()
        .filter { it.isShown && it.contentDescription != null }.map { "${it.contentDescription}" }
        // Below stands why there may be no answer.
        .filter { it.startsWith("Village") }

    companion object {
        private const val SETTINGS = "form_title,form_id,version\nPicks,picks,1\n"
        private const val SURVEY = "type,name,label\n" +
            "date,day,Day\ntime,hour,Hour\ndateTime,moment,Moment\nselect_one village,village,Village\n"
        private val CHOICES = "list_name,name,label\n" +
            (10..30).joinToString("") { "village,v$it,Village $it\n" }

        @JvmStatic
        @Parameters(name = "{0}")
        fun languages() = LANGUAGES.keys.toList()
    }
}
