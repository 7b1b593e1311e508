package org.cairn.logic

import kotlin.math.abs

/**
 * The first screen of an open vault.
 *
 * @property drafts records that are not finished, the newest first
 * @property tasks what is to be done first
 * @property open how many tasks there are in all
 * @property done the task that was ticked off a moment ago
 * @property alarms what must never happen, and did
 * @property unswept answers of a sealed record may still lie on this phone
 */
data class Today(
    val counts: Counts,
    val drafts: List<DraftLine> = emptyList(),
    val tasks: List<TaskLine> = emptyList(),
    val open: Long = 0,
    val done: TaskLine? = null,
    val alarms: List<Line> = emptyList(),
    val contact: Contact = Contact(),
    val unswept: Boolean = false,
    override val notice: Line? = null,
) : Inside {
    override val back: Door? get() = null

    /** How it stands with the server, in words. */
    val lines: List<Line>
        get() = listOfNotNull(
            Line(Word.TODAY_WAITING, counts.waiting).takeIf { counts.waiting > 0 },
            Line(Word.TODAY_FILES_WAIT, counts.files).takeIf { counts.files > 0 },
            Line(Word.TODAY_ALL_SENT).takeIf { counts.waiting == 0L && counts.files == 0L },
            contact.line,
            contact.clock,
            contact.warning,
        )

    override fun with(notice: Line?) = copy(notice = notice)

    companion object {
        /** How many tasks the first screen shows. */
        const val TASKS = 5
    }
}

/** What is in the vault; [waiting] and [files] count changes and files that have not left this phone. */
data class Counts(val records: Long, val conflicts: Long, val waiting: Long, val files: Long = 0)

/** A record that is not finished. [title] is its form's. */
data class DraftLine(val number: Long, val title: String, val at: Long?)

/**
 * How fresh what this phone knows is.
 *
 * @property ago seconds since the last sync; null if there was none
 * @property behind by how many seconds the phone's clock was behind the server's when the server refused it; negative
 * where it was ahead, 0 where it never was
 */
data class Contact(val ago: Long? = null, val behind: Long = 0) {
    val line: Line
        get() = when {
            ago == null -> Line(Word.CONTACT_NEVER)
            // A clock that was set back makes the last contact lie in the future.
            ago < -MINUTE -> Line(Word.CONTACT_CLOCK)
            ago < HOUR -> Line(Word.CONTACT_NOW)
            ago < DAY -> Line(Word.CONTACT_HOURS, ago / HOUR)
            else -> Line(Word.CONTACT_DAYS, ago / DAY)
        }

    /** That the clock is wrong, and by about how much. Records are not harmed by it. */
    val clock: Line?
        get() = when {
            abs(behind) < CLOCK -> null
            behind > 0 -> Line(Word.CLOCK_BEHIND, span(behind))
            else -> Line(Word.CLOCK_AHEAD, span(-behind))
        }

    /** After two weeks this phone may not know who still belongs to the workspace. */
    val warning: Line? get() = if (ago != null && ago > STALE) Line(Word.CONTACT_STALE) else null

    private companion object {
        const val MINUTE = 60L
        const val HOUR = 60 * MINUTE
        const val DAY = 24 * HOUR
        const val STALE = 14 * DAY

        /** What is less is the way through the network. */
        const val CLOCK = 2 * MINUTE
    }
}

/** How long that is, in the largest unit of which there are two at least. */
internal fun span(seconds: Long): Line {
    val (word, unit) = UNITS.firstOrNull { (_, unit) -> seconds >= 2 * unit } ?: UNITS.last()
    return Line(word, (seconds + unit / 2) / unit)
}

private val UNITS = listOf(
    Word.SPAN_YEARS to 365 * 86_400L + 6 * 3_600L,
    Word.SPAN_DAYS to 86_400L,
    Word.SPAN_HOURS to 3_600L,
    Word.SPAN_MINUTES to 60L,
    Word.SPAN_SECONDS to 1L,
)

/** Which form is to be filled in. */
data class Forms(val forms: List<FormLine>, override val notice: Line? = null) : Inside {
    override val back: Door get() = Door.Today

    override fun with(notice: Line?) = copy(notice = notice)
}

data class FormLine(val id: String, val title: String)
