package org.cairn.app

import org.cairn.logic.Choice
import org.cairn.logic.Conflict
import org.cairn.logic.Contact
import org.cairn.logic.Counts
import org.cairn.logic.Door
import org.cairn.logic.DraftLine
import org.cairn.logic.Entry
import org.cairn.logic.Fill
import org.cairn.logic.FormLine
import org.cairn.logic.Forms
import org.cairn.logic.Held
import org.cairn.logic.History
import org.cairn.logic.Joining
import org.cairn.logic.Kind
import org.cairn.logic.Lapses
import org.cairn.logic.Line
import org.cairn.logic.Missing
import org.cairn.logic.Progress
import org.cairn.logic.Question
import org.cairn.logic.Reason
import org.cairn.logic.RecordLine
import org.cairn.logic.RecordPage
import org.cairn.logic.Return
import org.cairn.logic.Review
import org.cairn.logic.RowPlace
import org.cairn.logic.Rows
import org.cairn.logic.Said
import org.cairn.logic.Screen
import org.cairn.logic.Search
import org.cairn.logic.Settings
import org.cairn.logic.SettingsPage
import org.cairn.logic.Start
import org.cairn.logic.Sync
import org.cairn.logic.TaskLine
import org.cairn.logic.Tasks
import org.cairn.logic.Today
import org.cairn.logic.Told
import org.cairn.logic.Unsent
import org.cairn.logic.Viewing
import org.cairn.logic.Waiting
import org.cairn.logic.Word
import org.cairn.logic.Working
import org.cairn.logic.files.Attached

/**
 * Every screen there is, with content that is the same each time: for pictures, and for measuring. What real vaults
 * and servers bring forth is in the journey's test.
 */
class Gallery(private val language: String) {
    private val sample = Sample.ALL.getValue(language)

    val screens: Map<String, Screen> by lazy {
        start() + today() + filling() + records() + syncing() + settings()
    }

    private fun start(): Map<String, Screen> = mapOf(
        "unlock" to Screen.Unlock(),
        "unlock-wrong" to Screen.Unlock(Line(Word.WRONG_PASSPHRASE)),
        "unlock-wait" to Screen.Unlock(Line(Word.TOO_MANY_TRIES_FOR, Line(Word.SPAN_MINUTES, 5L))),
        "start-wiped" to Start.Invitation(Line(Word.BOTH, Line(Word.WIPED), Line(Word.KEY_IN_FILE))),
        "return-paper" to Return(Line(Word.BOTH, Line(Word.DEPARTED_PAPER), Line(Word.KEY_IN_FILE))),
        "unlock-cut-off" to Screen.Unlock(Line(Word.CUT_OFF)),
        "start-invitation" to Start.Invitation(),
        "start-name" to Start.Name("-"),
        "start-passphrase" to Start.Passphrase(Joining("-", "-"), sample.secret),
        "start-own-passphrase" to Start.Passphrase(Joining("-", "-"), notice = Line(Word.WEAK_PASSPHRASE_OF, 14L)),
        "waiting" to Waiting(sample.words),
        "return" to Return(Line(Word.DEPARTED)),
    )

    private fun today(): Map<String, Screen> = mapOf(
        "today" to today,
        "today-saved" to today.copy(drafts = emptyList(), notice = Line(Word.REVIEW_SAVED)),
        "today-troubles" to today.copy(
            alarms = listOf(Line(Word.ALARM, "fork")),
            contact = Contact(16 * DAY, 10 * 365 * DAY),
            unswept = true,
        ),
        "today-alarms" to today.copy(alarms = listOf(Line(Word.ALARM_PACK), Line(Word.ALARM_SUBMIT_KEY))),
        "today-working" to Working(today),
        "tasks" to Tasks(
            Door.Tasks(),
            listOf(
                TaskLine("a", "one", sample.told, sample.place, "zarina", -2),
                TaskLine("b", "two", sample.people, sample.otherPlace, days = 3),
            ),
            open = 5,
        ),
        "viewing" to Viewing(today, Attached("notes.pdf", "application/pdf", 12_345, here = true), ByteArray(0)),
        "forms" to Forms(listOf(FormLine("a", sample.form), FormLine("b", sample.other))),
        "forms-none" to Forms(emptyList()),
    )

    private fun filling(): Map<String, Screen> = mapOf(
        "fill-text" to fill(0, where),
        "fill-choice" to fill(1, what.copy(chosen = setOf("1"))),
        "fill-many" to fill(1, what.copy(kind = Kind.MANY, chosen = setOf("0", "2"))),
        "fill-number" to fill(
            2,
            Question("people", sample.people, Kind.INTEGER, text = "1o", wrong = Reason.Ours(Line(Word.WRONG_NUMBER))),
        ).copy(notice = Line(Word.WRONG_ANSWER)),
        "fill-day" to fill(
            3,
            Question("day", sample.day, Kind.DATE, text = "2026-01-31"),
            Question("hour", sample.hour, Kind.TIME, text = "14:05"),
        ).copy(heading = sample.group),
        "fill-moment" to fill(3, Question("moment", sample.hour, Kind.MOMENT)),
        "fill-story" to fill(4, Question("told", sample.told, Kind.LONG_TEXT, text = sample.story)),
        "fill-log" to fill(4, Question("told", sample.told, Kind.LOG, said = sample.story)),
        "fill-place" to fill(4, Question("place", sample.where, Kind.PLACE, text = "38.56 68.78")),
        "fill-line" to fill(4, Question("line", sample.where, Kind.LINE, text = "38.56 68.78; 38.57 68.79")),
        "fill-order" to fill(4, what.copy(kind = Kind.RANK, text = "2 0")),
        "fill-picture" to fill(
            4,
            Question("seen", sample.what, Kind.PICTURE, file = Attached("picture.jpg", "image/jpeg", 240_000, here = true)),
        ),
        "fill-sound" to fill(4, Question("heard", sample.told, Kind.SOUND)),
        "fill-note" to fill(
            4,
            Question("note", sample.story, Kind.NOTE),
            Question("read", sample.told, Kind.ACKNOWLEDGE),
            Question("sound", sample.told, Kind.OTHER),
        ),
        "fill-rows" to Fill(sample.form, 4, 6, sample.row, rows = Rows(sample.row, 2, RowPlace("r", emptyList()), null)),
        "fill-row" to fill(4, what).copy(heading = "${sample.row} 2", rows = Rows("", 0, null, RowPlace("r", listOf("x")))),
        "review-missing" to Review(
            sample.form,
            listOf(
                Missing("where", sample.where, Reason.Ours(Line(Word.WRONG_EMPTY))),
                Missing("people", sample.people, Reason.Ours(Line(Word.WRONG_NUMBER))),
            ),
            answers.filterNot { it.key == "where" || it.key == "people" },
        ),
        "review" to Review(sample.form, emptyList(), answers),
    )

    private fun records(): Map<String, Screen> = mapOf(
        "search" to Search(
            Door.Search(),
            listOf(
                RecordLine("a", sample.place, sample.form, JANUARY),
                RecordLine("b", sample.otherPlace, sample.form, JANUARY - DAY),
            ),
            more = true,
        ),
        "search-none" to Search(Door.Search(sample.place), emptyList(), more = false),
        "record" to RecordPage(record, sample.place, sample.form, answers, conflicts = 1, hidden = 1),
        "history" to History(
            record,
            sample.place,
            listOf(
                Entry("zarina", JANUARY + DAY, sample.people, Told("13"), Told("12")),
                Entry("farid", JANUARY, sample.told, null, Told(sample.story)),
                Entry("farid", JANUARY, sample.people, Told("12"), null),
            ),
        ),
        "conflict" to Conflict(
            skip = 0,
            left = 2,
            name = sample.place,
            label = sample.people,
            values = listOf(Held(null, "13", "zarina", JANUARY), Held(null, "14", "farid", JANUARY + 600)),
        ),
        "conflict-files" to pictures,
        "conflict-fetching" to Working(pictures.copy(under = Progress(Word.FILE_FETCHES, 0, 0))),
        "conflict-none" to Conflict(0, 0, notice = Line(Word.CONFLICT_SETTLED)),
    )

    private fun syncing(): Map<String, Screen> = mapOf(
        "sync" to Sync(today.lines),
        "sync-begins" to Working(Sync(emptyList(), Progress(Word.SYNC_BEGINS, 0, 0))),
        "sync-under-way" to Working(Sync(emptyList(), Progress(Word.SYNC_FETCHES, 42, 120))),
        "sync-stopping" to Working(Sync(emptyList(), Progress(Word.SYNC_SENDS, 2, 0), stopping = true)),
        "sync-done" to Sync(listOf(Line(Word.SYNC_DONE), Line(Word.SYNC_SENT, 3L), Line(Word.SYNC_RECEIVED, 12L))),
        "sync-offline" to Sync(emptyList(), notice = Line(Word.OFFLINE)),
    )

    private fun settings(): Map<String, Screen> = SettingsPage.entries.associate { page ->
        val name = if (page == SettingsPage.LIST) "settings" else "settings-${page.name.lowercase()}"
        name to Settings(page, language, Lapses(idle = 300, background = 120))
    } + listOf(SettingsPage.DURESS, SettingsPage.TRAVEL, SettingsPage.WIPE).associate { page ->
        val unsent = Unsent(changes = 3, files = 2, drafts = 1)
        "settings-${page.name.lowercase()}-unsent" to
            Settings(page, language, Lapses(idle = 300, background = 120), certain = false, unsent = unsent)
    }

    private val today = Today(
        counts = Counts(records = 24, conflicts = 1, waiting = 3),
        drafts = listOf(DraftLine(1, sample.form, JANUARY)),
        contact = Contact(5 * HOUR),
    )

    /** Two pictures of one name, one of them not here. */
    private val pictures: Conflict
        get() {
            val file = Attached("picture.jpg", "image/jpeg", 240_000, here = true)
            return Conflict(
                skip = 0,
                left = 1,
                record = "a",
                name = sample.place,
                label = sample.what,
                values = listOf(
                    Held(null, "picture.jpg", "zarina", JANUARY, "1", file),
                    Held(null, "picture.jpg", "farid", JANUARY + 600, "2", file.copy(octets = 90_000, here = false)),
                ),
            )
        }

    private val where get() = Question("where", sample.where, Kind.TEXT, hint = sample.hint, text = sample.place, required = true)

    private val what: Question
        get() {
            val choices = sample.kinds.mapIndexed { number, label -> Choice("$number", label) }
            return Question("what", sample.what, Kind.ONE, choices = choices)
        }

    private val answers = listOf(
        Said("where", sample.where, sample.place, sample.group),
        Said("what", sample.what, sample.kinds[1], sample.group),
        Said("people", sample.people, "12", sample.group),
        Said("told", sample.told, sample.story, sample.told),
    )

    private val record = Door.Record("a", Door.Search())

    private fun fill(at: Int, vararg questions: Question) = Fill(sample.form, at, 6, questions = questions.toList())

    private companion object {
        const val HOUR = 3_600L
        const val DAY = 24 * HOUR

        /** A day in January 2026, at noon UTC. */
        const val JANUARY = 1_769_860_800L
    }
}
