package org.cairn.app.files

import android.media.MediaDataSource
import android.media.MediaPlayer
import java.io.IOException

/** Plays a sound from memory. */
class Player {
    private var player: MediaPlayer? = null

    /**
     * Begins, as soon as the phone has looked into it; [ended] is told when it is over, or cannot go on, and whether it
     * was ever heard.
     */
    fun begin(octets: ByteArray, ended: (heard: Boolean) -> Unit) {
        stop()
        val new = MediaPlayer()
        player = new
        var heard = false
        // What an earlier one still has to say is nothing to who listens to another by now.
        fun ends() {
            if (player !== new) return
            stop()
            ended(heard)
        }
        new.setOnPreparedListener {
            if (player === new) {
                heard = true
                new.start()
            }
        }
        new.setOnCompletionListener { ends() }
        new.setOnErrorListener { _, _, _ ->
            ends()
            true
        }
        try {
            new.setDataSource(Memory(octets))
            new.prepareAsync()
        } catch (_: IOException) {
            ends()
        } catch (_: RuntimeException) {
            ends()
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
