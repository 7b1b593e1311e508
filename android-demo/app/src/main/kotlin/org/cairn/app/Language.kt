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
