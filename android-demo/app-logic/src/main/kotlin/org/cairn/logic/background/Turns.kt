package org.cairn.logic.background

/**
 * Decides about syncs in the background; whoever has a clock and a network carries it out. All calls from one
 * thread.
 */
class Turns(private val plan: Plan, private val dice: () -> Double) {
    /** What a phone offers: to be called later, when there is a network. */
    interface Plan {
        /** Calls once, not before so many seconds; takes the place of what was planned before. */
        fun callIn(seconds: Long)

        /** Nothing is planned any more. */
        fun forget()
    }

    private var rhythm: Rhythm? = null

    /** The vault was opened. */
    fun opened() = go(Rhythm())

    /** The vault was locked. */
    fun locked() {
        rhythm = null
        plan.forget()
    }

    /** A sync has ended, one that the person asked for too. */
    fun ended(outcome: Outcome) {
        // Locked meanwhile: whatever the outcome, nothing goes on behind the lock.
        val next = rhythm?.after(outcome) ?: return locked()
        go(next)
    }

    private fun go(next: Rhythm) {
        rhythm = next
        plan.callIn(next.wait(dice()))
    }
}
