package org.cairn.app.background

import android.app.job.JobParameters
import android.app.job.JobService
import android.os.Handler
import android.os.Looper
import java.util.concurrent.atomic.AtomicBoolean
import org.cairn.logic.background.Outcome

/**
 * The phone says that it is time and there is a network. Shows nothing: no notification, no sound, no word in the
 * phone's log.
 */
class SyncJob : JobService() {
    private var goesOn: AtomicBoolean? = null

    override fun onStartJob(job: JobParameters): Boolean {
        // A process that Android began anew for this has no keys and nothing to do.
        val background = (application as? HasBackground)?.background ?: return false
        if (!background.syncer.isOpen) {
            background.ended(Outcome.LOCKED)
            return false
        }
        val goOn = AtomicBoolean(true).also { goesOn = it }
        val front = Handler(Looper.getMainLooper())
        Thread({
            val outcome = background.syncer.sync(goOn::get)
            front.post {
                // What comes next is planned by how this ended, not by Android's own way of trying again.
                background.ended(outcome)
                if (goOn.get()) jobFinished(job, false)
            }
        }, "sync").start()
        return true
    }

    /** The network has gone, or the phone needs its strength. */
    override fun onStopJob(job: JobParameters): Boolean {
        goesOn?.set(false)
        return false
    }
}
