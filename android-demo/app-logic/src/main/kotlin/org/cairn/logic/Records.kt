package org.cairn.logic

import org.cairn.ffi.AnswerValue
import org.cairn.ffi.NoAnswer
import org.cairn.logic.files.Attached

/**
 * A question and its answer, as people read them.
 *
 * @property key the core's
 * @property heading the group's
 * @property none why there is no answer, if that was said; the app has words of its own for that
 * @property file the file that is the answer
 */
data class Said(
    val key: String,
    val label: String,
    val said: String,
    val heading: String = "",
    val none: NoAnswer? = null,
    val file: Attached? = null,
)

/**
 * One record.
 *
 * @property name its own, if the form gives it one; else its number
 * @property hidden how many parts of it this phone does not hold
 * @property under how far the fetching of a file is; null when nothing is under way
 * @property stopping the person wants that to end
 */
data class RecordPage(
    val door: Door.Record,
    val name: String,
    val form: String,
    val answers: List<Said>,
    val conflicts: Int = 0,
    val hidden: Int = 0,
    val under: Progress? = null,
    val stopping: Boolean = false,
    override val notice: Line? = null,
) : Inside {
    override val back: Door get() = door.from

    override fun with(notice: Line?) = copy(notice = notice, under = null, stopping = false)
}

/** Who wrote what when in a record, the latest first. */
data class History(
    val door: Door.Record,
    val name: String,
    val entries: List<Entry>,
    override val notice: Line? = null,
) : Inside {
    override val back: Door get() = door

    override fun with(notice: Line?) = copy(notice = notice)
}

/**
 * One answer that was given.
 *
 * @property at in seconds since 1970 UTC, by the clock of who wrote it
 * @property told the answer; null if it was taken away
 * @property before what was there; null if nothing
 */
data class Entry(val who: String, val at: Long, val label: String, val told: Told?, val before: Told?)

/**
 * What was answered to a question that the reader sees.
 *
 * @property none why there is no answer, if that was said; the app has words of its own for that
 */
data class Told(val said: String, val none: NoAnswer? = null)

/**
 * Records whose words begin as what was typed.
 *
 * @property more whether there are further ones
 */
data class Search(
    val door: Door.Search,
    val rows: List<RecordLine>,
    val more: Boolean,
    override val notice: Line? = null,
) : Inside {
    override val back: Door get() = Door.Today

    /** The same search, with further rows. */
    val further: Door.Search get() = door.copy(rows = door.rows + Door.PAGE)

    override fun with(notice: Line?) = copy(notice = notice)
}

/** @property at when it was last changed, in seconds since 1970 UTC */
data class RecordLine(val id: String, val name: String, val form: String, val at: Long?)

/**
 * Two people answered the same at once, and both answers stand until one is chosen.
 *
 * @property skip how many are left for later
 * @property left how many there are, the skipped ones too
 * @property values the answers; empty when there is nothing to settle
 * @property under how far the fetching of a file is; null when nothing is under way
 * @property stopping the person wants that to end
 */
data class Conflict(
    val skip: Int,
    val left: Int,
    val record: String = "",
    val field: String = "",
    val name: String = "",
    val label: String = "",
    val values: List<Held> = emptyList(),
    val under: Progress? = null,
    val stopping: Boolean = false,
    override val notice: Line? = null,
) : Inside {
    override val back: Door get() = Door.Today

    override fun with(notice: Line?) = copy(notice = notice, under = null, stopping = false)
}

/**
 * An answer that stands.
 *
 * @property answer as the core knows it
 * @property said as people read it; null if the answer was taken away
 * @property at in seconds since 1970 UTC
 * @property file the core's name for the file that is the answer: pictures are mostly called the same
 * @property attached that file, as people know it
 */
data class Held(
    val answer: AnswerValue?,
    val said: String?,
    val who: String,
    val at: Long,
    val file: String? = null,
    val attached: Attached? = null,
) {
    val none: NoAnswer? get() = answer.none
}

sealed interface ConflictEvent : Event {
    /** The answer of that place among the values is the right one. */
    data class Settle(val place: Int) : ConflictEvent
}

sealed interface ConflictWork : Work {
    data class Settle(
        val record: String,
        val field: String,
        val answer: AnswerValue?,
        val skip: Int,
        val file: String? = null,
    ) : ConflictWork
}

internal fun Conflict.on(event: Event): Turn = when (event) {
    is ConflictEvent.Settle -> values.getOrNull(event.place)
        ?.let { work(ConflictWork.Settle(record, field, it.answer, skip, it.file)) } ?: Turn(this)
    else -> Turn(this)
}
