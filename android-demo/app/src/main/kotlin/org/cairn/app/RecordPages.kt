package org.cairn.app

import android.text.InputType.TYPE_CLASS_TEXT
import android.view.inputmethod.EditorInfo.IME_ACTION_SEARCH
import org.cairn.logic.Conflict
import org.cairn.logic.ConflictEvent
import org.cairn.logic.Door
import org.cairn.logic.Event
import org.cairn.logic.Held
import org.cairn.logic.History
import org.cairn.logic.Line
import org.cairn.logic.Progress
import org.cairn.logic.RecordPage
import org.cairn.logic.Said
import org.cairn.logic.Search
import org.cairn.logic.SyncEvent
import org.cairn.logic.Told
import org.cairn.logic.Word
import org.cairn.logic.files.Attached
import org.cairn.logic.FileEvent

/** One record and its answers. */
fun Page.record(screen: RecordPage) {
    begin(screen.name, screen.notice)
    says(screen.form)
    if (screen.conflicts > 0) {
        row(words.say(Line(Word.RECORD_CONFLICTS, screen.conflicts))) { tell(Event.Go(Door.Conflicts())) }
    }
    if (screen.hidden > 0) says(Word.RECORD_HIDDEN)
    var heading = ""
    for (answer in screen.answers) {
        if (answer.heading != heading) heading(answer.heading)
        heading = answer.heading
        says("${answer.label}\n${said(answer)}")
        answer.file?.let { file(answer.key, answer.label, it) }
    }
    next(Word.RECORD_EDIT) { tell(Event.Go(Door.Edit(screen.door.id))) }
    aside(Word.RECORD_HISTORY) { tell(Event.Go(Door.History(screen.door))) }
}

/** While a file of the record of that [name] is fetched. */
fun Page.fetching(name: String, under: Progress, stopping: Boolean) {
    begin(name, null, leadsBack = false)
    val far = if (under.total > 0) "\n" + words.say(Line(Word.SYNC_OF, under.done, under.total)) else ""
    says(words.say(if (stopping) Word.SYNC_STOPPING else under.word) + far)
    next(Word.SYNC_STOP) { tell(SyncEvent.Stop) }.isEnabled = !stopping
}

/** A file is seen only when somebody wants to: whoever looks over a shoulder is not shown a face. */
private fun Page.file(key: String, label: String, file: Attached) {
    val word = when {
        !file.here -> Word.FILE_FETCH
        file.isPicture -> Word.FILE_SHOW
        file.isSound -> Word.FILE_HEAR
        else -> null
    }
    if (word == null) {
        says(Word.FILE_NOT_SHOWN)
        return
    }
    row(words.say(word)) { tell(if (file.here) FileEvent.Look(key) else FileEvent.Fetch(key)) }
        .contentDescription = "${words.say(word)}: $label"
}

/** An answer, or why there is none. */
fun Page.said(answer: Said): String =
    answer.none?.let { words.say(it.word) } ?: answer.file?.let { said(it) } ?: apart(answer.said)

private fun Page.said(told: Told): String = told.none?.let { words.say(it.word) } ?: apart(told.said)

private fun Page.said(held: Held): String =
    held.none?.let { words.say(it.word) } ?: held.attached?.let { said(it) } ?: held.said?.let(::apart) ?: words.say(Word.HISTORY_TAKEN)

/** Who changed what in a record. */
fun Page.history(screen: History) {
    begin(words.say(Word.HISTORY_TITLE), screen.notice)
    says(screen.name)
    if (screen.entries.isEmpty()) says(Word.HISTORY_NONE)
    for (entry in screen.entries) {
        heading(words.say(Line(Word.HISTORY_WHO, apart(entry.who), moment(entry.at))))
        says("${entry.label}\n${entry.told?.let { said(it) } ?: words.say(Word.HISTORY_TAKEN)}")
        entry.before?.let { says(words.say(Line(Word.HISTORY_BEFORE, said(it)))) }
    }
}

/** Records by their words. */
fun Page.search(screen: Search) {
    begin(words.say(Word.SEARCH_TITLE), screen.notice)
    val field = field(words.say(Word.SEARCH_FIELD), TYPE_CLASS_TEXT, screen.door.text)
    val search = { tell(Event.Go(Door.Search(field.text.toString().trim()))) }
    field.imeOptions = field.imeOptions or IME_ACTION_SEARCH
    field.setOnEditorActionListener { _, _, _ ->
        search()
        true
    }
    button(Word.SEARCH_GO) { search() }
    if (screen.rows.isEmpty()) says(Word.SEARCH_NONE)
    for (found in screen.rows) {
        val further = listOfNotNull(found.form, found.at?.let(::moment)).joinToString("\n")
        row(found.name, further) { tell(Event.Go(Door.Record(found.id, from = screen.door))) }
    }
    if (screen.more) button(Word.SEARCH_MORE) { tell(Event.Go(screen.further)) }
}

/** Two answers, and which is right. */
fun Page.conflict(screen: Conflict) {
    val none = screen.values.isEmpty()
    begin(words.say(if (none) Word.CONFLICT_NONE else Word.CONFLICT_TITLE), screen.notice)
    if (none) return
    says(words.say(Line(Word.CONFLICT_LEFT, screen.left)))
    heading("${screen.name}\n${screen.label}")
    beside(screen.values.mapIndexed { place, held -> { held(place, held) } })
    val door = Door.Record(screen.record, from = Door.Conflicts(screen.skip))
    aside(Word.CONFLICT_RECORD) { tell(Event.Go(door)) }
    if (screen.left > 1) aside(Word.CONFLICT_LATER) { tell(Event.Go(Door.Conflicts(screen.skip + 1))) }
}

/** One of the answers; a file can be looked at before one chooses. */
private fun Page.held(place: Int, held: Held) {
    val who = words.say(Line(Word.HISTORY_WHO, apart(held.who), moment(held.at)))
    says(who)
    val (key, file) = held.file to held.attached
    if (key != null && file != null) file(key, who, file)
    // The whole answer is the target: one tap settles.
    row(said(held), words.say(Word.CONFLICT_CHOOSE)) { tell(ConflictEvent.Settle(place)) }
}
