package org.cairn.logic

import org.cairn.ffi.CairnException

/**
 * An error of the core by its stable name, in the app's words. The core's own text is English.
 *
 * @property who must act, by the core's name for it
 */
data class Trouble(val code: String, val who: String = "") {
    val line: Line
        get() = when (code) {
            "wrong_passphrase" -> Line(Word.WRONG_PASSPHRASE)
            "too_many_tries" -> Line(Word.TOO_MANY_TRIES)
            "weak_passphrase" -> Line(Word.WEAK_PASSPHRASE)
            "passphrase_taken" -> Line(Word.PASSPHRASE_TAKEN)
            "device_key_refused" -> Line(Word.DEVICE_KEY_REFUSED)
            "departed" -> Line(Word.DEPARTED)
            "bad_return_code", "wrong_return_code" -> Line(Word.BAD_RETURN_CODE)
            "nobody_readmits" -> Line(Word.NOBODY_READMITS)
            LOCKED -> Line(Word.LOCKED)
            "in_use" -> Line(Word.IN_USE)
            "no_vault" -> Line(Word.NOTHING_HERE)
            "too_new" -> Line(Word.TOO_NEW)
            "full" -> Line(Word.NO_ROOM)
            "damaged" -> Line(Word.DAMAGED)
            "bad_invitation" -> Line(Word.BAD_INVITATION)
            "invitation_expired" -> Line(Word.INVITATION_EXPIRED)
            "invitation_used" -> Line(Word.INVITATION_USED)
            "bad_address" -> Line(Word.BAD_INVITATION)
            "waiting" -> Line(Word.STILL_WAITING)
            "offline" -> Line(Word.OFFLINE)
            "not_the_pinned_server", "tampered" -> Line(Word.WRONG_SERVER)
            CLOCK -> Line(Word.WRONG_CLOCK)
            "no_longer_member", "revoked" -> Line(Word.NO_LONGER_MEMBER)
            "sealed_away" -> Line(Word.SEALED_AWAY)
            "erased" -> Line(Word.ERASED)
            "cancelled" -> Line(Word.SYNC_STOPPED)
            "file_away" -> Line(Word.FILE_AWAY)
            "file_not_sent" -> Line(Word.FILE_NOT_SENT)
            "empty_file" -> Line(Word.FILE_NOT_READ)
            "other_file" -> Line(Word.WRONG_SERVER)
            "unsent" -> Line(Word.UNSENT)
            "idle_too_long" -> Line(Word.IDLE_TOO_LONG)
            else -> when (who) {
                "wait" -> Line(Word.TROUBLE_WAIT, code)
                "update" -> Line(Word.TROUBLE_UPDATE, code)
                else -> Line(Word.TROUBLE, code)
            }
        }

    companion object {
        const val LOCKED = "locked"

        /** The core says `refused`; which refusal it was decides what the person can do. */
        const val CLOCK = "refused_clock"

        fun of(error: CairnException): Trouble = when (error) {
            is CairnException.Failed ->
                if (error.places["reason"] == "clock") Trouble(CLOCK, error.who) else Trouble(error.code, error.who)
        }
    }
}
