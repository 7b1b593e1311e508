package org.cairn.app

import java.text.DateFormat
import java.util.Date
import org.cairn.logic.Door
import org.cairn.logic.Event
import org.cairn.logic.Forms
import org.cairn.logic.Line
import org.cairn.logic.Sync
import org.cairn.logic.SyncEvent
import org.cairn.logic.Today
import org.cairn.logic.Word

/** The first page of an open vault. */
fun Page.today(screen: Today, hands: Hands) {
    begin(words.say(Word.TODAY_TITLE), screen.notice, leadsBack = false)
    if (screen.alarms.isNotEmpty()) {
        heading(words.say(Word.TODAY_ALARMS))
        screen.alarms.forEach { wrong(words.say(it)) }
    }
    if (screen.unswept) wrong(words.say(Word.UNSWEPT))
    button(Word.TODAY_NEW) { tell(Event.Go(Door.Forms)) }
    tasksOf(screen)
    if (screen.drafts.isNotEmpty()) {
        heading(words.say(Word.TODAY_DRAFTS))
        for (draft in screen.drafts) {
            row(draft.title, draft.at?.let(::moment).orEmpty()) { tell(Event.Go(Door.Draft(draft.number))) }
        }
    }
    row("${words.say(Word.TODAY_SEARCH)}: ${context.number(screen.counts.records)}") { tell(Event.Go(Door.Search())) }
    if (screen.counts.conflicts > 0) {
        row(words.say(Line(Word.TODAY_SETTLE, screen.counts.conflicts))) {
            tell(Event.Go(Door.Conflicts()))
        }
    }
    row(words.say(Word.TODAY_SYNC), screen.lines.joinToString("\n", transform = words::say)) {
        tell(Event.Go(Door.Sync))
    }
    hands.hindrance()?.let(::says)
    row(words.say(Word.TODAY_SETTINGS)) { tell(Event.Go(Door.Settings())) }
    next(Word.TODAY_LOCK) { tell(Event.Leave) }
}

/** Which form is to be filled in. */
fun Page.forms(screen: Forms) {
    begin(words.say(Word.FORMS_TITLE), screen.notice)
    if (screen.forms.isEmpty()) says(Word.FORMS_NONE)
    for (form in screen.forms) row(form.title) { tell(Event.Go(Door.NewRecord(form.id))) }
}

/** Sending and fetching. */
fun Page.syncing(screen: Sync) {
    begin(words.say(Word.SYNC_TITLE), screen.notice, leadsBack = screen.under == null)
    screen.said.forEach { says(words.say(it)) }
    val under = screen.under
    if (under == null) {
        next(Word.SYNC_BEGIN) { tell(SyncEvent.Begin) }
        return
    }
    val far = if (under.total > 0) "\n" + words.say(Line(Word.SYNC_OF, under.done, under.total)) else ""
    says(words.say(if (screen.stopping) Word.SYNC_STOPPING else under.word) + far)
    next(Word.SYNC_STOP) { tell(SyncEvent.Stop) }.isEnabled = !screen.stopping
}

/** A moment in the words of this language and the time of this place. [at] in seconds since 1970 UTC. */
fun Page.moment(at: Long): String =
    DateFormat.getDateTimeInstance(DateFormat.MEDIUM, DateFormat.SHORT, context.locale).format(Date(at * 1000))
