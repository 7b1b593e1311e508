package org.cairn.logic

import java.time.LocalDate
import java.time.temporal.ChronoUnit
import kotlin.random.Random
import kotlin.test.assertEquals
import kotlin.test.assertNull
import org.junit.Test

/** What is to be done, as far as it needs no vault. */
class TasksTest {
    private val task = TaskLine("r", "tasks#1/done", "Call", "Amina", days = -3)

    @Test
    fun `days are counted as a calendar counts them`() {
        val dice = Random(11)
        repeat(2_000) {
            val (one, other) = List(2) { LocalDate.ofEpochDay(dice.nextLong(-20_000, 60_000)) }
            assertEquals(ChronoUnit.DAYS.between(one, other), daysUntil("$other", "$one"), "from $one to $other")
        }
        assertEquals(1, daysUntil("2024-03-01", "2024-02-29"))
        assertEquals(2, daysUntil("2024-03-01", "2024-02-28"))
        for (wrong in listOf("", "soon", "2024-13-01", "2024-01", "2024-00-10")) assertNull(daysUntil(wrong, "2024-01-01"))
    }

    @Test
    fun `when a task is due is said in words`() {
        val due = listOf(-3L, 0L, 12L, null).map { task.copy(days = it).due }
        assertEquals(listOf(Line(Word.TASK_SINCE, 3L), Line(Word.TASK_TODAY), Line(Word.TASK_IN, 12L), null), due)
        assertEquals(listOf(true, false, false, false), listOf(-1L, 0L, 1L, null).map { task.copy(days = it).isOverdue })
    }

    @Test
    fun `a task is ticked off where it stands, and taken back there`() {
        val today = Today(Counts(1, 0, 0), tasks = listOf(task), open = 1)
        val all = Tasks(Door.Tasks(60), listOf(task), open = 1)
        for ((screen, door) in listOf(today to Door.Today, all to Door.Tasks(60))) {
            assertEquals(Turn(Working(screen), TaskWork.Finish(task, door)), screen.after(TaskEvent.Finish(task)))
            assertEquals(Turn(Working(screen), TaskWork.TakeBack(task, door)), screen.after(TaskEvent.TakeBack(task)))
        }
        // The control: elsewhere there is nothing to tick.
        val forms = Forms(emptyList())
        assertEquals(Turn(forms), forms.after(TaskEvent.Finish(task)))
    }
}
