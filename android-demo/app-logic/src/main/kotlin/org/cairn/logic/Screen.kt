package org.cairn.logic

/** What the person sees: all that a view needs in order to draw, and nothing of Android. */
sealed interface Screen {
    /**
     * Asks for the passphrase.
     *
     * @property notice what happened last, read aloud by screen readers
     * @property busy a passphrase is being tried, or the last vault has not closed yet
     * @property leaving the person went away meanwhile: what opens now is locked at once
     */
    data class Unlock(
        val notice: Line? = null,
        val busy: Boolean = false,
        val leaving: Boolean = false,
    ) : Screen

    /** The first screen of an open vault. */
    data class Today(val counts: Counts) : Screen {
        val lines: List<Line>
            get() = listOf(
                Line(Word.TODAY_RECORDS, counts.records),
                Line(Word.TODAY_CONFLICTS, counts.conflicts),
                Line(Word.TODAY_WAITING, counts.waiting),
            )
    }
}

/** What is in the vault; [waiting] counts changes that have not left this phone. */
data class Counts(val records: Long, val conflicts: Long, val waiting: Long)
