package org.cairn.app

import android.os.Bundle
import android.text.InputType
import android.view.inputmethod.EditorInfo
import android.widget.Button
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotEquals
import kotlin.test.assertTrue
import org.cairn.ffi.AnswerValue
import org.cairn.ffi.RecordQuery
import org.cairn.ffi.Scene
import org.cairn.logic.Screen
import org.cairn.logic.Word
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.ParameterizedRobolectricTestRunner
import org.robolectric.ParameterizedRobolectricTestRunner.Parameters
import org.robolectric.RuntimeEnvironment

/** From first start to a record that is finished, found, contested and settled: every screen, in each language. */
@RunWith(ParameterizedRobolectricTestRunner::class)
class JourneyTest(private val language: String) {
    @get:Rule
    val scene = Scene(*SHEETS)

    private val office get() = scene.office

    @Test
    fun `every screen can be seen, read, touched and left`() {
        val window = Window(language)
        joins(window)
        records(window)
        finds(window)
        settles(window)
        sets(window)
        exits(window)
    }

    private fun joins(window: Window) {
        window.draw("start-invitation")
        window.next()
        assertEquals(window.say(Word.START_NO_INVITATION), window.notice)
        window.type(office.invite())
        window.next()
        window.draw("start-name")
        window.type("zarina")
        window.next()
        window.draw("start-passphrase")
        window.type(PASSPHRASE, "$PASSPHRASE!")
        window.next()
        assertEquals(window.say(Word.START_NOT_THE_SAME), window.notice)
        window.type(PASSPHRASE, PASSPHRASE)
        window.next()
        assertEquals(window.say(Word.WAITING_TITLE), window.title)
        window.draw("waiting")
        office.sync()
        window.next()
        assertEquals(window.say(Word.TODAY_TITLE), window.title)
        window.draw("today-first")
    }

    private fun records(window: Window) {
        window.tap(Word.TODAY_NEW)
        window.draw("forms")
        window.tap(FORM)
        val answers = ArrayDeque(listOf("north gate", "long words about it", "12", "2026-01-31", "14:05", "38.56 68.78"))
        var step = 0
        while (window.title != window.say(Word.REVIEW_TITLE)) {
            for (field in window.fields) {
                assertNotEquals(0, field.imeOptions and EditorInfo.IME_FLAG_NO_PERSONALIZED_LEARNING)
                if (field.inputType and InputType.TYPE_CLASS_TEXT != 0) {
                    assertNotEquals(0, field.inputType and InputType.TYPE_TEXT_FLAG_NO_SUGGESTIONS)
                }
                assertFalse(field.isSaveEnabled || field.isLongClickable || field.isImportantForAutofill)
                answers.removeFirstOrNull()?.let(field::setText)
            }
            for (name in listOf("Truck", "North", "East")) window.taps(name)
            window.draw("fill-${step++}")
            if (step == 1) leavesAndComesBack(window)
            check(step < 12) { "filling does not end at ${window.title}" }
            window.next()
        }
        assertEquals(emptyList(), answers.toList(), "every question was asked")
        window.draw("review")
        window.next()
        assertEquals(window.say(Word.REVIEW_SAVED), window.notice)
        window.draw("today-saved")
    }

    /** What was typed a moment ago is there after the window is gone, and is in nothing that Android keeps. */
    private fun leavesAndComesBack(window: Window) {
        val kept = Bundle().also { window.controller.saveInstanceState(it) }
        assertFalse("north gate" in kept.toString())
        window.controller.pause().stop()
        window.settle()
        window.controller.restart().start().resume()
        window.settle()
        assertEquals("north gate", window.fields.first().text.toString())
    }

    private fun finds(window: Window) {
        window.tap(Word.TODAY_SEARCH)
        window.draw("search")
        window.type("nothing like this")
        window.tap(Word.SEARCH_GO)
        assertFalse(window.has(NAME))
        window.type("north")
        window.tap(Word.SEARCH_GO)
        window.tap(NAME)
        assertEquals(NAME, window.title)
        window.draw("record")
        assertTrue(window.has(apart("38.56 68.78")), "latitude comes first, whatever the direction around it")
        window.tap(Word.RECORD_HISTORY)
        window.draw("history")
        window.back()
        assertEquals(NAME, window.title)
        window.back()
        assertEquals(window.say(Word.SEARCH_TITLE), window.title)
        window.back()
    }

    private fun settles(window: Window) {
        syncs(window)
        office.sync()
        val record = office.vault.records(RecordQuery("", null, emptyList(), null, 9u), "en").rows.single().record
        office.vault.edit(record, "en").use {
            it.answer("count", AnswerValue.Text("13"))
            it.finish(false)
        }
        window.tap(Word.TODAY_SEARCH)
        window.tap(NAME)
        window.tap(Word.RECORD_EDIT)
        while (window.fields.none { it.text.toString() == "12" }) window.back()
        window.fields.single { it.text.toString() == "12" }.setText("14")
        window.tap(Word.FILL_CHECK)
        window.next()
        office.sync()
        syncs(window)
        window.tap(Word.TODAY_SETTLE, 1)
        window.draw("conflict")
        assertTrue(window.has("13") && window.has("14"))
        window.tap("13")
        assertEquals(window.say(Word.CONFLICT_NONE), window.title)
        window.draw("conflict-settled")
        window.back()
    }

    private fun syncs(window: Window) {
        window.tap(Word.TODAY_SYNC)
        window.draw("sync")
        window.next()
        assertTrue(window.root.texts().any { it.text.toString() == window.say(Word.SYNC_DONE) })
        window.draw("sync-done")
        window.back()
        assertEquals(window.say(Word.TODAY_TITLE), window.title)
    }

    private fun sets(window: Window) {
        window.tap(Word.TODAY_SETTINGS)
        window.draw("settings")
        val pages = listOf(
            Word.SETTINGS_LANGUAGE,
            Word.SETTINGS_LAPSES,
            Word.SETTINGS_PASSPHRASE,
            Word.SETTINGS_DURESS,
            Word.SETTINGS_TRAVEL,
            Word.SETTINGS_DISGUISE,
            Word.SETTINGS_WIPE,
        )
        for (page in pages) {
            window.tap(page)
            assertEquals(window.say(page), window.title)
            window.draw(page.name.lowercase().replace('_', '-'))
            window.back()
        }
        window.back()
    }

    private fun exits(window: Window) {
        window.tap(Word.PAGE_EXIT)
        assertTrue(window.activity.isFinishing)
        val app = RuntimeEnvironment.getApplication() as CairnApp
        assertIs<Screen.Unlock>(app.desk.screen)
        assertFalse(app.desk.isOpen)
        // Behind the lock everything is as it was.
        window.controller.pause().stop().destroy()
        val next = Window(language)
        next.type(PASSPHRASE)
        next.tap(Word.UNLOCK_OPEN)
        next.draw("today-again")
        next.tap(Word.TODAY_LOCK)
    }

    /** Taps that choice if it is there. */
    private fun Window.taps(choice: String) {
        if (root.all().any { it is Button && it.isShown && it.contentDescription == choice }) tap(choice)
    }

    private fun Window.has(text: String) = root.texts().any { text in it.text }

    private fun Window.back() {
        @Suppress("DEPRECATION")
        activity.onBackPressed()
        settle()
    }

    init {
        RuntimeEnvironment.setQualifiers("$language-w360dp-h640dp-port-hdpi")
    }

    companion object {
        private const val PASSPHRASE = "correct horse battery staple"
        private const val FORM = "Sightings"
        private const val NAME = "north gate"

        private val SHEETS = listOf("survey", "choices", "settings").map { name ->
            val sheet = checkNotNull(JourneyTest::class.java.getResource("/sightings/$name.csv"))
            "$name.csv" to sheet.readText()
        }.toTypedArray()

        @JvmStatic
        @Parameters(name = "{0}")
        fun languages() = LANGUAGES.keys.toList()
    }
}
