package org.cairn.logic.calculator

import java.math.BigDecimal
import kotlin.random.Random
import kotlin.test.assertEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.junit.Test

/** What is typed, letter by letter, and what the display says then. */
class CalculatorTest {
    @Test
    fun `it calculates`() {
        assertEquals("5", result("2+3="))
        assertEquals("−1", result("2-3="))
        assertEquals("0.3", result("0.1+0.2="))
        assertEquals("2.5", result("5/2="))
        assertEquals("0.333333333333", result("1/3="))
        assertEquals("1", result("1/3*3="))
    }

    @Test
    fun `times and divided by come before plus and minus, and equals go from the left`() {
        assertEquals("14", result("2+3*4="))
        assertEquals("10", result("2*3+4="))
        assertEquals("−4", result("2-3-3="))
        assertEquals("2", result("8/2/2="))
        assertEquals("17", result("3*4+10/2="))
        assertEquals("−1", result("5-2*3="))
    }

    @Test
    fun `a percentage is hundredths, and after plus and minus hundredths of what stands before`() {
        assertEquals("0.1", result("10%="))
        assertEquals("220", result("200+10%="))
        assertEquals("180", result("200-10%="))
        assertEquals("20", result("200*10%="))
        assertEquals("2000", result("200/10%="))
        assertEquals("242", result("200+10%+10%="))
        // Of a product only its own number is meant.
        assertEquals("100.2", result("100+10%*2="))
        assertEquals("0.1", result("10%%="))
    }

    @Test
    fun `dividing by zero says so and the next digit begins anew`() {
        for (sum in listOf("5/0=", "0/0=", "1+2/0*3=", "5/0%=", "5/0.00=")) {
            assertEquals(Result.DividedByZero, type(sum).result, sum)
        }
        assertEquals("7", shown("5/0=7"))
        assertEquals("0 + ", shown("5/0=+"))
        assertEquals("0", shown("5/0=<"))
    }

    @Test
    fun `zero times the largest is no division`() {
        assertEquals("0", result("0/5="))
        assertEquals("0", result("999999999999999*0="))
    }

    @Test
    fun `typing is bounded`() {
        val nines = "9".repeat(40)
        assertEquals("9".repeat(Calculator.MOST_DIGITS), shown(nines))
        assertEquals(Calculator.MOST_PIECES, type("1+".repeat(100) + "1").pieces.size)
        assertEquals("0." + "0".repeat(14), shown("0." + "0".repeat(40)))
    }

    @Test
    fun `what grows for ever ends out of reach, above and below`() {
        for (step in listOf("*999999999999999=", "/999999999999999=")) {
            val steps = generateSequence(type("1=")) { type(step, it) }.take(8).map { it.result }.toList()
            assertEquals(Result.OutOfReach, steps.last { it != Result.Number(BigDecimal.ZERO) }, step)
            assertTrue(steps.take(6).all { it is Result.Number }, step)
        }
        val lost = generateSequence(type("1=")) { type("/999999999999999=", it) }
            .first { it.result == Result.OutOfReach }
        // And a person gets on.
        assertEquals("2", result("1+1=", from = lost))
    }

    @Test
    fun `numbers that twelve digits cannot hold are rounded and get a power of ten`() {
        assertEquals("1E30", result("999999999999999*999999999999999="))
        assertEquals("1E−15", result("1/999999999999999="))
        assertEquals("123456789012000", result("123456789012345+0="))
        assertEquals("0.0000001", result("1/10000000="))
    }

    @Test
    fun `what came out goes on with a sign and ends with a digit`() {
        assertEquals("10", result("2+3=*2="))
        assertEquals("4", shown("2+3=4"))
        assertEquals("−5", shown("2+3=n"))
        assertEquals("0.05", result("2+3=%="))
        assertEquals("0.", shown("2+3=."))
        assertEquals("2E30", result("999999999999999*999999999999999=*2="))
        assertEquals("5", result("2+3==="))
    }

    @Test
    fun `signs correct each other, and one too many is left out`() {
        assertEquals("6", result("2+*3="))
        assertEquals("2", result("2+="))
        assertEquals("2", result("2*n="))
        assertEquals("−6", result("2*n3="))
        assertEquals("8", result("2*n+6="))
        assertEquals("−3", result("-3="))
        assertEquals("3", result("+3="))
        assertEquals("7", result("5+%+2="))
        assertEquals("0", result("="))
        assertEquals("0", result("-="))
    }

    @Test
    fun `points and zeros`() {
        assertEquals("1.5", shown("1.5."))
        assertEquals("0.5", shown(".5"))
        assertEquals("5", shown("0005"))
        assertEquals("3", result("3.="))
        assertEquals("50%", shown("50%3").replace("\u200E", ""))
    }

    @Test
    fun `delete takes back one key after the other, down to nothing`() {
        assertEquals("12", shown("123<"))
        assertEquals("12 + ", shown("12+3<"))
        assertEquals("12", shown("12+<"))
        assertEquals("50", shown("50%<"))
        assertEquals("12 + ", shown("12+n<"))
        assertEquals("12", shown("12+n<<"))
        assertEquals("12", shown("12+3<<"))
        assertEquals("0", shown("12<<<<<"))
        assertEquals("0", shown("-<<"))
        assertEquals("0", shown("2+3=<"))
        assertEquals(" + 1", shown("999999999999999*999999999999999=+1").removePrefix("1E30"))
        assertEquals("−", shown("999999999999999*999999999999999=n<"))
        assertEquals(Calculator(), type("1+2c"))
    }

    @Test
    fun `no row of keys breaks it or grows without end`() {
        val seed = System.nanoTime()
        val dice = Random(seed)
        var calculator = Calculator()
        repeat(20_000) {
            calculator = calculator.press(KEYS.values.random(dice))
            assertTrue(calculator.pieces.size <= Calculator.MOST_PIECES + 1, "seed $seed")
            assertTrue(Digits().sum(calculator).length < 700, "seed $seed")
            (calculator.result as? Result.Number)?.let {
                assertTrue(Digits().number(it.value).length <= 22, "seed $seed: ${it.value}")
            }
        }
    }

    @Test
    fun `the way in is its number alone`() {
        assertTrue(WayIn.isOpenedBy(type("4711"), "4711"))
        assertTrue(WayIn.isOpenedBy(type("99c4711"), "4711"))
        for (other in listOf("", "4", "47112", "4711+", "4711.", "4711%", "4711n", "2+4711", "4710+1=", "4711=")) {
            assertTrue(!WayIn.isOpenedBy(type(other), "4711"), other)
        }
        assertTrue(!WayIn.isOpenedBy(type("4711"), null))
        assertTrue(!WayIn.isOpenedBy(Calculator(), ""))
    }

    @Test
    fun `a way in has four to twelve digits, of any language, and can be typed`() {
        assertEquals("4711", WayIn.chosen(" 4711 "))
        assertEquals("4711", WayIn.chosen("٤٧١١"))
        assertEquals("4711", WayIn.chosen("۴۷۱۱"))
        for (wrong in listOf("", "471", "0471", "4711 2", "47.11", "-4711", "4".repeat(13), "abcd")) {
            assertNull(WayIn.chosen(wrong), wrong)
        }
        assertTrue(WayIn.isOpenedBy(type("4".repeat(12)), WayIn.chosen("4".repeat(12))))
    }

    private fun type(keys: String, from: Calculator = Calculator()): Calculator =
        keys.fold(from) { calculator, letter -> calculator.press(KEYS.getValue(letter)) }

    private fun shown(keys: String): String = Digits().sum(type(keys)).replace("\u200E", "")

    private fun result(keys: String, from: Calculator = Calculator()): String =
        when (val result = type(keys, from).result) {
            is Result.Number -> Digits().number(result.value).replace("\u200E", "")
            else -> "$result"
        }

    private companion object {
        /** n is the key for the opposite, < deletes, c clears. */
        val KEYS: Map<Char, Key> = ('0'..'9').associateWith<Char, Key> { Key.Digit(it - '0') } + mapOf(
            '+' to Key.Sign(Operation.PLUS),
            '-' to Key.Sign(Operation.MINUS),
            '*' to Key.Sign(Operation.TIMES),
            '/' to Key.Sign(Operation.DIVIDED_BY),
            '.' to Key.Point,
            '%' to Key.Percent,
            'n' to Key.Negate,
            '<' to Key.Delete,
            'c' to Key.Clear,
            '=' to Key.Equals,
        )
    }
}
