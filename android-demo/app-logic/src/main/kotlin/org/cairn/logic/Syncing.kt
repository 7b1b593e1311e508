package org.cairn.logic

/**
 * Sending and fetching.
 *
 * @property said how it stands, or how it ended
 * @property under how far it is; null when nothing is under way
 * @property stopping the person wants it to end
 */
data class Sync(
    val said: List<Line>,
    val under: Progress? = null,
    val stopping: Boolean = false,
    override val notice: Line? = null,
) : Inside {
    override val back: Door get() = Door.Today

    override fun with(notice: Line?) = copy(notice = notice, under = null, stopping = false)
}

/** @property total 0 when it is not known yet */
data class Progress(val word: Word, val done: Long, val total: Long)

sealed interface SyncEvent : Event {
    data object Begin : SyncEvent

    data class Goes(val progress: Progress) : SyncEvent

    data object Stop : SyncEvent
}

sealed interface SyncWork : Work {
    data object Run : SyncWork

    /** Done at once: it must overtake what it stops. */
    data object Stop : SyncWork
}

internal fun Sync.on(event: Event): Turn = when (event) {
    SyncEvent.Begin -> Turn(
        Working(copy(said = emptyList(), under = Progress(Word.SYNC_BEGINS, 0, 0), notice = null)),
        SyncWork.Run,
    )
    else -> Turn(this)
}

/** While it is under way. */
internal fun Sync.during(event: SyncEvent): Turn = when (event) {
    is SyncEvent.Goes -> Turn(Working(if (under == null) this else copy(under = event.progress)))
    SyncEvent.Stop ->
        if (under == null || stopping) Turn(Working(this))
        else Turn(Working(copy(stopping = true)), SyncWork.Stop)
    SyncEvent.Begin -> Turn(Working(this))
}
