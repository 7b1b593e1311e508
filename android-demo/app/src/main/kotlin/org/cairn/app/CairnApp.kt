package org.cairn.app

import android.app.Application
import android.os.Handler
import android.os.Looper
import android.os.Process
import java.io.File
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors
import java.util.concurrent.atomic.AtomicInteger
import org.cairn.app.background.Background
import org.cairn.app.background.HasBackground
import org.cairn.app.disguise.Cover
import org.cairn.app.disguise.Disguise
import org.cairn.app.files.Errands
import org.cairn.app.keystore.phoneKeys
import org.cairn.logic.Desk
import org.cairn.logic.Phone
import org.cairn.logic.Screen

/** Lives as long as the process: a vault that opens after its window is gone is still closed. */
class CairnApp : Application(), Phone, HasBackground {
    lateinit var desk: Desk
        private set

    override lateinit var background: Background
        private set

    /** What other apps are sent for. */
    lateinit var errands: Errands
        private set

    private val front = Handler(Looper.getMainLooper())
    private lateinit var work: ExecutorService

    /** How much is being read, each on a thread of its own: what another app holds up holds up nothing else. */
    private val reads = AtomicInteger()
    private var wasOpen = false

    /** Returns when everything given to the desk so far is done; for tests. */
    fun awaitWork() {
        while (reads.get() > 0) Thread.sleep(1)
        work.submit {}.get()
    }

    override fun onCreate() {
        super.onCreate()
        registerActivityLifecycleCallbacks(Cover(Disguise(this)))
        // One thread: opening and closing a vault must not overtake each other.
        val back = Executors.newSingleThreadExecutor()
        work = back
        val folder = File(filesDir, "cairn")
        desk = Desk(folder, this, front = { front.post(it) }, back = back, phoneKeys = { phoneKeys(this, folder) })
        background = Background(this, desk)
        errands = Errands(
            this,
            later = ::read,
            front = { front.post(it) },
            after = { time, act -> front.postDelayed(act, time) },
            look = desk::look,
            tell = desk::happens,
        )
        desk.locked = errands::locked
    }

    private fun read(work: Runnable) {
        reads.incrementAndGet()
        Thread {
            try {
                work.run()
            } finally {
                reads.decrementAndGet()
            }
        }.apply { isDaemon = true }.start()
    }

    /** Does [work] away from the screen; [done] is told there what came of it, null if it failed. */
    fun <T> later(work: () -> T?, done: (T?) -> Unit) = read {
        val came = try {
            work()
        } catch (_: RuntimeException) {
            null
        }
        front.post { done(came) }
    }

    /** Plans syncs while a vault is open that has a server. */
    fun follow(screen: Screen) {
        val open = screen !is Screen.Unlock && desk.isOpen
        if (open == wasOpen) return
        wasOpen = open
        if (open) background.opened() else background.locked()
    }

    override val language: String get() = Language(this).tag

    override fun speak(language: String) {
        Language(this).tag = language
    }

    override fun end() = Process.killProcess(Process.myPid())

    override fun inAMoment(act: () -> Unit) {
        front.postDelayed(act, MOMENT)
    }

    private companion object {
        /** In milliseconds: an answer is kept long before, unless a sync stands in its way. */
        const val MOMENT = 1_000L
    }
}
