package org.cairn.app

import java.io.File
import javax.xml.parsers.DocumentBuilderFactory
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import org.cairn.logic.Word
import org.junit.Test
import org.w3c.dom.Element

/** Every language says everything, with the same places for numbers and names. */
class StringsTest {
    private val english = strings("values").filterValues { it.translatable }

    @Test
    fun `every language has every string with the same places`() {
        for (language in LANGUAGES.keys) {
            assertEquals(emptyList(), faults(english, strings("values-$language")), language)
        }
    }

    @Test
    fun `every string is written in the letters of its language`() {
        for ((language, script) in LANGUAGES) {
            for ((name, text) in strings("values-$language")) {
                val foreign = text.words.none { letter -> Character.UnicodeScript.of(letter) == script }
                assertTrue(!foreign, "$language: $name")
            }
        }
    }

    @Test
    fun `every word of the screens is a string and every string is a word`() {
        val known = Word.entries.map { it.name.lowercase() }
        assertEquals(known.sorted(), english.keys.sorted())
    }

    @Test
    fun `a missing string, one too many and another place are found`() {
        val base = mapOf("a" to Text("Records: %1\$d"), "b" to Text("Open"))
        val other = mapOf("a" to Text("Записей: %1\$s"), "c" to Text("Открыть"))
        assertEquals(listOf("b is missing", "c is unknown", "a has [%1\$s], not [%1\$d]"), faults(base, other))
    }

    private class Text(val said: String, val translatable: Boolean = true) {
        val places: List<String> get() = PLACE.findAll(said).map { it.value }.sorted().toList()
        val words: List<Int> get() = said.replace(PLACE, "").codePoints().toArray().asList()
    }

    private fun faults(base: Map<String, Text>, other: Map<String, Text>): List<String> =
        (base.keys - other.keys).map { "$it is missing" } +
            (other.keys - base.keys).map { "$it is unknown" } +
            base.keys.intersect(other.keys)
                .filter { base.getValue(it).places != other.getValue(it).places }
                .map { "$it has ${other.getValue(it).places}, not ${base.getValue(it).places}" }

    private fun strings(folder: String): Map<String, Text> {
        val file = File(System.getProperty("cairn.resources"), "$folder/strings.xml")
        val nodes = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file)
            .getElementsByTagName("string")
        return (0 until nodes.length).map { nodes.item(it) as Element }.associate {
            it.getAttribute("name") to Text(it.textContent, it.getAttribute("translatable") != "false")
        }
    }

    private companion object {
        val PLACE = Regex("""%\d+\$\p{Alpha}""")
        val LANGUAGES = mapOf(
            "ru" to Character.UnicodeScript.CYRILLIC,
            "tg" to Character.UnicodeScript.CYRILLIC,
            "ar" to Character.UnicodeScript.ARABIC,
        )
    }
}
