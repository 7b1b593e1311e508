package org.cairn.app.files

import android.content.ContentValues
import android.content.Intent
import android.content.pm.PackageManager
import android.database.sqlite.SQLiteException
import android.graphics.BitmapFactory
import android.graphics.Color
import android.media.ExifInterface
import android.media.MediaRecorder
import android.net.Uri
import android.os.ParcelFileDescriptor
import android.provider.MediaStore
import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.io.FileNotFoundException
import java.io.FileOutputStream
import java.io.IOException
import java.io.InputStream
import java.nio.ByteBuffer
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executor
import java.util.zip.CRC32
import java.util.zip.DeflaterOutputStream
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotEquals
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.cairn.logic.Event
import org.cairn.logic.Kind
import org.cairn.logic.Line
import org.cairn.logic.Word
import org.cairn.logic.files.Catch
import org.cairn.logic.FileEvent
import org.junit.After
import org.junit.Before
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.GraphicsMode

/** Pictures and sounds on their way in: through no file, and without what is hidden in them. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
class FilesTest {
    @get:Rule
    val folder = TemporaryFolder()

    private val app = RuntimeEnvironment.getApplication()
    private val told = mutableListOf<Event>()
    private val read = mutableListOf<FileEvent.Reads>()

    /** That something is being read is told beside what came of it. */
    private val tell = { event: Event -> if (event is FileEvent.Reads) read += event else told += event }
    private val errands = Errands(app, Executor(Runnable::run), Executor(Runnable::run), tell = tell)
    private val door = Robolectric.buildContentProvider(CameraDoor::class.java).create("org.cairn.app.camera").get()

    @Before
    fun begin() {
        Pipe.open = { fifo(folder) }
    }

    @After
    fun end() {
        Pipe.open = Pipe::real
        CameraDoor.close()
    }

    @Test
    fun `a picture comes through a pipe, and its address is nobody's afterwards`() {
        val intent = errands.picture("photo")
        assertEquals(MediaStore.ACTION_IMAGE_CAPTURE, intent.action)
        assertEquals(Intent.FLAG_GRANT_WRITE_URI_PERMISSION, intent.flags, "to write, and not to read")
        val uri = address(intent)
        assertEquals(uri, assertNotNull(intent.clipData).getItemAt(0).uri)
        write(uri, camera(40, 30))
        errands.back(done = true, chosen = null)
        val brought = assertIs<FileEvent.Brought>(told.single())
        assertEquals(listOf(FileEvent.Reads(Line(Word.FILE_READS_PICTURE))), read)
        assertEquals("photo" to "image/jpeg", brought.key to brought.found.mediaType)
        assertFailsWith<FileNotFoundException> { door.openFile(uri, "w") }
        assertNotEquals(uri, address(errands.picture("photo")))
    }

    @Test
    fun `nobody finds an address, reads, lists, or deletes here`() {
        val uri = address(errands.picture("photo"))
        val parent = uri.toString().substringBeforeLast('/')
        assertTrue(Regex("[0-9a-f]{32}").matches(assertNotNull(uri.lastPathSegment)), "$uri")
        for (guess in listOf(parent, "$parent/", "$parent/1", "$parent/${"0".repeat(32)}", "$uri/..", "$uri?a")) {
            assertFailsWith<FileNotFoundException>(guess) { door.openFile(Uri.parse(guess), "w") }
        }
        assertFailsWith<FileNotFoundException> { door.openFile(uri, "r") }
        assertNull(door.query(uri, null, null, null, null))
        assertNull(door.insert(uri, ContentValues()))
        assertEquals(0, door.delete(uri, null, null) + door.update(uri, null, null, null))
        val found = assertNotNull(app.packageManager.resolveContentProvider("org.cairn.app.camera", PackageManager.GET_META_DATA))
        assertEquals(false to true, found.exported to found.grantUriPermissions)
        // The control: the one address is open to be written to.
        door.openFile(uri, "w").close()
    }

    @Test
    fun `a camera that hands nothing over, or rubbish, leaves the question as it was and says why`() {
        errands.picture("photo")
        errands.back(done = true, chosen = null)
        write(address(errands.picture("photo")), "no picture".toByteArray())
        errands.back(done = true, chosen = null)
        val why = listOf(Word.FILE_NO_PICTURE, Word.FILE_NOT_A_PICTURE).map { FileEvent.Nothing(Line(it)) }
        assertEquals<List<Event>>(why, told)
        // Who turns round half-way knows it.
        errands.picture("photo")
        errands.back(done = false, chosen = null)
        assertEquals(2, told.size)
        assertFalse(errands.isUnderWay)
    }

    @Test
    fun `a picture is kept without place, device and preview, upright, and no larger than is needed`() {
        val taken = withExif(camera(2400, 1800))
        assertEquals("38/1,33/1,0/1", ExifInterface(ByteArrayInputStream(taken)).getAttribute(ExifInterface.TAG_GPS_LATITUDE))
        for (canary in CANARIES) assertTrue(taken.holds(canary), "the control: $canary was there")

        val kept = assertNotNull(Pictures.plain(taken))
        for (canary in CANARIES) assertFalse(kept.holds(canary), "$canary is kept")
        val exif = ExifInterface(ByteArrayInputStream(kept))
        for (tag in listOf(ExifInterface.TAG_GPS_LATITUDE, ExifInterface.TAG_MAKE, ExifInterface.TAG_DATETIME)) {
            assertNull(exif.getAttribute(tag), tag)
        }
        val bitmap = BitmapFactory.decodeByteArray(kept, 0, kept.size)
        assertEquals(1200 to 1600, bitmap.width to bitmap.height, "it was held upright")
        // What was above in the camera's eyes is on the right now.
        assertTrue(Color.red(bitmap.getPixel(1190, 800)) > 200, "the red edge")
        assertTrue(Color.red(bitmap.getPixel(10, 800)) < 100, "the other edge")
    }

    @Test
    fun `a picture that claims to be larger than any camera makes is not read`() {
        for ((width, height) in listOf(30_001 to 8, 8 to 30_001, 15_000 to 15_000)) {
            assertNull(Pictures.read(png(width, height)), "$width by $height")
            assertNull(Pictures.plain(png(width, height)))
        }
        assertNull(Pictures.plain(ByteArray(0)))
        assertNull(Pictures.read(camera(40, 30).copyOf(30)))
        // The control: the same, smaller, is read, and no larger than it is shown.
        assertEquals(30_000 / 16, assertNotNull(Pictures.read(png(30_000, 16))).width)
    }

    @Test
    fun `what is chosen is bounded, named with care, and read from other apps alone`() {
        for (wrong in listOf(null, "file:///data/data/org.cairn.app/files/cairn/vault", "http://example.org/x")) {
            errands.pick("paper", Kind.FILE)
            errands.back(done = true, chosen = wrong?.let(Uri::parse))
        }
        assertEquals(List<Event>(3) { FileEvent.Nothing(Line(Word.FILE_NOT_READ)) }, told)
        val intent = errands.pick("paper", Kind.FILE)
        assertEquals(Intent.ACTION_OPEN_DOCUMENT to "*/*", intent.action to intent.type)
        assertEquals("image/*", errands.pick("photo", Kind.PICTURE).type)
    }

    @Test
    fun `an app that has a file and breaks, in whatever way, ends nothing here`() {
        val uri = Uri.parse("content://org.example.files/7")
        val ways = listOf(
            IllegalArgumentException(), IllegalStateException(), NullPointerException(), UnsupportedOperationException(),
            SQLiteException(), SecurityException(), IOException(), StackOverflowError(),
        )
        for (how in ways) {
            shadowOf(app.contentResolver).registerInputStream(uri, object : InputStream() {
                override fun read(): Int = throw how
                override fun read(into: ByteArray, offset: Int, length: Int): Int = throw how
            })
            errands.pick("paper", Kind.FILE)
            errands.back(done = true, chosen = uri)
        }
        assertEquals(List<Event>(ways.size) { FileEvent.Nothing(Line(Word.FILE_NOT_READ)) }, told)
        assertTrue(errands.pick("paper", Kind.FILE).getBooleanExtra(Intent.EXTRA_LOCAL_ONLY, false), "no clouds")
    }

    @Test
    fun `an app that never hands its file over is not waited for, and holds up nothing else`() {
        val uri = Uri.parse("content://org.example.files/8")
        val end = CountDownLatch(1)
        shadowOf(app.contentResolver).registerInputStream(uri, object : ByteArrayInputStream(ByteArray(9)) {
            override fun read(into: ByteArray, offset: Int, length: Int): Int {
                end.await()
                return super.read(into, offset, length)
            }
        })
        var waiting = listOf<() -> Unit>()
        val threads = mutableListOf<Thread>()
        val later = Executor { work -> threads += Thread(work).apply { start() } }
        val slow = Errands(app, later, Executor(Runnable::run), { _, act -> waiting += act }, tell = tell)
        slow.pick("paper", Kind.FILE)
        slow.back(done = true, chosen = uri)
        assertEquals(emptyList<Event>(), told)
        waiting.forEach { it() }
        assertEquals<List<Event>>(listOf(FileEvent.Nothing(Line(Word.FILE_NOT_READ))), told)
        end.countDown()
        threads.forEach(Thread::join)
        assertEquals(1, told.size, "what comes after that is dropped")
        // The control: what comes in time is taken, and nothing more is said.
        waiting = listOf()
        slow.pick("paper", Kind.FILE)
        slow.back(done = true, chosen = uri)
        threads.forEach(Thread::join)
        waiting.forEach { it() }
        assertEquals(2, told.size)
        assertIs<FileEvent.Brought>(told.last())
    }

    @Test
    fun `a picture that was taken before the lock is gone with it`() {
        write(address(errands.picture("photo")), camera(40, 30))
        errands.locked()
        errands.back(done = true, chosen = null)
        assertEquals<List<Event>>(listOf(FileEvent.Nothing(Line(Word.FILE_LOCKED))), told)
    }

    @Test
    fun `while a camera is open somebody looks whether the vault has locked itself, and then no more`() {
        var looks = 0
        var waiting = listOf<() -> Unit>()
        val watching = Errands(app, Executor(Runnable::run), Executor(Runnable::run), { _, act -> waiting += act }, { looks += 1 }) {}
        fun passes() = waiting.also { waiting = listOf() }.forEach { it() }
        watching.picture("photo")
        repeat(3) { passes() }
        assertEquals(3, looks)
        watching.back(done = false, chosen = null)
        repeat(3) { passes() }
        assertEquals(3, looks)
    }

    @Test
    fun `a recorder that breaks at its end has lost nothing of what was said`() {
        lateinit var sink: ParcelFileDescriptor
        Pipe.open = { fifo(folder).also { sink = it.second } }
        val recorder = Recorder(app) { context ->
            object : MediaRecorder(context) {
                override fun stop() = throw IllegalStateException("stop failed")
            }
        }
        assertTrue(recorder.begin())
        FileOutputStream(sink.fileDescriptor).write(byteArrayOf(1, 2, 3))
        assertContentEquals(byteArrayOf(1, 2, 3), assertNotNull(recorder.end()).await(Catch.PATIENCE))
    }

    @Test
    fun `a sound is recorded into memory, and dropped when it must be`() {
        lateinit var sink: ParcelFileDescriptor
        Pipe.open = { fifo(folder).also { sink = it.second } }
        val recorder = Recorder(app)
        assertTrue(recorder.begin())
        FileOutputStream(sink.fileDescriptor).write(byteArrayOf(1, 2, 3))
        assertContentEquals(byteArrayOf(1, 2, 3), assertNotNull(recorder.end()).await(Catch.PATIENCE))
        assertNull(recorder.end(), "it has ended")

        assertTrue(recorder.begin())
        FileOutputStream(sink.fileDescriptor).write(byteArrayOf(4))
        recorder.drop()
        assertNull(recorder.end())
        errands.spoken("voice", null)
        assertEquals<List<Event>>(listOf(FileEvent.Nothing(Line(Word.FILE_NO_SOUND))), told)
    }

    @Test
    fun `a player reads a sound from memory and never behind its end`() {
        val memory = Player.Memory(byteArrayOf(1, 2, 3))
        val into = ByteArray(4)
        assertEquals(2, memory.readAt(1, into, 1, 3))
        assertContentEquals(byteArrayOf(0, 2, 3, 0), into)
        assertEquals(listOf(-1, -1, -1), listOf(3L, Long.MAX_VALUE, -1L).map { memory.readAt(it, into, 0, 1) })
    }

    private fun address(intent: Intent): Uri =
        @Suppress("DEPRECATION") assertNotNull(intent.getParcelableExtra(MediaStore.EXTRA_OUTPUT))

    private fun write(uri: Uri, octets: ByteArray) =
        door.openFile(uri, "w").use { FileOutputStream(it.fileDescriptor).write(octets) }

    /** The same with what cameras hide in it: who made it, when, where, and that it was held upright. */
    private fun withExif(jpeg: ByteArray): ByteArray {
        val exif = exif()
        val out = ByteArrayOutputStream()
        out.write(jpeg, 0, 2)
        out.write(byteArrayOf(0xFF.toByte(), 0xE1.toByte(), (exif.size + 2 shr 8).toByte(), (exif.size + 2).toByte()))
        out.write(exif)
        out.write(jpeg, 2, jpeg.size - 2)
        return out.toByteArray()
    }

    /** TIFF 6.0 in the octets' natural order, with Exif's directory for places. */
    private fun exif(): ByteArray {
        val out = ByteBuffer.allocate(512)
        out.put("Exif\u0000\u0000MM".toByteArray(Charsets.ISO_8859_1)).putShort(42).putInt(8)
        val (make, date, gps) = Triple(8 + 2 + 4 * 12 + 4, 8 + 2 + 4 * 12 + 4 + 16, 8 + 2 + 4 * 12 + 4 + 16 + 20)
        out.putShort(4)
        out.putShort(0x010F).putShort(2).putInt(16).putInt(make)
        out.putShort(0x0112).putShort(3).putInt(1).putShort(6).putShort(0)
        out.putShort(0x0132).putShort(2).putInt(20).putInt(date)
        out.putShort(0x8825.toShort()).putShort(4).putInt(1).putInt(gps)
        out.putInt(0)
        out.put("CanaryPhoneInc\u0000\u0000".toByteArray()).put("2026:01:31 14:05:09\u0000".toByteArray())
        out.putShort(2)
        out.putShort(1).putShort(2).putInt(2).put("N\u0000\u0000\u0000".toByteArray())
        out.putShort(2).putShort(5).putInt(3).putInt(gps + 2 + 2 * 12 + 4)
        out.putInt(0)
        for (number in listOf(38, 33, 0)) out.putInt(number).putInt(1)
        return out.array().copyOf(out.position())
    }

    /** A black picture of any size in few octets: PNG, one bit for each dot. */
    private fun png(width: Int, height: Int): ByteArray {
        val out = ByteArrayOutputStream()
        out.write(byteArrayOf(0x89.toByte(), 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A))
        val header = ByteBuffer.allocate(13).putInt(width).putInt(height).put(byteArrayOf(1, 0, 0, 0, 0)).array()
        val lines = ByteArrayOutputStream()
        DeflaterOutputStream(lines).use { packed -> repeat(height) { packed.write(ByteArray(1 + (width + 7) / 8)) } }
        for ((name, content) in listOf("IHDR" to header, "IDAT" to lines.toByteArray(), "IEND" to ByteArray(0))) {
            val chunk = name.toByteArray() + content
            val sum = CRC32().apply { update(chunk) }.value.toInt()
            out.write(ByteBuffer.allocate(4).putInt(content.size).array())
            out.write(chunk)
            out.write(ByteBuffer.allocate(4).putInt(sum).array())
        }
        return out.toByteArray()
    }

    private fun ByteArray.holds(text: String) = text in String(this, Charsets.ISO_8859_1)

    private companion object {
        val CANARIES = listOf("Exif", "CanaryPhoneInc", "2026:01:31")
    }
}
