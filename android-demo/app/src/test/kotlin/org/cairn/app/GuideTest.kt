package org.cairn.app

import android.content.Intent
import android.os.Looper
import java.io.File
import java.util.TimeZone
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import org.cairn.app.disguise.CalculatorActivity
import org.cairn.logic.Counts
import org.cairn.logic.Today
import org.junit.After
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.ParameterizedRobolectricTestRunner
import org.robolectric.ParameterizedRobolectricTestRunner.Parameters
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf

/**
 * The pictures of the field guide are what the app shows today. With `UPDATE_PICTURES=1` they are written, in each
 * language those that its guide speaks of.
 */
@RunWith(ParameterizedRobolectricTestRunner::class)
class GuideTest(private val language: String) {
    init {
        RuntimeEnvironment.setQualifiers("$language-w360dp-h640dp-port-mdpi")
    }

    private val docs = File(System.getProperty("cairn.docs"))
    private val folder = File(docs, "field-guide/$language")
    private val guide = File(docs, if (language == "en") "FIELD-GUIDE.md" else "FIELD-GUIDE.$language.md").readText()
    private val named = PICTURE.findAll(guide).map { it.groupValues[1] to it.groupValues[2] }.toList()
    private val gallery = Gallery(language)
    private val zone = TimeZone.getDefault()

    @Before
    fun begin() = TimeZone.setDefault(TimeZone.getTimeZone("UTC"))

    @After
    fun end() = TimeZone.setDefault(zone)

    @Test
    fun `every picture is what the app shows`() {
        assertTrue(named.size > 15, "the guide has pictures")
        val window = Window(language)
        for (name in named.map { it.second }.distinct()) {
            val now = if (name == CALCULATOR) calculator() else drawn(window, name)
            val file = File(folder, "$name.png")
            if (System.getenv("UPDATE_PICTURES") == "1") now.write(file)
            val kept = assertNotNull(GuidePicture.read(file), "$file is missing; UPDATE_PICTURES=1 writes it")
            val unlike = now.unlike(kept)
            assertTrue(unlike < LIKE, "$file shows something else by now ($unlike); UPDATE_PICTURES=1 writes it anew")
        }
    }

    @Test
    fun `every guide shows the same pictures, in its own language, and nothing lies about`() {
        val english = PICTURE.findAll(File(docs, "FIELD-GUIDE.md").readText()).map { it.groupValues[2] }.toList()
        assertEquals(english, named.map { it.second })
        assertEquals(setOf(language), named.map { it.first }.toSet())
        val files = folder.listFiles().orEmpty()
        assertEquals(named.map { "${it.second}.png" }.toSet(), files.map { it.name }.toSet())
        assertTrue(files.sumOf { it.length() } < MOST, "they are small")
    }

    @Test
    fun `what it names in bold stands on the screen`() {
        val folder = if (language == "en") "values" else "values-$language"
        val words = listOf("strings.xml", "disguise.xml").flatMap { file ->
            val xml = File(System.getProperty("cairn.resources"), "$folder/$file").readText()
            Regex("""<string name="\w+"[^>]*>(.*?)</string>""").findAll(xml).map { it.groupValues[1].replace("\\'", "'") }
        }
        val bold = Regex("""\*\*(.+?)\*\*""").findAll(guide.substringBefore(COMMANDS)).map { it.groupValues[1] }.toSet()
        assertTrue(bold.size > 25, "$bold")
        // What counts something ends with the number.
        assertEquals(emptyList(), bold.filterNot { said -> words.any { it == said || it.startsWith("$said: %") } })
    }

    @Test
    fun `a screen that shows another number is found out, and the same screen is not`() {
        val window = Window(language)
        val before = drawn(window, "today")
        assertEquals(0.0, before.unlike(drawn(window, "today")))
        val today = gallery.screens.getValue("today") as Today
        window.show(today.copy(counts = Counts(records = 25, conflicts = 1, waiting = 3)))
        assertTrue(before.unlike(picture(window)) >= LIKE)
    }

    private fun drawn(window: Window, name: String): GuidePicture {
        window.show(gallery.screens.getValue(name))
        return picture(window)
    }

    private fun picture(window: Window) = window.whole { GuidePicture.of(Picture.of(window.root).bitmap) }

    private fun calculator(): GuidePicture {
        val asked = Intent(Intent.ACTION_MAIN)
        val window = Robolectric.buildActivity(CalculatorActivity::class.java, asked).setup().get()
        shadowOf(Looper.getMainLooper()).idle()
        return GuidePicture.of(Picture.of(window.window.decorView).bitmap)
    }

    companion object {
        private val PICTURE = Regex("""field-guide/(\w+)/([\w-]+)\.png""")

        /** The one picture that is no screen of the lock or behind it. */
        private const val CALCULATOR = "calculator"

        /** From here on the guide is about something else than the app. */
        private const val COMMANDS = "## With the command line"

        /** Less than a digit's worth of dots. */
        private const val LIKE = 0.00005

        /** In octets, for each language. */
        private const val MOST = 400_000L

        @JvmStatic
        @Parameters(name = "{0}")
        fun languages() = LANGUAGES.keys.toList()
    }
}
