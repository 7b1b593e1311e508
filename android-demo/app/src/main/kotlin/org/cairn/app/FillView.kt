package org.cairn.app

import android.os.Handler
import android.os.Looper
import android.text.Editable
import android.text.InputType.TYPE_CLASS_NUMBER
import android.text.InputType.TYPE_CLASS_TEXT
import android.text.InputType.TYPE_NUMBER_FLAG_DECIMAL
import android.text.InputType.TYPE_NUMBER_FLAG_SIGNED
import android.text.InputType.TYPE_TEXT_FLAG_CAP_SENTENCES
import android.text.InputType.TYPE_TEXT_FLAG_MULTI_LINE
import android.text.TextWatcher
import android.view.View
import android.widget.Button
import android.widget.EditText
import org.cairn.logic.Choice
import org.cairn.logic.Fill
import org.cairn.logic.FillingEvent.Answered
import org.cairn.logic.FillingEvent.Moved
import org.cairn.logic.FillingEvent.Typed
import org.cairn.logic.Given
import org.cairn.logic.Kind
import org.cairn.logic.Line
import org.cairn.logic.Move
import org.cairn.logic.Question
import org.cairn.logic.Reason
import org.cairn.logic.Rows
import org.cairn.logic.Word

/**
 * Questions of one step. What is typed is handed over soon after the last letter; whoever tells the desk anything else
 * hands it over before.
 */
class FillView(private val page: Page, private val hands: Hands) {
    private val words = page.words
    private val soon = Handler(Looper.getMainLooper())
    private val fields = mutableMapOf<String, EditText>()

    /** What was typed on this step, by question; the screen that comes back from the vault may be older. */
    private val typed = mutableMapOf<String, String>()
    private val pending = mutableSetOf<String>()

    /** Growing answers: each hand-over adds to them, so that it happens once. */
    private val logs = mutableSetOf<String>()
    private var step: List<String> = emptyList()

    /** Whether the last screen drawn was of the same step as the one before. */
    var stayed = false
        private set

    fun show(screen: Fill) {
        val keys = screen.questions.map(Question::key) + screen.at.toString().takeIf { screen.questions.isEmpty() }.orEmpty()
        stayed = keys.any(step::contains)
        if (!stayed) typed.clear()
        step = keys
        fields.clear()
        logs.clear()
        page.begin(screen.heading.ifEmpty { screen.title }, screen.notice)
        page.says(words.say(screen.progress))
        screen.questions.forEach(::question)
        screen.rows?.let(::rows)
        page.next(Word.FILL_NEXT) { page.tell(Moved(Move.Next)) }
        page.aside(Word.FILL_CHECK) { page.tell(Moved(Move.Review)) }
    }

    /** Hands over what was typed and not handed over yet. */
    fun hand() {
        soon.removeCallbacksAndMessages(null)
        for (key in pending.toList()) {
            val text = typed[key] ?: continue
            pending -= key
            page.tell(Typed(key, Given.Typed(text)))
            if (key in logs) fields[key]?.text?.clear()
        }
    }

    /** Another screen has come. */
    fun forget() {
        soon.removeCallbacksAndMessages(null)
        pending.clear()
        typed.clear()
        fields.clear()
        step = emptyList()
    }

    private fun question(question: Question) {
        val needed = if (question.required) " (${words.say(Word.FILL_REQUIRED)})" else ""
        val label = page.heading(question.label + needed)
        if (question.hint.isNotEmpty()) page.says(question.hint)
        when {
            question.kind == Kind.NOTE -> Unit
            question.fixed -> page.says(apart(question.said))
            else -> ask(question, label)
        }
        when (val wrong = question.wrong) {
            null -> Unit
            is Reason.Said -> page.wrong(wrong.text)
            is Reason.Ours -> page.wrong(words.say(wrong.line))
        }
    }

    private fun ask(question: Question, label: View) {
        when (question.kind) {
            Kind.TEXT -> text(question, label, TYPE_CLASS_TEXT or TYPE_TEXT_FLAG_CAP_SENTENCES)
            Kind.LONG_TEXT, Kind.LOG -> text(question, label, LONG)
            Kind.INTEGER -> text(question, label, TYPE_CLASS_NUMBER or TYPE_NUMBER_FLAG_SIGNED)
            Kind.DECIMAL -> text(question, label, NUMBER)
            Kind.DATE -> {
                text(question, label, TYPE_CLASS_TEXT, Word.FILL_DAY_EXAMPLE)
                pick(question, Word.FILL_PICK_DAY) { done -> pickDay(page.context, hands, done) }
            }
            Kind.TIME -> {
                text(question, label, TYPE_CLASS_TEXT, Word.FILL_TIME_EXAMPLE)
                pick(question, Word.FILL_PICK_TIME) { done -> pickTime(page.context, hands, done) }
            }
            Kind.MOMENT -> {
                text(question, label, TYPE_CLASS_TEXT, Word.FILL_MOMENT_EXAMPLE)
                pick(question, Word.FILL_PICK_DAY) { done ->
                    pickDay(page.context, hands) { day -> pickTime(page.context, hands) { done("${day}T$it") } }
                }
            }
            Kind.PLACE -> text(question, label, TYPE_CLASS_TEXT, Word.FILL_PLACE_EXAMPLE)
            Kind.ONE -> choose(question, many = false)
            Kind.MANY -> choose(question, many = true)
            Kind.ACKNOWLEDGE -> page.choice(words.say(Word.FILL_ACKNOWLEDGE), question.said.isNotEmpty()) {
                val text = if (question.said.isEmpty()) ACKNOWLEDGED else ""
                answer(question, Given.Typed(text))
            }
            Kind.OTHER -> page.says(Word.FILL_NOT_SHOWN)
            Kind.NOTE -> Unit
        }
    }

    private fun text(question: Question, label: View, kind: Int, example: Word? = null) {
        if (question.kind == Kind.LOG && question.said.isNotEmpty()) page.says(question.said)
        example?.let(page::says)
        val field = page.add(EditText(page.context))
        field.id = View.generateViewId()
        label.labelFor = field.id
        field.guard(kind)
        // Days, times and places are written from the left in every language.
        if (example != null) field.textDirection = View.TEXT_DIRECTION_LTR
        if (question.kind == Kind.LONG_TEXT || question.kind == Kind.LOG) field.minLines = 3
        val log = question.kind == Kind.LOG
        if (log) logs += question.key
        field.setText(typed[question.key]?.takeUnless { log } ?: question.text.takeUnless { log }.orEmpty())
        field.addTextChangedListener(Watch { text ->
            typed[question.key] = text
            if (log && text.isBlank()) pending -= question.key else pending += question.key
            soon.removeCallbacksAndMessages(null)
            if (!log) soon.postDelayed(::hand, SOON)
        })
        fields[question.key] = field
    }

    private fun pick(question: Question, word: Word, pick: (done: (String) -> Unit) -> Unit) {
        page.button(word) {
            pick { picked ->
                typed[question.key] = picked
                answer(question, Given.Typed(picked))
            }
        }
    }

    /** Long lists are narrowed by typing a part of a choice. */
    private fun choose(question: Question, many: Boolean) {
        val buttons = mutableMapOf<Choice, Button>()
        if (question.choices.size > LONG_LIST) {
            page.field(words.say(Word.FILL_NARROW), TYPE_CLASS_TEXT).addTextChangedListener(Watch { part ->
                for ((choice, button) in buttons) {
                    val fits = choice.label.contains(part.trim(), ignoreCase = true)
                    button.visibility = if (fits || choice.name in question.chosen) View.VISIBLE else View.GONE
                }
            })
        }
        for (choice in question.choices) {
            val chosen = choice.name in question.chosen
            buttons[choice] = page.choice(choice.label, chosen, many) {
                val given = when {
                    !many -> Given.One(choice.name.takeUnless { chosen })
                    chosen -> Given.Many(question.chosen - choice.name)
                    else -> Given.Many(question.chosen + choice.name)
                }
                answer(question, given)
            }
        }
    }

    private fun answer(question: Question, given: Given) {
        pending -= question.key
        page.tell(Answered(question.key, given))
    }

    private fun rows(rows: Rows) {
        rows.more?.let { place ->
            page.says(words.say(Line(Word.FILL_ROWS, rows.count)))
            page.button(Word.FILL_ADD_ROW) { page.tell(Moved(Move.AddRow(place))) }
        }
        rows.own?.let { place ->
            page.row(words.say(Word.FILL_REMOVE_ROW)) { page.tell(Moved(Move.RemoveRow(place))) }
        }
    }

    private class Watch(private val changed: (String) -> Unit) : TextWatcher {
        override fun beforeTextChanged(text: CharSequence, start: Int, count: Int, after: Int) = Unit

        override fun onTextChanged(text: CharSequence, start: Int, before: Int, count: Int) = Unit

        override fun afterTextChanged(text: Editable) = changed(text.toString())
    }

    private companion object {
        const val LONG = TYPE_CLASS_TEXT or TYPE_TEXT_FLAG_MULTI_LINE or TYPE_TEXT_FLAG_CAP_SENTENCES
        const val NUMBER = TYPE_CLASS_NUMBER or TYPE_NUMBER_FLAG_DECIMAL or TYPE_NUMBER_FLAG_SIGNED

        /** In milliseconds after the last letter. */
        const val SOON = 700L

        /** More choices than this are not overlooked on a small screen. */
        const val LONG_LIST = 12

        /** What the core takes for "I have read this". */
        const val ACKNOWLEDGED = "OK"
    }
}
