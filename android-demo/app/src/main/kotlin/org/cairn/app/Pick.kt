package org.cairn.app

import android.app.DatePickerDialog
import android.app.TimePickerDialog
import android.content.Context
import java.util.Calendar
import java.util.Locale
import org.cairn.logic.Picked

/** Asks for a day, from that in [text] on; [done] is told it as `YYYY-MM-DD`, in Latin digits whatever the language. */
fun pickDay(context: Context, hands: Hands, text: String, done: (String) -> Unit) {
    val now = Calendar.getInstance()
    val day = Picked.day(text) ?: Picked.Day(now[Calendar.YEAR], now[Calendar.MONTH] + 1, now[Calendar.DAY_OF_MONTH])
    val dialog = DatePickerDialog(
        context,
        { _, year, month, day -> done(String.format(Locale.ROOT, "%04d-%02d-%02d", year, month + 1, day)) },
        day.year,
        day.month - 1,
        day.day,
    )
    hands.show(dialog)
}

/** Asks for a time of day, from that in [text] on; [done] is told it as `hh:mm`. */
fun pickTime(context: Context, hands: Hands, text: String, done: (String) -> Unit) {
    val now = Calendar.getInstance()
    val time = Picked.time(text) ?: Picked.Time(now[Calendar.HOUR_OF_DAY], now[Calendar.MINUTE])
    val dialog = TimePickerDialog(
        context,
        { _, hour, minute -> done(String.format(Locale.ROOT, "%02d:%02d", hour, minute)) },
        time.hour,
        time.minute,
        true,
    )
    hands.show(dialog)
}
