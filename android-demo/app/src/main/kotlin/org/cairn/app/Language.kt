package org.cairn.app

import android.content.Context
import android.content.res.Configuration
import java.text.NumberFormat
import java.util.Locale

/** Which language the app speaks: the one chosen in it, else the phone's where the app has it, else English. */
class Language(private val context: Context) {
    private val kept get() = context.getSharedPreferences("language", Context.MODE_PRIVATE)

    /** A BCP 47 tag of [LANGUAGES]. */
    var tag: String
        get() = kept.getString("tag", null) ?: context.locale.language.takeIf { it in LANGUAGES } ?: "en"
        set(tag) {
            kept.edit().putString("tag", tag).commit()
        }

    /** The same context, speaking that language. */
    fun spoken(base: Context): Context {
        if (kept.getString("tag", null) == null) return base
        val locale = Locale.forLanguageTag(tag)
        return base.createConfigurationContext(
            Configuration(base.resources.configuration).apply {
                setLocale(locale)
                setLayoutDirection(locale)
            },
        )
    }
}

val Context.locale: Locale get() = resources.configuration.locales[0]

fun Context.number(number: Long): String = NumberFormat.getIntegerInstance(locale).format(number)

/**
 * A text that others wrote, kept apart from the direction of what is around it. Without this, Arabic shows latitude
 * and longitude, or the parts of a day, in the wrong order.
 */
fun apart(text: String): String = (if (text.none(Char::isLetter)) LEFT_TO_RIGHT else AS_ITS_FIRST_LETTER) + text + END

private const val LEFT_TO_RIGHT = "\u2066"
private const val AS_ITS_FIRST_LETTER = "\u2068"
private const val END = "\u2069"
