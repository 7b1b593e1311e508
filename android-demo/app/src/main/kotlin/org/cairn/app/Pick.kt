package org.cairn.app

import android.app.DatePickerDialog
import android.app.TimePickerDialog
import android.content.Context
import java.util.Calendar
import java.util.Locale

/** Asks for a day; [done] is told it as `YYYY-MM-DD`, in Latin digits whatever the language. */
fun pickDay(context: Context, hands: Hands, done: (String) -> Unit) {
    val now = Calendar.getInstance()
    val dialog = DatePickerDialog(
        context,
        { _, year, month, day -> done(String.format(Locale.ROOT, "%04d-%02d-%02d", year, month + 1, day)) },
        now[Calendar.YEAR],
        now[Calendar.MONTH],
        now[Calendar.DAY_OF_MONTH],
    )
    hands.show(dialog)
}

/** Asks for a time of day; [done] is told it as `hh:mm`. */
fun pickTime(context: Context, hands: Hands, done: (String) -> Unit) {
    val now = Calendar.getInstance()
    val dialog = TimePickerDialog(
        context,
        { _, hour, minute -> done(String.format(Locale.ROOT, "%02d:%02d", hour, minute)) },
        now[Calendar.HOUR_OF_DAY],
        now[Calendar.MINUTE],
        true,
    )
    hands.show(dialog)
}
