package org.cairn.logic

import java.io.File
import java.io.IOException
import java.util.TimeZone
import org.cairn.ffi.CairnException
import org.cairn.ffi.Filling
import org.cairn.ffi.InternalException
import org.cairn.ffi.OpenVault
import org.cairn.ffi.PhoneKey
import org.cairn.ffi.Standing
import org.cairn.ffi.createVault
import org.cairn.ffi.offerPassphrase
import org.cairn.ffi.wipeVault
import org.cairn.logic.background.Outcome

/**
 * Does work with the vault and says what came of it. One thread; what is marked otherwise may be asked by others.
 *
 * @param progress told how far a sync is, on the thread that syncs
 */
internal class Clerk(
    private val folder: File,
    private val phone: Phone,
    private val phoneKeys: () -> PhoneKey?,
    private val opening: (String, String, PhoneKey?) -> OpenVault,
    progress: (Progress) -> Unit,
) {
    /** The open vault; any thread may look, and ask it what does not wait. */
    @Volatile
    var vault: OpenVault? = null
        private set

    /** Whether there is an open vault that has a server; any thread. */
    @Volatile
    var hasServer = false
        private set

    private val syncs = SyncClerk(progress)
    private var filling: FillingClerk? = null

    /** Where a decoy's form lies for a moment. What a process that was killed left there is gone before anything else. */
    private val invented = File("${folder.path}-form").also(::forgetInvented)

    private val open: OpenVault get() = vault ?: throw Shut()

    fun carryOut(work: Work): Event {
        var came: Event? = null
        val trouble = tries { came = done(work) }
        return trouble?.let { Event.Failed(it) } ?: checkNotNull(came)
    }

    /** What went wrong, if anything did; any thread. */
    fun tries(act: () -> Unit): Trouble? = try {
        act()
        null
    } catch (error: CairnException) {
        Trouble.of(error)
    } catch (_: InternalException) {
        Trouble("bug")
    } catch (_: IOException) {
        // What this app writes itself, and the disk does not take.
        Trouble(if (folder.usableSpace < LITTLE) "full" else "disk")
    } catch (_: Shut) {
        Trouble(Trouble.LOCKED)
    } catch (_: Late) {
        Trouble(Trouble.LATE)
    } catch (_: IllegalStateException) {
        // The handle was closed under a call of another thread.
        Trouble(Trouble.LOCKED)
    }

    /** A sync that the person wants will follow; any thread. */
    fun readyToSync() = syncs.ready()

    /** Stops a sync that is under way; any thread. */
    fun stop() {
        vault?.let(syncs::stop)
    }

    /** On a thread of its own. */
    fun syncUnattended(goOn: () -> Boolean): Outcome {
        val vault = vault ?: return Outcome.LOCKED
        return syncs.unattended(vault, goOn, ::tries)
    }

    private fun done(work: Work): Event = when (work) {
        is Work.Open -> open(work.passphrase)
        is ReturnWork -> entering(OpenVault.comeBack(folder.path, work.passphrase, work.code, phoneKeys()))
        Work.Close -> {
            shut()
            Event.Closed
        }
        is Work.Go -> Event.Came(at(work.door))
        is StartWork -> start(work)
        is FillingWork.Keep -> {
            begun().keep(work.key, work.given)
            Event.Kept
        }
        is FillingWork.Fill -> Event.Came(fill(work))
        is FillingWork.Attach -> try {
            Event.Came(begun().attach(work))
        } finally {
            work.found.wipe()
        }
        is ConflictWork.Settle -> {
            RecordClerk(open, phone.language).settle(work)
            Event.Came(at(Door.Conflicts(work.skip)).with(Line(Word.CONFLICT_SETTLED)))
        }
        is TaskWork -> Event.Came(tick(work))
        is FileWork -> Event.Came(look(work))
        SyncWork.Run -> Event.Came(syncs.attended(open))
        SyncWork.Stop -> Event.Kept
        is SettingsWork -> settings(work)
    }

    private fun start(work: StartWork): Event = when (work) {
        StartWork.Offer -> StartEvent.Offered(offerPassphrase(phone.language))
        is StartWork.Begin -> {
            val key = phoneKeys()
            createVault(folder.path, work.passphrase, key)
            val opened = try {
                opening(folder.path, work.passphrase, key)
            } catch (error: CairnException) {
                // Nothing is in it yet, and whoever begins once more makes another.
                tries { wipeVault(folder.path, key) }
                throw error
            }
            var refused: CairnException? = null
            try {
                opened.join(work.joining.invitation, work.joining.name, null)
            } catch (error: CairnException) {
                refused = error
            }
            // Without a server's answer the invitation is kept; without an invitation there is nothing to keep.
            if (refused != null && tries { check(opened.membership().standing != Standing.ALONE) } != null) {
                opened.use { it.lock() }
                wipeVault(folder.path, key)
                throw refused
            }
            val event = entering(opened)
            val line = refused?.let { Trouble.of(it).line }
            if (event is Event.Came && line != null) Event.Came(event.screen.with(line)) else event
        }
        StartWork.Ask -> {
            val trouble = tries { open.sync(null) }
            val screen = inside()
            val waits = screen is Waiting && trouble == null
            Event.Came(screen.with(if (waits) Line(Word.STILL_WAITING) else trouble?.line))
        }
    }

    /**
     * What was cut off before its invitation was kept holds nothing: it is made anew, from the invitation on. No other
     * screen takes one.
     */
    private fun open(passphrase: String): Event = try {
        entering(opening(folder.path, passphrase, phoneKeys()), perhapsUnbegun = true)
    } catch (_: Unbegun) {
        wipeVault(folder.path, phoneKeys())
        Event.Failed(Trouble(Trouble.NOTHING))
    }

    /** A vault was opened. What it opens to is read at once; if that fails nobody holds it, and it is closed. */
    private fun entering(opened: OpenVault, perhapsUnbegun: Boolean = false): Event = try {
        opened.setUtcOffset(TimeZone.getDefault().getOffset(System.currentTimeMillis()) / MINUTE)
        vault = opened
        Event.Came(inside(perhapsUnbegun))
    } catch (error: Exception) {
        shut()
        throw error
    }

    private fun inside(perhapsUnbegun: Boolean = false): Inside {
        val membership = open.membership()
        if (perhapsUnbegun && membership.standing == Standing.ALONE && open.holdsNothing) throw Unbegun()
        hasServer = membership.server != null
        val waits = membership.standing == Standing.WAITING
        return if (waits) Waiting(membership.words.orEmpty()) else at(Door.Today)
    }

    private fun at(door: Door): Inside {
        // Whoever goes elsewhere has left the draft, which rests in the vault.
        filling?.close()
        filling = null
        val language = phone.language
        return when (door) {
            Door.Today -> TodayClerk(open, language).today()
            Door.Forms -> TodayClerk(open, language).forms()
            is Door.NewRecord -> begin(open.begin(door.form, null, language))
            is Door.Draft -> begin(open.resume(door.number.toULong(), language))
            is Door.Edit -> begin(open.edit(door.record, language))
            is Door.Record -> RecordClerk(open, language).page(door)
            is Door.History -> RecordClerk(open, language).history(door.record)
            is Door.Search -> RecordClerk(open, language).search(door)
            is Door.Conflicts -> RecordClerk(open, language).conflict(door.skip)
            Door.Sync -> syncs.standing(TodayClerk(open, language).today())
            is Door.Tasks -> TaskClerk(open, language).tasks(door)
            is Door.Settings -> settings().at(door.page)
        }
    }

    private fun begin(begun: Filling): Inside {
        val clerk = FillingClerk(begun, locksAtOnce = open.lapses().background == 0uL)
        filling = clerk
        return clerk.begin()
    }

    /** The draft that is open. */
    private fun begun(): FillingClerk = filling ?: throw if (vault == null) Shut() else Late()

    private fun fill(work: FillingWork.Fill): Inside {
        val clerk = begun()
        return when (work.move) {
            Move.Pause -> at(Door.Today)
            Move.Finish -> {
                val record = clerk.finish()
                // A sealed record opens nowhere here any more, so that one is led to where every record leads.
                at(Door.Today).with(Line(Word.REVIEW_SAVED)).also { check(record.isNotEmpty()) }
            }
            Move.Discard -> {
                clerk.discard()
                at(Door.Today).with(Line(Word.DISCARDED))
            }
            else -> clerk.move(work)
        }
    }

    private fun look(work: FileWork): Inside = when (work) {
        is FileWork.Look -> FileClerk(open, syncs).look(work, filling)
        is FileWork.Fetch -> {
            val said = FileClerk(open, syncs).fetch(work)
            val records = RecordClerk(open, phone.language)
            when (val of = work.of) {
                is RecordPage -> records.page(of.door)
                is Conflict -> records.conflict(of.skip)
                else -> of
            }.with(said)
        }
    }

    private fun tick(work: TaskWork): Inside {
        val clerk = TaskClerk(open, phone.language)
        return when (work) {
            is TaskWork.Finish -> {
                clerk.finish(work.task)
                tasks(work.door, work.task).with(Line(Word.TASK_DONE))
            }
            is TaskWork.TakeBack -> {
                clerk.takeBack(work.task)
                tasks(work.door, null).with(Line(Word.TASK_UNDONE))
            }
        }
    }

    /** The list that a task was ticked off in, as it is now. */
    private fun tasks(door: Door, done: TaskLine?): Inside =
        if (door is Door.Tasks) TaskClerk(open, phone.language).tasks(door, done)
        else TodayClerk(open, phone.language).today(done)

    private fun settings(work: SettingsWork): Event = when (work) {
        SettingsWork.Wipe -> {
            shut()
            Event.Wiped(certain = wipeVault(folder.path, phoneKeys()))
        }
        is SettingsWork.Depart -> {
            val gone = open.depart(work.passphrase, null)
            shut()
            Event.Departed(gone.cutOff != null, gone.paperOnly, gone.erasesForCertain)
        }
        else -> Event.Came(settings().set(work))
    }

    private fun settings() = SettingsClerk(open, phone, invented, phoneKeys)

    /** Given up even if the disk refuses the last write: keys must not outlive the screen. */
    private fun shut() {
        filling?.close()
        filling = null
        hasServer = false
        vault.also { vault = null }?.use { it.lock() }
    }

    /** There is no open vault. */
    private class Shut : Exception()

    /** The draft that this was for has been left. */
    private class Late : Exception()

    /** Nobody has begun with the vault: it knows of no workspace, and holds nothing. */
    private class Unbegun : Exception()

    private companion object {
        const val MINUTE = 60_000

        /** Octets; with less room nothing is written any more. */
        const val LITTLE = 1024 * 1024L
    }
}

/** Whether nothing was ever written into it. */
private val OpenVault.holdsNothing: Boolean
    get() = state().let { it.drafts == 0uL && it.counts.records == 0uL && it.counts.outbox == 0uL }
