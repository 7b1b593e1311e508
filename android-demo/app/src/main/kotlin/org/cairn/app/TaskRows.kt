package org.cairn.app

import android.widget.Button
import org.cairn.logic.Door
import org.cairn.logic.Event
import org.cairn.logic.Line
import org.cairn.logic.TaskEvent
import org.cairn.logic.TaskLine
import org.cairn.logic.Tasks
import org.cairn.logic.Today
import org.cairn.logic.Word

/** What is to be done first, on the first page. */
fun Page.tasksOf(screen: Today) {
    if (screen.tasks.isEmpty() && screen.done == null) return
    heading(words.say(Word.TASK_TITLE))
    takeBack(screen.done)
    for (task in screen.tasks) taskRow(task, Door.Today)
    if (screen.open > screen.tasks.size) {
        row(words.say(Line(Word.TASK_ALL, screen.open))) { tell(Event.Go(Door.Tasks())) }
    }
}

/** Everything that is to be done. */
fun Page.tasks(screen: Tasks) {
    begin(words.say(Word.TASK_TITLE), screen.notice)
    takeBack(screen.done)
    if (screen.rows.isEmpty()) says(Word.TASK_NONE)
    for (task in screen.rows) taskRow(task, screen.door)
    if (screen.more) button(Word.SEARCH_MORE) { tell(Event.Go(screen.further)) }
}

/** One task: a tap opens its record, a tap on the box behind it says that it is done. */
private fun Page.taskRow(task: TaskLine, from: Door) {
    val due = task.due?.let(words::say)
    val further = listOfNotNull(due, task.name.takeIf { it != task.what }?.let(::apart), task.who?.let(::apart))
    val open = Button(context, null, 0, if (task.isOverdue) R.style.Row_Overdue else R.style.Row)
    open.text = (listOf(named(task)) + further).joinToString("\n")
    open.setOnClickListener { tell(Event.Go(Door.Record(task.record, from))) }
    sign(line(open), "\u2610", words.say(Line(Word.TASK_TICK, named(task)))) { tell(TaskEvent.Finish(task)) }
}

/** Ticked off by mistake: one tap takes it back, for as long as one stays. */
private fun Page.takeBack(done: TaskLine?) {
    if (done != null) row(words.say(Line(Word.TASK_TAKE_BACK, named(done)))) { tell(TaskEvent.TakeBack(done)) }
}

private fun Page.named(task: TaskLine): String = task.what.ifBlank { words.say(Word.TASK_UNNAMED) }
