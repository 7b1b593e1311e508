package org.cairn.logic.calculator

/** A key of the calculator, or what a key of a keyboard means. */
sealed interface Key {
    /** 0 to 9. */
    data class Digit(val value: Int) : Key

    data class Sign(val operation: Operation) : Key

    data object Point : Key

    /** The number is taken in hundredths; see [sum] for what it is hundredths of. */
    data object Percent : Key

    /** The number that is being typed becomes its opposite. */
    data object Negate : Key

    /** Takes back one key. */
    data object Delete : Key

    data object Clear : Key

    data object Equals : Key
}

enum class Operation { PLUS, MINUS, TIMES, DIVIDED_BY }
