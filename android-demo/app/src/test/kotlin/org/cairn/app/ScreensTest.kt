package org.cairn.app

import android.text.TextUtils
import android.view.View
import android.view.ViewGroup
import android.widget.Button
import android.widget.EditText
import android.widget.LinearLayout
import android.widget.TextView
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import org.cairn.logic.Inside
import org.cairn.logic.Screen
import org.cairn.logic.Settings
import org.cairn.logic.SettingsPage
import org.cairn.logic.Start
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.ParameterizedRobolectricTestRunner
import org.robolectric.ParameterizedRobolectricTestRunner.Parameters
import org.robolectric.RuntimeEnvironment

/** Every screen there is, in each language, with letters of the usual and of twice the size. */
@RunWith(ParameterizedRobolectricTestRunner::class)
class ScreensTest(private val language: String) {
    init {
        RuntimeEnvironment.setQualifiers("$language-w360dp-h640dp-port-hdpi")
    }

    private val screens = Gallery(language).screens

    @Test
    fun `every screen can be seen, read, touched and heard`() = look("")

    @Test
    fun `with letters of twice the size too`() {
        RuntimeEnvironment.setFontScale(2f)
        look("-large")
    }

    @Test
    fun `no screen and no page of the settings is left out`() {
        val shown = screens.values.map { it.javaClass.name }.toSet()
        val kinds = listOf(Screen::class.java, Inside::class.java, Start::class.java).flatMap(::kindsOf)
        assertTrue(kinds.size > 15, "they are found: $kinds")
        assertEquals(emptyList(), kinds.filterNot { it.isInterface || it.name in shown })
        val pages = screens.values.filterIsInstance<Settings>().map { it.page }
        assertEquals(SettingsPage.entries.toSet(), pages.toSet())
    }

    @Test
    fun `what is wrong is found`() {
        val window = Window(language)
        window.show(screens.getValue("today"))
        assertEquals(emptyList(), window.faults(), "the control")
        val content = window.find<LinearLayout>(R.id.content)
        for ((fault, view) in wrong(window)) {
            content.addView(view, 0)
            val found = window.faults()
            assertTrue(found.any { fault in it }, "$fault: $found")
            content.removeView(view)
        }
    }

    private fun wrong(window: Window): List<Pair<String, View>> {
        val context = window.activity
        val long = "long words that do not find room on one line of a screen"
        fun text(change: TextView.() -> Unit) = TextView(context).apply {
            text = long
            layoutParams = ViewGroup.LayoutParams(300, ViewGroup.LayoutParams.WRAP_CONTENT)
            change()
        }
        return listOf(
            "not to be seen" to text { setTextColor(0) },
            "cut off below" to text { layoutParams = ViewGroup.LayoutParams(300, 20) },
            "shortened" to text {
                maxLines = 1
                ellipsize = TextUtils.TruncateAt.END
            },
            "cut off at the side" to text { setHorizontallyScrolling(true) },
            "within a word" to text { layoutParams = ViewGroup.LayoutParams(40, ViewGroup.LayoutParams.WRAP_CONTENT) },
            "too small" to Button(context).apply {
                text = "x"
                minHeight = 0
                minimumHeight = 0
                layoutParams = ViewGroup.LayoutParams(300, 30)
            },
            "screen reader" to Button(context),
            "screen reader" to EditText(context),
            "leaves the window" to text { translationX = 400f },
            "lies over" to Button(context).apply {
                text = "x"
                translationY = 120f
                layoutParams = ViewGroup.LayoutParams(300, 150)
            },
        )
    }

    /** What may be one; the framework's own `Class` does not tell it to who compiles against it. */
    private fun kindsOf(sealed: Class<*>): List<Class<*>> =
        (Class::class.java.getMethod("getPermittedSubclasses").invoke(sealed) as Array<*>).map { it as Class<*> }

    private fun look(kind: String) {
        val window = Window(language)
        val faults = mutableListOf<String>()
        for ((name, screen) in screens) {
            window.show(screen)
            try {
                window.draw("screen-$name$kind")
            } catch (error: AssertionError) {
                faults += "${error.message}"
            }
        }
        assertTrue(faults.isEmpty(), faults.joinToString("\n"))
    }

    private fun Window.faults() = whole { root.faults(Picture.of(root)) }

    companion object {
        @JvmStatic
        @Parameters(name = "{0}")
        fun languages() = LANGUAGES.keys.toList()
    }
}
