package org.cairn.logic.background

import kotlin.math.min

/**
 * When the next sync is due. A value; each outcome makes the next one.
 *
 * @property failures how many times in a row there was no road
 */
data class Rhythm(val failures: Int = 0) {
    /** What to do after a sync that ended so. */
    fun after(outcome: Outcome): Rhythm? = when (outcome) {
        Outcome.DONE -> Rhythm()
        Outcome.UNREACHED -> Rhythm(min(failures + 1, MOST_FAILURES))
        // Asking again would get the same answer, and each try shows whoever watches the line.
        Outcome.REFUSED -> null
        Outcome.LOCKED -> null
    }

    /**
     * How long to wait, in seconds: a quarter of an hour, or, while there is no road, one minute, two, four and so
     * on up to an hour.
     *
     * @param dice from 0 to 1. Moves it by up to a quarter, so that the phones of a team that came back into the
     * same network do not ask at the same moments, and a watcher sees no clockwork.
     */
    fun wait(dice: Double): Long {
        val whole = if (failures == 0) USUAL else min(FIRST shl (failures - 1), LONGEST)
        return (whole * (0.75 + 0.5 * dice.coerceIn(0.0, 1.0))).toLong()
    }

    companion object {
        private const val USUAL = 15 * 60L
        private const val FIRST = 60L
        private const val LONGEST = 60 * 60L

        /** From here on the wait is the longest. */
        private const val MOST_FAILURES = 7
    }
}
