package org.cairn.app

import android.view.LayoutInflater
import android.view.View
import android.widget.Button
import android.widget.TextView
import org.cairn.logic.Event
import org.cairn.logic.Screen

/** What is in the vault, and the way out. */
class TodayView(inflater: LayoutInflater, tell: (Event) -> Unit) {
    val root: View = inflater.inflate(R.layout.today, null)
    private val words = Words(root.resources)
    private val lines = root.findViewById<TextView>(R.id.lines)

    init {
        root.findViewById<Button>(R.id.lock).setOnClickListener { tell(Event.Leave) }
    }

    fun show(screen: Screen.Today) {
        lines.text = screen.lines.joinToString("\n", transform = words::say)
    }
}
