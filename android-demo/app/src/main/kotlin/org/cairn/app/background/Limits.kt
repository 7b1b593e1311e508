package org.cairn.app.background

import android.app.ActivityManager
import android.app.usage.UsageStatsManager
import android.content.Context
import android.content.res.Resources
import android.net.ConnectivityManager
import android.os.Build.VERSION.SDK_INT
import android.os.Build.VERSION_CODES.P
import android.os.PowerManager
import org.cairn.app.R
import org.cairn.logic.background.Hindrance
import org.cairn.logic.background.Limits

/** What this phone says about the app now; asks for no permission. */
fun limits(context: Context): Limits {
    val power = context.getSystemService(PowerManager::class.java)
    val network = context.getSystemService(ConnectivityManager::class.java)
    val later = SDK_INT >= P
    return Limits(
        forbidden = later && context.getSystemService(ActivityManager::class.java).isBackgroundRestricted,
        bucket = if (later) context.getSystemService(UsageStatsManager::class.java).appStandbyBucket else null,
        dataSaved = network.restrictBackgroundStatus == ConnectivityManager.RESTRICT_BACKGROUND_STATUS_ENABLED,
        batterySaved = power.isPowerSaveMode,
        letsRun = power.isIgnoringBatteryOptimizations(context.packageName),
    )
}

/** What stands in the way of syncs while nobody looks, in the person's language; null if nothing worth a word. */
fun hindrance(context: Context): String? =
    Hindrance.toTell(limits(context).hindrances)?.let { say(context.resources, it) }

private fun say(words: Resources, hindrance: Hindrance): String? = when (hindrance) {
    Hindrance.FORBIDDEN -> words.getString(R.string.background_forbidden)
    Hindrance.SELDOM -> words.getString(R.string.background_seldom)
    Hindrance.DATA_SAVED -> words.getString(R.string.background_data_saved)
    Hindrance.BATTERY_SAVED -> words.getString(R.string.background_battery_saved)
    Hindrance.MAY_SLEEP -> null
}
