package org.cairn.app

import android.graphics.Rect
import android.view.View
import android.widget.EditText
import android.widget.TextView

/** What somebody could not see, read, touch or hear in this window, which was drawn as [picture]. */
fun View.faults(picture: Picture): List<String> {
    val shown = all().filter(View::isShown)
    val touched = shown.filter(View::isClickable)
    val target = resources.getDimensionPixelSize(R.dimen.target)
    return texts().flatMap { text -> text.unread(picture).map { "“${text.text}” $it" } } +
        shown.filter { it.width > 0 && !Rect(0, 0, width, height).contains(it.area()) }.map { "$it leaves the window" } +
        touched.filter { it.height < target || it.width < target }.map { "$it is too small a target" } +
        touched.filter { it.spoken(shown).isBlank() }.map { "$it is nothing to a screen reader" } +
        touched.pairs().filter { (one, other) -> Rect.intersects(one.area(), other.area()) }
            .map { (one, other) -> "$one lies over $other" }
}

private fun TextView.unread(picture: Picture): List<String> {
    val lines = 0 until layout.lineCount
    val room = width - totalPaddingLeft - totalPaddingRight
    return listOfNotNull(
        "is not to be seen".takeIf { isEnabled && !picture.holds(currentTextColor, area()) },
        "is cut off below".takeIf { layout.height > height - totalPaddingTop - totalPaddingBottom },
        "is cut off at the side".takeIf { lines.any { layout.getLineMax(it) > room + 1 } },
        "is shortened".takeIf { lines.any { layout.getEllipsisCount(it) > 0 } },
        "is broken within a word".takeIf { !isLarge && this !is EditText && lines.drop(1).any { breaks(layout.getLineStart(it)) } },
    )
}

/** The longest words of some languages are wider than a screen then; broken they can still be read. */
private val View.isLarge get() = resources.configuration.fontScale >= 1.5f

/** Whether a line begins at [place] although a word goes on there. */
private fun TextView.breaks(place: Int) =
    place in 1 until text.length && text[place - 1].isLetter() && text[place].isLetter()

/** What a screen reader says of it. */
private fun View.spoken(around: List<View>): String {
    val own = contentDescription ?: (this as? TextView)?.takeIf { it !is EditText }?.text
    val label = around.filterIsInstance<TextView>().firstOrNull { id != View.NO_ID && it.labelFor == id }?.text
    return "${own ?: label ?: (this as? EditText)?.hint ?: ""}"
}

private fun <T> List<T>.pairs(): List<Pair<T, T>> =
    flatMapIndexed { at, one -> drop(at + 1).map { one to it } }
