package org.cairn.app.background

import android.app.ActivityManager
import android.app.NotificationManager
import android.app.job.JobInfo
import android.app.job.JobParameters
import android.app.job.JobScheduler
import android.app.usage.UsageStatsManager
import android.content.Context
import android.net.ConnectivityManager
import android.os.Looper
import android.os.PersistableBundle
import android.os.PowerManager
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.cairn.app.R
import org.cairn.logic.background.Outcome
import org.cairn.logic.background.Limits
import org.cairn.logic.background.Syncer
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** The phone's scheduler, and a syncer that does as it is told. */
@RunWith(RobolectricTestRunner::class)
@Config(application = SyncJobTest.App::class)
class SyncJobTest {
    class App : android.app.Application(), HasBackground {
        val desk = Told()
        override val background by lazy { Background(this, desk) }
    }

    /** Syncs until it is let end, or told not to go on. */
    class Told : Syncer {
        @Volatile override var isOpen = true
        @Volatile var begun = 0
        @Volatile var stopped = false
        val ends = CountDownLatch(1)
        val hasEnded = CountDownLatch(1)
        @Volatile var outcome = Outcome.DONE

        override fun sync(goOn: () -> Boolean): Outcome {
            begun += 1
            while (goOn() && !ends.await(1, TimeUnit.MILLISECONDS)) Unit
            stopped = !goOn()
            hasEnded.countDown()
            return if (stopped) Outcome.UNREACHED else outcome
        }
    }

    private val app by lazy { RuntimeEnvironment.getApplication() as App }
    private val scheduler by lazy { app.getSystemService(JobScheduler::class.java) }

    @Test
    fun `an open vault is planned for, and a locked one is not`() {
        assertNull(planned())
        app.background.opened()
        val job = assertNotNull(planned())
        assertEquals(JobInfo.NETWORK_TYPE_ANY, job.networkType)
        assertTrue(job.isRequireBatteryNotLow)
        assertFalse(job.isPersisted)
        assertFalse(job.isPeriodic)
        assertTrue(job.minLatencyMillis in 600_000..1_200_000)
        app.background.locked()
        assertNull(planned())
    }

    @Test
    fun `a job syncs away from the screen and plans the next`() {
        app.background.opened()
        val service = Robolectric.setupService(SyncJob::class.java)
        scheduler.cancelAll()
        assertTrue(service.onStartJob(JOB), "it goes on after the call")
        app.desk.ends.countDown()
        app.desk.hasEnded.await()
        settle { planned() != null }
        assertEquals(1, app.desk.begun)
        val notices = app.getSystemService(NotificationManager::class.java)
        assertEquals(0, shadowOf(notices).size(), "nothing is shown")
    }

    @Test
    fun `a job behind the lock does nothing and is the last`() {
        app.background.opened()
        app.desk.isOpen = false
        val service = Robolectric.setupService(SyncJob::class.java)
        assertFalse(service.onStartJob(JOB))
        assertEquals(0, app.desk.begun)
        assertNull(planned())
    }

    @Test
    fun `a job that the phone takes back ends its sync and comes again soon`() {
        app.background.opened()
        val service = Robolectric.setupService(SyncJob::class.java)
        assertTrue(service.onStartJob(JOB))
        assertFalse(service.onStopJob(JOB), "we plan ourselves")
        app.desk.hasEnded.await()
        assertTrue(app.desk.stopped)
        settle { assertNotNull(planned()).minLatencyMillis <= 75_000 }
    }

    @Test
    fun `a refusal and a lock end the turns`() {
        for (outcome in listOf(Outcome.REFUSED, Outcome.LOCKED)) {
            app.background.opened()
            app.background.ended(outcome)
            assertNull(planned(), "$outcome")
        }
    }

    @Test
    @Config(application = android.app.Application::class)
    fun `an application that syncs nothing ends the job at once`() {
        assertFalse(Robolectric.setupService(SyncJob::class.java).onStartJob(JOB))
    }

    @Test
    fun `the phone's hindrances are found and told in plain words`() {
        val power = app.getSystemService(PowerManager::class.java)
        shadowOf(power).setIgnoringBatteryOptimizations(app.packageName, true)
        shadowOf(app.getSystemService(UsageStatsManager::class.java))
            .setCurrentAppStandbyBucket(UsageStatsManager.STANDBY_BUCKET_ACTIVE)
        assertEquals(Limits(bucket = UsageStatsManager.STANDBY_BUCKET_ACTIVE), limits(app))
        assertNull(hindrance(app))

        shadowOf(power).setIsPowerSaveMode(true)
        assertEquals(app.getString(R.string.background_battery_saved), hindrance(app))

        shadowOf(app.getSystemService(ConnectivityManager::class.java))
            .setRestrictBackgroundStatus(ConnectivityManager.RESTRICT_BACKGROUND_STATUS_ENABLED)
        assertEquals(app.getString(R.string.background_data_saved), hindrance(app))

        shadowOf(app.getSystemService(UsageStatsManager::class.java))
            .setCurrentAppStandbyBucket(UsageStatsManager.STANDBY_BUCKET_RESTRICTED)
        assertEquals(app.getString(R.string.background_seldom), hindrance(app))

        shadowOf(app.getSystemService(Context.ACTIVITY_SERVICE) as ActivityManager).setBackgroundRestricted(true)
        assertEquals(app.getString(R.string.background_forbidden), hindrance(app))
    }

    private fun planned(): JobInfo? = scheduler.allPendingJobs.singleOrNull()

    /** Lets the main thread do what other threads hand it, until it is so; gives up after a minute. */
    private fun settle(isSo: () -> Boolean) {
        repeat(60_000) {
            shadowOf(Looper.getMainLooper()).idle()
            if (isSo()) return
            Thread.sleep(1)
        }
        assertTrue(isSo())
    }

    private companion object {
        /** Nothing of it is read. */
        val JOB = JobParameters(
            null, null, 1, PersistableBundle(), null, null, 0, false, false, false, null, null, null,
        )
    }
}
