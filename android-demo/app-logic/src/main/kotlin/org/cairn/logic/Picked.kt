package org.cairn.logic

import java.util.Calendar
import java.util.GregorianCalendar

/** Days and times of day in answers as they are typed, where a picker begins. */
object Picked {
    /** @property month from 1 */
    data class Day(val year: Int, val month: Int, val day: Int)

    data class Time(val hour: Int, val minute: Int)

    /** The day that [text] begins with; null if it is none. */
    fun day(text: String): Day? {
        val (year, month, day) = numbers(DAY, text) ?: return null
        if (month !in 1..12) return null
        // Not java.time, which phones lack before Android 8.
        val longest = GregorianCalendar(year, month - 1, 1).getActualMaximum(Calendar.DAY_OF_MONTH)
        return if (year > 0 && day in 1..longest) Day(year, month, day) else null
    }

    /** The time that [text] is, or has behind its day; null if there is none. */
    fun time(text: String): Time? {
        val (hour, minute) = numbers(TIME, text) ?: return null
        return if (hour in 0..23 && minute in 0..59) Time(hour, minute) else null
    }

    /** What stands in the groups of [form], which may be in the digits of any language. */
    private fun numbers(form: Regex, text: String): List<Int>? {
        val latin = text.trim().map { if (it.isDigit()) '0' + it.digitToInt() else it }.joinToString("")
        return form.find(latin)?.groupValues?.drop(1)?.map(String::toInt)
    }

    private val DAY = Regex("""^(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)""")
    private val TIME = Regex("""(?:^|[T ])(\d{1,2}):(\d{2})(?!\d)""")
}
