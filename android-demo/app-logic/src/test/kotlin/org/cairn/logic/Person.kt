package org.cairn.logic

import java.io.File
import java.util.concurrent.Executor
import kotlin.test.assertEquals
import kotlin.test.assertIs
import org.cairn.ffi.Office
import org.cairn.ffi.OpenVault
import org.cairn.ffi.PhoneKey

/** Somebody at a desk of their own, with a vault in [folder]. Work is done when they wait for it. */
class Person(
    val folder: File,
    override var language: String = "en",
    private val key: PhoneKey? = null,
    private val opening: (String, String, PhoneKey?) -> OpenVault = OpenVault::openWithKey,
) : Phone {
    private val later = ArrayDeque<Runnable>()
    private val atTheEnd = ArrayDeque<() -> Unit>()
    val shown = mutableListOf<Screen>()
    var ended = false
        private set
    var desk = newDesk()
        private set

    override fun speak(language: String) {
        this.language = language
    }

    override fun end() {
        ended = true
    }

    override fun inAMoment(act: () -> Unit) {
        atTheEnd.add(act)
    }

    /** The moment is over for which the phone waits. */
    fun momentPasses() {
        while (true) (atTheEnd.removeFirstOrNull() ?: return)()
    }

    /** Tells the desk and waits for what comes of it. */
    fun does(event: Event): Screen {
        desk.happens(event)
        waits()
        return desk.screen
    }

    fun goes(door: Door): Screen = does(Event.Go(door))

    /** Does what was put off, until nothing is left or so [many] pieces are done. */
    fun waits(many: Int = Int.MAX_VALUE) {
        repeat(many) { (later.removeFirstOrNull() ?: return).run() }
    }

    /** From nothing into a workspace; the coordinator has still to admit. */
    fun joins(invitation: String, name: String, passphrase: String = PASSPHRASE): Screen {
        does(StartEvent.Invited(invitation))
        does(StartEvent.Named(name))
        return does(StartEvent.Chosen(passphrase, passphrase))
    }

    fun opens(passphrase: String = PASSPHRASE): Screen = does(Event.Submit(passphrase))

    fun locks() {
        does(Event.Leave)
        assertIs<Screen.Unlock>(desk.screen)
    }

    fun syncs(): Sync {
        goes(Door.Sync)
        return assertIs<Sync>(does(SyncEvent.Begin))
    }

    /** Answers [answers] in order, one step after the other, and stops before what is last. */
    fun fills(vararg answers: Pair<String, Given>): Review {
        for ((key, given) in answers) {
            var guard = 0
            while (assertIs<Fill>(desk.screen).questions.none { it.key == key }) {
                does(FillingEvent.Moved(Move.Next))
                check(guard++ < 50) { "$key is not asked" }
            }
            does(if (given is Given.Typed) FillingEvent.Typed(key, given) else FillingEvent.Answered(key, given))
        }
        return assertIs<Review>(does(FillingEvent.Moved(Move.Review)))
    }

    /** The office lets this person in, who has asked to join. */
    fun isAdmitted(office: Office) {
        assertIs<Waiting>(desk.screen)
        office.sync()
        assertIs<Today>(does(StartEvent.Ask))
    }

    /** One record of the form, finished. */
    fun records(form: String, vararg answers: Pair<String, Given>) {
        goes(Door.NewRecord(form))
        assertEquals(emptyList(), fills(*answers).missing)
        val today = assertIs<Today>(does(FillingEvent.Moved(Move.Finish)))
        assertEquals(Line(Word.REVIEW_SAVED), today.notice)
    }

    /** What the records that are found are called. */
    fun finds(text: String = ""): List<String> =
        assertIs<Search>(goes(Door.Search(text))).rows.map(RecordLine::name)

    /** The process ends by force, before anything that was put off, and is begun anew. */
    fun isKilled() {
        later.clear()
        // Here the process goes on, and what it held must be let go of.
        desk.exit()
        later.clear()
        momentPasses()
        shown.clear()
        desk = newDesk()
    }

    private fun newDesk() =
        Desk(folder, this, front = Executor(Runnable::run), back = Executor(later::add), { key }, opening)
            .apply { show = shown::add }

    companion object {
        const val PASSPHRASE = "correct horse battery staple"
    }
}

fun typed(text: String) = Given.Typed(text)

fun chosen(name: String) = Given.One(name)
