package org.cairn.logic

/** What happened: something the person did, or work that ended. */
sealed interface Event {
    /** The person wants in. Not a data class: its words would be printed with it. */
    class Submit(val passphrase: String) : Event

    /** The person locks, leaves the app, or the phone's screen goes dark. */
    data object Leave : Event

    /** The back key. */
    data object Back : Event

    /** The person goes somewhere. */
    data class Go(val door: Door) : Event

    /** Work led to a screen of the open vault, or ended where it began. */
    data class Came(val screen: Inside) : Event

    /** An answer was kept. */
    data object Kept : Event

    data object Closed : Event

    /**
     * Everything on this phone is gone for good.
     *
     * @property certain whether the phone can promise that
     */
    data class Wiped(val certain: Boolean = true) : Event

    /**
     * The phone has departed and opens with a code alone.
     *
     * @property cutOff it was kept from going through with it, and does when the passphrase is typed once more
     * @property paperOnly nobody can give the code but who brings the shares on paper together
     * @property certain whether the phone can promise that no earlier copy of it opens
     */
    data class Departed(val cutOff: Boolean = false, val paperOnly: Boolean = false, val certain: Boolean = true) :
        Event

    data class Failed(val trouble: Trouble) : Event
}

/** What takes long and is done away from the screen, one piece at a time and in order. */
sealed interface Work {
    class Open(val passphrase: String) : Work

    data object Close : Work

    data class Go(val door: Door) : Work
}

/** The next screen, and what is to be done meanwhile. */
data class Turn(val screen: Screen, val work: Work? = null)

/** Which screen follows. Has no memory and touches nothing, so that every path can be tested. */
fun Screen.after(event: Event): Turn = when (this) {
    is Screen.Unlock -> on(event)
    is Start -> on(event)
    is Return -> on(event)
    is Working -> on(event)
    is Inside -> on(event)
}

private fun Screen.Unlock.on(event: Event): Turn = when (event) {
    is Event.Submit -> when {
        busy -> Turn(this)
        event.passphrase.isEmpty() -> Turn(Screen.Unlock(Line(Word.EMPTY_PASSPHRASE)))
        else -> Turn(Screen.Unlock(Line(Word.WAIT), busy = true), Work.Open(event.passphrase))
    }
    // Opening cannot be stopped half-way. The screen says "locked" at once and keeps its word.
    Event.Leave -> if (busy) Turn(closing()) else Turn(Screen.Unlock(Line(Word.LOCKED)))
    is Event.Came -> if (leaving) Turn(copy(making = false), Work.Close) else Turn(if (busy) event.screen else this)
    Event.Closed -> Turn(Screen.Unlock(notice ?: Line(Word.LOCKED)))
    is FileEvent -> on(event)
    // What failed in a vault that was left stays with it.
    is Event.Failed -> when {
        // There is no vault that a passphrase could open.
        making || event.trouble.isOfInvitation || event.trouble.code == Trouble.NOTHING ->
            Turn(Start.Invitation(event.trouble.line))
        leaving -> Turn(Screen.Unlock(Line(Word.LOCKED)))
        event.trouble.code == "departed" -> Turn(Return(event.trouble.line))
        else -> Turn(Screen.Unlock(event.trouble.line))
    }
    is Event.Wiped -> wiped(event)
    else -> Turn(this)
}

private fun Working.on(event: Event): Turn = when (event) {
    Event.Leave -> Turn(closing(on), Work.Close)
    is Event.Came -> Turn(event.screen)
    is Event.Failed -> failed(on, event.trouble)
    is SyncEvent -> when (on) {
        is Sync -> on.during(event)
        is RecordPage -> on.during(event)
        is Conflict -> on.during(event)
        else -> Turn(this)
    }
    // What is typed while something else is done is kept too; it comes after that in line.
    is FillingEvent.Typed -> if (on is Fill) Turn(this, on.keep(event)) else Turn(this)
    is FileEvent -> on(event)
    is Event.Wiped -> wiped(event)
    is Event.Departed -> Turn(if (event.cutOff) Screen.Unlock(Line(Word.CUT_OFF)) else Return(event.line))
    else -> Turn(this)
}

private fun wiped(event: Event.Wiped) =
    Turn(Start.Invitation(if (event.certain) null else Line(Word.BOTH, Line(Word.WIPED), Line(Word.KEY_IN_FILE))))

/** Where it has gone, and what cannot be promised. */
private val Event.Departed.line: Line
    get() {
        val paper = Line(if (paperOnly) Word.DEPARTED_PAPER else Word.DEPARTED)
        return if (certain) paper else Line(Word.BOTH, paper, Line(Word.KEY_IN_FILE))
    }

private fun Inside.on(event: Event): Turn = when (event) {
    Event.Leave -> Turn(closing(), Work.Close).also { if (this is Viewing) wipe() }
    is Event.Go -> go(event.door)
    is Event.Failed -> failed(this, event.trouble)
    is FileEvent -> on(event)
    Event.Back -> when (this) {
        is Fill -> backwards()
        is Viewing -> leave()
        else -> back?.let(::go) ?: Turn(closing(), Work.Close)
    }
    else -> when (this) {
        is Waiting -> on(event)
        is Fill -> on(event)
        is Review -> on(event)
        is Conflict -> on(event)
        is Sync -> on(event)
        is Settings -> on(event)
        is Today -> if (event is TaskEvent) on(event, Door.Today) else Turn(this)
        is Tasks -> if (event is TaskEvent) on(event, door) else Turn(this)
        is Forms, is RecordPage, is History, is Search, is Viewing -> Turn(this)
    }
}

internal fun Inside.go(door: Door): Turn = work(Work.Go(door))

internal fun Inside.work(work: Work): Turn = Turn(Working(with(null)), work)

/** A vault that locked itself meanwhile is behind its lock again; else one is told, and is where one was. */
private fun failed(on: Inside, trouble: Trouble): Turn =
    if (trouble.code == Trouble.LOCKED) Turn(closing(on), Work.Close) else Turn(on.with(trouble.line))

/** Who brought a file that a lock kept out is told. */
private fun closing(on: Inside? = null): Screen.Unlock {
    val lost = on is Fill && on.takesFile
    return Screen.Unlock(Line(if (lost) Word.FILE_LOCKED else Word.LOCKED), busy = true, leaving = true)
}
