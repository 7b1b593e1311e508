package org.cairn.logic.background

import kotlin.test.assertEquals
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.junit.Test

/** When the next sync is due, and when none is. */
class TurnsTest {
    private var planned: Long? = null
    private val turns = Turns(
        object : Turns.Plan {
            override fun callIn(seconds: Long) {
                planned = seconds
            }

            override fun forget() {
                planned = null
            }
        },
        dice = { 0.5 },
    )

    @Test
    fun `an open vault is synced every quarter of an hour`() {
        turns.opened()
        assertEquals(900L, planned)
        turns.ended(Outcome.DONE)
        assertEquals(900L, planned)
    }

    @Test
    fun `without a road the waits double up to an hour, and begin anew after the first success`() {
        turns.opened()
        val waits = List(10) {
            turns.ended(Outcome.UNREACHED)
            planned
        }
        assertEquals(listOf<Long?>(60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600), waits)
        turns.ended(Outcome.DONE)
        turns.ended(Outcome.UNREACHED)
        assertEquals(60L, planned)
    }

    @Test
    fun `nothing is planned behind the lock, however a sync ends that the lock overtook`() {
        for (outcome in Outcome.entries) {
            turns.opened()
            turns.locked()
            assertNull(planned)
            turns.ended(outcome)
            assertNull(planned, "$outcome")
        }
    }

    @Test
    fun `what a person must settle is not asked again until the vault is opened anew`() {
        turns.opened()
        turns.ended(Outcome.REFUSED)
        assertNull(planned)
        turns.ended(Outcome.DONE)
        assertNull(planned)
        turns.opened()
        assertEquals(900L, planned)
    }

    @Test
    fun `a vault that locked itself under a sync ends the turns`() {
        turns.opened()
        turns.ended(Outcome.LOCKED)
        assertNull(planned)
    }

    @Test
    fun `dice move the wait by a quarter at most`() {
        for (failures in 0..7) {
            val middle = Rhythm(failures).wait(0.5)
            val all = listOf(-1.0, 0.0, 0.3, 1.0, 7.0).map { Rhythm(failures).wait(it) }
            assertTrue(all.all { it in middle * 3 / 4..middle * 5 / 4 }, "$failures: $all")
            assertTrue(all.toSet().size == 3, "$failures: $all")
        }
    }
}
