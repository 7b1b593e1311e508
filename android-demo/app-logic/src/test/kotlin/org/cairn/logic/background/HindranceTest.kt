package org.cairn.logic.background

import kotlin.test.assertEquals
import kotlin.test.assertNull
import org.junit.Test

/** What the phone says, and what of it a person is told. */
class HindranceTest {
    @Test
    fun `a phone that lets the app run is not talked about`() {
        assertEquals(emptySet(), Phone().hindrances)
        assertEquals(emptySet(), Phone(bucket = 30).hindrances)
        assertNull(Hindrance.toTell(emptySet()))
    }

    @Test
    fun `each hindrance is found`() {
        assertEquals(setOf(Hindrance.FORBIDDEN), Phone(forbidden = true).hindrances)
        for (bucket in listOf(40, 45, 50)) assertEquals(setOf(Hindrance.SELDOM), Phone(bucket = bucket).hindrances)
        assertEquals(setOf(Hindrance.DATA_SAVED), Phone(dataSaved = true).hindrances)
        assertEquals(setOf(Hindrance.BATTERY_SAVED), Phone(batterySaved = true).hindrances)
        assertEquals(setOf(Hindrance.MAY_SLEEP), Phone(letsRun = false).hindrances)
    }

    @Test
    fun `the worst is told, and what is usual is not`() {
        assertEquals(Hindrance.FORBIDDEN, Hindrance.toTell(Hindrance.entries.toSet()))
        assertEquals(Hindrance.BATTERY_SAVED, Hindrance.toTell(setOf(Hindrance.MAY_SLEEP, Hindrance.BATTERY_SAVED)))
        assertNull(Hindrance.toTell(setOf(Hindrance.MAY_SLEEP)))
    }
}
