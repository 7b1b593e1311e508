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

    /** Lines and areas that are seen, by question. */
    private val traces = mutableMapOf<String, Trace>()

    /** What a line was before its last change, by question. */
    private val before = mutableMapOf<String, String>()

    /** Those in whose field something stood when the page was drawn anew, by question. */
    private val begun = mutableMapOf<String, Trace>()

    /** How often the page was drawn: whoever comes back to another one has come too late. */
    private var drawn = 0

    /** Another screen has come, or the same anew: nobody sees any more what is searched for. */
    fun forget(stayed: Boolean) {
        locator.stop()
        drawn += 1
        begun.clear()
        if (stayed) begun += traces.filterValues { it.text.isNotBlank() } else before.clear()
        traces.clear()
    }

    /** The app is left: searching ends. */
    fun stop() = locator.stop()

    /** Keeps the places that were typed and can be places; they stay in their fields, where they can be changed. */
    fun hand() = traces.values.toList().forEach(Trace::hand)

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
     * @param types told that somebody types
     */
    fun line(question: Question, text: String, put: (String) -> Unit, keep: (String) -> Unit, types: () -> Unit) {
        val area = question.kind == Kind.AREA
        val was = begun[question.key]
        val same = was != null && was.answer == Places.of(text, area)
        val places = if (same) was.places else Places.of(text, area)
        // What was no place yet is typed on whatever the answer has become.
        val written = was?.text?.takeIf { same || was.kept == null }.orEmpty()
        lateinit var trace: Trace
        places.forEachIndexed { at, place ->
            one(at, place) { trace.becomes { typed -> places.filterIndexed { n, _ -> n != at } + typed } }
        }
        val field = page.field(words.say(Word.FILL_PLACE_EXAMPLE), TYPE_CLASS_TEXT, written)
        field.textDirection = View.TEXT_DIRECTION_LTR
        trace = Trace(question.key, area, places, field, put, keep, was?.kept.takeIf { same })
        traces[question.key] = trace
        field.addTextChangedListener(Watch { types() })
        page.row(words.say(Word.PLACE_ADD)) {
            if (trace.typed == null) page.say(Line(Word.WRONG_PLACE)) else trace.becomes { typed -> places + typed }
        }
        here(question) { found -> trace.becomes { typed -> places + typed + found } }
        val last = before[question.key] ?: return
        page.row(words.say(Word.PLACE_UNDO)) { trace.becomes { typed -> Places.of(last, area) + typed } }
    }

    /**
     * @property places those that are seen above the field in which one more is typed
     * @property kept what the answer ends with although it is not seen above
     */
    private inner class Trace(
        private val key: String,
        private val area: Boolean,
        val places: List<String>,
        private val input: EditText,
        private val put: (String) -> Unit,
        private val keep: (String) -> Unit,
        kept: String?,
    ) {
        var kept = kept
            private set

        /** What stands in the field. */
        val text: String get() = input.text.toString()

        /** The same, if it is a place. */
        val typed: String? get() = Places.typed(text)

        /** All of the answer that was handed over. */
        val answer: List<String> get() = places + listOfNotNull(kept)

        fun hand() {
            if (typed == kept) return
            kept = typed
            before[key] = Places.text(places, area)
            keep(Places.text(answer, area))
        }

        /** Other places, and among them what was typed: it is in the field no more. */
        fun becomes(others: (typed: List<String>) -> List<String>) {
            val place = listOfNotNull(typed)
            kept = null
            if (place.isNotEmpty()) input.text.clear()
            before[key] = Places.text(places + place, area)
            put(Places.text(others(place), area))
        }
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

        private val on = drawn

        fun seek(near: Boolean, take: (String) -> Unit) = hands.allow(Locator.PERMISSIONS) { allowed ->
            when {
                // Nobody would see the search, or could end it.
                on != drawn -> Unit
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
