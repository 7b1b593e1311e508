package org.cairn.logic

/** What can be set, one page each. */
enum class SettingsPage { LIST, LANGUAGE, LAPSES, PASSPHRASE, DURESS, TRAVEL, DISGUISE, WIPE }

/**
 * What can be set.
 *
 * @property language the app's own, as a BCP 47 tag
 * @property lapses after how long the vault locks itself
 * @property certain whether this phone can promise that a key which it destroys is gone
 * @property unsent what is on this phone alone, where a page can lose that
 */
data class Settings(
    val page: SettingsPage,
    val language: String,
    val lapses: Lapses,
    val certain: Boolean = true,
    val unsent: Unsent? = null,
    override val notice: Line? = null,
) : Inside {
    override val back: Door
        get() = if (page == SettingsPage.LIST) Door.Today else Door.Settings()

    override fun with(notice: Line?) = copy(notice = notice)
}

/** How many changes, files and drafts only this phone has. */
data class Unsent(val changes: Long, val files: Long, val drafts: Long) {
    /** The same in words. */
    val lines: List<Line>
        get() {
            val some = listOf(
                Word.TODAY_WAITING to changes,
                Word.TODAY_FILES_WAIT to files,
                Word.SETTINGS_DRAFTS to drafts,
            )
            val lines = some.filter { (_, many) -> many > 0 }.map { (word, many) -> Line(word, many) }
            return if (lines.isEmpty()) listOf(Line(Word.TODAY_ALL_SENT)) else listOf(Line(Word.SETTINGS_ONLY_HERE)) + lines
        }
}

/** In seconds; [background] 0 is at once. */
data class Lapses(val idle: Long, val background: Long)

/** Those with passphrases are no data classes: their words would be printed with them. */
sealed interface SettingsEvent : Event {
    data class Speak(val language: String) : SettingsEvent

    data class Lapse(val lapses: Lapses) : SettingsEvent

    class Change(val old: String, val new: String, val again: String) : SettingsEvent

    /** A second passphrase that shows a decoy and destroys what is here. */
    class Duress(val own: String, val other: String, val again: String) : SettingsEvent

    class DropDuress(val own: String) : SettingsEvent

    /** @property sure the person has ticked that they know what it means */
    class Depart(val passphrase: String, val sure: Boolean) : SettingsEvent

    class Wipe(val sure: Boolean) : SettingsEvent
}

sealed interface SettingsWork : Work {
    data class Speak(val language: String) : SettingsWork

    data class Lapse(val lapses: Lapses) : SettingsWork

    class Change(val old: String, val new: String) : SettingsWork

    class Duress(val own: String, val other: String) : SettingsWork

    class DropDuress(val own: String) : SettingsWork

    class Depart(val passphrase: String) : SettingsWork

    data object Wipe : SettingsWork
}

internal fun Settings.on(event: Event): Turn = when (event) {
    is SettingsEvent.Speak -> work(SettingsWork.Speak(event.language))
    is SettingsEvent.Lapse -> work(SettingsWork.Lapse(event.lapses))
    is SettingsEvent.Change -> twice(event.old, event.new, event.again) { SettingsWork.Change(event.old, event.new) }
    is SettingsEvent.Duress ->
        if (event.own == event.other && event.own.isNotEmpty()) Turn(with(Line(Word.SETTINGS_MUST_DIFFER)))
        else twice(event.own, event.other, event.again) { SettingsWork.Duress(event.own, event.other) }
    is SettingsEvent.DropDuress ->
        if (event.own.isEmpty()) Turn(with(Line(Word.EMPTY_PASSPHRASE)))
        else work(SettingsWork.DropDuress(event.own))
    is SettingsEvent.Depart -> when {
        !event.sure -> Turn(with(Line(Word.SETTINGS_TICK)))
        event.passphrase.isEmpty() -> Turn(with(Line(Word.EMPTY_PASSPHRASE)))
        else -> work(SettingsWork.Depart(event.passphrase))
    }
    is SettingsEvent.Wipe -> if (event.sure) work(SettingsWork.Wipe) else Turn(with(Line(Word.SETTINGS_TICK)))
    else -> Turn(this)
}

/** A new passphrase is typed twice, because nobody sees it. */
private fun Settings.twice(own: String, new: String, again: String, make: () -> Work): Turn = when {
    own.isEmpty() || new.isEmpty() -> Turn(with(Line(Word.EMPTY_PASSPHRASE)))
    new != again -> Turn(with(Line(Word.START_NOT_THE_SAME)))
    else -> work(make())
}

/**
 * The vault has departed: it opens with a code that a coordinator gives.
 *
 * @property busy a code is being tried
 */
data class Return(val notice: Line? = null, val busy: Boolean = false, val leaving: Boolean = false) : Screen

class ReturnEvent(val passphrase: String, val code: String) : Event

class ReturnWork(val passphrase: String, val code: String) : Work

internal fun Return.on(event: Event): Turn = when (event) {
    is ReturnEvent -> when {
        busy -> Turn(this)
        event.passphrase.isEmpty() -> Turn(Return(Line(Word.EMPTY_PASSPHRASE)))
        event.code.isBlank() -> Turn(Return(Line(Word.RETURN_NO_CODE)))
        else -> Turn(Return(Line(Word.WAIT), busy = true), ReturnWork(event.passphrase, event.code.trim()))
    }
    is Event.Came -> when {
        leaving -> Turn(Screen.Unlock(Line(Word.LOCKED), busy = true, leaving = true), Work.Close)
        busy -> Turn(event.screen)
        else -> Turn(this)
    }
    is Event.Failed ->
        if (leaving) Turn(Screen.Unlock(Line(Word.LOCKED))) else Turn(Return(event.trouble.line))
    Event.Leave -> if (busy) Turn(copy(leaving = true)) else Turn(Return())
    Event.Back -> if (busy) Turn(this) else Turn(Screen.Unlock())
    else -> Turn(this)
}
