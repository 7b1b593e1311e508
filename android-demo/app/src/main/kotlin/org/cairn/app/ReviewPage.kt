package org.cairn.app

import org.cairn.logic.FillingEvent.Moved
import org.cairn.logic.Line
import org.cairn.logic.Move
import org.cairn.logic.Reason
import org.cairn.logic.Review
import org.cairn.logic.Word

/** What is missing, what was answered, and the end of filling. */
fun Page.review(screen: Review) {
    begin(words.say(Word.REVIEW_TITLE), screen.notice)
    says(screen.title)
    if (screen.missing.isEmpty()) {
        says(Word.REVIEW_COMPLETE)
    } else {
        wrong(words.say(Word.REVIEW_MISSING))
        for (missing in screen.missing) {
            val why = when (val why = missing.why) {
                is Reason.Said -> why.text
                is Reason.Ours -> words.say(why.line)
            }
            row(missing.label, why) { tell(Moved(Move.To(missing.key))) }
        }
    }
    if (screen.answers.isNotEmpty()) {
        heading(words.say(Word.REVIEW_ANSWERS))
        for (answer in screen.answers) {
            row(answer.label, said(answer)) { tell(Moved(Move.To(answer.key))) }
        }
    }
    discard()
    next(Word.REVIEW_FINISH) { tell(Moved(Move.Finish)) }.isEnabled = screen.can
    aside(Word.FILL_PAUSE) { tell(Moved(Move.Pause)) }
}

/** Two taps: the first one asks. */
private fun Page.discard() {
    var asked = false
    row(words.say(Word.REVIEW_DISCARD)) {
        if (asked) tell(Moved(Move.Discard)) else say(Line(Word.REVIEW_DISCARD_SURE))
        asked = true
    }
}
