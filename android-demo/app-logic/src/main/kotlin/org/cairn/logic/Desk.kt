package org.cairn.logic

import java.io.File
import java.util.concurrent.Executor
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicInteger
import org.cairn.ffi.OpenVault
import org.cairn.ffi.PhoneKey
import org.cairn.ffi.vaultExists
import org.cairn.logic.background.Outcome
import org.cairn.logic.background.Syncer

/** What the logic wants of the phone. */
interface Phone {
    /** The app's language as a BCP 47 tag. */
    val language: String

    /** Speaks another language from now on. */
    fun speak(language: String)

    /** Ends the process at once: something still goes on in a vault that had to be shut. */
    fun end()

    /** Calls [act] on the thread that draws, as late as what was typed may hold up the locking of a vault. */
    fun inAMoment(act: () -> Unit)
}

/**
 * Keeps the screen, and lets work be done.
 *
 * [screen], [happens] and what else is public belong to the thread of [front]; the vault belongs to that of [back].
 *
 * @param folder where the vault is
 * @param front where screens are drawn
 * @param back does one piece of work after the other, in the order given
 * @param phoneKeys the phone's hardware, for the vault that is or will be there; asked on the thread of [back]
 * @param opening opens a vault by its folder and passphrase
 */
class Desk(
    folder: File,
    private val phone: Phone,
    private val front: Executor,
    private val back: Executor,
    phoneKeys: () -> PhoneKey? = { null },
    opening: (String, String, PhoneKey?) -> OpenVault = OpenVault::openWithKey,
) : Syncer {
    /** Draws a screen. Nobody looks while there is no window. */
    var show: (Screen) -> Unit = {}

    /** Told that the lock has come, whether there is a window or not: what was held for the vault is to go. */
    var locked: () -> Unit = {}

    var screen: Screen = if (vaultExists(folder.path)) Screen.Unlock() else Start.Invitation()
        private set

    private val clerk = Clerk(folder, phone, phoneKeys, opening) { progress ->
        front.execute { happens(SyncEvent.Goes(progress)) }
    }

    /** How much work the person waits for. */
    private val waits = AtomicInteger()

    /** How many answers are on their way into the vault. */
    private val keeps = AtomicInteger()

    /** Which visit to an open vault this is. What a visit began and did not end is nothing to the next one. */
    private var visit = 0

    fun happens(event: Event) {
        val turn = screen.after(event)
        if (turn.screen != screen) {
            val before = screen
            screen = turn.screen
            if (turn.screen is Screen.Unlock && before !is Screen.Unlock) locked()
            show(turn.screen)
        }
        turn.work?.let(::begin)
    }

    /** The person did something. */
    fun touched() {
        clerk.vault?.touch()
    }

    /** The app is out of sight. */
    fun hidden() {
        val vault = clerk.vault ?: return happens(Event.Leave)
        val asked = visit
        afterTyping {
            clerk.tries { vault.toBackground() }
            front.execute { if (asked == visit) look() }
        }
    }

    /** The app is in sight again, or some time has passed: a vault that has locked itself is behind its lock. */
    fun look() {
        if (clerk.vault?.isOpen() == false) happens(Event.Leave)
    }

    /** The app is in front again. */
    fun seen() {
        look()
        clerk.vault?.let { vault ->
            val asked = visit
            back.execute {
                // Away too long: it locks now, if nothing has locked it before.
                if (clerk.tries { vault.toFront() } != null) front.execute { if (asked == visit) look() }
            }
        }
    }

    /**
     * Shuts everything now, whatever goes on; only an answer that is on its way is waited for, and not long. The
     * screen is the lock's at once, and the window is to vanish too.
     */
    fun exit() {
        clerk.stop()
        val vault = clerk.vault
        afterTyping { if (vault?.panic() == false) phone.end() }
        happens(Event.Leave)
    }

    /** Does [act] when every answer that was given is kept, or when the phone's moment is over. */
    private fun afterTyping(act: () -> Unit) {
        if (keeps.get() == 0) return act()
        val done = AtomicBoolean()
        val once = { if (done.compareAndSet(false, true)) act() }
        back.execute(once)
        phone.inAMoment(once)
    }

    private fun begin(work: Work) {
        if (work == SyncWork.Stop) return clerk.stop()
        if (work == Work.Close) {
            visit += 1
            clerk.stop()
        }
        if (work == SyncWork.Run || work is FileWork.Fetch) clerk.readyToSync()
        val asked = visit
        val keep = if (work.keeps) 1 else 0
        waits.incrementAndGet()
        keeps.addAndGet(keep)
        back.execute {
            val event = clerk.carryOut(work)
            waits.decrementAndGet()
            keeps.addAndGet(-keep)
            front.execute { if (asked == visit) happens(event) }
        }
    }

    /** Whether an answer is kept by it. */
    private val Work.keeps: Boolean
        get() = this is FillingWork.Keep || this is FillingWork.Attach || this is FillingWork.Fill && answered != null

    override val isOpen: Boolean get() = clerk.hasServer

    /** Gives way as soon as the person wants something: the vault does one thing at a time. */
    override fun sync(goOn: () -> Boolean): Outcome = clerk.syncUnattended { goOn() && waits.get() == 0 }
}
