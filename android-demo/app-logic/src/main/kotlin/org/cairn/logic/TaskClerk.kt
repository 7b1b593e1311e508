package org.cairn.logic

import java.util.Calendar
import java.util.GregorianCalendar
import java.util.Locale
import org.cairn.ffi.CairnException
import org.cairn.ffi.OpenVault
import org.cairn.ffi.TaskPage
import org.cairn.ffi.TaskQuery

/** Reads what is to be done, and ticks it off. */
internal class TaskClerk(private val vault: OpenVault, private val language: String) {
    /** What is to be done first. A phone that only carries for others can read none of it, and has nothing to do. */
    fun page(rows: Int): TaskPage = try {
        vault.tasks(TaskQuery(today(), done = false, overdue = false, after = null, limit = rows.toULong()), language)
    } catch (error: CairnException.Failed) {
        if (error.code != "carries_only") throw error
        TaskPage(emptyList(), null, 0uL, 0uL)
    }

    fun lines(page: TaskPage): List<TaskLine> {
        val today = today()
        return page.rows.map { task ->
            TaskLine(
                record = task.record,
                key = task.key,
                what = task.what,
                name = task.title.ifEmpty { task.handle },
                who = task.who,
                days = task.due?.let { daysUntil(it, today) },
            )
        }
    }

    fun tasks(door: Door.Tasks, done: TaskLine? = null): Tasks {
        val page = page(door.rows)
        return Tasks(door, lines(page), page.open.toLong(), done)
    }

    /** A task that somebody else has ticked off meanwhile is done as well. */
    fun finish(task: TaskLine) {
        vault.finishTask(task.record, task.key)
    }

    fun takeBack(task: TaskLine) {
        vault.undo(task.record, task.key, false)
    }

    /** The day it is here, as the person's calendar says. */
    private fun today(): String {
        val now = GregorianCalendar()
        val (year, month, day) = Triple(now[Calendar.YEAR], now[Calendar.MONTH] + 1, now[Calendar.DAY_OF_MONTH])
        return String.format(Locale.ROOT, "%04d-%02d-%02d", year, month, day)
    }
}
