package org.cairn.logic.background

/** Whoever holds the open vault, as the background sees it. Called from any thread. */
interface Syncer {
    /** Whether a vault is open that has a server. Only then are there keys; nothing is synced behind the lock. */
    val isOpen: Boolean

    /**
     * Syncs once and returns when that has ended. Ends soon after [goOn] says `false`, and by itself when the vault
     * is locked meanwhile. Throws nothing.
     */
    fun sync(goOn: () -> Boolean): Outcome
}

/** How a sync ended. */
enum class Outcome {
    /** Everything was sent and fetched. */
    DONE,

    /** No road to the server, or it broke off, or the phone wanted it to stop. */
    UNREACHED,

    /** The server or the core says that a person must act; the screen tells who and what. */
    REFUSED,

    /** The vault was locked. */
    LOCKED,
}
