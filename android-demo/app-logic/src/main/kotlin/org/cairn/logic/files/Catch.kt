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
    private var reader: Thread? = null
    private var begun = 0
    private var dropped = false

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
            held.also { held = null }?.takeUnless { last?.isAlive == true || isTooLarge }
        }
    }

    /** Nobody wants it any more. */
    @Synchronized
    fun drop() {
        dropped = true
        held?.fill(0)
        held = null
    }

    private fun take(stream: InputStream) {
        val octets = try {
            stream.use { bounded(it, most) }
        } catch (_: IOException) {
            ByteArray(0)
        }
        if (octets == null) isTooLarge = true
        synchronized(this) {
            when {
                octets == null -> Unit
                dropped -> octets.fill(0)
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

        /** All of [stream]; null if that is more than [most] octets, which are not read on to their end. */
        fun bounded(stream: InputStream, most: Int): ByteArray? {
            var held = ByteArray(minOf(PIECE, most + 1))
            var length = 0
            while (true) {
                if (length == held.size) {
                    if (length > most) return null.also { held.fill(0) }
                    val longer = held.copyOf(minOf(held.size.toLong() * 2, most + 1L).toInt())
                    held.fill(0)
                    held = longer
                }
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
