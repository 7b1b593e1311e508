package org.cairn.app.disguise

import android.app.Activity
import android.app.Application.ActivityLifecycleCallbacks
import android.os.Bundle
import org.cairn.app.MainActivity

/**
 * While the disguise is on: every window bears its name, and what went out of sight comes back as the calculator. Who
 * was sent to a camera or a scanner comes back to where they were, if that is not locked by then.
 */
class Cover(private val disguise: Disguise) : ActivityLifecycleCallbacks {
    override fun onActivityCreated(activity: Activity, state: Bundle?) = disguise.describe(activity)

    /** Again, because the person may have put it on meanwhile. */
    override fun onActivityPaused(activity: Activity) = disguise.describe(activity)

    override fun onActivityStopped(activity: Activity) {
        if (activity !is MainActivity || activity.isChangingConfigurations || activity.isAway) return
        if (disguise.isOn) activity.finish()
    }

    override fun onActivityStarted(activity: Activity) = Unit

    override fun onActivityResumed(activity: Activity) = Unit

    override fun onActivitySaveInstanceState(activity: Activity, state: Bundle) = Unit

    override fun onActivityDestroyed(activity: Activity) = Unit
}
