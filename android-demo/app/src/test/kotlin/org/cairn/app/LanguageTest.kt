package org.cairn.app

import android.content.res.Configuration
import android.view.View
import java.io.File
import java.util.Locale
import kotlin.test.assertEquals
import kotlin.test.assertNotEquals
import kotlin.test.assertTrue
import org.cairn.ffi.CommandLine
import org.cairn.logic.Word
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.ParameterizedRobolectricTestRunner
import org.robolectric.ParameterizedRobolectricTestRunner.Parameters
import org.robolectric.RuntimeEnvironment

/** A language is chosen on a phone that speaks another one. */
@RunWith(ParameterizedRobolectricTestRunner::class)
class LanguageTest(private val language: String) {
    private val phones = if (language == "en") "ar" else "en"

    init {
        RuntimeEnvironment.setQualifiers("$phones-w360dp-h640dp-port-hdpi")
    }

    private val app = RuntimeEnvironment.getApplication() as CairnApp

    /** The app's words in the language that is chosen. */
    private val chosen: Words
        get() {
            val locale = Locale.forLanguageTag(language)
            val spoken = Configuration(app.resources.configuration).apply { setLocale(locale) }
            return Words(app.createConfigurationContext(spoken).resources)
        }

    @Test
    fun `the whole screen speaks it at once and the vault stays open, and after a restart it does still`() {
        val vault = File(app.filesDir, "cairn").apply { mkdirs() }
        CommandLine.beginVault(vault)
        app.onCreate()
        val window = Window(phones)
        opens(window)
        assertNotEquals(chosen.say(Word.TODAY_TITLE), window.title, "the control")
        window.tap(Word.TODAY_SETTINGS)
        window.tap(Word.SETTINGS_LANGUAGE)
        window.tap(LANGUAGES.getValue(language))
        assertSpeaks(window, Word.SETTINGS_TITLE)
        val pages = PAGES.map(chosen::say)
        val shown = window.root.texts().map { "${it.text}" }
        assertTrue(shown.containsAll(pages), "$pages are not all in $shown")
        val frame = listOf(Word.SETTINGS_TITLE, Word.PAGE_BACK, Word.PAGE_EXIT).map(chosen::say)
        assertEquals(emptyList(), shown - pages.toSet() - frame.toSet(), "nothing of the old language is left")
        window.draw("language-settings-$language")
        window.find<View>(R.id.back).performClick()
        window.settle()
        assertSpeaks(window, Word.TODAY_TITLE)

        window.next()
        window.controller.pause().stop().destroy()
        app.onCreate()
        val next = Window(phones)
        assertSpeaks(next, Word.UNLOCK_TITLE)
        opens(next)
        assertSpeaks(next, Word.TODAY_TITLE)
        next.next()
    }

    @Test
    fun `before there is a vault it can be chosen too`() {
        val window = Window(phones)
        window.tap(LANGUAGES.getValue(language))
        assertSpeaks(window, Word.START_TITLE)
    }

    private fun opens(window: Window) {
        window.type(CommandLine.PASSPHRASE)
        window.tap(Word.UNLOCK_OPEN)
    }

    private fun assertSpeaks(window: Window, title: Word) {
        assertEquals(chosen.say(title), window.title)
        val direction = if (language == "ar") View.LAYOUT_DIRECTION_RTL else View.LAYOUT_DIRECTION_LTR
        val against = window.root.all().filter { it.isShown && it.layoutDirection != direction }
        assertEquals(emptyList(), against, "all of it runs in one direction")
    }

    companion object {
        private val PAGES = listOf(
            Word.SETTINGS_LANGUAGE,
            Word.SETTINGS_LAPSES,
            Word.SETTINGS_PASSPHRASE,
            Word.SETTINGS_DURESS,
            Word.SETTINGS_TRAVEL,
            Word.SETTINGS_DISGUISE,
            Word.SETTINGS_WIPE,
        )

        @JvmStatic
        @Parameters(name = "{0}")
        fun languages() = LANGUAGES.keys.toList()
    }
}
