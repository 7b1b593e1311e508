package org.cairn.logic.place

import kotlin.random.Random
import kotlin.test.assertEquals
import kotlin.test.assertIs
import kotlin.test.assertNotEquals
import kotlin.test.assertNull
import org.cairn.logic.Line
import org.cairn.logic.Word
import org.junit.Test

/** Where the phone is, as far as it needs no phone. */
class PlaceTest {
    private fun fix(accuracy: Double, latitude: Double = 38.56, longitude: Double = 68.78) =
        Fix(latitude, longitude, 801.4, accuracy)

    @Test
    fun `a search ends at a place that is exact enough, and not before`() {
        val search = Search()
        assertEquals(Search.State.Goes(0, Search.LIMIT, null), search.state)
        val rough = fix(48.0)
        assertEquals(Search.State.Goes(1, Search.LIMIT, rough), search.run { heard(rough); tick() })
        // What is less exact than what is known already is not taken.
        assertEquals(Search.State.Goes(1, Search.LIMIT, rough), search.heard(fix(300.0, latitude = 10.0)))
        val exact = fix(Search.ENOUGH)
        assertEquals(Search.State.Ended(exact), search.heard(exact))
        assertEquals(Search.State.Ended(exact), search.heard(fix(1.0, latitude = 0.0)), "over is over")
    }

    @Test
    fun `a search ends when its time is up, with the best that was found`() {
        val (nothing, something) = Search() to Search()
        something.heard(fix(120.0))
        repeat(Search.LIMIT - 1) {
            assertIs<Search.State.Goes>(nothing.tick())
            assertIs<Search.State.Goes>(something.tick())
        }
        assertEquals(Search.State.Ended(null), nothing.tick())
        assertEquals(Search.State.Ended(fix(120.0)), something.tick())
    }

    @Test
    fun `what can be no place is not taken, however exact it says it is`() {
        for (wrong in listOf(fix(1.0, latitude = 91.0), fix(1.0, longitude = Double.NaN), fix(-1.0), fix(Double.NaN))) {
            assertEquals(Search.State.Goes(0, Search.LIMIT, null), Search().heard(wrong))
        }
    }

    @Test
    fun `an exact place is written in full, as the core reads it`() {
        assertEquals("38.56000 68.78000 801 5", fix(4.2).text(near = false))
        assertEquals("-0.00001 -179.99999 0 12", Fix(-0.00001, -179.99999, null, 12.0).text(near = false))
    }

    @Test
    fun `a rough place tells nothing more however often it is asked for`() {
        val dice = Random(7)
        val around = List(200) { fix(3.0, 38.5601 + dice.nextDouble(-0.004, 0.004), 68.7803 + dice.nextDouble(-0.004, 0.004)) }
        assertEquals(setOf("38.56 68.78 0 1000"), around.map { it.text(near = true) }.toSet())
        // The control: written exactly, they differ.
        assertNotEquals(1, around.map { it.text(near = false) }.toSet().size)
    }

    @Test
    fun `how exact a place is, is rounded up and said in words`() {
        val said = listOf(3.1, 12.0, 21.0, 101.0, 990.0, 1000.0, 2300.0).map(Fix::within)
        val metres = listOf(4L, 12L, 30L, 150L).map { Line(Word.PLACE_WITHIN_METRES, it) }
        val kilometres = listOf(1L, 1L, 3L).map { Line(Word.PLACE_WITHIN_KILOMETRES, it) }
        assertEquals(metres + kilometres, said)
    }

    @Test
    fun `a typed place is read in every language's digits, and never turned into another`() {
        for (text in listOf("38.56 68.78", " 38.56, 68.78 ", "38.56;68.78", "38.56,68.78", "٣٨٫٥٦ ٦٨٫٧٨", "۳۸.۵۶ ۶۸.۷۸")) {
            assertEquals("38.56 68.78", Places.typed(text), text)
        }
        assertEquals("38.56 68.78 800 5", Places.typed("38.56 68.78 800 5"))
        // Commas may be decimals: four numbers would be another place.
        val none = listOf("", "38.56", "38,56 68,78", "38,56,68,78", "91 0", "0 181", "a b", "1 2 3 4 5", "1 2 3 -4", "NaN 0", "1e1 0")
        for (text in none) assertNull(Places.typed(text), text)
    }

    @Test
    fun `an area is closed when it can be, and its places come back as they were added`() {
        val (a, b, c) = listOf("1 1", "1 2", "2 2")
        assertEquals("1 1; 1 2; 2 2; 1 1", Places.text(listOf(a, b, c), area = true))
        assertEquals("1 1; 1 2; 2 2", Places.text(listOf(a, b, c), area = false))
        for (area in listOf(true, false)) {
            for (some in listOf(emptyList(), listOf(a), listOf(a, b), listOf(a, b, c), listOf(a, b, c, "3 3"))) {
                assertEquals(some, Places.of(Places.text(some, area), area))
            }
        }
        // A line may come back to where it began.
        assertEquals(listOf(a, b, c, a), Places.of("1 1; 1 2; 2 2; 1 1", area = false))
    }
}
