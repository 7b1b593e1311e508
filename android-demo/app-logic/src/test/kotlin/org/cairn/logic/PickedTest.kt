package org.cairn.logic

import kotlin.test.assertEquals
import kotlin.test.assertNull
import org.cairn.logic.Picked.Day
import org.cairn.logic.Picked.Time
import org.junit.Test

/** Where pickers of days and times begin. */
class PickedTest {
    @Test
    fun `a day and a time are read as they are typed, in the digits of any language`() {
        assertEquals(Day(2026, 1, 31), Picked.day("2026-01-31"))
        assertEquals(Day(2026, 2, 1), Picked.day(" ٢٠٢٦-٠٢-٠١T٢٣:٣٠"))
        assertEquals(Day(2024, 2, 29), Picked.day("2024-2-29 7:05"))
        assertEquals(Time(23, 30), Picked.time("2026-02-01T23:30"))
        assertEquals(Time(7, 5), Picked.time("7:05"))
        assertEquals(Time(7, 5), Picked.time("٢٠٢٦-٠٢-٠١ ٠٧:٠٥"))
    }

    @Test
    fun `what is none is not taken for one`() {
        for (text in listOf("", "yesterday", "2026-13-01", "2026-02-30", "0000-01-01", "26-01-01", "2026-01-311")) {
            assertNull(Picked.day(text), text)
        }
        for (text in listOf("", "24:00", "7:5", "12:60", "2026-02-01", "noon")) assertNull(Picked.time(text), text)
    }
}
