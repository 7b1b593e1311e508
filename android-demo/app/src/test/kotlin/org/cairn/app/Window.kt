package org.cairn.app

import android.app.Activity
import android.os.Looper
import android.view.View
import android.view.View.MeasureSpec
import android.widget.Button
import android.widget.EditText
import android.widget.ScrollView
import android.widget.TextView
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import org.cairn.ffi.Office
import org.cairn.logic.Line
import org.cairn.logic.Screen
import org.cairn.logic.Word
import org.robolectric.Robolectric
import org.robolectric.Shadows.shadowOf
import org.robolectric.android.controller.ActivityController

/** The real window, and somebody in front of it. */
class Window(
    private val language: String,
    val controller: ActivityController<MainActivity> = Robolectric.buildActivity(MainActivity::class.java).setup(),
) {
    val activity: Activity get() = controller.get()
    val resources get() = activity.resources
    val words get() = Words(resources)
    val root: View get() = activity.window.decorView
    val title: String get() = find<TextView>(R.id.title).text.toString()
    val notice: String get() = find<TextView>(R.id.notice).text.toString()
    val fields: List<EditText> get() = root.all().filterIsInstance<EditText>().filter { it.isShown }
    val target get() = resources.getDimensionPixelSize(R.dimen.target)

    fun <V : View> find(id: Int): V = activity.findViewById(id)

    fun say(word: Word, vararg places: Any): String = words.say(Line(word, *places))

    /** Taps what begins with that text. */
    fun tap(text: String) {
        val buttons = root.all().filterIsInstance<Button>().filter { it.isShown }
        val button = buttons.firstOrNull { it.text.trimStart('\u2066', '\u2068').startsWith(text) || it.contentDescription == text }
        assertNotNull(button, "no button says $text: ${buttons.map { it.text }}").performClick()
        settle()
    }

    fun tap(word: Word, vararg places: Any) = tap(say(word, *places))

    fun next() {
        find<Button>(R.id.next).performClick()
        settle()
    }

    fun type(vararg texts: String) {
        for ((field, text) in fields.zip(texts)) field.setText(text)
    }

    /** From the first start to today. */
    fun joins(office: Office, passphrase: String = "correct horse battery staple") {
        type(office.invite())
        next()
        type("zarina")
        next()
        type(passphrase, passphrase)
        next()
        office.sync()
        next()
        assertEquals(say(Word.TODAY_TITLE), title)
    }

    /** Waits for the work that was begun, then lets the window draw what came of it. */
    fun settle() {
        repeat(3) {
            (activity.application as CairnApp).awaitWork()
            shadowOf(Looper.getMainLooper()).idle()
        }
    }

    /** Shows a screen that nothing has led to. */
    fun show(screen: Screen) {
        (activity.application as CairnApp).desk.show(screen)
        shadowOf(Looper.getMainLooper()).idle()
    }

    /** Draws the window and all that one can scroll to; whatever is on it can be read, touched and heard. */
    fun draw(name: String) {
        shadowOf(Looper.getMainLooper()).idle()
        val faults = whole {
            val picture = Picture.of(root)
            picture.save("$name-$language")
            root.faults(picture)
        }
        assertEquals(emptyList(), faults + narrow(), name)
    }

    /** The window as if it were as high as all that one can scroll to. */
    fun <T> whole(see: () -> T): T {
        val (width, height) = root.width to root.height
        val scroll = find<ScrollView>(R.id.scroll)
        val below = (scroll.getChildAt(0).height - scroll.height).coerceAtLeast(0)
        lay(width, height + below)
        return see().also { lay(width, height) }
    }

    /** What does not scroll must leave room for what does. */
    private fun narrow(): List<String> {
        val room = find<ScrollView>(R.id.scroll).height
        return if (room < 3 * target) listOf("only $room dots are left to scroll in") else emptyList()
    }

    private fun lay(width: Int, height: Int) {
        root.measure(
            MeasureSpec.makeMeasureSpec(width, MeasureSpec.EXACTLY),
            MeasureSpec.makeMeasureSpec(height, MeasureSpec.EXACTLY),
        )
        root.layout(0, 0, width, height)
    }
}
