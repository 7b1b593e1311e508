package org.cairn.app

import android.text.InputType.TYPE_CLASS_TEXT
import android.text.InputType.TYPE_TEXT_FLAG_MULTI_LINE
import android.text.InputType.TYPE_TEXT_VARIATION_VISIBLE_PASSWORD
import android.view.inputmethod.EditorInfo.IME_ACTION_GO
import org.cairn.logic.Event
import org.cairn.logic.Return
import org.cairn.logic.ReturnEvent
import org.cairn.logic.Start
import org.cairn.logic.StartEvent
import org.cairn.logic.Waiting
import org.cairn.logic.Word

/** The languages the app speaks, by tag, each named in itself. */
val LANGUAGES = mapOf("en" to "English", "ru" to "Русский", "tg" to "Тоҷикӣ", "ar" to "العربية")

/** The lock. */
fun Page.unlock(): Secrets {
    val (fields, show) = secrets(Word.UNLOCK_FIELD, id = R.id.passphrase)
    val passphrase = fields.single()
    val submit = {
        val typed = passphrase.take()
        show.isChecked = false
        tell(Event.Submit(typed))
    }
    passphrase.imeOptions = passphrase.imeOptions or IME_ACTION_GO
    passphrase.setOnEditorActionListener { _, _, _ ->
        submit()
        true
    }
    button(Word.UNLOCK_OPEN) { submit() }.id = R.id.open
    return Secrets(fields, show)
}

/** First start, and what is typed there. */
fun Page.start(screen: Start, hands: Hands): Secrets? {
    begin(words.say(Word.START_TITLE), screen.notice, leadsBack = screen !is Start.Invitation)
    return when (screen) {
        is Start.Invitation -> invitation(hands)
        is Start.Name -> name()
        is Start.Passphrase -> passphrase(screen)
    }
}

private fun Page.invitation(hands: Hands): Secrets {
    says(Word.START_INVITATION)
    val text = field(
        words.say(Word.START_INVITATION_FIELD),
        TYPE_CLASS_TEXT or TYPE_TEXT_FLAG_MULTI_LINE or TYPE_TEXT_VARIATION_VISIBLE_PASSWORD,
    )
    text.maxLines = 4
    button(Word.START_PASTE) { hands.clipboard()?.let(text::setText) }
    button(Word.START_SCAN) { hands.scan() }
    // A phone's own list of languages may lack the one that is wanted here.
    heading(words.say(Word.SETTINGS_LANGUAGE))
    for ((tag, own) in LANGUAGES) row(own) { hands.speak(tag) }
    next(Word.START_NEXT) { tell(StartEvent.Invited(text.take())) }
    return Secrets(listOf(text), null)
}

private fun Page.name(): Secrets {
    says(Word.START_NAME)
    val name = field(words.say(Word.START_NAME_FIELD), TYPE_CLASS_TEXT)
    next(Word.START_NEXT) { tell(StartEvent.Named(name.text.toString())) }
    return Secrets(listOf(name), null)
}

private fun Page.passphrase(screen: Start.Passphrase): Secrets {
    says(Word.START_PASSPHRASE)
    screen.offered?.let { offered ->
        says(Word.START_OFFERED)
        heading(offered)
    }
    val (fields, show) = secrets(Word.UNLOCK_FIELD, Word.START_AGAIN)
    if (screen.offered == null) {
        button(Word.START_OFFER) { tell(StartEvent.Offer) }
    } else {
        button(Word.START_OTHER_WORDS) { tell(StartEvent.Offer) }
        button(Word.START_OWN) { tell(StartEvent.Own) }
    }
    next(Word.START_JOIN) {
        val (first, again) = fields.map { it.take() }
        tell(StartEvent.Chosen(first, again))
    }
    rest(screen.busy)
    return Secrets(fields, show)
}

/** The words that are compared with the coordinator. */
fun Page.waiting(screen: Waiting) {
    begin(words.say(Word.WAITING_TITLE), screen.notice, leadsBack = false)
    says(Word.WAITING_SAY)
    // One below the other: that is how they are read aloud.
    heading(screen.words.split(' ').joinToString("\n"))
    next(Word.WAITING_ASK) { tell(StartEvent.Ask) }
}

/** After a journey: the passphrase and the words a coordinator gave. */
fun Page.comingBack(screen: Return): Secrets {
    begin(words.say(Word.RETURN_TITLE), screen.notice)
    val (secret, show) = secrets(Word.UNLOCK_FIELD)
    val code = field(words.say(Word.RETURN_CODE), TYPE_CLASS_TEXT or TYPE_TEXT_FLAG_MULTI_LINE or TYPE_TEXT_VARIATION_VISIBLE_PASSWORD)
    next(Word.UNLOCK_OPEN) { tell(ReturnEvent(secret.single().take(), code.text.toString())) }
    rest(screen.busy)
    return Secrets(secret + code, show)
}
