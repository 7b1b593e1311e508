package org.cairn.app

import android.text.InputType.TYPE_CLASS_TEXT
import android.view.View
import android.widget.Button
import android.widget.LinearLayout
import android.widget.TextView
import org.cairn.ffi.NoAnswer
import org.cairn.logic.Choice
import org.cairn.logic.Given
import org.cairn.logic.Line
import org.cairn.logic.Question
import org.cairn.logic.Word

/** More choices than this are not overlooked on a small screen. */
private const val LONG_LIST = 12

/**
 * One of the choices, or any number of them. Long lists are narrowed by typing a part of a choice, and the longest are
 * seen in part only: thousands of buttons would bring a cheap phone to a stop.
 *
 * @param parts what was typed so, by question: it stays while one chooses
 */
fun Page.choosing(question: Question, many: Boolean, parts: MutableMap<String, String>, give: (Given) -> Unit) {
    val list = LinearLayout(context)
    list.orientation = LinearLayout.VERTICAL
    fun draw(part: String) {
        list.removeAllViews()
        val offer = question.offer(part)
        for (choice in offer.choices) {
            val chosen = choice.name in question.chosen
            choice(choice.label, chosen, many, list) {
                val given = when {
                    !many -> Given.One(choice.name.takeUnless { chosen })
                    chosen -> Given.Many(question.chosen - choice.name)
                    else -> Given.Many(question.chosen + choice.name)
                }
                give(given)
            }
        }
        if (offer.more) says(words.say(Word.FILL_MORE_CHOICES), list)
    }
    if (question.choices.size > LONG_LIST) {
        val field = field(words.say(Word.FILL_NARROW), TYPE_CLASS_TEXT, parts[question.key].orEmpty())
        field.addTextChangedListener(Watch { part ->
            parts[question.key] = part
            draw(part)
        })
    }
    // Without a margin of its own: what is in it has one.
    whole(list)
    draw(parts[question.key].orEmpty())
}

/** The choices in an order: those that have a place in it can be moved, the others are tapped one after the other. */
fun Page.ranking(question: Question, give: (Given) -> Unit) {
    val ranked = question.ranked
    val put = { order: List<Choice> -> give(Given.Ranked(order.map(Choice::name))) }
    says(Word.RANK_TAP)
    ranked.forEachIndexed { at, choice ->
        val text = TextView(context, null, 0, R.style.Says)
        text.text = "${context.number(at + 1L)}. ${apart(choice.label)}"
        val beside = line(text)
        move(beside, Word.RANK_UP, "\u25B2", choice, at > 0) { put(ranked.swapped(at, at - 1)) }
        move(beside, Word.RANK_DOWN, "\u25BC", choice, at < ranked.lastIndex) { put(ranked.swapped(at, at + 1)) }
        move(beside, Word.RANK_TAKE, "\u2715", choice, true) { put(ranked - choice) }
    }
    for (choice in question.choices - ranked.toSet()) row(choice.label) { put(ranked + choice) }
}

/** That there is no answer, and why. Folded away until it is wanted, so that it is not tapped in passing. */
fun Page.withoutAnswer(question: Question, give: (Given) -> Unit) {
    val choices = mutableListOf<View>()
    if (question.none == null) {
        val ask = add(Button(context, null, 0, R.style.Plain_Button_Start))
        ask.text = words.say(Word.NONE_ASK)
        ask.contentDescription = "${words.say(Word.NONE_ASK)} ${question.label}"
        ask.setOnClickListener {
            choices.forEach { it.visibility = View.VISIBLE }
            ask.visibility = View.GONE
            choices.first().requestFocus()
        }
    }
    for (why in NoAnswer.entries) {
        val chosen = question.none == why
        val row = choice(words.say(why.word), chosen) { give(Given.None(why.takeUnless { chosen })) }
        if (question.none == null) row.visibility = View.GONE
        choices += row
    }
}

/** The word for why there is no answer. */
val NoAnswer.word: Word
    get() = when (this) {
        NoAnswer.UNKNOWN -> Word.NONE_UNKNOWN
        NoAnswer.DECLINED -> Word.NONE_DECLINED
        NoAnswer.NOT_ASKED -> Word.NONE_NOT_ASKED
    }

/** Moves a choice; it keeps its place where there is nowhere to go, so that the others do not jump under the thumb. */
private fun Page.move(line: LinearLayout, word: Word, sign: String, choice: Choice, can: Boolean, act: () -> Unit) {
    val button = sign(line, sign, words.say(Line(word, choice.label)), act)
    if (!can) button.visibility = View.INVISIBLE
}

private fun List<Choice>.swapped(one: Int, other: Int): List<Choice> =
    toMutableList().also { it[one] = this[other]; it[other] = this[one] }
