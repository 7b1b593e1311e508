package org.cairn.app

import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Rect
import android.view.View
import android.view.ViewGroup
import android.widget.TextView
import java.io.File

/** What a screen looks like, drawn by the framework's own graphics. */
class Picture(val bitmap: Bitmap) {
    /** Whether something in [area] has this colour; text that was drawn has its own. */
    fun holds(colour: Int, area: Rect): Boolean =
        (area.top.coerceAtLeast(0) until area.bottom.coerceAtMost(bitmap.height)).any { y ->
            (area.left.coerceAtLeast(0) until area.right.coerceAtMost(bitmap.width)).any { x ->
                bitmap.getPixel(x, y) == colour
            }
        }

    /** Written where the build keeps its outputs, for people to look at. */
    fun save(name: String) {
        val folder = File(System.getProperty("cairn.screens")).apply { mkdirs() }
        File(folder, "$name.png").outputStream().use { bitmap.compress(Bitmap.CompressFormat.PNG, 100, it) }
    }

    companion object {
        fun of(window: View): Picture {
            val bitmap = Bitmap.createBitmap(window.width, window.height, Bitmap.Config.ARGB_8888)
            window.draw(Canvas(bitmap))
            return Picture(bitmap)
        }
    }
}

/** Where this view is in its window. */
fun View.area(): Rect {
    val corner = IntArray(2).also(::getLocationInWindow)
    return Rect(corner[0], corner[1], corner[0] + width, corner[1] + height)
}

/** This view and everything in it. */
fun View.all(): List<View> =
    listOf(this) + children().flatMap(View::all)

private fun View.children(): List<View> =
    if (this is ViewGroup) (0 until childCount).map(::getChildAt) else emptyList()

/** Whatever shows text. */
fun View.texts(): List<TextView> =
    all().filterIsInstance<TextView>().filter { it.isShown && it.text.isNotEmpty() }
