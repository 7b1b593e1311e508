package org.cairn.logic.calculator

import java.math.BigDecimal

/**
 * How a language writes numbers.
 *
 * @property zero its digit for nothing; the other nine follow it in Unicode
 * @property point between whole and broken
 * @property percent after hundredths
 */
data class Digits(val zero: Char = '0', val point: Char = '.', val percent: Char = '%') {
    /** The sum as typed, a space around each sign. */
    fun sum(calculator: Calculator): String =
        calculator.pieces.joinToString(KEEP) { piece ->
            when (piece) {
                is Piece.Sign -> " ${letter(piece.operation)} "
                is Piece.Number -> {
                    val nothing = if (piece.negative || calculator.pieces.size > 1) "" else "0"
                    val minus = if (piece.negative) MINUS + KEEP else ""
                    val after = if (piece.percent) KEEP + percent else ""
                    minus + digits(piece.typed.ifEmpty { nothing }) + after
                }
            }
        }

    fun number(value: BigDecimal): String =
        (if (value.signum() < 0) MINUS + KEEP else "") + digits(written(value.abs()))

    fun digit(value: Int): String = digits("$value")

    private fun digits(plain: String): String = plain.map { letter ->
        when (letter) {
            in '0'..'9' -> zero + (letter - '0')
            '.' -> point
            '-' -> MINUS
            else -> letter
        }
    }.joinToString("")

    companion object {
        fun letter(operation: Operation): Char = when (operation) {
            Operation.PLUS -> '+'
            Operation.MINUS -> MINUS_SIGN
            Operation.TIMES -> '×'
            Operation.DIVIDED_BY -> '÷'
        }

        private const val MINUS_SIGN = '−'
        private const val MINUS = "−"

        /**
         * Left-to-right mark. Without it Arabic digits pull the sign between them along, so that 7 − 2 would be
         * shown as 2 − 7.
         */
        private const val KEEP = "\u200E"
    }
}
