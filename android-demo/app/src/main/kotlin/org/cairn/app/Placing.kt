package org.cairn.app

import android.text.InputType.TYPE_CLASS_TEXT
import android.view.View
import android.widget.EditText
import android.widget.TextView
import org.cairn.app.place.Locator
import org.cairn.logic.Kind
import org.cairn.logic.Line
import org.cairn.logic.Question
import org.cairn.logic.Word
import org.cairn.logic.place.Fix
import org.cairn.logic.place.Places
import org.cairn.logic.place.Search

/** Places by the phone's satellites, and lines and areas of several places. */
class Placing(private val page: Page, private val hands: Hands) {
    private val words = page.words
    private val locator = Locator(page.context)

    /** Fields for one more place, by question, with what stands in them. */
    private val open = mutableMapOf<String, Open>()

    /** What a line was before its last change, by question. */
    private val before = mutableMapOf<String, String>()

    private class Open(val field: EditText, val add: (String) -> Unit)

    /** Another screen has come, or the same anew: nobody sees any more what is searched for. */
    fun forget(stayed: Boolean) {
        locator.stop()
        open.clear()
        if (!stayed) before.clear()
    }

    /** The app is left: searching ends. */
    fun stop() = locator.stop()

    /** Adds the places that were typed and can be places. */
    fun hand() {
        for (one in open.values.toList()) {
            val place = Places.typed(one.field.text.toString()) ?: continue
            one.field.text.clear()
            one.add(place)
        }
    }

    /** Buttons that find out where the phone is; [take] is told the place as an answer. */
    fun here(question: Question, take: (String) -> Unit) {
        lateinit var seen: Seen
        if (!question.near) page.button(Word.PLACE_HERE) { seen.seek(near = false, take) }
        page.button(Word.PLACE_NEAR) { seen.seek(near = true, take) }
        seen = Seen()
    }

    /**
     * The places of a line or an area.
     *
     * @param text the answer as it stands
     * @param put gives another one, and draws the step anew
     * @param keep gives another one while the screen stays as it is
     */
    fun line(question: Question, text: String, put: (String) -> Unit, keep: (String) -> Unit) {
        val area = question.kind == Kind.AREA
        val places = Places.of(text, area)
        fun becomes(others: List<String>, how: (String) -> Unit) {
            before[question.key] = text
            how(Places.text(others, area))
        }
        places.forEachIndexed { at, place -> one(at, place) { becomes(places.filterIndexed { n, _ -> n != at }, put) } }
        val field = page.field(words.say(Word.FILL_PLACE_EXAMPLE), TYPE_CLASS_TEXT)
        field.textDirection = View.TEXT_DIRECTION_LTR
        open[question.key] = Open(field) { becomes(places + it, keep) }
        page.row(words.say(Word.PLACE_ADD)) {
            val place = Places.typed(field.text.toString())
            if (place == null) page.say(Line(Word.WRONG_PLACE)) else {
                field.text.clear()
                becomes(places + place, put)
            }
        }
        here(question) { becomes(places + it, put) }
        val last = before[question.key] ?: return
        page.row(words.say(Word.PLACE_UNDO)) { becomes(Places.of(last, area), put) }
    }

    private fun one(at: Int, place: String, away: () -> Unit) {
        val text = TextView(page.context, null, 0, R.style.Says)
        text.text = "${page.context.number(at + 1L)}. ${apart(place)}"
        page.sign(page.line(text), "\u2715", words.say(Line(Word.PLACE_AWAY, at + 1)), away)
    }

    /** What is seen of a search below its buttons. */
    private inner class Seen {
        private val progress = page.says("")
        private val exact = page.says("").apply { accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE }
        private val takes = page.button(Word.PLACE_TAKE) {}
        private val ends = page.row(words.say(Word.PLACE_STOP)) { halt() }

        init {
            hide()
        }

        fun seek(near: Boolean, take: (String) -> Unit) = hands.allow(Locator.PERMISSIONS) { allowed ->
            when {
                !allowed -> page.say(Line(Word.PLACE_REFUSED))
                !locator.isOn -> page.say(Line(Word.PLACE_OFF))
                locator.isRough -> page.say(Line(Word.PLACE_EXACT_ALONE))
                else -> {
                    page.say(null)
                    locator.begin { state -> goes(state) { fix -> take(fix.text(near)) } }
                }
            }
        }

        private fun goes(state: Search.State, take: (Fix) -> Unit) {
            when (state) {
                is Search.State.Goes -> {
                    progress.text = words.say(Line(Word.PLACE_SEARCHING, state.second, state.of))
                    // A screen that goes dark would lock the vault.
                    progress.keepScreenOn = true
                    for (view in listOf(progress, ends)) view.visibility = View.VISIBLE
                    val best = state.best ?: return
                    val said = words.say(Fix.within(best.accuracy))
                    // Read aloud when it changes, and not each second.
                    if (exact.text.toString() != said) exact.text = said
                    for (view in listOf(exact, takes)) view.visibility = View.VISIBLE
                    takes.setOnClickListener {
                        halt()
                        take(best)
                    }
                }
                is Search.State.Ended -> {
                    halt()
                    val found = state.found
                    if (found == null) page.say(Line(Word.PLACE_NOT_FOUND)) else take(found)
                }
            }
        }

        private fun halt() {
            locator.stop()
            hide()
        }

        private fun hide() {
            progress.keepScreenOn = false
            for (view in listOf(progress, exact, takes, ends)) view.visibility = View.GONE
        }
    }
}
