package org.cairn.logic

import org.cairn.ffi.AnswerValue
import org.cairn.ffi.CairnException
import org.cairn.ffi.Filling
import org.cairn.ffi.LogEntry
import org.cairn.ffi.QuestionKind
import org.cairn.ffi.Step

/**
 * One record that is being filled in. Every answer rests in the vault when the call that gives it returns.
 *
 * @param locksAtOnce whether the vault locks as soon as the app is out of sight
 */
internal class FillingClerk(private val filling: Filling, private val locksAtOnce: Boolean = false) {
    private val title = filling.about().title

    /** The steps as the person last saw them: to fetch them again costs as much as the answer itself. */
    private var seen: List<Step> = emptyList()

    /** The step the person is at; null where all is checked. */
    private var here: Step? = null

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
            filling.answer(key, grown(key, given) ?: given.value)
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

    /**
     * What is typed to a growing question takes the place of what was typed there before, until the record is finished.
     * So it can be kept while it is typed, and stays one entry. Null for whatever else is given.
     */
    private fun grown(key: String, given: Given): AnswerValue? {
        val question = seen.firstNotNullOfOrNull { step -> step.questions.find { it.key == key } }
        if (given !is Given.Typed || question?.kind != QuestionKind.LOG) return null
        val new = given.text.trim().ifEmpty { null }?.let { LogEntry(id = "", time = 0, text = it) }
        return (question.answer.before + listOfNotNull(new)).ifEmpty { null }?.let { AnswerValue.Log(it) }
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

    /** The person stays where they are: they may write something by now. Elsewhere they are told what was kept. */
    fun attach(work: FillingWork.Attach): Inside {
        filling.attach(work.key, work.found.name, work.found.mediaType, work.found.octets)
        unfit.remove(work.key)
        val step = here ?: return review()
        val screen = again(step)
        if (step.questions.any { it.key == work.key }) return screen
        val label = seen.firstNotNullOfOrNull { it.questions.find { question -> question.key == work.key } }?.label
        return screen.with(Line(Word.FILE_KEPT, label ?: work.key))
    }

    /** The file that answers a question, from the draft. */
    fun read(key: String): ByteArray = filling.readAttachment(key)

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
        here = null
        seen = filling.steps()
        val questions = seen.flatMap { it.questions }
        val labels = questions.associate { it.key to it.label }
        val missing = filling.faults().map { Missing(it.key, labels[it.key] ?: it.key, it.reason) } +
            unfit.filterKeys(labels::containsKey).map { (key, unfit) -> Missing(key, labels.getValue(key), unfit.why) }
        val answers = questions.filter { it.answer != null && it.kind != QuestionKind.NOTE }
        val said = answers.map { Said(it.key, it.label, it.said, none = it.answer.none, file = it.file?.shown) }
        return Review(title, missing.distinctBy { it.key }, said)
    }

    private fun at(steps: List<Step>, wanted: Int, strict: Boolean = reviewed): Inside {
        if (steps.isEmpty()) return review()
        seen = steps
        val at = wanted.coerceIn(steps.indices)
        val step = steps[at]
        here = step
        val number = step.rowNumber?.let { " $it" }.orEmpty()
        return Fill(
            title = title,
            at = at,
            of = steps.size,
            heading = step.heading + number,
            questions = step.questions.map { it.shown(strict) },
            rows = step.rowsShown,
            locksAtOnce = locksAtOnce,
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
            said = when {
                answer.none != null -> ""
                kind == QuestionKind.LOG -> answer.before.joinToString("\n") { it.text }
                else -> said
            },
            none = answer.none,
            file = file?.shown,
            near = NEAR in appearance.split(' '),
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

        /** How a form says that the mark is put on a map by hand, and need not be where the phone is. */
        const val NEAR = "placement-map"
    }
}
