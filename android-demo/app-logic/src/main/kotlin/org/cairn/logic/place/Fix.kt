package org.cairn.logic.place

import java.math.RoundingMode
import kotlin.math.ceil
import kotlin.math.max
import org.cairn.logic.Line
import org.cairn.logic.Word

/**
 * Where the phone says that it is.
 *
 * @property latitude in degrees, north is positive
 * @property longitude in degrees, east is positive
 * @property altitude in metres, if it is known
 * @property accuracy in metres: with two chances in three it is not farther from there
 */
data class Fix(val latitude: Double, val longitude: Double, val altitude: Double?, val accuracy: Double) {
    /** Whether it can be a place on this globe. */
    val isSound: Boolean
        get() = latitude in -90.0..90.0 && longitude in -180.0..180.0 && accuracy.isFinite() && accuracy >= 0

    /**
     * As an answer, `latitude longitude altitude accuracy`.
     *
     * @param near to about a kilometre: put on a net of that width, so that asking again tells nothing more, and
     *   without the height, which would betray the place again
     */
    fun text(near: Boolean): String {
        val digits = if (near) NEAR else EXACT
        val height = altitude?.takeUnless { near || !it.isFinite() } ?: 0.0
        val within = if (near) max(accuracy, KILOMETRE) else accuracy
        return listOf(rounded(latitude, digits), rounded(longitude, digits), rounded(height, 0), rounded(ceil(within), 0))
            .joinToString(" ")
    }

    companion object {
        private const val KILOMETRE = 1000.0

        /** Digits behind the point: about a metre, about a kilometre. */
        private const val EXACT = 5
        private const val NEAR = 2

        private fun rounded(number: Double, digits: Int): String =
            number.toBigDecimal().setScale(digits, RoundingMode.HALF_EVEN).toPlainString()

        /** How exact [accuracy] metres are, in words. Rounded up: nobody is to think it better than it is. */
        fun within(accuracy: Double): Line {
            val step = if (accuracy > 100) 50 else if (accuracy > 20) 10 else 1
            val metres = ceil(accuracy / step).toLong() * step
            return if (metres < 1000) Line(Word.PLACE_WITHIN_METRES, metres)
            else Line(Word.PLACE_WITHIN_KILOMETRES, (metres + 999) / 1000)
        }
    }
}
