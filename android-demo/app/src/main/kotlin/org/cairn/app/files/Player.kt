package org.cairn.app.files

import android.media.MediaDataSource
import android.media.MediaPlayer
import java.io.IOException

/** Plays a sound from memory. */
class Player {
    private var player: MediaPlayer? = null

    /** Begins; [ended] is told when it is over, or cannot go on. `false` if this phone cannot play it. */
    fun begin(octets: ByteArray, ended: () -> Unit): Boolean {
        stop()
        val new = MediaPlayer()
        player = new
        new.setOnCompletionListener {
            stop()
            ended()
        }
        new.setOnErrorListener { _, _, _ ->
            stop()
            ended()
            true
        }
        return try {
            new.setDataSource(Memory(octets))
            new.prepare()
            new.start()
            true
        } catch (_: IOException) {
            stop()
            false
        } catch (_: IllegalStateException) {
            stop()
            false
        }
    }

    fun stop() {
        player?.release()
        player = null
    }

    /** Octets that are read in any order, by a thread of the framework's. */
    internal class Memory(private val octets: ByteArray) : MediaDataSource() {
        override fun readAt(position: Long, into: ByteArray, offset: Int, size: Int): Int {
            if (position < 0 || position >= octets.size) return END
            val length = minOf(size.toLong(), octets.size - position).toInt()
            octets.copyInto(into, offset, position.toInt(), position.toInt() + length)
            return length
        }

        override fun getSize() = octets.size.toLong()

        override fun close() = Unit

        private companion object {
            const val END = -1
        }
    }
}
