package org.cairn.app

import android.content.Context
import android.os.Build
import android.text.InputType.TYPE_CLASS_TEXT
import android.text.InputType.TYPE_TEXT_FLAG_NO_SUGGESTIONS
import android.text.InputType.TYPE_TEXT_VARIATION_PASSWORD
import android.text.InputType.TYPE_TEXT_VARIATION_VISIBLE_PASSWORD
import android.util.AttributeSet
import android.view.ActionMode
import android.view.Menu
import android.view.MenuItem
import android.view.View
import android.view.inputmethod.EditorInfo.IME_FLAG_NO_EXTRACT_UI
import android.view.inputmethod.EditorInfo.IME_FLAG_NO_PERSONALIZED_LEARNING
import android.widget.CheckBox
import android.widget.EditText
import org.cairn.logic.Word

/**
 * What is typed here can be copied out by nobody: a keyboard's own button for it and Ctrl+C come here past all menus.
 * Pasting is possible, or nobody could begin.
 */
class Field @JvmOverloads constructor(context: Context, attributes: AttributeSet? = null) : EditText(context, attributes) {
    override fun onTextContextMenuItem(id: Int): Boolean = if (id in LET) super.onTextContextMenuItem(id) else false

    private companion object {
        val LET = setOf(
            android.R.id.paste, android.R.id.pasteAsPlainText, android.R.id.selectAll, android.R.id.undo, android.R.id.redo,
        )
    }
}

/** What is typed here is learned by no keyboard, kept in no saved state, filled in and copied by nobody. */
fun EditText.guard(kind: Int) {
    imeOptions = imeOptions or IME_FLAG_NO_PERSONALIZED_LEARNING or IME_FLAG_NO_EXTRACT_UI
    inputType = if (kind and TYPE_CLASS_TEXT != 0) kind or TYPE_TEXT_FLAG_NO_SUGGESTIONS else kind
    isSaveEnabled = false
    isLongClickable = false
    customSelectionActionModeCallback = NoClipboard
    customInsertionActionModeCallback = NoClipboard
    if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.O) importantForAutofill = View.IMPORTANT_FOR_AUTOFILL_NO
    textAlignment = View.TEXT_ALIGNMENT_VIEW_START
    textSize = 20f
    minimumHeight = resources.getDimensionPixelSize(R.dimen.target)
}

/** Fields for passphrases, hidden until the box below them is ticked. */
fun Page.secrets(vararg labels: Word, id: Int? = null): Pair<List<EditText>, CheckBox> {
    val hidden = TYPE_CLASS_TEXT or TYPE_TEXT_VARIATION_PASSWORD
    val fields = labels.map { field(words.say(it), hidden, id = id) }
    val show = tick(words.say(Word.UNLOCK_SHOW)).also { it.id = R.id.show }
    show.setOnCheckedChangeListener { _, shown -> fields.forEach { it.reveal(shown) } }
    return fields to show
}

private fun EditText.reveal(shown: Boolean) {
    val kind = if (shown) TYPE_TEXT_VARIATION_VISIBLE_PASSWORD else TYPE_TEXT_VARIATION_PASSWORD
    val cursor = selectionEnd
    inputType = TYPE_CLASS_TEXT or TYPE_TEXT_FLAG_NO_SUGGESTIONS or kind
    setSelection(cursor)
}

/** Takes what was typed. The runtime cannot wipe a string; it is short-lived, and nothing else keeps it. */
fun EditText.take(): String = text.toString().also { text.clear() }

/** A clipboard is read by other apps. */
private object NoClipboard : ActionMode.Callback {
    override fun onCreateActionMode(mode: ActionMode, menu: Menu) = false

    override fun onPrepareActionMode(mode: ActionMode, menu: Menu) = false

    override fun onActionItemClicked(mode: ActionMode, item: MenuItem) = false

    override fun onDestroyActionMode(mode: ActionMode) = Unit
}
