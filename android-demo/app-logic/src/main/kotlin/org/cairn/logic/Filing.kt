package org.cairn.logic

import org.cairn.logic.files.Attached
import org.cairn.logic.files.Found

/**
 * A file of an answer, to be looked at or listened to.
 *
 * @property under the screen it was asked for on, where the back key leads
 * @property octets its content; overwritten when this screen is left
 */
class Viewing(val under: Inside, val file: Attached, val octets: ByteArray, override val notice: Line? = null) : Inside {
    override val back: Door? get() = under.back

    override fun with(notice: Line?) = Viewing(under, file, octets, notice)

    fun wipe() = octets.fill(0)
}

sealed interface FileEvent : Event {
    /** Something was brought that is to answer the question of [key]. */
    class Brought(val key: String, val found: Found) : FileEvent

    /** What will be brought is being read. */
    data class Reads(val what: Line) : FileEvent

    /** Nothing was brought, and why. */
    data class Nothing(val why: Line) : FileEvent

    /** The file of that answer is to be seen or heard. */
    data class Look(val key: String) : FileEvent

    /** It is to be fetched from the server. */
    data class Fetch(val key: String) : FileEvent
}

sealed interface FileWork : Work {
    /** Looks at a file of [of]: of the draft, of a record, or of a conflict, where [key] tells one file from another. */
    class Look(val of: Inside, val key: String) : FileWork

    /** The same of a file that is not on this phone yet. */
    class Fetch(val of: Inside, val key: String) : FileWork
}

internal fun Inside.on(event: FileEvent): Turn = when (this) {
    is Fill -> on(event)
    is Review -> on(event)
    // It answers a question below; who looks goes on looking.
    is Viewing -> if (event is FileEvent.Brought && under is Fill) Turn(this, attach(event)) else ignore(event)
    is RecordPage -> on(event)
    is Conflict -> on(event)
    else -> ignore(event)
}

private fun Fill.on(event: FileEvent): Turn = when (event) {
    is FileEvent.Brought -> Turn(Working(copy(notice = null, takesFile = true)), attach(event))
    is FileEvent.Reads -> Turn(with(event.what))
    is FileEvent.Nothing -> Turn(with(event.why))
    is FileEvent.Look -> work(FileWork.Look(this, event.key))
    is FileEvent.Fetch -> ignore(event)
}

private fun Review.on(event: FileEvent): Turn = when (event) {
    is FileEvent.Brought -> work(attach(event))
    is FileEvent.Reads -> Turn(with(event.what))
    is FileEvent.Nothing -> Turn(with(event.why))
    is FileEvent.Look, is FileEvent.Fetch -> ignore(event)
}

/** Whether [event] ends or leaves the filling, so that a file that is still being read would come too late for it. */
fun Screen.endsFilling(event: Event): Boolean {
    val ends = event is Event.Go || event is FillingEvent.Moved && (event.move == Move.Finish || event.move == Move.Pause)
    return when (this) {
        is Fill -> ends || event == Event.Back && at == 0
        is Review -> ends || event == Event.Back
        else -> false
    }
}

private fun RecordPage.on(event: FileEvent): Turn = when (event) {
    is FileEvent.Look -> work(FileWork.Look(this, event.key))
    is FileEvent.Fetch -> Turn(
        Working(copy(notice = null, under = Progress(Word.FILE_FETCHES, 0, 0))),
        FileWork.Fetch(this, event.key),
    )
    is FileEvent.Nothing, is FileEvent.Brought, is FileEvent.Reads -> ignore(event)
}

/** Who is to choose between two pictures must see both. */
private fun Conflict.on(event: FileEvent): Turn = when (event) {
    is FileEvent.Look -> work(FileWork.Look(this, event.key))
    is FileEvent.Fetch -> Turn(
        Working(copy(notice = null, under = Progress(Word.FILE_FETCHES, 0, 0))),
        FileWork.Fetch(this, event.key),
    )
    else -> ignore(event)
}

/** What is brought while something else is done comes after that in line. */
internal fun Working.on(event: FileEvent): Turn = when {
    event !is FileEvent.Brought -> Turn(this)
    on is Fill -> Turn(Working(on.copy(takesFile = true)), attach(event))
    on is Review -> Turn(this, attach(event))
    else -> Turn(Working(on)).also { event.drop() }
}

private fun attach(event: FileEvent.Brought) = FillingWork.Attach(event.key, event.found)

/** Nobody waits for it here. What was brought is told to be lost, and is. */
private fun Inside.ignore(event: FileEvent): Turn {
    event.drop()
    return Turn(if (event is FileEvent.Brought) with(Line(Word.FILE_LOST)) else this)
}

/** While a file is fetched. */
internal fun RecordPage.during(event: SyncEvent): Turn = when {
    under == null -> Turn(Working(this))
    event is SyncEvent.Goes -> Turn(Working(copy(under = event.progress)))
    event == SyncEvent.Stop && !stopping -> Turn(Working(copy(stopping = true)), SyncWork.Stop)
    else -> Turn(Working(this))
}

/** The same for one of two answers. */
internal fun Conflict.during(event: SyncEvent): Turn = when {
    under == null -> Turn(Working(this))
    event is SyncEvent.Goes -> Turn(Working(copy(under = event.progress)))
    event == SyncEvent.Stop && !stopping -> Turn(Working(copy(stopping = true)), SyncWork.Stop)
    else -> Turn(Working(this))
}

/** What comes after the lock stays outside, and the person is told. */
internal fun Screen.Unlock.on(event: FileEvent): Turn {
    event.drop()
    val kept = event is FileEvent.Brought || event is FileEvent.Nothing && event.why.word == Word.FILE_LOCKED
    return if (kept) Turn(copy(notice = Line(Word.FILE_LOCKED))) else Turn(this)
}

/** Back to where one was, and nothing of the file stays. Of a draft more may have been kept than was seen then. */
internal fun Viewing.leave(): Turn {
    wipe()
    val under = under
    return if (under is Fill) under.work(FillingWork.Fill(under.at, null, Move.Stay)) else Turn(under.with(null))
}

/** Whoever has no use for what was brought overwrites it. */
internal fun FileEvent.drop() {
    if (this is FileEvent.Brought) found.wipe()
}
