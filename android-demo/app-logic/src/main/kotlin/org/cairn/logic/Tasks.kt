package org.cairn.logic

/**
 * Something that is to be done for a record.
 *
 * @property key with the record it names the task
 * @property what empty where nobody said
 * @property record the record's identifier
 * @property name what people call the record
 * @property days until it is due; negative when it is overdue, null without a day
 */
data class TaskLine(
    val record: String,
    val key: String,
    val what: String,
    val name: String,
    val who: String? = null,
    val days: Long? = null,
) {
    val isOverdue: Boolean get() = days != null && days < 0

    /** When it is due, in words. */
    val due: Line?
        get() = when {
            days == null -> null
            days < 0 -> Line(Word.TASK_SINCE, -days)
            days == 0L -> Line(Word.TASK_TODAY)
            else -> Line(Word.TASK_IN, days)
        }
}

/**
 * What is to be done, the overdue first and what has no day last.
 *
 * @property open how many there are in all
 * @property done the one that was ticked off a moment ago, which can be taken back
 */
data class Tasks(
    val door: Door.Tasks,
    val rows: List<TaskLine>,
    val open: Long,
    val done: TaskLine? = null,
    override val notice: Line? = null,
) : Inside {
    override val back: Door get() = Door.Today

    val more: Boolean get() = rows.size < open

    /** The same, with further rows. */
    val further: Door.Tasks get() = Door.Tasks(door.rows + Door.PAGE)

    override fun with(notice: Line?) = copy(notice = notice)
}

sealed interface TaskEvent : Event {
    data class Finish(val task: TaskLine) : TaskEvent

    /** It was ticked off by mistake. */
    data class TakeBack(val task: TaskLine) : TaskEvent
}

sealed interface TaskWork : Work {
    /** @property door where the list is that it was ticked off in */
    data class Finish(val task: TaskLine, val door: Door) : TaskWork

    data class TakeBack(val task: TaskLine, val door: Door) : TaskWork
}

internal fun Inside.on(event: TaskEvent, door: Door): Turn = when (event) {
    is TaskEvent.Finish -> work(TaskWork.Finish(event.task, door))
    is TaskEvent.TakeBack -> work(TaskWork.TakeBack(event.task, door))
}

/** How many days [due] is after [today]; both `YYYY-MM-DD`, null where one is none. */
internal fun daysUntil(due: String, today: String): Long? {
    val (then, now) = (number(due) ?: return null) to (number(today) ?: return null)
    return then - now
}

/** Days since a day long ago. The framework's own calendar for this is missing on phones before Android 8. */
private fun number(day: String): Long? {
    val parts = day.split('-').map { it.toLongOrNull() ?: return null }
    if (parts.size != 3 || parts[1] !in 1..12 || parts[2] !in 1..31) return null
    // A year that begins in March has its leap day at its end.
    val months = parts[0] * 12 + parts[1] - 3
    val (year, month) = Math.floorDiv(months, 12L) to Math.floorMod(months, 12L)
    val leaps = Math.floorDiv(year, 4L) - Math.floorDiv(year, 100L) + Math.floorDiv(year, 400L)
    return year * 365 + leaps + (month * 153 + 2) / 5 + parts[2]
}
