package org.cairn.logic

import org.cairn.ffi.AnswerFault
import org.cairn.ffi.AnswerValue
import org.cairn.ffi.LogEntry
import org.cairn.ffi.NoAnswer
import org.cairn.ffi.QuestionKind
import org.cairn.ffi.Step

// How the core's answers and questions read on a screen, and what is given there in the core's words.

internal val Given.value: AnswerValue?
    get() = when (this) {
        is Given.Typed -> text.ifBlank { null }?.let { AnswerValue.Text(it) }
        is Given.One -> name?.let { AnswerValue.Text(it) }
        is Given.Many -> names.toList().ifEmpty { null }?.let { AnswerValue.Choices(it) }
        is Given.Ranked -> names.ifEmpty { null }?.let { AnswerValue.Choices(it) }
        is Given.None -> why?.let { AnswerValue.Missing(it) }
    }

/** Why there is no answer, if somebody said so. */
internal val AnswerValue?.none: NoAnswer? get() = (this as? AnswerValue.Missing)?.why

/** Which choices an answer names; that of one choice alone is text. */
internal val AnswerValue?.chosen: Set<String>
    get() = when (this) {
        is AnswerValue.Choices -> names.toSet()
        is AnswerValue.Text -> setOf(text)
        else -> emptySet()
    }

/** What was said to a growing question before, without what is being written. */
internal val AnswerValue?.before: List<LogEntry>
    get() = (this as? AnswerValue.Log)?.entries.orEmpty().let { if (it.isWritten) it.dropLast(1) else it }

/** Whether the last of these is being written: until the record is finished it has no name, and can be changed. */
private val List<LogEntry>.isWritten get() = lastOrNull()?.id?.isEmpty() == true

/** An answer as it would be typed; of a growing one what is being written. */
internal val AnswerValue?.typed: String
    get() = when (this) {
        is AnswerValue.Text -> text
        is AnswerValue.Integer -> number.toString()
        is AnswerValue.Decimal -> number.toBigDecimal().stripTrailingZeros().toPlainString()
        is AnswerValue.Log -> if (entries.isWritten) entries.last().text else ""
        else -> ""
    }

internal val Step.rowsShown: Rows?
    get() {
        val place = more
        val repeat = repeat
        return when {
            place != null -> Rows(place.label, place.held.size, RowPlace(place.repeat, place.outer), null)
            repeat != null && rows.isNotEmpty() -> Rows(heading, 0, null, RowPlace(repeat, rows))
            else -> null
        }
    }

internal val QuestionKind.shown: Kind
    get() = when (this) {
        QuestionKind.TEXT, QuestionKind.BARCODE -> Kind.TEXT
        QuestionKind.LONG_TEXT -> Kind.LONG_TEXT
        QuestionKind.LOG -> Kind.LOG
        QuestionKind.INTEGER -> Kind.INTEGER
        QuestionKind.DECIMAL, QuestionKind.RANGE -> Kind.DECIMAL
        QuestionKind.DATE -> Kind.DATE
        QuestionKind.TIME -> Kind.TIME
        QuestionKind.DATE_TIME -> Kind.MOMENT
        QuestionKind.SELECT_ONE -> Kind.ONE
        QuestionKind.SELECT_MANY -> Kind.MANY
        QuestionKind.NOTE -> Kind.NOTE
        QuestionKind.PLACE -> Kind.PLACE
        QuestionKind.ACKNOWLEDGE -> Kind.ACKNOWLEDGE
        QuestionKind.RANK -> Kind.RANK
        QuestionKind.LINE -> Kind.LINE
        QuestionKind.AREA -> Kind.AREA
        QuestionKind.PICTURE -> Kind.PICTURE
        QuestionKind.SOUND -> Kind.SOUND
        QuestionKind.FILM -> Kind.FILM
        QuestionKind.FILE -> Kind.FILE
        QuestionKind.OTHER -> Kind.OTHER
    }

/** The form's own words, or ours. */
internal val AnswerFault.reason: Reason
    get() = if (byForm) Reason.Said(text) else Reason.Ours(Line(word(rule)))

private fun word(rule: String): Word = when (rule) {
    "required" -> Word.WRONG_EMPTY
    "not_integer", "not_count", "not_decimal" -> Word.WRONG_NUMBER
    "not_date", "other_calendar", "not_date_time" -> Word.WRONG_DAY
    "not_time" -> Word.WRONG_TIME
    "not_place" -> Word.WRONG_PLACE
    "not_trace" -> Word.WRONG_LINE
    "not_shape" -> Word.WRONG_AREA
    "not_offered", "unknown_choice", "ambiguous_choice", "not_choices" -> Word.WRONG_CHOICE
    else -> Word.WRONG_ANSWER
}
