package org.cairn.logic.place

/**
 * Looks for where the phone is: the first place that is exact enough, or the best one when time is up. Time passes by
 * [tick], so that it stands still while nobody lets it pass.
 */
class Search {
    private var second = 0
    private var best: Fix? = null
    private var ended = false

    /** How it goes now. */
    val state: State
        get() = when {
            ended -> State.Ended(best)
            else -> State.Goes(second, LIMIT, best)
        }

    /** The phone says where it is. */
    fun heard(fix: Fix): State {
        val known = best
        if (!ended && fix.isSound && (known == null || fix.accuracy <= known.accuracy)) best = fix
        if (fix.isSound && fix.accuracy <= ENOUGH) ended = true
        return state
    }

    /** A second has passed. */
    fun tick(): State {
        if (!ended) second += 1
        if (second >= LIMIT) ended = true
        return state
    }

    sealed interface State {
        /**
         * @property second how long it has taken
         * @property of how long it may take
         * @property best the most exact place so far
         */
        data class Goes(val second: Int, val of: Int, val best: Fix?) : State

        /** @property found null if nothing was */
        data class Ended(val found: Fix?) : State
    }

    companion object {
        /** Seconds. Satellites are found within about 40 under the open sky, on a phone that knows no network. */
        const val LIMIT = 90

        /** Metres. Better is seldom reached without standing still for minutes. */
        const val ENOUGH = 10.0
    }
}
