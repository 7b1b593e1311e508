package org.cairn.logic

import org.cairn.ffi.AnswerFault
import org.cairn.ffi.AnswerValue
import org.cairn.ffi.CairnException
import org.cairn.ffi.Filling
import org.cairn.ffi.QuestionKind
import org.cairn.ffi.Step

/** One record that is being filled in. Every answer rests in the vault when the call that gives it returns. */
internal class FillingClerk(private val filling: Filling) {
    private val title = filling.about().title

    /** The steps as the person last saw them: to fetch them again costs as much as the answer itself. */
    private var seen: List<Step> = emptyList()

    /** What was typed and cannot be an answer, by question: only the screen has it. */
    private val unfit = mutableMapOf<String, Unfit>()

    /** Whether the person has seen what is missing; before, nobody is told off for questions not come to yet. */
    private var reviewed = false

    private class Unfit(val text: String, val why: Reason)

    /** At the first question, or where the person stopped. */
    fun begin(): Inside {
        val steps = filling.steps()
        val answered = steps.indexOfLast { step -> step.questions.any { it.answer != null && !it.readOnly } }
        return at(steps, answered.coerceAtLeast(0))
    }

    fun keep(key: String, given: Given) {
        try {
            filling.answer(key, given.value)
            unfit.remove(key)
        } catch (error: CairnException.Failed) {
            if (error.code != "invalid") throw error
            val fault = error.faults.firstOrNull { it.key == key }
            // A question that is asked no more lost its answer with the question.
            if (fault?.rule == "unknown_field") return
            val text = (given as? Given.Typed)?.text.orEmpty()
            unfit[key] = Unfit(text, fault?.reason ?: Reason.Ours(Line(Word.WRONG_ANSWER)))
        }
    }

    fun move(work: FillingWork.Fill): Inside {
        val here = seen.getOrNull(work.at)
        work.answered?.let { keep(it.key, it.given) }
        return when (val move = work.move) {
            Move.Stay -> here?.let { again(it) } ?: at(filling.steps(), work.at)
            Move.Next -> here?.let { next(it, work.at) } ?: review()
            Move.Previous -> {
                unfit.clear()
                at(filling.steps(), work.at - 1)
            }
            is Move.To -> filling.steps().let { steps ->
                at(steps, steps.indexOfFirst { step -> step.questions.any { it.key == move.key } })
            }
            is Move.AddRow -> {
                val row = filling.addRow(move.place.repeat, move.place.path).row
                val path = move.place.path + row
                filling.steps().let { steps -> at(steps, steps.indexOfFirst { it.rows.take(path.size) == path }) }
            }
            is Move.RemoveRow -> {
                filling.removeRow(move.place.repeat, move.place.path)
                at(filling.steps(), work.at)
            }
            Move.Review -> review()
            Move.Pause, Move.Finish, Move.Discard -> error("ends the filling")
        }
    }

    fun finish(): String = filling.finish(false)

    fun discard() = filling.discard()

    fun close() = filling.close()

    /** The same step after an answer, which may have brought others before it. */
    private fun again(here: Step): Inside {
        val steps = filling.steps()
        val at = steps.indexOfFirst { it.isSame(here) }
        return at(steps, at)
    }

    private fun next(here: Step, at: Int): Inside {
        val steps = filling.steps()
        val now = steps.indexOfFirst { it.isSame(here) }
        val wrong = steps.getOrNull(now)?.questions.orEmpty()
            .any { it.key in unfit || it.fault != null && it.fault?.rule != REQUIRED }
        val next = if (now < 0) at else now + 1
        return when {
            wrong -> at(steps, now, strict = true).with(Line(Word.WRONG_ANSWER))
            next >= steps.size -> review()
            else -> at(steps, next)
        }
    }

    private fun review(): Inside {
        reviewed = true
        seen = filling.steps()
        val questions = seen.flatMap { it.questions }
        val labels = questions.associate { it.key to it.label }
        val missing = filling.faults().map { Missing(it.key, labels[it.key] ?: it.key, it.reason) } +
            unfit.filterKeys(labels::containsKey).map { (key, unfit) -> Missing(key, labels.getValue(key), unfit.why) }
        val answers = questions.filter { it.answer != null && it.kind != QuestionKind.NOTE }
        return Review(title, missing.distinctBy { it.key }, answers.map { Said(it.key, it.label, it.said) })
    }

    private fun at(steps: List<Step>, wanted: Int, strict: Boolean = reviewed): Inside {
        if (steps.isEmpty()) return review()
        seen = steps
        val at = wanted.coerceIn(steps.indices)
        val step = steps[at]
        val number = step.rowNumber?.let { " $it" }.orEmpty()
        return Fill(
            title = title,
            at = at,
            of = steps.size,
            heading = step.heading + number,
            questions = step.questions.map { it.shown(strict) },
            rows = step.rowsShown,
        )
    }

    private fun org.cairn.ffi.Question.shown(strict: Boolean): Question {
        val wrong = unfit[key]?.why ?: fault?.takeIf { strict || it.rule != REQUIRED && answer != null }?.reason
        // More choices than a screen holds come without being asked for one by one.
        val offered = choices.ifEmpty { if (choiceCount > 0u) filling.choices(key, "", choiceCount) else emptyList() }
        return Question(
            key = key,
            label = label,
            kind = kind.shown,
            hint = hint,
            choices = offered.map { Choice(it.name, it.label) },
            chosen = answer.chosen,
            text = unfit[key]?.text ?: answer.typed,
            said = said,
            required = required,
            fixed = readOnly,
            wrong = wrong,
        )
    }

    private fun Step.isSame(other: Step) =
        rows == other.rows && repeat == other.repeat && more?.repeat == other.more?.repeat &&
            (questions.isEmpty() && other.questions.isEmpty() ||
                questions.any { one -> other.questions.any { it.key == one.key } })

    private companion object {
        const val REQUIRED = "required"
    }
}

private val Given.value: AnswerValue?
    get() = when (this) {
        is Given.Typed -> text.ifBlank { null }?.let { AnswerValue.Text(it) }
        is Given.One -> name?.let { AnswerValue.Text(it) }
        is Given.Many -> names.toList().ifEmpty { null }?.let { AnswerValue.Choices(it) }
    }

/** Which choices an answer names; that of one choice alone is text. */
private val AnswerValue?.chosen: Set<String>
    get() = when (this) {
        is AnswerValue.Choices -> names.toSet()
        is AnswerValue.Text -> setOf(text)
        else -> emptySet()
    }

/** An answer as it would be typed. */
private val AnswerValue?.typed: String
    get() = when (this) {
        is AnswerValue.Text -> text
        is AnswerValue.Integer -> number.toString()
        is AnswerValue.Decimal -> number.toBigDecimal().stripTrailingZeros().toPlainString()
        else -> ""
    }

private val Step.rowsShown: Rows?
    get() {
        val place = more
        val repeat = repeat
        return when {
            place != null -> Rows(place.label, place.held.size, RowPlace(place.repeat, place.outer), null)
            repeat != null && rows.isNotEmpty() -> Rows(heading, 0, null, RowPlace(repeat, rows))
            else -> null
        }
    }

private val QuestionKind.shown: Kind
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
        QuestionKind.RANK, QuestionKind.LINE, QuestionKind.AREA, QuestionKind.PICTURE, QuestionKind.SOUND,
        QuestionKind.FILM, QuestionKind.FILE, QuestionKind.OTHER -> Kind.OTHER
    }

/** The form's own words, or ours. */
private val AnswerFault.reason: Reason
    get() = if (byForm) Reason.Said(text) else Reason.Ours(Line(word(rule)))

private fun word(rule: String): Word = when (rule) {
    "required" -> Word.WRONG_EMPTY
    "not_integer", "not_count", "not_decimal" -> Word.WRONG_NUMBER
    "not_date", "other_calendar", "not_date_time" -> Word.WRONG_DAY
    "not_time" -> Word.WRONG_TIME
    "not_place" -> Word.WRONG_PLACE
    "not_offered", "unknown_choice", "ambiguous_choice", "not_choices" -> Word.WRONG_CHOICE
    else -> Word.WRONG_ANSWER
}
