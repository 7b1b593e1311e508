package org.cairn.app

import android.view.View
import android.widget.Button
import kotlin.test.assertEquals
import kotlin.test.assertNotEquals
import kotlin.test.assertTrue
import org.cairn.logic.Line
import org.cairn.logic.Word
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.ParameterizedRobolectricTestRunner
import org.robolectric.ParameterizedRobolectricTestRunner.Parameters
import org.robolectric.RuntimeEnvironment

/** Two answers, one below the other on a narrow screen, and beside each other where both fit. */
@RunWith(ParameterizedRobolectricTestRunner::class)
class ConflictTest(private val language: String) {
    @Test
    fun `on a wide screen both stand beside each other`() {
        // A phone that lies on its side, and a tablet.
        for (screen in listOf("w640dp-h360dp-land", "w600dp-h960dp-port")) {
            val (one, other) = begin(screen)
            assertEquals(one.top(), other.top())
            assertNotEquals(one.left(), other.left())
            assertEquals(language == "ar", one.left() > other.left(), "the first is where one begins to read")
        }
    }

    @Test
    fun `on a narrow one they stand below each other, and with large letters too`() {
        val (one, other) = begin("w360dp-h640dp-port")
        assertEquals(one.left(), other.left())
        assertTrue(one.top() < other.top())
        RuntimeEnvironment.setFontScale(2f)
        val (large, further) = begin("w640dp-h360dp-land", "-large")
        assertEquals(large.left(), further.left())
    }

    private fun begin(screen: String, kind: String = ""): List<Button> {
        RuntimeEnvironment.setQualifiers("$language-$screen-hdpi")
        val window = Window(language)
        // Pictures too: each can be seen or fetched before one is chosen.
        window.show(Gallery(language).screens.getValue("conflict-files"))
        window.looks("conflict-files-$screen$kind")
        val buttons = window.root.all().filterIsInstance<Button>().map { it.text.toString() }
        for (word in listOf(Word.FILE_SHOW, Word.FILE_FETCH)) assertTrue(window.say(word) in buttons, "$word")
        window.show(Gallery(language).screens.getValue("conflict"))
        window.looks("conflict-$screen$kind")
        val choose = window.words.say(Line(Word.CONFLICT_CHOOSE))
        return window.root.all().filterIsInstance<Button>().filter { choose in it.text }.toList()
    }

    /** What one has to scroll for counts too; a phone on its side leaves little room for that, with or without columns. */
    private fun Window.looks(name: String) {
        val faults = whole { Picture.of(root).also { it.save("$name-$language") }.let(root::faults) }
        assertEquals(emptyList(), faults, name)
    }

    private fun View.at() = IntArray(2).also(::getLocationInWindow)

    private fun View.left() = at()[0]

    private fun View.top() = at()[1]

    companion object {
        @JvmStatic
        @Parameters(name = "{0}")
        fun languages() = LANGUAGES.keys.toList()
    }
}
