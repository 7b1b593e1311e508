package org.cairn.app

import android.os.Handler
import android.os.Looper
import android.text.InputType.TYPE_CLASS_NUMBER
import android.text.InputType.TYPE_CLASS_TEXT
import android.text.InputType.TYPE_NUMBER_FLAG_DECIMAL
import android.text.InputType.TYPE_NUMBER_FLAG_SIGNED
import android.text.InputType.TYPE_TEXT_FLAG_CAP_SENTENCES
import android.text.InputType.TYPE_TEXT_FLAG_MULTI_LINE
import android.view.View
import android.widget.EditText
import org.cairn.logic.FileEvent
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
 * hands it over before, and a screen that comes by itself does too.
 */
class FillView(private val page: Page, private val hands: Hands) {
    private val words = page.words
    private val soon = Handler(Looper.getMainLooper())

    /** What was typed on this step, by question; the screen that comes back from the vault may be older. */
    private val typed = mutableMapOf<String, String>()
    private val pending = mutableSetOf<String>()

    /** What long lists of choices were narrowed by on this step. */
    private val parts = mutableMapOf<String, String>()

    private val placing = Placing(page, hands)
    private val attaching = Attaching(page, hands)
    private var locksAtOnce = false
    private var step: List<String> = emptyList()

    /** Whether the last screen drawn was of the same step as the one before. */
    var stayed = false
        private set

    /** Whether the person is being recorded. */
    val speaks: Boolean get() = attaching.speaks

    fun show(screen: Fill) {
        // A screen can come by itself, with a picture that was awaited, while something is being typed.
        handWritten()
        attaching.leaves(screen.questions)
        val keys = screen.questions.map(Question::key).ifEmpty { listOf("${screen.at}") }
        stayed = keys.any(step::contains)
        if (!stayed) {
            typed.clear()
            parts.clear()
        }
        placing.forget(stayed)
        locksAtOnce = screen.locksAtOnce
        step = keys
        page.begin(screen.heading.ifEmpty { screen.title }, screen.notice)
        page.says(words.say(screen.progress))
        screen.questions.forEach(::question)
        screen.rows?.let(::rows)
        page.next(Word.FILL_NEXT) { page.tell(Moved(Move.Next)) }
        page.aside(Word.FILL_CHECK) { page.tell(Moved(Move.Review)) }
        attaching.goesOn()
    }

    /** The person goes on: hands over whatever was begun and not handed over yet. */
    fun hand() {
        attaching.hand()
        handWritten()
    }

    private fun handWritten() {
        soon.removeCallbacksAndMessages(null)
        placing.hand()
        for (key in pending.toList()) {
            val text = typed[key] ?: continue
            pending -= key
            page.tell(Typed(key, Given.Typed(text)))
        }
    }

    /** Somebody types. A keyboard's letters are no touches, so that the vault would lock under them. */
    private fun types() {
        hands.stays()
        soon.removeCallbacksAndMessages(null)
        soon.postDelayed(::handWritten, SOON)
    }

    /** The app is out of sight. */
    fun leave() {
        hand()
        placing.stop()
    }

    /** Another screen has come. */
    fun forget() {
        handWritten()
        placing.forget(stayed = false)
        attaching.drop()
        pending.clear()
        typed.clear()
        parts.clear()
        step = emptyList()
    }

    private fun question(question: Question) {
        val needed = if (question.required) " (${words.say(Word.FILL_REQUIRED)})" else ""
        val label = page.heading(question.label + needed)
        if (question.hint.isNotEmpty()) page.says(question.hint)
        when {
            question.kind == Kind.NOTE -> Unit
            question.fixed -> page.says(question.none?.let { words.say(it.word) } ?: apart(question.said))
            else -> ask(question, label)
        }
        when (val wrong = question.wrong) {
            null -> Unit
            is Reason.Said -> page.wrong(wrong.text)
            is Reason.Ours -> page.wrong(words.say(wrong.line))
        }
        if (question.canHaveNone) page.withoutAnswer(question) { answer(question, it) }
    }

    private fun ask(question: Question, label: View) {
        when (question.kind) {
            Kind.TEXT -> text(question, label, TYPE_CLASS_TEXT or TYPE_TEXT_FLAG_CAP_SENTENCES)
            Kind.LONG_TEXT, Kind.LOG -> text(question, label, LONG)
            Kind.INTEGER -> text(question, label, TYPE_CLASS_NUMBER or TYPE_NUMBER_FLAG_SIGNED)
            Kind.DECIMAL -> text(question, label, NUMBER)
            Kind.DATE -> {
                text(question, label, TYPE_CLASS_TEXT, Word.FILL_DAY_EXAMPLE)
                pick(question, Word.FILL_PICK_DAY) { text, done -> pickDay(page.context, hands, text, done) }
            }
            Kind.TIME -> {
                text(question, label, TYPE_CLASS_TEXT, Word.FILL_TIME_EXAMPLE)
                pick(question, Word.FILL_PICK_TIME) { text, done -> pickTime(page.context, hands, text, done) }
            }
            Kind.MOMENT -> {
                text(question, label, TYPE_CLASS_TEXT, Word.FILL_MOMENT_EXAMPLE)
                pick(question, Word.FILL_PICK_DAY) { text, done ->
                    pickDay(page.context, hands, text) { day ->
                        pickTime(page.context, hands, text) { done("${day}T$it") }
                    }
                }
            }
            Kind.PLACE -> {
                text(question, label, TYPE_CLASS_TEXT, Word.FILL_PLACE_EXAMPLE)
                placing.here(question) { answer(question, Given.Typed(it)) }
            }
            Kind.LINE, Kind.AREA -> placing.line(
                question,
                typed[question.key] ?: question.text,
                put = { answer(question, Given.Typed(it)) },
                keep = { late(question, it) },
                types = ::types,
            )
            Kind.ONE -> page.choosing(question, many = false, parts) { answer(question, it) }
            Kind.MANY -> page.choosing(question, many = true, parts) { answer(question, it) }
            Kind.RANK -> page.ranking(question) { answer(question, it) }
            Kind.ACKNOWLEDGE -> page.choice(words.say(Word.FILL_ACKNOWLEDGE), question.said.isNotEmpty()) {
                val text = if (question.said.isEmpty()) ACKNOWLEDGED else ""
                answer(question, Given.Typed(text))
            }
            Kind.PICTURE, Kind.SOUND, Kind.FILM, Kind.FILE ->
                attaching.ask(question, locksAtOnce, ::look) { answer(question, it) }
            Kind.OTHER -> page.says(Word.FILL_NOT_SHOWN)
            Kind.NOTE -> Unit
        }
    }

    private fun text(question: Question, label: View, kind: Int, example: Word? = null) {
        if (question.kind == Kind.LOG && question.said.isNotEmpty()) page.says(question.said)
        example?.let(page::says)
        val field = page.add(Field(page.context))
        field.id = View.generateViewId()
        label.labelFor = field.id
        field.guard(kind)
        // Days, times and places are written from the left in every language.
        if (example != null) field.textDirection = View.TEXT_DIRECTION_LTR
        if (question.kind == Kind.LONG_TEXT || question.kind == Kind.LOG) field.minLines = 3
        field.setText(typed[question.key] ?: question.text)
        field.addTextChangedListener(Watch { text ->
            typed[question.key] = text
            pending += question.key
            types()
        })
    }

    /** @param pick asks, and begins at the answer that stands */
    private fun pick(question: Question, word: Word, pick: (text: String, done: (String) -> Unit) -> Unit) {
        page.button(word) {
            pick(typed[question.key] ?: question.text) { picked -> answer(question, Given.Typed(picked)) }
        }
    }

    /** Whatever was typed to the same question before is no answer any more. */
    private fun answer(question: Question, given: Given) {
        pending -= question.key
        if (given is Given.Typed) typed[question.key] = given.text else typed -= question.key
        page.tell(Answered(question.key, given))
    }

    private fun look(key: String) = page.tell(FileEvent.Look(key))

    /** Something that is answered as the person goes on: it is handed over before that. */
    private fun late(question: Question, text: String) {
        typed[question.key] = text
        page.tell(Typed(question.key, Given.Typed(text)))
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

    private companion object {
        const val LONG = TYPE_CLASS_TEXT or TYPE_TEXT_FLAG_MULTI_LINE or TYPE_TEXT_FLAG_CAP_SENTENCES
        const val NUMBER = TYPE_CLASS_NUMBER or TYPE_NUMBER_FLAG_DECIMAL or TYPE_NUMBER_FLAG_SIGNED

        /** In milliseconds after the last letter. */
        const val SOON = 700L

        /** What the core takes for "I have read this". */
        const val ACKNOWLEDGED = "OK"
    }
}
