package org.cairn.app.disguise

import android.content.Intent
import android.os.Looper
import android.view.View
import android.view.WindowManager.LayoutParams.FLAG_SECURE
import android.widget.Button
import android.widget.TextView
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.cairn.app.MainActivity
import org.cairn.app.Picture
import org.cairn.app.R
import org.cairn.app.all
import org.cairn.app.area
import org.cairn.app.texts
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.ParameterizedRobolectricTestRunner
import org.robolectric.ParameterizedRobolectricTestRunner.Parameters
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf

/** The calculator and the way behind it, in each language. */
@RunWith(ParameterizedRobolectricTestRunner::class)
class CalculatorScreenTest(private val language: String) {
    init {
        RuntimeEnvironment.setQualifiers("$language-w360dp-h640dp-port-hdpi")
    }

    private val app = RuntimeEnvironment.getApplication()

    @Test
    fun `it calculates and can be read`() {
        val window = begin()
        window.press("1", "2", "×", "3", "−", "5", "%")
        window.draw("calculator")
        window.press("=")
        // 5 % of 36 less.
        assertEquals("= 34${window.point}2", window.plain(R.id.result))
        window.press("C", "7", "÷", "0", "=")
        assertEquals(app.getString(R.string.calculator_divided_by_zero), window.plain(R.id.result))
        window.draw("calculator-zero")
    }

    @Test
    fun `letters of twice the size still fit`() {
        RuntimeEnvironment.setFontScale(2f)
        val window = begin()
        window.press("1", "2", "3", "4", "5", "6", "7", "8", "9", "÷", "7", "=")
        window.draw("calculator-large")
    }

    @Test
    fun `keys are large, and signs are spoken`() {
        val window = begin()
        val target = app.resources.getDimensionPixelSize(R.dimen.target)
        val keys = window.root.all().filterIsInstance<Button>()
        assertEquals(20, keys.size)
        for (key in keys) {
            assertTrue(key.height >= target && key.width >= target, "${key.text}")
            assertTrue(key.text.all(Char::isDigit) || !key.contentDescription.isNullOrEmpty(), "${key.text}")
        }
    }

    @Test
    fun `the number and a long press lead to the lock and leave nothing on the display`() {
        Disguise(app).putOn(NUMBER)
        val window = begin()
        window.press("4", "7", "1", "1")
        window.hold("=")
        val begun = assertNotNull(shadowOf(window.activity).nextStartedActivity)
        assertEquals(MainActivity::class.java.name, begun.component?.className)
        assertEquals("0", window.plain(R.id.sum))
    }

    @Test
    fun `with any other number a long press is a press`() {
        Disguise(app).putOn(NUMBER)
        for (keys in listOf("47", "47111", "4+711", "4711+")) {
            val window = begin()
            window.press(*keys.map { "$it" }.toTypedArray())
            window.hold("=")
            assertNull(shadowOf(window.activity).nextStartedActivity, keys)
            assertTrue(window.plain(R.id.result).startsWith("= "), keys)
        }
    }

    @Test
    fun `without the disguise no number leads anywhere`() {
        val window = begin()
        window.press("4", "7", "1", "1")
        window.hold("=")
        assertNull(shadowOf(window.activity).nextStartedActivity)
    }

    @Test
    fun `a calculator does not hide itself`() {
        assertEquals(0, begin().activity.window.attributes.flags and FLAG_SECURE)
    }

    private fun begin() = Window(
        Robolectric.buildActivity(CalculatorActivity::class.java, Intent(Intent.ACTION_MAIN)).setup().get(),
    )

    private inner class Window(val activity: CalculatorActivity) {
        val root: View get() = activity.window.decorView
        val point = if (language == "en") "." else ","

        /** Keys by what they say in English. */
        fun press(vararg faces: String) = faces.forEach { key(it).performClick() }

        /** What a finger does that stays: a long press, and if that leads nowhere the press. */
        fun hold(face: String) {
            if (!key(face).performLongClick()) key(face).performClick()
        }

        private fun key(face: String): Button =
            root.all().filterIsInstance<Button>().single { latin("${it.text}") == latin(face) }

        /** With Latin digits and without marks of direction. */
        fun plain(id: Int): String = latin("${activity.findViewById<TextView>(id).text}")

        private fun latin(text: String) = text.replace("\u200E", "").map { letter ->
            when {
                letter.isDigit() -> '0' + Character.digit(letter, 10)
                letter == '٪' -> '%'
                letter == '٫' -> ','
                else -> letter
            }
        }.joinToString("")

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

    companion object {
        private const val NUMBER = "4711"

        @JvmStatic
        @Parameters(name = "{0}")
        fun languages() = listOf("en", "ru", "tg", "ar")
    }
}
