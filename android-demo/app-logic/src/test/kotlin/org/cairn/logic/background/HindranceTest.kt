package org.cairn.logic.background

import kotlin.test.assertEquals
import kotlin.test.assertNull
import org.junit.Test

/** What the phone says, and what of it a person is told. */
class HindranceTest {
    @Test
    fun `a phone that lets the app run is not talked about`() {
        assertEquals(emptySet(), Limits().hindrances)
        assertEquals(emptySet(), Limits(bucket = 30).hindrances)
        assertNull(Hindrance.toTell(emptySet()))
    }

    @Test
    fun `each hindrance is found`() {
        assertEquals(setOf(Hindrance.FORBIDDEN), Limits(forbidden = true).hindrances)
        for (bucket in listOf(40, 45, 50)) assertEquals(setOf(Hindrance.SELDOM), Limits(bucket = bucket).hindrances)
        assertEquals(setOf(Hindrance.DATA_SAVED), Limits(dataSaved = true).hindrances)
        assertEquals(setOf(Hindrance.BATTERY_SAVED), Limits(batterySaved = true).hindrances)
        assertEquals(setOf(Hindrance.MAY_SLEEP), Limits(letsRun = false).hindrances)
    }

    @Test
    fun `the worst is told, and what is usual is not`() {
        assertEquals(Hindrance.FORBIDDEN, Hindrance.toTell(Hindrance.entries.toSet()))
        assertEquals(Hindrance.BATTERY_SAVED, Hindrance.toTell(setOf(Hindrance.MAY_SLEEP, Hindrance.BATTERY_SAVED)))
        assertNull(Hindrance.toTell(setOf(Hindrance.MAY_SLEEP)))
    }
}
