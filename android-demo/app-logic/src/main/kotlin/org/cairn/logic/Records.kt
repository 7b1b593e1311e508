package org.cairn.logic

import org.cairn.ffi.AnswerValue

/** A question and its answer, as people read them. [key] is the core's, [heading] the group's. */
data class Said(val key: String, val label: String, val said: String, val heading: String = "")

/**
 * One record.
 *
 * @property name its own, if the form gives it one; else its number
 * @property hidden how many parts of it this phone does not hold
 */
data class RecordPage(
    val door: Door.Record,
    val name: String,
    val form: String,
    val answers: List<Said>,
    val conflicts: Int = 0,
    val hidden: Int = 0,
    override val notice: Line? = null,
) : Inside {
    override val back: Door get() = door.from

    override fun with(notice: Line?) = copy(notice = notice)
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
 * @property said the answer; null if it was taken away
 * @property before what was there; null if nothing
 */
data class Entry(val who: String, val at: Long, val label: String, val said: String?, val before: String?)

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
 */
data class Conflict(
    val skip: Int,
    val left: Int,
    val record: String = "",
    val field: String = "",
    val name: String = "",
    val label: String = "",
    val values: List<Held> = emptyList(),
    override val notice: Line? = null,
) : Inside {
    override val back: Door get() = Door.Today

    override fun with(notice: Line?) = copy(notice = notice)
}

/**
 * An answer that stands.
 *
 * @property answer as the core knows it
 * @property said as people read it; null if the answer was taken away
 * @property at in seconds since 1970 UTC
 */
data class Held(val answer: AnswerValue?, val said: String?, val who: String, val at: Long)

sealed interface ConflictEvent : Event {
    /** The answer of that place among the values is the right one. */
    data class Settle(val place: Int) : ConflictEvent
}

sealed interface ConflictWork : Work {
    data class Settle(val record: String, val field: String, val answer: AnswerValue?, val skip: Int) : ConflictWork
}

internal fun Conflict.on(event: Event): Turn = when (event) {
    is ConflictEvent.Settle -> values.getOrNull(event.place)
        ?.let { work(ConflictWork.Settle(record, field, it.answer, skip)) } ?: Turn(this)
    else -> Turn(this)
}
