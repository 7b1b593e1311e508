package org.cairn.app

import android.text.InputType.TYPE_CLASS_TEXT
import android.text.InputType.TYPE_TEXT_FLAG_NO_SUGGESTIONS
import android.text.InputType.TYPE_TEXT_VARIATION_PASSWORD
import android.text.InputType.TYPE_TEXT_VARIATION_VISIBLE_PASSWORD
import android.view.ActionMode
import android.view.LayoutInflater
import android.view.Menu
import android.view.MenuItem
import android.view.View
import android.widget.Button
import android.widget.CheckBox
import android.widget.EditText
import android.widget.TextView
import org.cairn.logic.Event
import org.cairn.logic.Screen

/** Asks for the passphrase. */
class UnlockView(inflater: LayoutInflater, private val tell: (Event) -> Unit) {
    val root: View = inflater.inflate(R.layout.unlock, null)
    private val words = Words(root.resources)
    private val passphrase = root.findViewById<EditText>(R.id.passphrase)
    private val show = root.findViewById<CheckBox>(R.id.show)
    private val open = root.findViewById<Button>(R.id.open)
    private val notice = root.findViewById<TextView>(R.id.notice)

    init {
        passphrase.customSelectionActionModeCallback = NoClipboard
        passphrase.customInsertionActionModeCallback = NoClipboard
        passphrase.setOnEditorActionListener { _, _, _ ->
            submit()
            true
        }
        show.setOnCheckedChangeListener { _, shown -> reveal(shown) }
        open.setOnClickListener { submit() }
    }

    fun show(screen: Screen.Unlock) {
        notice.text = screen.notice?.let(words::say)
        passphrase.isEnabled = !screen.busy
        show.isEnabled = !screen.busy
        open.isEnabled = !screen.busy
    }

    /** Takes away what was typed. */
    fun forget() {
        passphrase.text.clear()
        show.isChecked = false
    }

    private fun submit() {
        // The runtime cannot wipe a string. It is short-lived, and nothing else keeps it.
        val typed = passphrase.text.toString()
        forget()
        tell(Event.Submit(typed))
    }

    private fun reveal(shown: Boolean) {
        val kind = if (shown) TYPE_TEXT_VARIATION_VISIBLE_PASSWORD else TYPE_TEXT_VARIATION_PASSWORD
        val cursor = passphrase.selectionEnd
        passphrase.inputType = TYPE_CLASS_TEXT or TYPE_TEXT_FLAG_NO_SUGGESTIONS or kind
        passphrase.setSelection(cursor)
    }

    /** A clipboard is read by other apps. */
    private object NoClipboard : ActionMode.Callback {
        override fun onCreateActionMode(mode: ActionMode, menu: Menu) = false

        override fun onPrepareActionMode(mode: ActionMode, menu: Menu) = false

        override fun onActionItemClicked(mode: ActionMode, item: MenuItem) = false

        override fun onDestroyActionMode(mode: ActionMode) = Unit
    }
}
