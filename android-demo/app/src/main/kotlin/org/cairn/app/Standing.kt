package org.cairn.app

import android.view.View
import android.view.ViewGroup
import android.view.accessibility.AccessibilityNodeInfo.ACTION_ACCESSIBILITY_FOCUS
import android.widget.EditText
import android.widget.TextView

/**
 * Where a keyboard or a screen reader stands on a page, so that it stands there again once the same page is drawn anew.
 *
 * @property says what stands there tells a screen reader; a field has no words of its own
 * @property at how many things one can stand on come before it
 * @property heard whether it is a screen reader that stands there
 */
class Standing private constructor(private val says: String, private val at: Int, private val heard: Boolean) {
    /** Stands there again: on what says the same, or else on what has come to its place. */
    fun again(root: View) {
        val views = root.standable()
        val view = views.firstOrNull { it.says == says && says.isNotEmpty() } ?: views.getOrNull(at) ?: return
        if (heard) view.performAccessibilityAction(ACTION_ACCESSIBILITY_FOCUS, null) else view.requestFocus()
    }

    companion object {
        /** Where one stands now, if anywhere. */
        fun on(root: View): Standing? {
            val views = root.standable()
            val heard = views.indexOfFirst(View::isAccessibilityFocused)
            val at = if (heard >= 0) heard else views.indexOfFirst(View::isFocused)
            return views.getOrNull(at)?.let { Standing(it.says, at, heard >= 0) }
        }

        private val View.says: String
            get() = if (this is EditText) "" else (contentDescription ?: (this as? TextView)?.text)?.toString().orEmpty()

        private fun View.standable(): List<View> = when (this) {
            is ViewGroup -> (0 until childCount).flatMap { getChildAt(it).standable() }
            else -> listOf(this).filter { it.visibility == View.VISIBLE && (it.isFocusable || it.isAccessibilityFocused) }
        }
    }
}
