package org.cairn.app.background

import android.app.job.JobInfo
import android.app.job.JobScheduler
import android.content.ComponentName
import android.content.Context
import android.os.Build.VERSION.SDK_INT
import android.os.Build.VERSION_CODES.O
import kotlin.random.Random
import org.cairn.logic.background.Outcome
import org.cairn.logic.background.Syncer
import org.cairn.logic.background.Turns

/** An application that has something to sync. */
interface HasBackground {
    val background: Background
}

/** Syncs now and then while the vault is open, also when nobody touches the phone. On the main thread. */
class Background(context: Context, val syncer: Syncer) {
    private val turns = Turns(Jobs(context), dice = { Random.nextDouble() })

    fun opened() = turns.opened()

    fun locked() = turns.locked()

    fun ended(outcome: Outcome) = turns.ended(outcome)
}

/** Plans by Android's scheduler, which waits for a network and wakes nobody. */
private class Jobs(private val context: Context) : Turns.Plan {
    private val scheduler = context.getSystemService(JobScheduler::class.java)

    override fun callIn(seconds: Long) {
        val job = JobInfo.Builder(JOB, ComponentName(context, SyncJob::class.java))
            // Any: also one that costs, where there is no other for weeks.
            .setRequiredNetworkType(JobInfo.NETWORK_TYPE_ANY)
            .setMinimumLatency(seconds * 1000)
            // Not after the phone was started anew: the vault is locked then, and a line in the phone's plans
            // would only tell that the app is there and in use.
            .setPersisted(false)
        // Who needs the last of the battery needs it for a call.
        if (SDK_INT >= O) job.setRequiresBatteryNotLow(true)
        scheduler.schedule(job.build())
    }

    override fun forget() = scheduler.cancel(JOB)

    private companion object {
        const val JOB = 1
    }
}
