package org.cairn.app

import android.graphics.Color
import android.os.Bundle
import android.text.InputType
import android.view.View
import android.view.ViewGroup
import android.view.WindowManager.LayoutParams.FLAG_SECURE
import android.view.inputmethod.EditorInfo
import android.widget.Button
import android.widget.CheckBox
import android.widget.EditText
import android.widget.TextView
import java.io.File
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotEquals
import kotlin.test.assertTrue
import org.cairn.ffi.CommandLine
import org.cairn.logic.Word
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.ParameterizedRobolectricTestRunner
import org.robolectric.ParameterizedRobolectricTestRunner.Parameters
import org.robolectric.RuntimeEnvironment

/** The lock in the real window of the real framework, in each language, with a real vault behind it. */
@RunWith(ParameterizedRobolectricTestRunner::class)
class UnlockTest(private val language: String) {
    @Test
    fun `the lock can be seen, read and touched`() {
        val window = begin()
        window.draw("unlock")
        val touched = window.root.all().filter { it.isShown && it.isClickable }
        assertEquals(4, touched.size)
        val direction = if (language == "ar") View.LAYOUT_DIRECTION_RTL else View.LAYOUT_DIRECTION_LTR
        assertEquals(direction, window.root.layoutDirection)
    }

    @Test
    fun `letters of twice the size still fit`() {
        RuntimeEnvironment.setFontScale(2f)
        begin().draw("unlock-large")
    }

    @Test
    fun `screen readers find a label, a heading and what happened`() {
        val window = begin()
        val labels = window.root.all().filter { it.labelFor == R.id.passphrase }
        assertEquals(1, labels.size)
        assertTrue(window.find<TextView>(R.id.title).isAccessibilityHeading)
        val notice = window.find<TextView>(R.id.notice)
        assertEquals(View.ACCESSIBILITY_LIVE_REGION_POLITE, notice.accessibilityLiveRegion)
    }

    @Test
    fun `what is typed is not pictured, learned, filled in, kept or copied`() {
        val window = begin()
        assertNotEquals(0, window.activity.window.attributes.flags and FLAG_SECURE)
        assertTrue(window.find<ViewGroup>(android.R.id.content).getChildAt(0).filterTouchesWhenObscured)
        val field = window.find<EditText>(R.id.passphrase)
        for (shown in listOf(false, true)) {
            window.find<CheckBox>(R.id.show).isChecked = shown
            assertNotEquals(0, field.imeOptions and EditorInfo.IME_FLAG_NO_PERSONALIZED_LEARNING)
            assertNotEquals(0, field.inputType and InputType.TYPE_TEXT_FLAG_NO_SUGGESTIONS)
            assertFalse(field.isImportantForAutofill)
            assertFalse(field.isLongClickable || field.isTextSelectable)
        }
        field.setText(CommandLine.PASSPHRASE)
        val kept = Bundle().also { window.controller.saveInstanceState(it) }
        assertFalse(CommandLine.PASSPHRASE in kept.toString())
        window.controller.pause().stop()
        assertEquals("", field.text.toString())
    }

    @Test
    fun `a wrong passphrase says so, the right one opens, and the back key locks`() {
        val window = begin(record = true)
        window.type("another passphrase")
        window.find<Button>(R.id.open).performClick()
        assertEquals(window.say(Word.WAIT), window.notice)
        assertFalse(window.find<Button>(R.id.open).isEnabled)
        window.settle()
        assertEquals(window.say(Word.WRONG_PASSPHRASE), window.notice)
        window.draw("unlock-wrong")

        window.type(CommandLine.PASSPHRASE)
        window.tap(Word.UNLOCK_OPEN)
        assertEquals(window.say(Word.TODAY_TITLE), window.title)
        window.draw("today")

        @Suppress("DEPRECATION")
        window.activity.onBackPressed()
        window.settle()
        assertEquals(window.say(Word.UNLOCK_TITLE) to window.say(Word.LOCKED), window.title to window.notice)
    }

    @Test
    fun `a window that takes another's place is the one that is drawn`() {
        val old = begin()
        val new = Window(language)
        old.controller.pause().stop().destroy()
        new.type("")
        new.tap(Word.UNLOCK_OPEN)
        assertEquals(new.say(Word.EMPTY_PASSPHRASE), new.notice)
    }

    @Test
    fun `text that is not drawn is found out`() {
        val window = begin()
        val title = window.find<TextView>(R.id.title)
        assertTrue(Picture.of(window.root).holds(title.currentTextColor, title.area()))
        val colour = title.currentTextColor
        title.setTextColor(Color.TRANSPARENT)
        assertFalse(Picture.of(window.root).holds(colour, title.area()))
    }

    /** A window over a vault. */
    private fun begin(record: Boolean = false): Window {
        val app = RuntimeEnvironment.getApplication() as CairnApp
        val vault = File(app.filesDir, "cairn").apply { mkdirs() }
        CommandLine.beginVault(vault)
        if (record) CommandLine.saveRecord(vault)
        // As if the process had begun with it there.
        app.onCreate()
        return Window(language)
    }

    init {
        // A cheap phone's screen: 540 by 960 dots.
        RuntimeEnvironment.setQualifiers("$language-w360dp-h640dp-port-hdpi")
    }

    companion object {
        @JvmStatic
        @Parameters(name = "{0}")
        fun languages() = LANGUAGES.keys.toList()
    }
}
