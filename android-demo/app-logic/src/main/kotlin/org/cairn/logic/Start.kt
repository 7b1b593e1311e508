package org.cairn.logic

/** There is no vault yet: from an invitation to the words that are compared with the coordinator. */
sealed interface Start : Screen {
    val notice: Line?

    /** Asks for the invitation's text. */
    data class Invitation(override val notice: Line? = null) : Start

    /** Asks what colleagues are to see beside what this phone writes. */
    data class Name(val invitation: String, override val notice: Line? = null) : Start

    /**
     * Asks for a passphrase, twice.
     *
     * @property offered words that nobody could guess; null when the person thinks of their own
     */
    data class Passphrase(
        val joining: Joining,
        val offered: String? = null,
        override val notice: Line? = null,
        val busy: Boolean = false,
    ) : Start
}

/** What one needs in order to join, passphrase apart. */
data class Joining(val invitation: String, val name: String)

/**
 * The phone has asked to join. The coordinator admits it when both see the same words.
 *
 * @property words to be read aloud
 */
data class Waiting(val words: String, override val notice: Line? = null) : Inside {
    override val back: Door? get() = null

    override fun with(notice: Line?) = copy(notice = notice)
}

/** What the person does before there is a vault. */
sealed interface StartEvent : Event {
    class Invited(val text: String) : StartEvent

    class Named(val name: String) : StartEvent

    /** Other words are wanted, or the first ones. */
    data object Offer : StartEvent

    class Offered(val words: String) : StartEvent

    /** The person thinks of their own. */
    data object Own : StartEvent

    class Chosen(val passphrase: String, val again: String) : StartEvent

    /** Asks the server whether this phone was admitted. */
    data object Ask : StartEvent
}

sealed interface StartWork : Work {
    /** Draws words for a passphrase. */
    data object Offer : StartWork

    class Begin(val joining: Joining, val passphrase: String) : StartWork

    data object Ask : StartWork
}

internal fun Start.on(event: Event): Turn = when (this) {
    is Start.Invitation -> when (event) {
        is StartEvent.Invited -> event.text.trim().let { text ->
            if (text.isEmpty()) Turn(copy(notice = Line(Word.START_NO_INVITATION))) else Turn(Start.Name(text))
        }
        // Whoever has read what happened is at the beginning, and leaves from there.
        Event.Back -> Turn(Start.Invitation())
        else -> Turn(this)
    }
    is Start.Name -> when (event) {
        is StartEvent.Named -> event.name.trim().let { name ->
            if (name.isEmpty()) Turn(copy(notice = Line(Word.START_NO_NAME)))
            else Turn(Start.Passphrase(Joining(invitation, name)), StartWork.Offer)
        }
        Event.Back -> Turn(Start.Invitation())
        else -> Turn(this)
    }
    is Start.Passphrase -> on(event)
}

private fun Start.Passphrase.on(event: Event): Turn = when (event) {
    StartEvent.Offer -> if (busy) Turn(this) else Turn(this, StartWork.Offer)
    is StartEvent.Offered -> if (busy) Turn(this) else Turn(copy(offered = event.words, notice = null))
    StartEvent.Own -> if (busy) Turn(this) else Turn(copy(offered = null, notice = null))
    is StartEvent.Chosen -> when {
        busy -> Turn(this)
        event.passphrase.isEmpty() -> Turn(copy(notice = Line(Word.EMPTY_PASSPHRASE)))
        event.passphrase != event.again -> Turn(copy(notice = Line(Word.START_NOT_THE_SAME)))
        else -> Turn(
            copy(notice = Line(Word.START_MAKING), busy = true),
            StartWork.Begin(joining, event.passphrase),
        )
    }
    // The vault is made by now, and what is in it is the next screen's.
    is Event.Came -> if (busy) Turn(event.screen) else Turn(this)
    is Event.Failed ->
        if (event.trouble.isOfInvitation) Turn(Start.Invitation(event.trouble.line))
        else Turn(copy(notice = event.trouble.line, busy = false))
    // Making cannot be stopped half-way; what is made then waits behind its lock.
    Event.Leave -> if (busy) Turn(Screen.Unlock(Line(Word.LOCKED), busy = true, leaving = true, making = true)) else Turn(this)
    Event.Back -> if (busy) Turn(this) else Turn(Start.Name(joining.invitation))
    else -> Turn(this)
}

internal fun Waiting.on(event: Event): Turn = when (event) {
    StartEvent.Ask -> work(StartWork.Ask)
    else -> Turn(this)
}
