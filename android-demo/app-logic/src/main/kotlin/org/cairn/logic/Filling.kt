package org.cairn.logic

import org.cairn.ffi.NoAnswer
import org.cairn.logic.files.Attached
import org.cairn.logic.files.Found

/**
 * A record that is being filled in: one question, or some that belong together.
 *
 * @property title the form's
 * @property at which step, from 0
 * @property of how many steps there are now; answers may bring others or take some away
 * @property heading the group's
 * @property rows what can be done with rows of a repeat here
 * @property locksAtOnce whether the vault locks as soon as the app is out of sight, so that no other app can hand over
 *   anything
 * @property takesFile something that was brought is being kept
 */
data class Fill(
    val title: String,
    val at: Int,
    val of: Int,
    val heading: String = "",
    val questions: List<Question> = emptyList(),
    val rows: Rows? = null,
    val locksAtOnce: Boolean = false,
    val takesFile: Boolean = false,
    override val notice: Line? = null,
) : Inside {
    override val back: Door get() = Door.Today

    val progress: Line get() = Line(Word.FILL_PROGRESS, at + 1, of)

    override fun with(notice: Line?) = copy(notice = notice, takesFile = false)
}

/**
 * One question as it stands now.
 *
 * @property text the answer as it is typed; of a ranking the names in their order, with blanks between; of a growing
 *   question what is being written
 * @property said the answer as people read it; of a growing question what was written before
 * @property none why there is no answer, if that was said
 * @property near a place is put beside where one is, and not exactly there
 * @property file the file that is the answer
 * @property fixed shown, and not to be changed by hand
 * @property wrong why the answer cannot stand, in the form's words or in ours
 */
data class Question(
    val key: String,
    val label: String,
    val kind: Kind,
    val hint: String = "",
    val choices: List<Choice> = emptyList(),
    val chosen: Set<String> = emptySet(),
    val text: String = "",
    val said: String = "",
    val none: NoAnswer? = null,
    val near: Boolean = false,
    val file: Attached? = null,
    val required: Boolean = false,
    val fixed: Boolean = false,
    val wrong: Reason? = null,
) {
    /** Whether it can be said that there is no answer. What was said to a growing question stays. */
    val canHaveNone: Boolean
        get() = !fixed && kind != Kind.NOTE && (kind != Kind.LOG || said.isEmpty() && text.isEmpty())

    /** The choices that hold [part], as many as a screen takes, and those that are chosen. All keep their order. */
    fun offer(part: String): Offer {
        val fit = choices.filter { it.label.contains(part.trim(), ignoreCase = true) }
        val seen = fit.take(MOST_SEEN).toSet()
        return Offer(choices.filter { it in seen || it.name in chosen }, more = fit.any { it !in seen && it.name !in chosen })
    }

    /** Of a ranking: what is in order so far. */
    val ranked: List<Choice>
        get() = text.split(' ').mapNotNull { name -> choices.find { it.name == name } }
}

data class Choice(val name: String, val label: String)

/**
 * What is seen of the choices of a question.
 *
 * @property more whether others fit too
 */
data class Offer(val choices: List<Choice>, val more: Boolean)

/** What kind of answer a question takes, as far as a screen tells them apart. */
enum class Kind {
    TEXT,
    LONG_TEXT,

    /** What was written stays; what is typed is added, as one entry until the record is finished. */
    LOG,
    INTEGER,
    DECIMAL,
    DATE,
    TIME,
    MOMENT,
    ONE,
    MANY,
    NOTE,
    PLACE,
    LINE,
    AREA,
    RANK,
    ACKNOWLEDGE,
    PICTURE,
    SOUND,
    FILM,
    FILE,

    /** What this app cannot ask. */
    OTHER,
}

/** Why something is wrong: the form's own words, or ours. */
sealed interface Reason {
    data class Said(val text: String) : Reason

    data class Ours(val line: Line) : Reason
}

/**
 * Rows of a repeat.
 *
 * @property label what a row is called
 * @property count how many there are
 * @property more where one more can be begun; null where none can
 * @property own the row that the questions are of; null between rows
 */
data class Rows(val label: String, val count: Int, val more: RowPlace?, val own: RowPlace?)

/** A row by the core's names: the repeat, and the rows around it; for a row itself its own identifier comes last. */
data class RowPlace(val repeat: String, val path: List<String>)

/** What the person answered: typed, or chosen among what is offered. */
sealed interface Given {
    /** As typed; empty takes the answer away. */
    data class Typed(val text: String) : Given

    /** One choice; null takes the answer away. */
    data class One(val name: String?) : Given

    /** Any number of choices. */
    data class Many(val names: Set<String>) : Given

    /** Choices in their order. */
    data class Ranked(val names: List<String>) : Given

    /** That there is no answer; null takes that back. */
    data class None(val why: NoAnswer?) : Given
}

/** Where filling goes on. */
sealed interface Move {
    data object Stay : Move

    data object Next : Move

    data object Previous : Move

    data class To(val key: String) : Move

    data class AddRow(val place: RowPlace) : Move

    data class RemoveRow(val place: RowPlace) : Move

    data object Review : Move

    /** Back to today; the draft stays. */
    data object Pause : Move

    data object Finish : Move

    data object Discard : Move
}

sealed interface FillingEvent : Event {
    /** Something was typed and is kept; the screen stays as it is, so that the keyboard does. */
    data class Typed(val key: String, val given: Given) : FillingEvent

    /** Something was chosen: other questions may be asked now. */
    data class Answered(val key: String, val given: Given) : FillingEvent

    data class Moved(val move: Move) : FillingEvent
}

sealed interface FillingWork : Work {
    data class Keep(val key: String, val given: Given) : FillingWork

    /** Keeps an answer, if there is one, and moves on from step [at]. */
    data class Fill(val at: Int, val answered: FillingEvent.Answered?, val move: Move) : FillingWork

    /** Keeps a file as the answer to a question. */
    class Attach(val key: String, val found: Found) : FillingWork
}

/** Typed text may come after the screen moved on; whether the question still stands is the core's to know. */
internal fun Fill.keep(event: FillingEvent.Typed): Work = FillingWork.Keep(event.key, event.given)

internal fun Fill.on(event: Event): Turn = when (event) {
    is FillingEvent.Typed -> Turn(this, keep(event))
    is FillingEvent.Answered -> work(FillingWork.Fill(at, event, Move.Stay))
    // Of several pieces of work in line the last one counts.
    is Event.Came -> Turn(event.screen)
    is FillingEvent.Moved -> when (event.move) {
        Move.Previous -> backwards()
        else -> work(FillingWork.Fill(at, null, event.move))
    }
    else -> Turn(this)
}

/** From the first question back is out, and the draft stays. */
internal fun Fill.backwards(): Turn =
    work(FillingWork.Fill(at, null, if (at == 0) Move.Pause else Move.Previous))

/** What a record still lacks before it can be finished. */
data class Review(
    val title: String,
    val missing: List<Missing>,
    val answers: List<Said> = emptyList(),
    override val notice: Line? = null,
) : Inside {
    override val back: Door get() = Door.Today

    val can get() = missing.isEmpty()

    override fun with(notice: Line?) = copy(notice = notice)
}

data class Missing(val key: String, val label: String, val why: Reason)

internal fun Review.on(event: Event): Turn = when (event) {
    is Event.Came -> Turn(event.screen)
    // The last letters before this screen came.
    is FillingEvent.Typed -> Turn(this, FillingWork.Keep(event.key, event.given))
    is FillingEvent.Moved -> when (event.move) {
        Move.Finish -> if (can) work(FillingWork.Fill(LAST, null, Move.Finish)) else Turn(this)
        else -> work(FillingWork.Fill(LAST, null, event.move))
    }
    else -> Turn(this)
}

/** More choices than this are not drawn at once. */
const val MOST_SEEN = 60

/** After the last step, however many there are. */
const val LAST = Int.MAX_VALUE
