package org.cairn.logic.calculator

/**
 * The number that leads behind the calculator: typed alone, then "=" held down.
 *
 * It hides a door and locks nothing. Who finds it stands before the passphrase.
 */
object WayIn {
    /** Four digits are quickly typed; no number begins with 0, because the calculator takes such a 0 away. */
    private val FORM = Regex("[1-9][0-9]{3,11}")

    /** The number in plain digits, whatever digits the person's language has; null if it is no way in. */
    fun chosen(typed: String): String? =
        typed.trim().map { letter -> Character.digit(letter, 10).takeIf { it >= 0 } ?: return null }
            .joinToString("").takeIf(FORM::matches)

    /** Whether this is it. With any other number a long press is a press. */
    fun isOpenedBy(calculator: Calculator, number: String?): Boolean =
        number != null && calculator.digitsAlone == number
}
