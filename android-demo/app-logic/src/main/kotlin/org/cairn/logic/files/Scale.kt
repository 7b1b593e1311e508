package org.cairn.logic.files

import kotlin.math.max
import kotlin.math.roundToInt

/**
 * How a picture of unknown size comes into memory: it is read at a fraction of its size, then made as small as is
 * wanted. What claims to be larger than any camera makes is not read at all.
 */
class Scale(private val width: Int, private val height: Int, private val side: Int = Limits.SIDE) {
    /** Whether it may be read. */
    val isSound: Boolean
        get() = width in 1..LONGEST && height in 1..LONGEST && width.toLong() * height <= MOST

    /** Every so many dots are read as one: a power of two, so that at least what is wanted is left. */
    val sample: Int
        get() {
            var sample = 1
            while (max(width, height) / (sample * 2) >= side) sample *= 2
            return sample
        }

    /** How large a picture of [width] by [height] dots, read so, becomes. Never larger than it was. */
    fun fitted(width: Int, height: Int): Pair<Int, Int> {
        val factor = minOf(1.0, side.toDouble() / max(width, height))
        return max(1, (width * factor).roundToInt()) to max(1, (height * factor).roundToInt())
    }

    private companion object {
        const val LONGEST = 30_000

        /** Dots; phones make pictures of up to 200 million. */
        const val MOST = 210_000_000L
    }
}
