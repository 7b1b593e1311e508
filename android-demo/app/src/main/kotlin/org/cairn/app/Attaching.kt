package org.cairn.app

import android.Manifest.permission.RECORD_AUDIO
import android.os.Handler
import android.os.Looper
import android.text.format.DateUtils
import android.text.format.Formatter
import android.widget.Button
import android.widget.TextView
import org.cairn.app.files.Recorder
import org.cairn.logic.Given
import org.cairn.logic.Kind
import org.cairn.logic.Line
import org.cairn.logic.Question
import org.cairn.logic.Word
import org.cairn.logic.files.Attached
import org.cairn.logic.files.Limits

/** Questions that a picture, a sound or another file answers. */
class Attaching(private val page: Page, private val hands: Hands) {
    private val words = page.words
    private val recorder = Recorder(page.context)
    private val clock = Handler(Looper.getMainLooper())

    /** The question that is being spoken to. */
    private var speaking: String? = null

    /** How many seconds are left for it. */
    private var left = 0

    /** What is seen of recording on this page, by question. */
    private val sounds = mutableMapOf<String, Sounding>()

    private class Sounding(val says: TextView, val button: Button)

    /** Whether the person is being recorded. */
    val speaks: Boolean get() = speaking != null

    /**
     * What is attached, or the ways to attach something.
     *
     * @param locksAtOnce whether another app would find the vault locked when it hands something over
     * @param look told that the file of a question is to be seen or heard
     */
    fun ask(question: Question, locksAtOnce: Boolean, look: (String) -> Unit, give: (Given) -> Unit) {
        val file = question.file
        if (file != null) return held(question, file, look, give)
        // Records that were brought in from elsewhere know a file by its name alone.
        if (question.said.isNotEmpty()) page.says(apart(question.said))
        when (question.kind) {
            Kind.SOUND -> sound(question)
            Kind.PICTURE -> if (!locksAtOnce) {
                page.says(Word.FILE_CAMERA_SAYS)
                page.button(Word.FILE_CAMERA) { hands.picture(question.key) }
            }
            else -> Unit
        }
        if (locksAtOnce) {
            page.says(Word.FILE_AT_ONCE)
            return
        }
        val limit = words.say(Line(Word.FILE_PICK_SAYS, Limits.MEGABYTES))
        val picture = question.kind == Kind.PICTURE
        page.says(if (picture) limit else "$limit ${words.say(Word.FILE_AS_IT_IS)}")
        page.row(words.say(if (picture) Word.FILE_PICK_PICTURE else Word.FILE_PICK)) {
            hands.pick(question.key, question.kind)
        }
    }

    /** A page of [questions] takes the place of this one. Who speaks to one of them goes on. */
    fun leaves(questions: List<Question>) {
        if (questions.none { it.key == speaking && it.file == null }) hand()
        sounds.clear()
    }

    /** While one speaks nothing else is touched but the way out. */
    fun goesOn() {
        val seen = sounds[speaking] ?: return
        page.say(null)
        page.rest(true)
        seen.button.isEnabled = true
        seen.button.text = words.say(Word.FILE_STOP)
        seen.says.keepScreenOn = true
        says()
    }

    /** Whatever comes next, what was said until now is kept. */
    fun hand() {
        val key = speaking ?: return
        speaking = null
        clock.removeCallbacksAndMessages(null)
        page.rest(false)
        hands.spoken(key, recorder.end())
    }

    /** The vault is locked, or another screen has come: nothing is recorded any more. */
    fun drop() {
        sounds.clear()
        if (speaking == null) return
        speaking = null
        clock.removeCallbacksAndMessages(null)
        recorder.drop()
    }

    private fun held(question: Question, file: Attached, look: (String) -> Unit, give: (Given) -> Unit) {
        page.says(page.said(file))
        if (file.here && (file.isPicture || file.isSound)) {
            val word = if (file.isPicture) Word.FILE_SHOW else Word.FILE_HEAR
            page.row(words.say(word)) { look(question.key) }
        }
        var asked = false
        page.row(words.say(Word.FILE_REMOVE)) {
            if (asked) give(Given.Typed("")) else page.say(Line(Word.FILE_REMOVE_SURE))
            asked = true
        }
    }

    private fun sound(question: Question) {
        val key = question.key
        val button = page.button(Word.FILE_RECORD) {
            if (speaking == key) hand() else hands.allow(arrayOf(RECORD_AUDIO)) { allowed -> begin(key, allowed) }
        }
        sounds[key] = Sounding(page.says(""), button)
    }

    private fun begin(key: String, allowed: Boolean) {
        when {
            // The page may have gone while the phone asked.
            key !in sounds -> Unit
            !allowed -> page.say(Line(Word.FILE_NO_MICROPHONE))
            !recorder.begin() -> page.say(Line(Word.FILE_NO_SOUND))
            else -> {
                speaking = key
                left = Limits.SECONDS
                goesOn()
                passes()
            }
        }
    }

    private fun passes() {
        if (left == 0) return hand()
        says()
        // Who speaks does not touch; the vault is not to lock under them. This lasts as long as the recording may.
        hands.stays()
        left -= 1
        clock.postDelayed(::passes, SECOND)
    }

    private fun says() {
        val text = words.say(Line(Word.FILE_RECORDS, DateUtils.formatElapsedTime(left.toLong())))
        sounds[speaking]?.says?.text = text
    }

    private companion object {
        /** In milliseconds. */
        const val SECOND = 1_000L
    }
}

/** A file's name and size, and whether it is on this phone. */
fun Page.said(file: Attached): String {
    val size = Formatter.formatShortFileSize(context, file.octets)
    val away = if (file.here) "" else "\n" + words.say(Word.FILE_AWAY)
    return "${apart(file.name)}, ${apart(size)}$away"
}
