package org.cairn.app.disguise

import android.app.Activity
import android.app.ActivityManager.TaskDescription
import android.content.ComponentName
import android.content.Intent
import android.os.Looper
import android.widget.Button
import android.widget.EditText
import android.widget.ScrollView
import android.widget.TextView
import kotlin.test.assertEquals
import kotlin.test.assertFalse
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

/** What the phone's launcher and its list of recent apps are told. */
@RunWith(ParameterizedRobolectricTestRunner::class)
class DisguiseTest(private val language: String) {
    init {
        RuntimeEnvironment.setQualifiers("$language-w360dp-h640dp-port-hdpi")
    }

    private val app = RuntimeEnvironment.getApplication()
    private val disguise = Disguise(app)

    @Test
    fun `the launcher shows one of two names`() {
        assertEquals(listOf("Cairn"), launched())
        assertTrue(disguise.putOn("4711"))
        assertTrue(disguise.isOn)
        assertEquals(listOf(app.getString(R.string.calculator_name)), launched())
        disguise.takeOff()
        assertFalse(disguise.isOn)
        assertNull(disguise.number)
        assertEquals(listOf("Cairn"), launched())
    }

    @Test
    fun `without a number that can be typed nothing is put on`() {
        for (wrong in listOf("", "12", "0123", "12a4")) {
            assertFalse(disguise.putOn(wrong))
            assertEquals(listOf("Cairn"), launched())
        }
    }

    @Test
    fun `who has forgotten the number gets in by the phone's settings`() {
        disguise.putOn("4711")
        val asked = Intent(Intent.ACTION_APPLICATION_PREFERENCES).setPackage(app.packageName)
        val found = assertNotNull(app.packageManager.resolveActivity(asked, 0)).activityInfo
        assertEquals(MainActivity::class.java.name, found.targetActivity)
        assertTrue(found.exported)
    }

    @Test
    fun `windows are called calculator while it is on`() {
        for (on in listOf(false, true)) {
            if (on) disguise.putOn("4711")
            val window = Robolectric.buildActivity(MainActivity::class.java).setup().get()
            val label = if (on) app.getString(R.string.calculator_name) else null
            assertEquals(label, nameOf(window), "on: $on")
        }
    }

    @Test
    fun `out of sight the lock gives way to the calculator, and only then`() {
        for (on in listOf(false, true)) {
            if (on) disguise.putOn("4711")
            val controller = Robolectric.buildActivity(MainActivity::class.java).setup()
            controller.pause().stop()
            assertEquals(on, controller.get().isFinishing, "on: $on")
        }
    }

    @Test
    fun `the quick way out leads to the calculator or to nothing`() {
        val plain = Robolectric.buildActivity(MainActivity::class.java).setup().get()
        disguise.leave(plain)
        assertTrue(plain.isFinishing)
        assertNull(shadowOf(plain).nextStartedActivity)
        disguise.putOn("4711")
        val covered = Robolectric.buildActivity(MainActivity::class.java).setup().get()
        disguise.leave(covered)
        assertTrue(covered.isFinishing)
        assertEquals(
            ComponentName(app, CalculatorActivity::class.java),
            assertNotNull(shadowOf(covered).nextStartedActivity).component,
        )
    }

    @Test
    fun `the settings put it on and take it off, and say what it hides`() {
        // A piece of a screen that scrolls: all of it is looked at.
        RuntimeEnvironment.setQualifiers("+h1000dp")
        val window = Robolectric.buildActivity(Activity::class.java).setup().get()
        val view = DisguiseView(window.layoutInflater, disguise)
        window.setContentView(ScrollView(window).apply { addView(view.root) })
        val number = view.root.findViewById<EditText>(R.id.disguise_number)
        val switch = view.root.findViewById<Button>(R.id.disguise_switch)
        val notice = view.root.findViewById<TextView>(R.id.disguise_notice)
        assertTrue(view.root.texts().any { it.text.contains("Cairn") }, "what it does not hide")
        assertFalse(number.isSaveEnabled || number.isLongClickable)

        number.setText("12")
        switch.performClick()
        assertEquals(app.getString(R.string.disguise_wrong_number), notice.text)
        assertFalse(disguise.isOn)

        number.setText("4711")
        switch.performClick()
        assertEquals(app.getString(R.string.disguise_is_on), notice.text)
        assertEquals("4711", disguise.number)
        assertEquals("", number.text.toString(), "not left standing")

        shadowOf(Looper.getMainLooper()).idle()
        val picture = Picture.of(window.window.decorView)
        picture.save("disguise-$language")
        for (text in view.root.texts()) {
            assertTrue(picture.holds(text.currentTextColor, text.area()), "${text.text} is not to be seen")
            assertTrue(text.layout.height <= text.height, "${text.text} is cut off")
        }
        val target = app.resources.getDimensionPixelSize(R.dimen.target)
        assertTrue(view.root.all().filter { it.isClickable }.all { it.height >= target })

        switch.performClick()
        assertFalse(disguise.isOn)
    }

    /** What the list of recent apps was told. The framework keeps it where only itself looks. */
    private fun nameOf(window: Activity): String? =
        Activity::class.java.getDeclaredField("mTaskDescription").apply { isAccessible = true }
            .let { it.get(window) as TaskDescription }.label

    /** The names under which the launcher shows the app. */
    private fun launched(): List<String> {
        val asked = Intent(Intent.ACTION_MAIN).addCategory(Intent.CATEGORY_LAUNCHER).setPackage(app.packageName)
        return app.packageManager.queryIntentActivities(asked, 0).map { "${it.loadLabel(app.packageManager)}" }
    }

    companion object {
        @JvmStatic
        @Parameters(name = "{0}")
        fun languages() = listOf("en", "ru", "tg", "ar")
    }
}
