package org.cairn.logic.files

import java.io.IOException
import java.io.InputStream
import java.util.concurrent.TimeUnit

/**
 * Takes in what another program writes into a pipe, in memory alone and never more than [most] octets. The program may
 * begin anew, as some cameras do; the last that brought anything counts.
 */
class Catch(private val most: Int = Limits.OCTETS) {
    private var held: ByteArray? = null
    private var coming: ByteArray? = null
    private var reader: Thread? = null
    private var begun = 0
    private var dropped = false

    /** Whether the vault was locked meanwhile: what comes is read, so that its writer can end, and not kept. */
    @Volatile
    var isForgotten = false
        private set

    /** Whether more came than is taken. */
    @Volatile
    var isTooLarge = false
        private set

    /** Reads [stream] to its end on a thread of its own; `false` if it has been opened too often, or is over. */
    @Synchronized
    fun begin(stream: InputStream): Boolean {
        if (dropped || begun == OPENINGS) return false
        begun += 1
        reader = Thread { take(stream) }.apply {
            isDaemon = true
            start()
        }
        return true
    }

    /** What was caught; null if nothing was, too much, or if the writer does not end within [patience] milliseconds. */
    fun await(patience: Long): ByteArray? {
        val last = synchronized(this) { reader }
        last?.join(patience)
        return synchronized(this) {
            dropped = true
            val whole = last?.isAlive != true && !isTooLarge
            if (!whole) {
                coming?.fill(0)
                held?.fill(0)
            }
            held.also { held = null }?.takeIf { whole }
        }
    }

    /** What was caught is overwritten, and what comes is thrown away: the vault it was for is locked. */
    @Synchronized
    fun forget() {
        isForgotten = true
        // Also what has come of one that is still being written: its reader may wait for the rest for long.
        coming?.fill(0)
        held?.fill(0)
        held = null
    }

    /** Nobody wants it any more. */
    @Synchronized
    fun drop() {
        dropped = true
        coming?.fill(0)
        held?.fill(0)
        held = null
    }

    /** After a lock whoever writes is let go on to the end, as far as anybody may; null if it was too much before. */
    private fun passed(stream: InputStream): ByteArray? {
        if (!isForgotten) return null
        val piece = ByteArray(PIECE)
        var length = 0L
        while (length <= most) {
            val read = stream.read(piece)
            if (read < 0) break
            length += read
        }
        piece.fill(0)
        return ByteArray(0)
    }

    @Synchronized
    private fun goesOn(into: ByteArray): Boolean {
        coming = into
        return !isForgotten && !dropped
    }

    private fun take(stream: InputStream) {
        val octets = try {
            stream.use { bounded(it, most, ::goesOn) ?: passed(it) }
        } catch (_: IOException) {
            ByteArray(0)
        }
        synchronized(this) {
            coming = null
            when {
                octets == null -> isTooLarge = !dropped
                dropped || isForgotten -> octets.fill(0)
                octets.isNotEmpty() -> {
                    held?.fill(0)
                    held = octets
                    isTooLarge = false
                }
                else -> Unit
            }
        }
    }

    companion object {
        private const val OPENINGS = 4
        private const val PIECE = 64 * 1024

        /**
         * All of [stream]; null if that is more than [most] octets, which are not read on to their end, or if [goesOn],
         * which is told where they lie until then, says that no more is wanted.
         */
        fun bounded(stream: InputStream, most: Int, goesOn: (ByteArray) -> Boolean = { true }): ByteArray? {
            var held = ByteArray(minOf(PIECE, most + 1))
            var length = 0
            while (true) {
                if (length == held.size) {
                    if (length > most) return null.also { held.fill(0) }
                    val longer = held.copyOf(minOf(held.size.toLong() * 2, most + 1L).toInt())
                    held.fill(0)
                    held = longer
                }
                if (!goesOn(held)) return null.also { held.fill(0) }
                val read = stream.read(held, length, held.size - length)
                if (read < 0) break
                length += read
            }
            if (length > most) return null.also { held.fill(0) }
            return held.copyOf(length).also { held.fill(0) }
        }

        /** How long a writer that said it is done may take to close its end, in milliseconds. */
        const val PATIENCE = 10_000L
    }
}
