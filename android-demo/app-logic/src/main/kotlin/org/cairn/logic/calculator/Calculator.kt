package org.cairn.logic.calculator

import java.math.BigDecimal

/**
 * A calculator: what has been typed, and what came out last. A value; each key makes the next one.
 *
 * @property pieces numbers and signs in turn, as typed; a number comes first
 * @property result what came out of the last sum, until something is typed
 */
data class Calculator(
    val pieces: List<Piece> = listOf(Piece.Number()),
    val result: Result? = null,
) {
    /** The digits that were typed, if nothing else was: no sign, no point, no sum before. */
    val digitsAlone: String?
        get() = (pieces.singleOrNull() as? Piece.Number)
            ?.takeIf { result == null && !it.negative && !it.percent }
            ?.typed?.takeIf { '.' !in it && it.isNotEmpty() }

    fun press(key: Key): Calculator = when (key) {
        Key.Clear -> Calculator()
        Key.Equals -> work()
        is Key.Digit -> fresh().type('0' + key.value)
        Key.Point -> fresh().type('.')
        is Key.Sign -> resumed().sign(key.operation)
        Key.Percent -> resumed().run { if (number?.typed.isNullOrEmpty()) this else last { copy(percent = true) } }
        Key.Negate -> resumed().last { copy(negative = !negative) }
        Key.Delete -> if (result == null) delete() else Calculator()
    }

    private val number get() = pieces.last() as? Piece.Number

    /** After a sum, a digit begins another one. */
    private fun fresh() = if (result == null) this else Calculator()

    /** After a sum, a sign goes on from what came out. */
    private fun resumed(): Calculator = when (result) {
        null -> this
        is Result.Number -> Calculator(listOf(Piece.Number.of(result.value)))
        else -> Calculator()
    }

    private fun type(letter: Char): Calculator {
        val last = number ?: return copy(pieces = pieces + Piece.Number()).type(letter)
        val typed = when {
            last.percent || 'E' in last.typed -> return this
            letter == '.' && '.' in last.typed -> return this
            letter == '.' && last.typed.isEmpty() -> "0."
            letter == '.' -> last.typed + letter
            last.typed.count(Char::isDigit) >= MOST_DIGITS -> return this
            last.typed == "0" -> "$letter"
            else -> last.typed + letter
        }
        return last { copy(typed = typed) }
    }

    private fun sign(operation: Operation): Calculator = when (val last = pieces.last()) {
        // The sign that was typed last is the one that was meant.
        is Piece.Sign -> copy(pieces = pieces.dropLast(1) + Piece.Sign(operation))
        is Piece.Number -> when {
            last.typed.isEmpty() && operation == Operation.MINUS && pieces.size == 1 -> last { copy(negative = true) }
            last.typed.isEmpty() && pieces.size == 1 -> last { copy(typed = "0") }.sign(operation)
            last.typed.isEmpty() -> copy(pieces = pieces.dropLast(1)).sign(operation)
            pieces.size >= MOST_PIECES -> this
            else -> copy(pieces = pieces + Piece.Sign(operation))
        }
    }

    private fun delete(): Calculator = when (val last = pieces.last()) {
        is Piece.Sign -> copy(pieces = pieces.dropLast(1))
        is Piece.Number -> when {
            last.percent -> last { copy(percent = false) }
            // What came out of a sum is no typing that could be taken back letter by letter.
            'E' in last.typed -> last { copy(typed = "") }
            last.typed.isNotEmpty() -> last { copy(typed = typed.dropLast(1)) }
            last.negative -> last { copy(negative = false) }
            pieces.size > 1 -> copy(pieces = pieces.dropLast(2))
            else -> this
        }
    }

    private fun last(change: Piece.Number.() -> Piece.Number): Calculator =
        if (number == null) copy(pieces = pieces + Piece.Number()).last(change)
        else copy(pieces = pieces.dropLast(1) + (pieces.last() as Piece.Number).change())

    /** A sign with nothing after it is left out. */
    private fun work(): Calculator {
        if (result != null) return this
        val whole = if (isOpen) pieces.dropLast(if (pieces.last() is Piece.Sign) 1 else 2) else pieces
        val numbers = whole.filterIsInstance<Piece.Number>().map { it.term }
        val signs = whole.filterIsInstance<Piece.Sign>().map { it.operation }
        val first = numbers.firstOrNull() ?: return Calculator()
        return Calculator(whole, sum(first, signs.zip(numbers.drop(1))))
    }

    private val isOpen get() = pieces.size > 1 && number?.typed.isNullOrEmpty()

    companion object {
        /** What a 64-bit number of other calculators holds. */
        const val MOST_DIGITS = 15

        /** Ten numbers and what stands between them: more is not to be seen at once. */
        const val MOST_PIECES = 19
    }
}

/** Something of a sum that was typed. */
sealed interface Piece {
    /** @property typed digits with at most one point, or empty; from a result also `E` and a power of ten */
    data class Number(
        val typed: String = "",
        val negative: Boolean = false,
        val percent: Boolean = false,
    ) : Piece {
        val term: Term
            get() {
                val value = if (typed.isEmpty()) BigDecimal.ZERO else BigDecimal(typed)
                return Term(if (negative) value.negate() else value, percent)
            }

        companion object {
            fun of(value: BigDecimal) = Number(written(value.abs()), negative = value.signum() < 0)
        }
    }

    data class Sign(val operation: Operation) : Piece
}

/** A number in letters that [BigDecimal] reads again: without an exponent where twelve places do. */
internal fun written(value: BigDecimal): String {
    val bare = value.stripTrailingZeros()
    if (bare.signum() == 0) return "0"
    val power = bare.precision() - bare.scale() - 1
    if (power in -7..14) return bare.toPlainString()
    val digits = bare.unscaledValue().abs().toString()
    val sign = if (bare.signum() < 0) "-" else ""
    val fraction = if (digits.length > 1) "." + digits.drop(1) else ""
    return "$sign${digits.first()}${fraction}E$power"
}
