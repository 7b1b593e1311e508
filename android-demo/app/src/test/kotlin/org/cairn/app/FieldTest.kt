package org.cairn.app

import android.content.ClipData
import android.content.ClipboardManager
import android.view.KeyEvent
import android.view.inputmethod.EditorInfo
import android.widget.EditText
import kotlin.test.assertEquals
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import org.cairn.logic.Word
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

/** What is typed leaves a field by no clipboard, and what was pasted does not stay on it. */
@RunWith(RobolectricTestRunner::class)
class FieldTest {
    private val clipboard = RuntimeEnvironment.getApplication().getSystemService(ClipboardManager::class.java)

    @Test
    fun `every field there is refuses to be copied from`() {
        val window = Window("en")
        var seen = 0
        for ((name, screen) in Gallery("en").screens) {
            window.show(screen)
            for (field in window.root.all().filterIsInstance<EditText>()) {
                assertTrue(field is Field, "a field of $name")
                seen += 1
            }
        }
        assertTrue(seen > 10)
    }

    @Test
    fun `neither a keyboard's own button nor Ctrl+C copies, cuts or shares, and pasting is possible`() {
        val window = Window("en")
        val field = window.fields.first()
        fun tries(act: () -> Unit) {
            field.setText("a secret")
            field.requestFocus()
            field.selectAll()
            act()
            assertEquals("a secret", field.text.toString())
            assertEquals("before", held(), "the clipboard is as it was")
        }
        hold("before")
        val keyboard = assertNotNull(field.onCreateInputConnection(EditorInfo()))
        for (id in listOf(android.R.id.copy, android.R.id.cut, android.R.id.shareText)) {
            tries { keyboard.performContextMenuAction(id) }
            tries { field.onTextContextMenuItem(id) }
        }
        for (key in listOf(KeyEvent.KEYCODE_C, KeyEvent.KEYCODE_X)) {
            tries { field.onKeyShortcut(key, KeyEvent(0, 0, KeyEvent.ACTION_DOWN, key, 0, KeyEvent.META_CTRL_ON)) }
        }
        field.selectAll()
        field.onTextContextMenuItem(android.R.id.paste)
        assertEquals("before", field.text.toString())
        // The control: a field of the framework's gives it away.
        val other = EditText(window.activity).apply { setText("a secret") }
        other.selectAll()
        other.onTextContextMenuItem(android.R.id.copy)
        assertEquals("a secret", held())
    }

    @Test
    fun `an invitation that was pasted is not left on the clipboard`() {
        val window = Window("en")
        hold("the invitation")
        window.tap(Word.START_PASTE)
        assertEquals("the invitation", window.fields.first().text.toString())
        assertEquals("", held())
        window.tap(Word.START_PASTE)
        assertEquals("the invitation", window.fields.first().text.toString(), "a second tap takes nothing away")
    }

    private fun hold(text: String) = clipboard.setPrimaryClip(ClipData.newPlainText("", text))

    private fun held() = clipboard.primaryClip?.getItemAt(0)?.text?.toString().orEmpty()
}
