package org.cairn.app

import android.app.Activity
import android.graphics.Color
import android.os.Bundle
import android.os.Looper
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
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.ParameterizedRobolectricTestRunner
import org.robolectric.ParameterizedRobolectricTestRunner.Parameters
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController

/** The real window of the real framework, in each language, with a real vault behind it. */
@RunWith(ParameterizedRobolectricTestRunner::class)
class UnlockTest(private val language: String) {
    @Test
    fun `the lock can be seen, read and touched`() {
        val window = begin()
        window.draw("unlock")
        val touched = window.root.all().filter { it.isShown && it.isClickable }
        assertEquals(3, touched.size)
        for (view in touched) assertTrue(view.height >= window.target, "$view is too small a target")
        val direction = if (language == "ar") View.LAYOUT_DIRECTION_RTL else View.LAYOUT_DIRECTION_LTR
        assertEquals(direction, window.root.layoutDirection)
    }

    @Test
    fun `letters of twice the size still fit`() {
        RuntimeEnvironment.setFontScale(2f)
        val window = begin()
        window.draw("unlock-large")
    }

    @Test
    fun `screen readers find a label, a heading and what happened`() {
        val window = begin()
        val labels = window.root.all().filter { it.labelFor == R.id.passphrase }
        assertEquals(1, labels.size)
        assertTrue(window.find<TextView>(R.id.title).isAccessibilityHeading)
        assertEquals(View.ACCESSIBILITY_LIVE_REGION_POLITE, window.notice.accessibilityLiveRegion)
    }

    @Test
    fun `what is typed is not pictured, learned, filled in, kept or copied`() {
        val controller = Robolectric.buildActivity(MainActivity::class.java).setup()
        val window = Window(controller)
        assertNotEquals(0, controller.get().window.attributes.flags and FLAG_SECURE)
        assertTrue(window.find<ViewGroup>(android.R.id.content).getChildAt(0).filterTouchesWhenObscured)
        for (shown in listOf(false, true)) {
            window.find<CheckBox>(R.id.show).isChecked = shown
            val field = window.passphrase
            assertNotEquals(0, field.imeOptions and EditorInfo.IME_FLAG_NO_PERSONALIZED_LEARNING)
            assertNotEquals(0, field.inputType and InputType.TYPE_TEXT_FLAG_NO_SUGGESTIONS)
            assertFalse(field.isImportantForAutofill)
            assertFalse(field.isLongClickable || field.isTextSelectable)
        }
        window.passphrase.setText(CommandLine.PASSPHRASE)
        val kept = Bundle().also { controller.saveInstanceState(it) }
        assertFalse(CommandLine.PASSPHRASE in kept.toString())
        controller.pause().stop()
        assertEquals("", window.passphrase.text.toString())
    }

    @Test
    fun `a wrong passphrase says so, the right one opens, and leaving locks`() {
        val vault = File(RuntimeEnvironment.getApplication().filesDir, "cairn").apply { mkdirs() }
        CommandLine.beginVault(vault)
        CommandLine.saveRecord(vault)
        val window = begin()

        window.submit("another passphrase")
        assertEquals(window.words.getString(R.string.wait), window.notice.text.toString())
        assertFalse(window.find<Button>(R.id.open).isEnabled)
        window.settle()
        assertEquals(window.words.getString(R.string.wrong_passphrase), window.notice.text.toString())
        window.draw("unlock-wrong")

        window.submit(CommandLine.PASSPHRASE)
        window.settle()
        val records = window.words.getString(R.string.today_records, 1L)
        assertTrue(records in window.find<TextView>(R.id.lines).text)
        window.draw("today")

        window.controller.pause().stop()
        window.settle()
        window.controller.restart().start().resume()
        assertEquals(window.words.getString(R.string.locked), window.notice.text.toString())
    }

    @Test
    fun `a window that takes another's place is the one that is drawn`() {
        val old = begin()
        val new = begin()
        old.controller.pause().stop().destroy()
        new.submit("")
        assertEquals(new.words.getString(R.string.empty_passphrase), new.notice.text.toString())
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

    private fun begin() = Window(Robolectric.buildActivity(MainActivity::class.java).setup())

    private inner class Window(val controller: ActivityController<out Activity>) {
        val activity: Activity get() = controller.get()
        val words get() = activity.resources
        val root: View get() = activity.window.decorView
        val passphrase get() = find<EditText>(R.id.passphrase)
        val notice get() = find<TextView>(R.id.notice)
        val target get() = words.getDimensionPixelSize(R.dimen.target)

        fun <V : View> find(id: Int): V = activity.findViewById(id)

        fun submit(typed: String) {
            passphrase.setText(typed)
            find<Button>(R.id.open).performClick()
        }

        /** Waits for the work that was begun, then lets the window draw what came of it. */
        fun settle() {
            (activity.application as CairnApp).awaitWork()
            shadowOf(Looper.getMainLooper()).idle()
        }

        /** Draws the window; no text in it may be invisible or cut off. */
        fun draw(name: String) {
            shadowOf(Looper.getMainLooper()).idle()
            val picture = Picture.of(root)
            picture.save("$name-$language")
            for (text in root.texts()) {
                assertTrue(picture.holds(text.currentTextColor, text.area()), "${text.text} is not to be seen")
                assertTrue(text.layout.height <= text.height, "${text.text} is cut off")
            }
        }
    }

    init {
        // A cheap phone's screen: 540 by 960 dots.
        RuntimeEnvironment.setQualifiers("$language-w360dp-h640dp-port-hdpi")
    }

    companion object {
        @JvmStatic
        @Parameters(name = "{0}")
        fun languages() = listOf("en", "ru", "tg", "ar")
    }
}
