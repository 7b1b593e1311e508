package org.cairn.logic

import java.util.concurrent.atomic.AtomicBoolean
import org.cairn.ffi.CairnException
import org.cairn.ffi.OpenVault
import org.cairn.ffi.SyncOutcome
import org.cairn.ffi.SyncProgress
import org.cairn.ffi.SyncWatcher
import org.cairn.logic.background.Outcome

/** Syncs, and can be told to stop from any thread. */
internal class SyncClerk(private val progress: (Progress) -> Unit) {
    private val stopped = AtomicBoolean()

    /** A sync that the person wants is about to begin. */
    fun ready() = stopped.set(false)

    fun stop(vault: OpenVault) {
        stopped.set(true)
        vault.cancel()
    }

    /** Before the first sync of this visit to the screen. */
    fun standing(today: Today) = Sync(today.lines)

    /** With somebody who watches. */
    fun attended(vault: OpenVault): Inside = try {
        val outcome = vault.sync(Watch(goOn = { !stopped.get() }, progress))
        told(outcome, Contact(behind = vault.state().clockOffset))
    } catch (error: CairnException) {
        val trouble = Trouble.of(error)
        when (trouble.code) {
            Trouble.LOCKED -> throw error
            "cancelled" -> Sync(listOf(Line(Word.SYNC_STOPPED)))
            "waiting" -> Waiting(vault.membership().words.orEmpty(), trouble.line)
            else -> Sync(emptyList(), notice = trouble.line)
        }
    }

    /** Fetches a file by [act], which can be stopped; what went wrong, if anything did. A lock is thrown on. */
    fun stoppable(act: (SyncWatcher) -> Unit): Trouble? = try {
        act(Watch(goOn = { !stopped.get() }) { progress(Progress(Word.FILE_FETCHES, 0, 0)) })
        null
    } catch (error: CairnException) {
        Trouble.of(error).also { if (it.code == Trouble.LOCKED) throw error }
    }

    /** While nobody looks. Shows nothing, and touches nothing that keeps the vault from locking itself. */
    fun unattended(vault: OpenVault, goOn: () -> Boolean, tries: (() -> Unit) -> Trouble?): Outcome {
        val trouble = tries { vault.syncUnattended(Watch(goOn) {}) } ?: return Outcome.DONE
        return when {
            trouble.code == Trouble.LOCKED -> Outcome.LOCKED
            trouble.code == "cancelled" || trouble.code == "offline" || trouble.who == "wait" -> Outcome.UNREACHED
            else -> Outcome.REFUSED
        }
    }

    private fun told(outcome: SyncOutcome, contact: Contact): Sync = Sync(
        listOfNotNull(
            Line(Word.SYNC_DONE),
            Line(Word.SYNC_SENT, outcome.recordsSent.toLong()),
            Line(Word.SYNC_RECEIVED, outcome.recordsReceived.toLong()),
            Line(Word.TODAY_FILES_WAIT, outcome.attachmentsWaiting.toLong()).takeIf { outcome.attachmentsWaiting > 0u },
            Line(Word.SYNC_FILES_REFUSED).takeIf { outcome.attachmentsRefused != null },
            Line(Word.SYNC_KEPT).takeIf { outcome.quarantined > 0u || outcome.letters > 0u },
            Line(Word.ALARM_NEW).takeIf { outcome.alarms > 0u },
            contact.clock,
        ),
    )

    private class Watch(private val goOn: () -> Boolean, private val tell: (Progress) -> Unit) : SyncWatcher {
        override fun progress(progress: SyncProgress) {
            val received = progress.received.toLong()
            val toCome = progress.toCome.toLong()
            tell(
                if (received + toCome > 0) Progress(Word.SYNC_FETCHES, received, received + toCome)
                else Progress(Word.SYNC_SENDS, progress.sent.toLong(), 0),
            )
        }

        override fun goOn() = goOn.invoke()
    }
}
