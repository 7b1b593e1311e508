package org.cairn.logic

import kotlin.test.assertEquals
import org.junit.Test

/** Filling in, as far as it needs no vault. */
class FillingFlowTest {
    private val fill = Fill("Form", at = 2, of = 5)
    private val typed = FillingEvent.Typed("name", Given.Typed("A"))

    @Test
    fun `what is typed is kept while the screen stays as it is`() {
        assertEquals(Turn(fill, FillingWork.Keep("name", Given.Typed("A"))), fill.after(typed))
    }

    @Test
    fun `what is typed is kept while something else is done, too`() {
        val working = Working(fill)
        assertEquals(Turn(working, FillingWork.Keep("name", Given.Typed("A"))), working.after(typed))
        // The control: on a screen without questions there is nothing to keep.
        val elsewhere = Working(Forms(emptyList()))
        assertEquals(Turn(elsewhere), elsewhere.after(typed))
    }

    @Test
    fun `a choice is kept and the step drawn again`() {
        val answered = FillingEvent.Answered("sex", Given.One("f"))
        assertEquals(Turn(Working(fill), FillingWork.Fill(2, answered, Move.Stay)), fill.after(answered))
    }

    @Test
    fun `back leads to the question before, and from the first one to today`() {
        assertEquals(FillingWork.Fill(2, null, Move.Previous), fill.after(Event.Back).work)
        assertEquals(FillingWork.Fill(0, null, Move.Pause), fill.copy(at = 0).after(Event.Back).work)
        assertEquals(fill.after(Event.Back), fill.after(FillingEvent.Moved(Move.Previous)))
    }

    @Test
    fun `nothing is finished while something is missing`() {
        val missing = Missing("name", "Name", Reason.Ours(Line(Word.WRONG_EMPTY)))
        val open = Review("Form", listOf(missing))
        assertEquals(Turn(open), open.after(FillingEvent.Moved(Move.Finish)))
        val to = open.after(FillingEvent.Moved(Move.To("name")))
        assertEquals(FillingWork.Fill(LAST, null, Move.To("name")), to.work)
        val whole = Review("Form", emptyList())
        assertEquals(FillingWork.Fill(LAST, null, Move.Finish), whole.after(FillingEvent.Moved(Move.Finish)).work)
    }

    @Test
    fun `of several pieces of work the last one's screen is seen`() {
        val other = fill.copy(at = 3)
        for (screen in listOf(fill, Review("Form", emptyList()))) {
            assertEquals(Turn(other), screen.after(Event.Came(other)))
            assertEquals(FillingWork.Keep("name", Given.Typed("A")), screen.after(typed).work, "the last letters")
        }
    }

    @Test
    fun `of thousands of choices as many are seen as a screen takes, those that fit and those that are chosen`() {
        val choices = (1..5000).map { Choice("v$it", "Village $it") }
        val question = Question("village", "Village", Kind.ONE, choices = choices, chosen = setOf("v4999"))
        val all = question.offer("")
        assertEquals(choices.take(MOST_SEEN) + choices[4998] to true, all.choices to all.more)
        val some = question.offer(" village 499 ")
        assertEquals((listOf(499) + (4990..4999)).map { "v$it" } to false, some.choices.map { it.name } to some.more)
        assertEquals(listOf("v4999") to false, question.offer("nothing like it").let { it.choices.map(Choice::name) to it.more })
        val few = question.copy(choices = choices.take(MOST_SEEN), chosen = emptySet())
        assertEquals(Offer(few.choices, more = false), few.offer(""))
    }

    @Test
    fun `progress counts from one`() {
        assertEquals(Line(Word.FILL_PROGRESS, 3, 5), fill.progress)
    }
}
