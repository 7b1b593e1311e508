package org.cairn.app.disguise

import android.app.Activity
import android.app.ActivityManager.TaskDescription
import android.content.ComponentName
import android.content.Context
import android.content.Intent
import android.content.pm.PackageManager
import android.graphics.Bitmap
import android.graphics.Canvas
import org.cairn.app.R
import org.cairn.logic.calculator.WayIn

/**
 * Another name and picture among the phone's apps: a calculator, which calculates.
 *
 * It hides from a look at the phone. The list of apps in the settings, the package's name and its size say what
 * it is.
 */
class Disguise(private val context: Context) {
    /** Whether the app looks like a calculator. The phone keeps this, through updates too. */
    val isOn: Boolean
        get() = context.packageManager.getComponentEnabledSetting(part(CALCULATOR)) ==
            PackageManager.COMPONENT_ENABLED_STATE_ENABLED

    /**
     * The number that leads behind the calculator. In clear: four digits are guessed at once from whatever a hash
     * makes of them, and it locks nothing.
     */
    val number: String?
        get() = kept.getString(NUMBER, null)

    /** @return `false`, with nothing changed, if [typed] is no way in or the phone does not keep it */
    fun putOn(typed: String): Boolean {
        val number = WayIn.chosen(typed) ?: return false
        // Kept before anything is hidden, or nobody would find the way back.
        if (!kept.edit().putString(NUMBER, number).commit()) return false
        // In this order there is always something to tap on.
        show(CALCULATOR, true)
        show(CAIRN, false)
        return true
    }

    fun takeOff() {
        show(CAIRN, true)
        show(CALCULATOR, false)
        kept.edit().remove(NUMBER).apply()
    }

    /** The quick way out of [activity], which the caller has locked: to the calculator, or to nothing at all. */
    fun leave(activity: Activity) {
        if (!isOn) return activity.finishAndRemoveTask()
        activity.startActivity(
            Intent(activity, CalculatorActivity::class.java)
                .addFlags(Intent.FLAG_ACTIVITY_CLEAR_TOP or Intent.FLAG_ACTIVITY_NEW_TASK),
        )
        activity.finish()
    }

    /** What the list of recent apps calls a window. */
    @Suppress("DEPRECATION") // The newer words exist from Android 13 on; this one works on all.
    internal fun describe(activity: Activity) {
        if (!isOn) return
        activity.setTaskDescription(TaskDescription(activity.getString(R.string.calculator_name), icon(activity)))
    }

    private fun icon(activity: Activity): Bitmap {
        val side = activity.resources.getDimensionPixelSize(android.R.dimen.app_icon_size)
        val bitmap = Bitmap.createBitmap(side, side, Bitmap.Config.ARGB_8888)
        checkNotNull(activity.getDrawable(R.drawable.calculator)).apply {
            setBounds(0, 0, side, side)
            draw(Canvas(bitmap))
        }
        return bitmap
    }

    private fun show(name: String, shown: Boolean) {
        val state =
            if (shown) PackageManager.COMPONENT_ENABLED_STATE_ENABLED
            else PackageManager.COMPONENT_ENABLED_STATE_DISABLED
        // Not killed: the person stands before the settings of an open vault.
        context.packageManager.setComponentEnabledSetting(part(name), state, PackageManager.DONT_KILL_APP)
    }

    private fun part(name: String) = ComponentName(context, name)

    private val kept get() = context.getSharedPreferences("calculator", Context.MODE_PRIVATE)

    internal companion object {
        /** The two names in the manifest under which the phone's launcher finds the app. */
        const val CAIRN = "org.cairn.app.Front"
        const val CALCULATOR = "org.cairn.app.Calculator"
        private const val NUMBER = "number"
    }
}
