package org.cairn.logic

import java.io.File
import java.security.SecureRandom
import java.util.Calendar
import java.util.GregorianCalendar
import java.util.Locale
import kotlin.random.Random
import kotlin.random.asKotlinRandom
import org.cairn.ffi.Decoy

/**
 * What a second passphrase shows on this phone: a list that nobody minds, and that no other phone has.
 *
 * @param folder where its form lies while it is taken in, because the core reads it from files
 * @throws java.io.IOException if the disk does not take it
 */
internal fun <T> invented(language: String, folder: File, use: (Decoy) -> T): T {
    val list = HarmlessList.draw(language, SecureRandom().asKotlinRandom(), GregorianCalendar())
    forgetInvented(folder)
    try {
        folder.mkdirs()
        for ((name, text) in list.sheets) File(folder, name).writeText(text)
        return use(Decoy(folder.path, list.records))
    } finally {
        forgetInvented(folder)
    }
}

/** A form of wells that lies about would tell that there is a decoy: nor may it after a process that was killed. */
internal fun forgetInvented(folder: File) {
    folder.deleteRecursively()
}

/**
 * A small form and invented records of it.
 *
 * @property sheets the form's tables, by the names of their files
 * @property records each a JSON object of answers
 */
internal data class HarmlessList(val sheets: Map<String, String>, val records: List<String>) {
    companion object {
        /** The dice choose which list it is, what stands in it, how much of it, and on which of the last days. */
        fun draw(language: String, dice: Random, today: Calendar): HarmlessList {
            val kind = HARMLESS.random(dice)
            val things = kind.words.getValue(if (language in kind.words) language else "en").things
            val drawn = things.shuffled(dice).take(dice.nextInt(FEWEST, MOST + 1))
            return HarmlessList(
                sheets = mapOf(
                    "survey.csv" to survey(kind),
                    "choices.csv" to choices(),
                    "settings.csv" to settings(kind, language),
                ),
                records = drawn.map { thing ->
                    val day = before(today, dice.nextInt(1, DAYS))
                    val done = if (dice.nextBoolean()) "yes" else "no"
                    """{"what":"$thing","day":"$day","number":${dice.nextInt(1, LARGEST)},"done":"$done"}"""
                },
            )
        }

        /** The day so many [days] ago, as forms write it. */
        private fun before(today: Calendar, days: Int): String {
            val day = (today.clone() as Calendar).apply { add(Calendar.DAY_OF_MONTH, -days) }
            return String.format(
                Locale.ROOT, "%04d-%02d-%02d", day[Calendar.YEAR], day[Calendar.MONTH] + 1, day[Calendar.DAY_OF_MONTH],
            )
        }

        private fun survey(kind: Harmless) = table(
            "type,name",
            "text,what" to { kind.words.getValue(it).what },
            "date,day" to { DAY.getValue(it) },
            "integer,number" to { kind.words.getValue(it).number },
            "select_one yesno,done" to { kind.words.getValue(it).done },
        )

        private fun choices() =
            table("list_name,name", "yesno,yes" to { YES.getValue(it) }, "yesno,no" to { NO.getValue(it) })

        private fun settings(kind: Harmless, language: String): String {
            val title = kind.words[language] ?: kind.words.getValue("en")
            return "form_title,form_id,version,default_language,instance_name\n" +
                "${title.title},${kind.id},1,English (en),\${what}\n"
        }

        /** Rows with a text in every language at their end. */
        private fun table(columns: String, vararg rows: Pair<String, (String) -> String>): String {
            val head = columns + COLUMNS.values.joinToString("") { ",label::$it" }
            val below = rows.map { (row, said) -> row + COLUMNS.keys.joinToString("") { ",${said(it)}" } }
            return (listOf(head) + below).joinToString("\n", postfix = "\n")
        }

        private val COLUMNS = mapOf("en" to "English (en)", "ru" to "Русский (ru)", "tg" to "Тоҷикӣ (tg)", "ar" to "العربية (ar)")
        private val DAY = mapOf("en" to "Day", "ru" to "День", "tg" to "Рӯз", "ar" to "اليوم")
        private val YES = mapOf("en" to "Yes", "ru" to "Да", "tg" to "Ҳа", "ar" to "نعم")
        private val NO = mapOf("en" to "No", "ru" to "Нет", "tg" to "Не", "ar" to "لا")
        private const val FEWEST = 4
        private const val MOST = 9
        private const val DAYS = 80
        private const val LARGEST = 24
    }
}
