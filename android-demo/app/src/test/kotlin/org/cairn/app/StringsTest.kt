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
    fun `every counted word has the forms that its language counts in`() {
        val counted = Word.entries.filter(Word::counted).map { it.name.lowercase() }.toSet()
        for ((folder, forms) in COUNTS) {
            val found = plurals(folder)
            assertEquals(counted, found.keys, folder)
            for ((name, items) in found) {
                assertEquals(forms, items.keys, "$folder: $name")
                for ((form, text) in items) assertEquals(listOf("%1\$d"), text.places, "$folder: $name, $form")
            }
        }
    }

    @Test
    fun `every string is written in the letters of its language`() {
        for ((language, script) in LANGUAGES) {
            val counted = plurals("values-$language").flatMap { (name, items) -> items.map { name to it.value } }
            for ((name, text) in strings("values-$language").toList() + counted) {
                if (text.words.none(Character::isLetter)) continue
                val foreign = text.words.none { letter -> Character.UnicodeScript.of(letter) == script }
                assertTrue(!foreign, "$language: $name")
            }
        }
    }

    @Test
    fun `every word of the screens is a string and every string is a word`() {
        val known = Word.entries.filterNot(Word::counted).map { it.name.lowercase() }
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

    private fun plurals(folder: String): Map<String, Map<String, Text>> {
        val file = File(System.getProperty("cairn.resources"), "$folder/strings.xml")
        val nodes = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file)
            .getElementsByTagName("plurals")
        return (0 until nodes.length).map { nodes.item(it) as Element }.associate { plural ->
            val items = plural.getElementsByTagName("item")
            plural.getAttribute("name") to (0 until items.length).map { items.item(it) as Element }
                .associate { it.getAttribute("quantity") to Text(it.textContent) }
        }
    }

    private companion object {
        /** By Unicode's rules; Tajik has none there, and is read like English by newer phones, else `other` alone. */
        val COUNTS = mapOf(
            "values" to setOf("one", "other"),
            "values-ru" to setOf("one", "few", "many", "other"),
            "values-tg" to setOf("one", "other"),
            "values-ar" to setOf("zero", "one", "two", "few", "many", "other"),
        )
        val PLACE = Regex("""%\d+\$\p{Alpha}""")
        val LANGUAGES = mapOf(
            "ru" to Character.UnicodeScript.CYRILLIC,
            "tg" to Character.UnicodeScript.CYRILLIC,
            "ar" to Character.UnicodeScript.ARABIC,
        )
    }
}
