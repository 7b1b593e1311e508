package org.cairn.logic

/** What happened: something the person did, or work that ended. */
sealed interface Event {
    /** The person wants in. Not a data class: its words would be printed with it. */
    class Submit(val passphrase: String) : Event

    /** The person locks, leaves the app, or the phone's screen goes dark. */
    data object Leave : Event

    data class Opened(val counts: Counts) : Event

    data object Closed : Event

    data class Failed(val trouble: Trouble) : Event
}

/** What takes long and is done away from the screen, one piece at a time and in order. */
sealed interface Work {
    class Open(val passphrase: String) : Work

    data object Close : Work
}

/** The next screen, and what is to be done meanwhile. */
data class Turn(val screen: Screen, val work: Work? = null)

/** Which screen follows. Has no memory and touches nothing, so that every path can be tested. */
fun Screen.after(event: Event): Turn = when (this) {
    is Screen.Unlock -> after(event)
    is Screen.Today -> when (event) {
        Event.Leave -> Turn(closing(), Work.Close)
        else -> Turn(this)
    }
}

private fun Screen.Unlock.after(event: Event): Turn = when (event) {
    is Event.Submit -> when {
        busy -> Turn(this)
        event.passphrase.isEmpty() -> Turn(Screen.Unlock(Line(Word.EMPTY_PASSPHRASE)))
        else -> Turn(Screen.Unlock(Line(Word.WAIT), busy = true), Work.Open(event.passphrase))
    }
    // Opening cannot be stopped half-way. The screen says "locked" at once and keeps its word.
    Event.Leave -> if (busy) Turn(closing()) else Turn(Screen.Unlock(Line(Word.LOCKED)))
    is Event.Opened -> if (leaving) Turn(this, Work.Close) else Turn(Screen.Today(event.counts))
    Event.Closed -> Turn(Screen.Unlock(Line(Word.LOCKED)))
    is Event.Failed -> Turn(Screen.Unlock(if (leaving) Line(Word.LOCKED) else event.trouble.line))
}

private fun closing() = Screen.Unlock(Line(Word.LOCKED), busy = true, leaving = true)
