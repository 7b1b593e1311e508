package org.cairn.app

import java.io.File
import javax.xml.parsers.DocumentBuilderFactory
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import org.junit.Test
import org.w3c.dom.Element

/** The words of parts that keep a file of their own: every language has all of them, in its own letters. */
class OtherStringsTest {
    @Test
    fun `every language has every string of every file`() {
        for (file in FILES) {
            val english = strings("values", file)
            assertTrue(english.isNotEmpty(), file)
            for (language in LANGUAGES.keys) {
                val other = strings("values-$language", file)
                assertEquals(english.keys.sorted(), other.keys.sorted(), "$language/$file")
            }
        }
    }

    @Test
    fun `every string is written in the letters of its language`() {
        for (file in FILES) {
            for ((language, script) in LANGUAGES) {
                for ((name, text) in strings("values-$language", file)) {
                    val letters = text.replace(NAME, "").codePoints().toArray().filter(Character::isLetter)
                    assertTrue(letters.isNotEmpty(), "$language: $name")
                    assertTrue(letters.all { Character.UnicodeScript.of(it) == script }, "$language: $name")
                }
            }
        }
    }

    @Test
    fun `no other file holds words`() {
        val resources = checkNotNull(File(System.getProperty("cairn.resources")).listFiles())
        val found = resources.filter { it.name.startsWith("values") }.flatMap { folder ->
            checkNotNull(folder.listFiles()).filter { "<string " in it.readText() }.map { it.name }
        }
        assertEquals((FILES + "strings.xml").toSet(), found.toSet())
    }

    private fun strings(folder: String, file: String): Map<String, String> {
        val nodes = DocumentBuilderFactory.newInstance().newDocumentBuilder()
            .parse(File(System.getProperty("cairn.resources"), "$folder/$file")).getElementsByTagName("string")
        return (0 until nodes.length).map { nodes.item(it) as Element }
            .associate { it.getAttribute("name") to it.textContent }
    }

    private companion object {
        val FILES = listOf("background.xml", "disguise.xml")
        val LANGUAGES = mapOf(
            "ru" to Character.UnicodeScript.CYRILLIC,
            "tg" to Character.UnicodeScript.CYRILLIC,
            "ar" to Character.UnicodeScript.ARABIC,
        )

        /** The app's name is the same everywhere. */
        const val NAME = "Cairn"
    }
}
