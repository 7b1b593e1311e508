package org.cairn.logic.calculator

import java.math.BigDecimal
import java.math.MathContext

/** A number of a sum, in hundredths if [percent]. */
data class Term(val value: BigDecimal, val percent: Boolean = false)

/** What came out. */
sealed interface Result {
    data class Number(val value: BigDecimal) : Result

    data object DividedByZero : Result

    /** Outside 10^-99 to 10^99: nobody reads such a number on a phone. */
    data object OutOfReach : Result
}

/**
 * Works out `first op term op term …`, times and divided by before plus and minus, equals from the left.
 *
 * `10 %` is 0.1, but `200 + 10 %` is 220: after plus and minus a percentage alone is one of what stands before, as
 * on other calculators. Reckons with 34 digits and gives [SHOWN], so that 1 ÷ 3 × 3 is 1.
 */
fun sum(first: Term, rest: List<Pair<Operation, Term>>): Result {
    var total: BigDecimal? = null
    var sign = Operation.PLUS
    var at = 0
    var term = first
    while (true) {
        // One product: everything up to the next plus or minus.
        var product = term.plain
        val alone = rest.getOrNull(at)?.first.let { it == null || it.addsUp }
        while (true) {
            val (operation, factor) = rest.getOrNull(at)?.takeUnless { it.first.addsUp } ?: break
            at += 1
            if (operation == Operation.DIVIDED_BY && factor.value.signum() == 0) return Result.DividedByZero
            product =
                if (operation == Operation.TIMES) product.multiply(factor.plain, EXACT)
                else product.divide(factor.plain, EXACT)
            if (product.isOutOfReach) return Result.OutOfReach
        }
        val before = total
        total = when {
            before == null -> product
            else -> {
                val part = if (term.percent && alone) before.multiply(product, EXACT) else product
                if (sign == Operation.PLUS) before.add(part, EXACT) else before.subtract(part, EXACT)
            }
        }
        if (total.isOutOfReach) return Result.OutOfReach
        val next = rest.getOrNull(at) ?: return Result.Number(total.round(SHOWN))
        at += 1
        sign = next.first
        term = next.second
    }
}

private val Operation.addsUp get() = this == Operation.PLUS || this == Operation.MINUS

private val Term.plain get() = if (percent) value.movePointLeft(2) else value

/** In powers of ten, so that small numbers do not become zero unseen. */
private val BigDecimal.isOutOfReach: Boolean
    get() = signum() != 0 && precision().toLong() - scale() - 1 !in -99L..99L

private val EXACT = MathContext.DECIMAL128

/** As many digits as fit on a narrow phone at twice the letter size. */
private val SHOWN = MathContext(12)
