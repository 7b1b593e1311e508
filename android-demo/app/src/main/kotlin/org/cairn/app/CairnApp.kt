package org.cairn.app

import android.app.Application
import android.os.Handler
import android.os.Looper
import java.io.File
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors
import org.cairn.app.disguise.Cover
import org.cairn.app.disguise.Disguise
import org.cairn.app.keystore.phoneKeys
import org.cairn.logic.Desk

/** Lives as long as the process: a vault that opens after its window is gone is still closed. */
class CairnApp : Application() {
    lateinit var desk: Desk
        private set

    private lateinit var work: ExecutorService

    /** Returns when everything given to the desk so far is done; for tests. */
    fun awaitWork() {
        work.submit {}.get()
    }

    override fun onCreate() {
        super.onCreate()
        registerActivityLifecycleCallbacks(Cover(Disguise(this)))
        val front = Handler(Looper.getMainLooper())
        // One thread: opening and closing a vault must not overtake each other.
        val back = Executors.newSingleThreadExecutor()
        work = back
        val folder = File(filesDir, "cairn")
        desk = Desk(folder, front = { front.post(it) }, back = back, phoneKeys = { phoneKeys(this, folder) })
    }
}
