package org.cairn.logic

import java.io.File
import java.util.concurrent.Executor
import org.cairn.ffi.CairnException
import org.cairn.ffi.OpenVault
import org.cairn.ffi.PhoneKey

/**
 * Keeps the screen and the open vault, and lets work be done.
 *
 * [screen] and [happens] belong to the thread of [front]; the vault belongs to that of [back].
 *
 * @param folder where the vault is
 * @param front where screens are drawn
 * @param back does one piece of work after the other, in the order given
 * @param phoneKeys the phone's hardware, for the vault that is or will be there; asked on the thread of [back]
 */
class Desk(
    private val folder: File,
    private val front: Executor,
    private val back: Executor,
    private val phoneKeys: () -> PhoneKey? = { null },
) {
    /** Draws a screen. Nobody looks while there is no window. */
    var show: (Screen) -> Unit = {}

    var screen: Screen = Screen.Unlock()
        private set

    private var vault: OpenVault? = null

    fun happens(event: Event) {
        val turn = screen.after(event)
        if (turn.screen != screen) {
            screen = turn.screen
            show(turn.screen)
        }
        turn.work?.let { work -> back.execute { finish(work) } }
    }

    private fun finish(work: Work) {
        val event = try {
            carryOut(work)
        } catch (error: CairnException) {
            Event.Failed(Trouble.of(error))
        }
        front.execute { happens(event) }
    }

    private fun carryOut(work: Work): Event = when (work) {
        is Work.Open -> {
            val opened = OpenVault.openWithKey(folder.path, work.passphrase, phoneKeys())
            try {
                Event.Opened(counts(opened)).also { vault = opened }
            } catch (error: CairnException) {
                // Nobody holds it, so it would stay open behind a screen that says otherwise.
                opened.close()
                throw error
            }
        }
        Work.Close -> {
            // Given up even if the disk refuses the last write: keys must not outlive the screen.
            vault.also { vault = null }?.use { it.lock() }
            Event.Closed
        }
    }

    private fun counts(vault: OpenVault): Counts = vault.counts().let {
        Counts(records = it.records.toLong(), conflicts = it.conflicts.toLong(), waiting = it.outbox.toLong())
    }
}
