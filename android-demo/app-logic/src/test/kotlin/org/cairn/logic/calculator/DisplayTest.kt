package org.cairn.logic.calculator

import java.math.BigDecimal
import java.text.Bidi
import kotlin.test.assertEquals
import kotlin.test.assertNotEquals
import org.junit.Test

/** Numbers and sums in the digits of a language, read from left to right. */
class DisplayTest {
    private val arabic = Digits(zero = '٠', point = '٫', percent = '٪')
    private val russian = Digits(point = ',')

    @Test
    fun `each language has its digits and its point`() {
        assertEquals("1,5", russian.number(BigDecimal("1.5")))
        assertEquals("١٢٣٫٤٥", arabic.number(BigDecimal("123.45")))
        assertEquals("٩", arabic.digit(9))
    }

    @Test
    fun `a sum in Arabic digits is read from left to right`() {
        val sum = listOf(
            Piece.Number("72", negative = true),
            Piece.Sign(Operation.MINUS),
            Piece.Number("2.5"),
            Piece.Sign(Operation.TIMES),
            Piece.Number("10", percent = true),
        )
        val said = arabic.sum(Calculator(sum))
        assertEquals("−٧٢ − ٢٫٥ × ١٠٪", seen(said))
        assertEquals("−72 − 2,5 × 10%", seen(russian.sum(Calculator(sum))))
        // What would be seen without the marks.
        assertNotEquals("−٧٢ − ٢٫٥ × ١٠٪", seen(said.replace("\u200E", "")))
    }

    @Test
    fun `nothing typed is nothing, a missing number is left open`() {
        assertEquals("٠", arabic.sum(Calculator()))
        assertEquals("−", seen(Digits().sum(Calculator().press(Key.Sign(Operation.MINUS)))))
    }

    /** The letters in the order in which a line from left to right shows them. */
    private fun seen(text: String): String {
        val bidi = Bidi(text, Bidi.DIRECTION_LEFT_TO_RIGHT)
        val runs = (0 until bidi.runCount).map { run ->
            val letters = text.substring(bidi.getRunStart(run), bidi.getRunLimit(run))
            // Arabic digits stand from left to right although their run belongs to the other direction.
            if (bidi.getRunLevel(run) == 1) letters.reversed() else letters
        }.toTypedArray<Any>()
        val levels = ByteArray(runs.size) { bidi.getRunLevel(it).toByte() }
        Bidi.reorderVisually(levels, 0, runs, 0, runs.size)
        return runs.joinToString("").replace("\u200E", "")
    }
}
