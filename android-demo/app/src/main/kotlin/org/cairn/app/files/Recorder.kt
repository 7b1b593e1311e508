package org.cairn.app.files

import android.content.Context
import android.media.MediaRecorder
import android.os.Build
import android.os.ParcelFileDescriptor
import java.io.IOException
import org.cairn.logic.files.Catch

/**
 * Records what is said, into memory alone: the encoder writes into a pipe that this app reads. The kind of file is
 * one that can be written without going back in it (ADTS).
 */
class Recorder(private val context: Context, private val make: (Context) -> MediaRecorder = ::recorder) {
    private var recorder: MediaRecorder? = null
    private var sink: ParcelFileDescriptor? = null
    private var catch = Catch()

    /** Begins; `false` if the phone does not let it, for example while somebody calls. */
    fun begin(): Boolean {
        drop()
        val caught = Catch()
        catch = caught
        val (read, write) = Pipe.open()
        sink = write
        val new = make(context)
        recorder = new
        return try {
            caught.begin(read)
            new.setAudioSource(MediaRecorder.AudioSource.MIC)
            new.setOutputFormat(MediaRecorder.OutputFormat.AAC_ADTS)
            new.setAudioEncoder(MediaRecorder.AudioEncoder.AAC)
            new.setAudioChannels(1)
            new.setAudioSamplingRate(SAMPLES)
            new.setAudioEncodingBitRate(BITS)
            new.setOutputFile(write.fileDescriptor)
            new.prepare()
            new.start()
            true
        } catch (_: IOException) {
            drop()
            false
        } catch (_: RuntimeException) {
            // What the framework throws when the microphone is someone else's, or there is none.
            drop()
            false
        }
    }

    /**
     * Ends, and gives what waits to be fetched from the pipe; null if nothing was begun. A recorder that breaks at its
     * end loses nothing: what was said until then lies in the pipe, and this kind of file needs no end.
     */
    fun end(): Catch? {
        val caught = catch.takeIf { recorder != null }
        stop()
        catch = Catch()
        return caught
    }

    /** Ends, and nothing is left of it. */
    fun drop() {
        stop()
        catch.drop()
    }

    private fun stop() {
        val old = recorder ?: return
        recorder = null
        try {
            old.stop()
        } catch (_: RuntimeException) {
            // It was ended before the first sound, or somebody else took the microphone.
        }
        old.release()
        // Now the reader sees the end.
        sink?.close()
        sink = null
    }

    companion object {
        /** Speech is understood well with this: 4 kB a second. */
        private const val SAMPLES = 16_000
        private const val BITS = 32_000
    }
}

@Suppress("DEPRECATION") // The newer one exists from Android 12 on.
private fun recorder(context: Context) =
    if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) MediaRecorder(context) else MediaRecorder()
