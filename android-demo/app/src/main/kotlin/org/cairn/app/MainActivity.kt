package org.cairn.app

import android.app.Activity
import android.app.AlertDialog
import android.app.Dialog
import android.content.ActivityNotFoundException
import android.content.ClipData
import android.content.ClipboardManager
import android.content.Context
import android.content.DialogInterface.BUTTON_NEUTRAL
import android.content.Intent
import android.content.pm.PackageManager
import android.content.res.Configuration
import android.os.Build
import android.os.Bundle
import android.os.Handler
import android.os.Looper
import android.view.View
import android.view.WindowManager.LayoutParams.FLAG_SECURE
import org.cairn.app.background.hindrance
import org.cairn.app.disguise.Disguise
import org.cairn.app.disguise.DisguiseView
import org.cairn.logic.Conflict
import org.cairn.logic.Desk
import org.cairn.logic.Event
import org.cairn.logic.Fill
import org.cairn.logic.FillingEvent
import org.cairn.logic.Kind
import org.cairn.logic.Line
import org.cairn.logic.Move
import org.cairn.logic.Screen
import org.cairn.logic.Settings
import org.cairn.logic.Start
import org.cairn.logic.StartEvent
import org.cairn.logic.Word
import org.cairn.logic.endsFilling
import org.cairn.logic.files.Catch

/** The one window. It draws what the desk says and tells the desk what the person does. */
class MainActivity : Activity(), Hands {
    private val app: CairnApp get() = application as CairnApp
    private val desk: Desk get() = app.desk
    private val draw: (Screen) -> Unit = ::show
    private val clock = Handler(Looper.getMainLooper())
    private lateinit var page: Page
    private lateinit var face: Face
    private var spoken = ""

    /** Whether the person has just come back from another app that they were sent to. */
    private var wasAway = false

    /** Waits for what the person says to a question of the phone's. */
    private var allowed: ((Boolean) -> Unit)? = null

    /** Asks for a day or a time, above the page. */
    private var asks: Dialog? = null

    override fun attachBaseContext(base: Context) = super.attachBaseContext(Language(base).spoken(base))

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        // No screenshots, no picture in the list of recent apps, no casting.
        window.setFlags(FLAG_SECURE, FLAG_SECURE)
        spoken = app.language
        page = Page(this, ::tell, ::quit)
        face = Face(page, this)
        // From targetSdk 35 on, windows reach under the status bar and the navigation bar.
        page.root.fitsSystemWindows = true
        setContentView(page.root)
        desk.show = draw
        draw(desk.screen)
        // What was typed in the window before is in the vault, and not in the screen, which it left as it was.
        if (desk.screen is Fill) desk.happens(FillingEvent.Moved(Move.Stay))
    }

    override fun onStart() {
        super.onStart()
        desk.seen()
        clock.postDelayed(::look, LOOK)
    }

    /** Out of sight: what was typed is kept, and the vault locks when it was told to. */
    override fun onStop() {
        super.onStop()
        clock.removeCallbacksAndMessages(null)
        face.leave()
        asksNoMore()
        // A window that is made anew in another language was never out of sight.
        if (!isChangingConfigurations) desk.hidden()
    }

    override fun onDestroy() {
        super.onDestroy()
        // A window that took this one's place may be drawing by now.
        if (desk.show === draw) desk.show = {}
    }

    override fun onUserInteraction() {
        super.onUserInteraction()
        desk.touched()
    }

    @Deprecated("Deprecated in Java")
    override fun onBackPressed() {
        // Whoever is being recorded ends that and nothing else.
        if (face.speaks) return face.hand()
        face.leave()
        // From the lock and the first screens the way back is out of the app.
        if (desk.screen is Screen.Unlock || desk.screen is Start.Invitation) finish()
        else happens(Event.Back)
    }

    /** What was typed is handed over before anything else happens. */
    private fun tell(event: Event) {
        if (event !is FillingEvent.Typed) face.hand()
        happens(event)
    }

    /** Nobody leaves a record before what was brought for it has been read. */
    private fun happens(event: Event) {
        val reads = app.errands.reads
        if (reads != null && desk.screen.endsFilling(event)) page.say(reads) else desk.happens(event)
    }

    private fun show(screen: Screen) {
        app.follow(screen)
        if (screen is Screen.Unlock) {
            // Behind the lock nobody asks for anything, and nothing begins that was asked for before.
            allowed = null
            asksNoMore()
        }
        if (screen is Settings && screen.language != spoken) return recreate()
        face.show(screen)
    }

    /** The vault locks itself; its window must not go on showing what was in it. */
    private fun look() {
        desk.look()
        clock.postDelayed(::look, LOOK)
    }

    /** One tap: the app is gone from the screen, the last letters are kept, and the vault is shut. */
    private fun quit() {
        face.leave()
        desk.exit()
        Disguise(this).leave(this)
    }

    /** Whether the person was sent to another app, and is to come back to this window. */
    val isAway: Boolean get() = scans || app.errands.isUnderWay

    private var scans = false

    /** Under the disguise who comes back to a lock comes back to the calculator. */
    override fun onResume() {
        super.onResume()
        if (desk.screen is Screen.Unlock && wasAway && Disguise(this).isOn) finish()
        wasAway = false
    }

    override fun scan() = try {
        scans = true
        @Suppress("DEPRECATION") // Its follower is AndroidX's.
        startActivityForResult(Intent(SCAN).putExtra("SCAN_MODE", "QR_CODE_MODE"), SCANNED)
    } catch (_: ActivityNotFoundException) {
        scans = false
        page.say(Line(Word.START_NO_SCANNER))
    }

    override fun picture(key: String) = send(app.errands.picture(key), Word.FILE_NO_CAMERA)

    override fun pick(key: String, kind: Kind) = send(app.errands.pick(key, kind), Word.FILE_NO_PICKER)

    override fun spoken(key: String, caught: Catch?) = app.errands.spoken(key, caught)

    override fun stays() = desk.touched()

    private fun send(intent: Intent, otherwise: Word) = try {
        face.leave()
        @Suppress("DEPRECATION") // Its follower is AndroidX's.
        startActivityForResult(intent, SENT)
    } catch (_: ActivityNotFoundException) {
        app.errands.fails(otherwise)
    } catch (_: SecurityException) {
        app.errands.fails(otherwise)
    }

    @Deprecated("Deprecated in Java")
    override fun onActivityResult(asked: Int, result: Int, data: Intent?) {
        // Not what this window knows: the process may have ended while the person was away.
        wasAway = asked == SCANNED || asked == SENT
        scans = false
        if (asked == SENT) app.errands.back(result == RESULT_OK, data?.data)
        if (asked == SCANNED && result == RESULT_OK) scanned(data)?.let { desk.happens(StartEvent.Invited(it)) }
    }

    private fun scanned(data: Intent?): String? = try {
        data?.getStringExtra("SCAN_RESULT")
    } catch (_: RuntimeException) {
        // Before Android 13 all that another app added is unpacked at once, also what only that app knows.
        null
    }

    override fun allow(permissions: Array<String>, done: (Boolean) -> Unit) {
        if (permissions.any(::has)) return done(true)
        allowed = done
        requestPermissions(permissions, ALLOWED)
    }

    override fun onRequestPermissionsResult(asked: Int, permissions: Array<String>, results: IntArray) {
        if (asked == ALLOWED) allowed?.invoke(permissions.any(::has))
        allowed = null
    }

    private fun has(permission: String) = checkSelfPermission(permission) == PackageManager.PERMISSION_GRANTED

    /** An invitation is not left there, where other apps read. What a keyboard has noted of it is out of reach. */
    override fun clipboard(): String? {
        val clipboard = getSystemService(ClipboardManager::class.java)
        val text = clipboard.primaryClip?.getItemAt(0)?.coerceToText(this)?.toString() ?: return null
        try {
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) clipboard.clearPrimaryClip()
            else clipboard.setPrimaryClip(ClipData.newPlainText("", ""))
        } catch (_: RuntimeException) {
            // Some makers let nobody change it; what was pasted is wanted all the same.
        }
        return text
    }

    override fun <T> later(work: () -> T?, done: (T?) -> Unit) = app.later(work, done)

    /** What stands beside each other on a phone that lies on its side does not fit when it is turned back. */
    override fun onConfigurationChanged(new: Configuration) {
        super.onConfigurationChanged(new)
        if (desk.screen is Conflict) show(desk.screen)
    }

    override fun speak(language: String) {
        app.speak(language)
        recreate()
    }

    override fun show(dialog: Dialog) {
        asksNoMore()
        dialog.window?.setFlags(FLAG_SECURE, FLAG_SECURE)
        if (dialog is AlertDialog) dialog.setButton(BUTTON_NEUTRAL, getString(R.string.page_exit)) { _, _ -> quit() }
        asks = dialog
        dialog.show()
    }

    private fun asksNoMore() {
        asks?.dismiss()
        asks = null
    }

    override fun disguise(): View = DisguiseView(layoutInflater, Disguise(this)).root

    override fun hindrance(): String? = hindrance(this)

    private companion object {
        /** What apps that scan codes have long answered to. */
        const val SCAN = "com.google.zxing.client.android.SCAN"
        const val SCANNED = 1
        const val ALLOWED = 2
        const val SENT = 3

        /** In milliseconds. */
        const val LOOK = 5_000L
    }
}
