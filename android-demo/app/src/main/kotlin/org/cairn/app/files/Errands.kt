package org.cairn.app.files

import android.content.ClipData
import android.content.ContentResolver
import android.content.Context
import android.content.Intent
import android.net.Uri
import android.os.SystemClock
import android.provider.MediaStore
import android.provider.OpenableColumns
import java.io.IOException
import java.util.concurrent.Executor
import java.util.concurrent.atomic.AtomicBoolean
import org.cairn.logic.Event
import org.cairn.logic.Kind
import org.cairn.logic.Line
import org.cairn.logic.Word
import org.cairn.logic.files.Catch
import org.cairn.logic.FileEvent
import org.cairn.logic.files.Found
import org.cairn.logic.files.Limits
import org.cairn.logic.files.fileName

/**
 * What other apps are sent for: a picture, or a file that is chosen. Lives as long as the process, because a window
 * may be made anew while the person is away; who comes back after the process has ended comes back to the lock.
 *
 * @param later where reading is done, away from the screen: each on a thread of its own, since another app may never end
 * @param front where the screen is drawn
 * @param after does something there when so many milliseconds have passed
 * @param look finds out whether the vault has locked itself
 * @param tell told what was brought
 */
class Errands(
    private val context: Context,
    private val later: Executor,
    private val front: Executor,
    private val after: (Long, () -> Unit) -> Unit = { _, _ -> },
    private val look: () -> Unit = {},
    private val tell: (Event) -> Unit,
) {
    private var under: Errand? = null

    /** What is being read, and since when. */
    private val readings = mutableListOf<Reading>()

    private class Reading(val word: Word, val since: Long)

    /** What is being read, in words; null as well when it takes too long to be waited for. */
    val reads: Line?
        get() = readings.firstOrNull { SystemClock.elapsedRealtime() - it.since < WORTH_WAITING }?.let { Line(it.word) }

    /** What takes in the last picture or sound. */
    private var caught: Catch? = null

    private class Errand(val key: String, val kind: Kind, val expected: CameraDoor.Expected?)

    /** Whether the person was sent to another app and has not come back. */
    val isUnderWay: Boolean get() = under != null

    /** Asks a camera app for a picture that answers the question of [key]. */
    fun picture(key: String): Intent {
        val expected = CameraDoor.expect(context)
        under = Errand(key, Kind.PICTURE, expected).also(::watch)
        caught = expected.catch
        return Intent(MediaStore.ACTION_IMAGE_CAPTURE)
            .putExtra(MediaStore.EXTRA_OUTPUT, expected.uri)
            // The leave to write goes with this, to that app alone.
            .apply { clipData = ClipData.newRawUri("", expected.uri) }
            .addFlags(Intent.FLAG_GRANT_WRITE_URI_PERMISSION)
    }

    /** Asks for a file that is on the phone already. */
    fun pick(key: String, kind: Kind): Intent {
        under = Errand(key, kind, null)
        val type = when (kind) {
            Kind.PICTURE -> "image/*"
            Kind.SOUND -> "audio/*"
            Kind.FILM -> "video/*"
            else -> "*/*"
        }
        return Intent(Intent.ACTION_OPEN_DOCUMENT).addCategory(Intent.CATEGORY_OPENABLE).setType(type)
            // What lies in somebody's cloud would come, and be asked for, through a network.
            .putExtra(Intent.EXTRA_LOCAL_ONLY, true)
    }

    /** The vault is locked. A picture that was caught for it is not to outlast that, whoever comes back when. */
    fun locked() {
        caught?.forget()
    }

    /** While a camera is open no window looks whether the vault has locked itself. */
    private fun watch(errand: Errand): Unit = after(LOOK) {
        if (under === errand) {
            look()
            watch(errand)
        }
    }

    /** Nobody could be asked. */
    fun fails(why: Word) {
        CameraDoor.close()
        under = null
        tell(FileEvent.Nothing(Line(why)))
    }

    /** The person has come back. [chosen] is what was picked; [done] whether they did not turn round half-way. */
    fun back(done: Boolean, chosen: Uri?) {
        val errand = under ?: return
        under = null
        errand.expected?.let { context.revokeUriPermission(it.uri, Intent.FLAG_GRANT_WRITE_URI_PERMISSION) }
        if (!done) return CameraDoor.close()
        CameraDoor.done()
        val word = if (errand.kind == Kind.PICTURE) Word.FILE_READS_PICTURE else Word.FILE_READS_FILE
        bring(errand.key, word) { if (errand.expected != null) caught(errand.expected.catch) else picked(errand, chosen) }
    }

    /** A recording has ended. */
    fun spoken(key: String, catch: Catch?) {
        caught = catch
        bring(key, Word.FILE_READS_SOUND) {
            val octets = catch?.await(Catch.PATIENCE)
            if (catch?.isForgotten == true) throw Empty(Word.FILE_LOCKED)
            if (octets == null || octets.isEmpty()) throw Empty(Word.FILE_NO_SOUND)
            Found("sound.aac", "audio/aac", octets)
        }
    }

    private fun bring(key: String, word: Word, make: () -> Found) {
        val (reading, answered) = Reading(word, SystemClock.elapsedRealtime()) to AtomicBoolean()
        fun ends(event: FileEvent) {
            readings -= reading
            tell(event)
        }
        readings += reading
        // Whoever draws may be drawing now.
        front.execute { if (reading in readings) tell(FileEvent.Reads(Line(word))) }
        later.execute {
            val event = read(key, make)
            if (answered.compareAndSet(false, true)) front.execute { ends(event) }
            else if (event is FileEvent.Brought) event.found.wipe()
        }
        after(PATIENCE) {
            if (answered.compareAndSet(false, true)) ends(FileEvent.Nothing(Line(Word.FILE_NOT_READ)))
        }
    }

    private fun read(key: String, make: () -> Found): FileEvent = try {
        FileEvent.Brought(key, make())
    } catch (empty: Empty) {
        FileEvent.Nothing(empty.line)
    } catch (_: IOException) {
        FileEvent.Nothing(Line(Word.FILE_NOT_READ))
    } catch (_: RuntimeException) {
        // Whatever the app that has it throws comes through to here, and whatever a crafted picture does to a reader.
        FileEvent.Nothing(Line(Word.FILE_NOT_READ))
    } catch (_: StackOverflowError) {
        FileEvent.Nothing(Line(Word.FILE_NOT_READ))
    } catch (_: OutOfMemoryError) {
        FileEvent.Nothing(Line(Word.FILE_TOO_LARGE, Limits.MEGABYTES))
    }

    private fun caught(catch: Catch): Found {
        val octets = catch.await(Catch.PATIENCE)
        if (catch.isForgotten) throw Empty(Word.FILE_LOCKED)
        if (catch.isTooLarge) throw Empty(Word.FILE_TOO_LARGE, Limits.MEGABYTES)
        return plain(octets ?: throw Empty(Word.FILE_NO_PICTURE))
    }

    private fun picked(errand: Errand, chosen: Uri?): Found {
        val uri = chosen?.takeIf { it.scheme == ContentResolver.SCHEME_CONTENT } ?: throw Empty(Word.FILE_NOT_READ)
        val resolver = context.contentResolver
        val stream = resolver.openInputStream(uri) ?: throw Empty(Word.FILE_NOT_READ)
        val octets = stream.use { Catch.bounded(it, Limits.OCTETS) }
            ?: throw Empty(Word.FILE_TOO_LARGE, Limits.MEGABYTES)
        if (errand.kind == Kind.PICTURE) return plain(octets)
        val name = fileName(resolver.nameOf(uri), otherwise = "file")
        return Found(name, resolver.getType(uri)?.takeIf(TYPE::matches) ?: ANY, octets)
    }

    /** The picture without what is hidden in it; what it was made from is overwritten. */
    private fun plain(octets: ByteArray): Found = try {
        Found("picture.jpg", "image/jpeg", Pictures.plain(octets) ?: throw Empty(Word.FILE_NOT_A_PICTURE))
    } finally {
        octets.fill(0)
    }

    private fun ContentResolver.nameOf(uri: Uri): String? =
        query(uri, arrayOf(OpenableColumns.DISPLAY_NAME), null, null, null)?.use { rows ->
            if (rows.moveToFirst() && rows.columnCount > 0) rows.getString(0) else null
        }

    /** Nothing was brought. */
    private class Empty(word: Word, vararg places: Any) : Exception() {
        val line = Line(word, places.toList())
    }

    private companion object {
        /** A provider may never end; a camera or an encoder may take this long, in milliseconds. */
        const val WORTH_WAITING = 2 * Catch.PATIENCE

        const val ANY = "application/octet-stream"

        /** In milliseconds: how long another app may take with a file that is on the phone. */
        const val PATIENCE = 60_000L

        /** In milliseconds. */
        const val LOOK = 5_000L

        /** RFC 6838, section 4.2. */
        val TYPE = Regex("""[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,60}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,60}""")
    }
}
