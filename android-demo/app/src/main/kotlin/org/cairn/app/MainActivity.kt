package org.cairn.app

import android.app.Activity
import android.os.Bundle
import android.view.View
import android.view.WindowManager.LayoutParams.FLAG_SECURE
import org.cairn.logic.Desk
import org.cairn.logic.Event
import org.cairn.logic.Screen

/** The one window. It draws what the desk says and tells the desk what the person does. */
class MainActivity : Activity() {
    private val desk: Desk get() = (application as CairnApp).desk
    private val draw: (Screen) -> Unit = ::show
    private var unlock: UnlockView? = null

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        // No screenshots, no picture in the list of recent apps, no casting.
        window.setFlags(FLAG_SECURE, FLAG_SECURE)
        desk.show = draw
        draw(desk.screen)
    }

    /** Out of sight is locked: the next who looks at this phone may be somebody else. */
    override fun onStop() {
        super.onStop()
        unlock?.forget()
        desk.happens(Event.Leave)
    }

    override fun onDestroy() {
        super.onDestroy()
        // A window that took this one's place may be drawing by now.
        if (desk.show === draw) desk.show = {}
    }

    private fun show(screen: Screen) {
        when (screen) {
            is Screen.Unlock -> unlockView().show(screen)
            is Screen.Today -> {
                unlock?.forget()
                unlock = null
                put(TodayView(layoutInflater, desk::happens).apply { show(screen) }.root)
            }
        }
    }

    /** The same while the person stays at the lock, so that screen readers keep their place. */
    private fun unlockView(): UnlockView =
        unlock ?: UnlockView(layoutInflater, desk::happens).also {
            unlock = it
            put(it.root)
        }

    private fun put(root: View) {
        // From targetSdk 35 on, windows reach under the status bar and the navigation bar.
        root.fitsSystemWindows = true
        setContentView(root)
    }
}
