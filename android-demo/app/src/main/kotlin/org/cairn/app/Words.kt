package org.cairn.app

import android.content.res.Resources
import org.cairn.logic.Line
import org.cairn.logic.Word

/** The app's words in the language of these resources. */
class Words(private val resources: Resources) {
    fun say(line: Line): String = resources.getString(line.word.resource, *line.places.toTypedArray())
}

/** Written out, so that a word without a text does not compile and shrinking keeps what is used. */
private val Word.resource: Int
    get() = when (this) {
        Word.UNLOCK_TITLE -> R.string.unlock_title
        Word.UNLOCK_FIELD -> R.string.unlock_field
        Word.UNLOCK_SHOW -> R.string.unlock_show
        Word.UNLOCK_OPEN -> R.string.unlock_open
        Word.WAIT -> R.string.wait
        Word.LOCKED -> R.string.locked
        Word.EMPTY_PASSPHRASE -> R.string.empty_passphrase
        Word.WRONG_PASSPHRASE -> R.string.wrong_passphrase
        Word.TOO_MANY_TRIES -> R.string.too_many_tries
        Word.IN_USE -> R.string.in_use
        Word.NOTHING_HERE -> R.string.nothing_here
        Word.TOO_NEW -> R.string.too_new
        Word.NO_ROOM -> R.string.no_room
        Word.DAMAGED -> R.string.damaged
        Word.TROUBLE -> R.string.trouble
        Word.TODAY_TITLE -> R.string.today_title
        Word.TODAY_RECORDS -> R.string.today_records
        Word.TODAY_CONFLICTS -> R.string.today_conflicts
        Word.TODAY_WAITING -> R.string.today_waiting
        Word.TODAY_LOCK -> R.string.today_lock
    }
