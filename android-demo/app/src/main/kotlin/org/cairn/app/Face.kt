package org.cairn.app

import android.app.Dialog
import android.os.Handler
import android.os.Looper
import android.view.View
import android.widget.CheckBox
import android.widget.EditText
import org.cairn.logic.Conflict
import org.cairn.logic.Fill
import org.cairn.logic.Forms
import org.cairn.logic.History
import org.cairn.logic.Inside
import org.cairn.logic.Kind
import org.cairn.logic.Line
import org.cairn.logic.RecordPage
import org.cairn.logic.Return
import org.cairn.logic.Review
import org.cairn.logic.Screen
import org.cairn.logic.Search
import org.cairn.logic.Settings
import org.cairn.logic.Start
import org.cairn.logic.Sync
import org.cairn.logic.Tasks
import org.cairn.logic.Today
import org.cairn.logic.Waiting
import org.cairn.logic.Word
import org.cairn.logic.Working
import org.cairn.logic.files.Catch
import org.cairn.logic.Viewing

/** Draws screens on a page, and remembers what it drew. */
class Face(private val page: Page, private val hands: Hands) {
    private var drawn: Screen? = null
    private val filling = FillView(page, hands)
    private val viewer = Viewer(page, hands)
    private val soon = Handler(Looper.getMainLooper())

    /** Fields whose text is taken away when the person leaves. */
    private var secrets: Secrets? = null

    fun show(screen: Screen) {
        viewer.forget()
        soon.removeCallbacksAndMessages(null)
        when (screen) {
            is Working -> rest(screen.on)
            is Screen.Unlock -> lock(screen)
            is Start -> outside(screen, page.place) { secrets = page.start(screen, hands) }
            is Return -> outside(screen, 0) { secrets = page.comingBack(screen) }
            is Inside -> inside(screen)
        }
        drawn = screen
    }

    /** Whether the person is being recorded. */
    val speaks: Boolean get() = filling.speaks

    /** Hands over what was typed and not yet kept. */
    fun hand() = filling.hand()

    /** The same, and takes passphrases away. */
    fun leave() {
        filling.leave()
        viewer.rest()
        secrets?.forget()
    }

    private fun rest(on: Inside) {
        // A sync says how far it is, and can be stopped.
        if (on is Sync && on.under != null) return page.syncing(on)
        if (on is RecordPage) on.under?.let { return page.fetching(on.name, it, on.stopping) }
        if (on is Conflict) on.under?.let { return page.fetching(on.name, it, on.stopping) }
        page.rest(true)
        // What is done at once needs no words, which would only make the page jump.
        soon.postDelayed({ page.say(Line(Word.PAGE_WORKING)) }, SOON)
    }

    /** The same page while the person stays at the lock, so that screen readers keep their place. */
    private fun lock(screen: Screen.Unlock) {
        if (drawn !is Screen.Unlock) {
            filling.forget()
            page.begin(page.words.say(Word.UNLOCK_TITLE), null, leadsBack = false)
            secrets = page.unlock()
        }
        page.say(screen.notice)
        page.rest(screen.busy)
    }

    private fun outside(screen: Screen, place: Int, draw: () -> Unit) {
        filling.forget()
        page.rest(false)
        draw()
        page.place = if (drawn?.javaClass == screen.javaClass) place else 0
    }

    private fun inside(screen: Inside) {
        secrets?.forget()
        secrets = null
        val before = (drawn as? Working)?.on ?: drawn
        val place = page.place
        page.rest(false)
        if (screen !is Fill) filling.forget()
        when (screen) {
            is Waiting -> page.waiting(screen)
            is Today -> page.today(screen, hands)
            is Forms -> page.forms(screen)
            is Tasks -> page.tasks(screen)
            is Viewing -> viewer.show(screen)
            is Fill -> filling.show(screen)
            is Review -> page.review(screen)
            is RecordPage -> page.record(screen)
            is History -> page.history(screen)
            is Search -> page.search(screen)
            is Conflict -> page.conflict(screen)
            is Sync -> page.syncing(screen)
            is Settings -> secrets = page.settings(screen, hands)
        }
        val stays = before?.javaClass == screen.javaClass && (screen !is Fill || filling.stayed)
        if (stays) page.stay(place) else page.place = 0
    }

    private companion object {
        /** In milliseconds. */
        const val SOON = 500L
    }
}

/** What a page needs of the window it is in. */
interface Hands {
    /** Asks an app that can scan for a code's text. */
    fun scan()

    /** What lies on the clipboard, which the person has asked to be pasted. */
    fun clipboard(): String?

    /** Speaks another language. */
    fun speak(language: String)

    /** Asks a camera app for a picture that answers the question of [key]. */
    fun picture(key: String)

    /** Lets the person choose a file that answers it. */
    fun pick(key: String, kind: Kind)

    /** A recording has ended that answers it; null if nothing was recorded. */
    fun spoken(key: String, caught: Catch?)

    /** The person is there, although they touch nothing. */
    fun stays()

    /** Asks the phone for leave to use one of these, if that was not given yet; [done] is told whether it was. */
    fun allow(permissions: Array<String>, done: (Boolean) -> Unit)

    /** Does [work] away from the thread that draws, and hands what came of it over there; null if it failed. */
    fun <T> later(work: () -> T?, done: (T?) -> Unit)

    /** Shows a dialog whose picture nobody takes either. */
    fun show(dialog: Dialog)

    /** Where the app's looks are chosen. */
    fun disguise(): View

    /** One sentence about what hinders sending in the background. */
    fun hindrance(): String?
}

/** Passphrase fields of a page. */
class Secrets(private val fields: List<EditText>, private val show: CheckBox?) {
    fun forget() {
        fields.forEach { it.text.clear() }
        show?.isChecked = false
    }
}
