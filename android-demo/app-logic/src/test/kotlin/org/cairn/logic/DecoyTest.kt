package org.cairn.logic

import java.io.File
import java.time.LocalDate
import java.util.GregorianCalendar
import kotlin.random.Random
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue
import org.cairn.ffi.CommandLine
import org.cairn.ffi.Decoy
import org.cairn.ffi.OpenVault
import org.cairn.ffi.RecordQuery
import org.cairn.ffi.createVault
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder

/** What the second passphrase shows. */
class DecoyTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val today = LocalDate.of(2026, 1, 31)

    private fun draw(seed: Int, language: String = "ru") =
        HarmlessList.draw(language, Random(seed), GregorianCalendar(today.year, today.monthValue - 1, today.dayOfMonth))

    @Test
    fun `no two phones show the same, and every kind of list comes up`() {
        val phones = Random(1)
        val drawn = List(500) { draw(phones.nextInt()) }
        assertEquals(500, drawn.toSet().size)
        assertEquals(HARMLESS.size, drawn.map { it.sheets }.toSet().size)
        assertEquals(draw(7), draw(7), "the control: the same dice draw the same")
        // Two phones at one checkpoint: mostly not even the same kind of list.
        val alike = drawn.chunked(2).count { (one, two) -> one.sheets == two.sheets }
        assertTrue(alike in 1..100, "$alike of 250 pairs")
    }

    @Test
    fun `its days are past days, and not long past`() {
        for (seed in 0 until 100) for (record in draw(seed).records) {
            val day = LocalDate.parse(Regex(""""day":"(.+?)"""").find(record)!!.groupValues[1])
            assertTrue(day < today && day > today.minusDays(90), record)
        }
    }

    @Test
    fun `the form of a decoy lies nowhere afterwards, nor after a process that was killed meanwhile`() {
        val vault = folder.newFolder()
        CommandLine.beginVault(vault)
        val left = File("${vault.path}-form").apply { mkdirs() }
        File(left, "survey.csv").writeText("wells")
        val person = Person(vault)
        assertFalse(left.exists(), "gone as soon as the app begins")
        person.opens(CommandLine.PASSPHRASE)
        person.goes(Door.Settings(SettingsPage.DURESS))
        val set = person.does(SettingsEvent.Duress(CommandLine.PASSPHRASE, OTHER, OTHER))
        assertEquals(Word.SETTINGS_DURESS_IS_SET, (assertIs<Settings>(set).notice?.places?.first() as Line).word)
        assertFalse(left.exists())
        person.locks()
    }

    @Test
    fun `a disk that does not take the form is told, and nothing else has changed`() {
        // The longest name there is: nothing can lie beside it under a longer one.
        val vault = File(folder.newFolder(), "v".repeat(255))
        CommandLine.beginVault(vault)
        val person = Person(vault)
        person.opens(CommandLine.PASSPHRASE)
        person.goes(Door.Settings(SettingsPage.DURESS))
        val refused = person.does(SettingsEvent.Duress(CommandLine.PASSPHRASE, OTHER, OTHER))
        assertEquals(Line(Word.TROUBLE, "disk"), assertIs<Settings>(refused).notice)
        person.locks()
        assertEquals(Screen.Unlock(Line(Word.WRONG_PASSPHRASE)), person.opens(OTHER))
        assertIs<Today>(person.opens(CommandLine.PASSPHRASE))
        person.locks()
    }

    @Test
    fun `every kind has the same number of things in each language, all different and fit for a table`() {
        for (kind in HARMLESS) {
            assertEquals(setOf("en", "ru", "tg", "ar"), kind.words.keys)
            for ((language, words) in kind.words) {
                assertEquals(10, words.things.toSet().size, "${kind.id}, $language")
                val all = words.things + words.title + words.what + words.number + words.done
                assertEquals(emptyList(), all.filter { it.isBlank() || ',' in it || '"' in it }, "${kind.id}, $language")
            }
        }
    }

    @Test
    fun `the core takes every kind, and shows it in the phone's language`() {
        val seeds = HARMLESS.map { kind -> (0..999).first { ",${kind.id}," in draw(it).sheets.getValue("settings.csv") } }
        for ((seed, language) in seeds.zip(listOf("en", "ru", "tg", "ar", "ru", "en"))) {
            val vault = folder.newFolder()
            createVault(vault.path, OWN, null)
            val list = draw(seed, language)
            val form = folder.newFolder()
            for ((name, text) in list.sheets) form.resolve(name).writeText(text)
            OpenVault.open(vault.path, OWN).use {
                it.setDuress(OWN, OTHER, Decoy(form.path, list.records))
                it.lock()
            }
            OpenVault.open(vault.path, OTHER).use { decoy ->
                val rows = decoy.records(RecordQuery("", null, emptyList(), null, 50u), language).rows
                assertEquals(list.records.size, rows.size)
                val kind = HARMLESS.single { kind -> kind.id == rows.first().form }
                val words = kind.words.getValue(language)
                assertTrue(words.things.containsAll(rows.map { it.title }), "$rows")
                assertEquals(setOf(words.title), rows.map { it.formTitle }.toSet())
                decoy.lock()
            }
        }
    }

    private companion object {
        const val OWN = "correct horse battery staple"
        const val OTHER = "another horse another staple"
    }
}
