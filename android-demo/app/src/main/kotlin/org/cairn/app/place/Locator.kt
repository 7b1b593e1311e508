package org.cairn.app.place

import android.Manifest.permission.ACCESS_COARSE_LOCATION
import android.Manifest.permission.ACCESS_FINE_LOCATION
import android.content.Context
import android.content.pm.PackageManager.PERMISSION_GRANTED
import android.location.Location
import android.location.LocationListener
import android.location.LocationManager
import android.os.Build
import android.os.Bundle
import android.os.Handler
import android.os.Looper
import android.os.SystemClock
import org.cairn.logic.place.Fix
import org.cairn.logic.place.Search

/**
 * Asks the phone where it is, for as long as a [Search] lasts, and only while somebody looks: whoever shows it stops
 * it. Nothing of Google's is asked, and no place that the phone remembers from before is taken.
 */
class Locator(private val context: Context) {
    private val manager = context.getSystemService(LocationManager::class.java)
    private val clock = Handler(Looper.getMainLooper())
    private var listening: Listening? = null

    /** Whether the person has allowed it, if only roughly. */
    val isAllowed: Boolean
        get() = PERMISSIONS.any { context.checkSelfPermission(it) == PERMISSION_GRANTED }

    /** Whether the phone's own switch for places is on. */
    val isOn: Boolean get() = providers().isNotEmpty() || isRough

    /** Whether the phone has nothing but satellites, which before Android 12 are not for who is told only roughly. */
    val isRough: Boolean
        get() = providers().isEmpty() && manager.let {
            LocationManager.GPS_PROVIDER in it.allProviders && it.isProviderEnabled(LocationManager.GPS_PROVIDER)
        }

    /** Begins anew; [tell] is told each second and at each place, until it has ended. */
    fun begin(tell: (Search.State) -> Unit) {
        stop()
        val new = Listening(tell)
        listening = new
        try {
            for (provider in providers()) manager.requestLocationUpdates(provider, SECOND, 0f, new, clock.looper)
        } catch (_: SecurityException) {
            // Taken back between the question and now: as if nothing were found.
        }
        new.begin()
    }

    fun stop() {
        val old = listening ?: return
        listening = null
        clock.removeCallbacksAndMessages(old)
        manager.removeUpdates(old)
    }

    /** Those that can be asked. Since Android 12 satellites may be asked by who is told only roughly, too. */
    private fun providers(): List<String> {
        val fine = Build.VERSION.SDK_INT >= Build.VERSION_CODES.S ||
            context.checkSelfPermission(ACCESS_FINE_LOCATION) == PERMISSION_GRANTED
        val wanted = listOfNotNull(LocationManager.GPS_PROVIDER.takeIf { fine }, LocationManager.NETWORK_PROVIDER)
        return wanted.filter { it in manager.allProviders && manager.isProviderEnabled(it) }
    }

    /** Every function is there: before Android 11 the framework calls those that later got a body. */
    private inner class Listening(private val tell: (Search.State) -> Unit) : LocationListener {
        private val search = Search()

        fun begin() {
            say(search.state)
            later()
        }

        private fun later() {
            clock.postAtTime(::tick, this, SystemClock.uptimeMillis() + SECOND)
        }

        private fun tick() {
            say(search.tick())
            if (listening === this) later()
        }

        override fun onLocationChanged(location: Location) {
            if (listening === this && location.isFresh) say(search.heard(location.fix))
        }

        @Deprecated("Deprecated in Java")
        override fun onStatusChanged(provider: String, status: Int, extras: Bundle?) = Unit

        override fun onProviderEnabled(provider: String) = Unit

        override fun onProviderDisabled(provider: String) = Unit

        private fun say(state: Search.State) {
            if (state is Search.State.Ended) stop()
            tell(state)
        }
    }

    companion object {
        val PERMISSIONS = arrayOf(ACCESS_FINE_LOCATION, ACCESS_COARSE_LOCATION)

        /** In milliseconds. */
        private const val SECOND = 1_000L

        /** What the phone knew before it was asked is older than this, in nanoseconds. */
        private const val FRESH = 30_000_000_000L

        private val Location.isFresh get() = SystemClock.elapsedRealtimeNanos() - elapsedRealtimeNanos < FRESH

        private val Location.fix
            get() = Fix(
                latitude,
                longitude,
                altitude.takeIf { hasAltitude() },
                // Who does not say how exact it is, is not trusted to be.
                if (hasAccuracy()) accuracy.toDouble() else UNKNOWN,
            )

        /** In metres. */
        private const val UNKNOWN = 10_000.0
    }
}
