package org.cairn.logic

import org.cairn.ffi.CairnException

/**
 * An error of the core by its stable name, in the app's words. The core's own text is English.
 *
 * @property who must act, by the core's name for it
 * @property number how many characters a passphrase takes, or how many seconds one has to wait, where it is about that
 */
data class Trouble(val code: String, val who: String = "", val number: Long? = null) {
    val line: Line
        get() = counted ?: WORDS[code]?.let { Line(it) } ?: when (who) {
            "wait" -> Line(Word.TROUBLE_WAIT, code)
            "update" -> Line(Word.TROUBLE_UPDATE, code)
            else -> Line(Word.TROUBLE, code)
        }

    /** The same with its number. */
    private val counted: Line?
        get() = when (code) {
            "too_many_tries" -> number?.let { Line(Word.TOO_MANY_TRIES_FOR, span(it)) }
            "weak_passphrase" -> number?.let { Line(Word.WEAK_PASSPHRASE_OF, it) }
            else -> null
        }

    /** Whether another invitation is needed. */
    val isOfInvitation: Boolean get() = WORDS[code] in INVITATIONS

    companion object {
        const val LOCKED = "locked"

        /** There is no vault. */
        const val NOTHING = "no_vault"

        /** Ours: something came for a draft that had been left. */
        const val LATE = "late"

        /** The core says `refused`; which refusal it was decides what the person can do. */
        const val CLOCK = "refused_clock"

        fun of(error: CairnException): Trouble = when (error) {
            is CairnException.Failed ->
                if (error.places["reason"] == "clock") Trouble(CLOCK, error.who)
                else Trouble(error.code, error.who, NUMBERS.firstNotNullOfOrNull { error.places[it]?.toLongOrNull() })
        }

        /** What the app has words of its own for, by the core's name for it. */
        internal val WORDS = mapOf(
            "wrong_passphrase" to Word.WRONG_PASSPHRASE,
            "too_many_tries" to Word.TOO_MANY_TRIES,
            "weak_passphrase" to Word.WEAK_PASSPHRASE,
            "passphrase_taken" to Word.PASSPHRASE_TAKEN,
            "device_key_refused" to Word.DEVICE_KEY_REFUSED,
            "departed" to Word.DEPARTED,
            "bad_return_code" to Word.BAD_RETURN_CODE,
            "wrong_return_code" to Word.BAD_RETURN_CODE,
            "nobody_readmits" to Word.NOBODY_READMITS,
            LOCKED to Word.LOCKED,
            "in_use" to Word.IN_USE,
            NOTHING to Word.NOTHING_HERE,
            "too_new" to Word.TOO_NEW,
            LATE to Word.FILE_LOST,
            "full" to Word.NO_ROOM,
            "damaged" to Word.DAMAGED,
            "bad_invitation" to Word.BAD_INVITATION,
            "invitation_expired" to Word.INVITATION_EXPIRED,
            "invitation_used" to Word.INVITATION_USED,
            "bad_address" to Word.BAD_INVITATION,
            "waiting" to Word.STILL_WAITING,
            "offline" to Word.OFFLINE,
            "not_the_pinned_server" to Word.WRONG_SERVER,
            "tampered" to Word.WRONG_SERVER,
            CLOCK to Word.WRONG_CLOCK,
            "no_longer_member" to Word.NO_LONGER_MEMBER,
            "revoked" to Word.NO_LONGER_MEMBER,
            "sealed_away" to Word.SEALED_AWAY,
            "erased" to Word.ERASED,
            "cancelled" to Word.SYNC_STOPPED,
            "file_away" to Word.FILE_AWAY,
            "file_not_sent" to Word.FILE_NOT_SENT,
            "empty_file" to Word.FILE_NOT_READ,
            "other_file" to Word.WRONG_SERVER,
            "unsent" to Word.UNSENT,
            "idle_too_long" to Word.IDLE_TOO_LONG,
        )

        /** By these the core names a number. */
        private val NUMBERS = listOf("seconds", "count")
        private val INVITATIONS = setOf(Word.BAD_INVITATION, Word.INVITATION_EXPIRED, Word.INVITATION_USED)
    }
}
