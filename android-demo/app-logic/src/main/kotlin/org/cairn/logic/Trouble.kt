package org.cairn.logic

import org.cairn.ffi.CairnException

/** An error of the core by its stable name, in the app's words. The core's own text is English. */
data class Trouble(val code: String) {
    val line: Line
        get() = when (code) {
            "wrong_passphrase" -> Line(Word.WRONG_PASSPHRASE)
            "too_many_tries" -> Line(Word.TOO_MANY_TRIES)
            "in_use" -> Line(Word.IN_USE)
            "no_vault" -> Line(Word.NOTHING_HERE)
            "too_new" -> Line(Word.TOO_NEW)
            "full" -> Line(Word.NO_ROOM)
            "damaged" -> Line(Word.DAMAGED)
            else -> Line(Word.TROUBLE, code)
        }

    companion object {
        fun of(error: CairnException): Trouble = when (error) {
            is CairnException.Failed -> Trouble(error.code)
        }
    }
}
