package org.cairn.logic

/** What the person sees: all that a view needs in order to draw, and nothing of Android. */
sealed interface Screen {
    /**
     * Asks for the passphrase.
     *
     * @property notice what happened last, read aloud by screen readers
     * @property busy a passphrase is being tried, or the last vault has not closed yet
     * @property leaving the person went away meanwhile: what opens now is locked at once
     * @property making what would open is only being made: if that fails, there is nothing behind this lock
     */
    data class Unlock(
        val notice: Line? = null,
        val busy: Boolean = false,
        val leaving: Boolean = false,
        val making: Boolean = false,
    ) : Screen
}

/** A screen of an open vault. */
sealed interface Inside : Screen {
    /** What happened last, read aloud by screen readers. */
    val notice: Line?

    /** Where the back key leads; nowhere but out if null. */
    val back: Door?

    fun with(notice: Line?): Inside
}

/** Something is being done. The screen it began on is still seen, and takes no touch. */
data class Working(val on: Inside) : Screen

/** Where one can go in an open vault. */
sealed interface Door {
    data object Today : Door

    data object Forms : Door

    data class NewRecord(val form: String) : Door

    data class Draft(val number: Long) : Door

    data class Edit(val record: String) : Door

    /** @property from where the back key leads from there */
    data class Record(val id: String, val from: Door) : Door

    data class History(val record: Record) : Door

    /** @property rows how many records are shown at most */
    data class Search(val text: String = "", val rows: Int = PAGE) : Door

    /** @property skip how many conflicts are left for later */
    data class Conflicts(val skip: Int = 0) : Door

    /** @property rows how many tasks are shown at most */
    data class Tasks(val rows: Int = PAGE) : Door

    data object Sync : Door

    data class Settings(val page: SettingsPage = SettingsPage.LIST) : Door

    companion object {
        /** How many rows a list shows at first, and how many more each time. */
        const val PAGE = 30
    }
}
