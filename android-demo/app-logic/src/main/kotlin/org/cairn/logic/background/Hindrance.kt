package org.cairn.logic.background

/** What on a phone keeps the app from syncing while nobody looks, the worst first. */
enum class Hindrance {
    /** The person, or the phone by itself, has forbidden the app to run in the background. */
    FORBIDDEN,

    /** The phone thinks that the app is hardly used, and lets it run once a day or less. */
    SELDOM,

    /** The phone saves data: no network for apps that nobody looks at. */
    DATA_SAVED,

    /** The phone saves its battery now. */
    BATTERY_SAVED,

    /** The phone may put the app to sleep; usual, and only a delay. */
    MAY_SLEEP;

    companion object {
        /** What to tell the person, if anything: the worst, and only what somebody can change. */
        fun toTell(found: Set<Hindrance>): Hindrance? = found.minOrNull()?.takeIf { it != MAY_SLEEP }
    }
}

/**
 * How far the phone lets this app run by itself.
 *
 * @property bucket Android's standby bucket, from 10 for what is used now to 45 for what may hardly run; null before
 * Android 9
 */
data class Limits(
    val forbidden: Boolean = false,
    val bucket: Int? = null,
    val dataSaved: Boolean = false,
    val batterySaved: Boolean = false,
    val letsRun: Boolean = true,
) {
    val hindrances: Set<Hindrance>
        get() = buildSet {
            if (forbidden) add(Hindrance.FORBIDDEN)
            if (bucket != null && bucket >= RARE) add(Hindrance.SELDOM)
            if (dataSaved) add(Hindrance.DATA_SAVED)
            if (batterySaved) add(Hindrance.BATTERY_SAVED)
            if (!letsRun) add(Hindrance.MAY_SLEEP)
        }

    private companion object {
        /** `UsageStatsManager.STANDBY_BUCKET_RARE`; above it are "restricted" (45) and "never" (50). */
        const val RARE = 40
    }
}
