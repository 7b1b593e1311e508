package org.cairn.logic.files

import java.io.ByteArrayInputStream
import java.io.IOException
import java.io.InputStream
import java.io.PipedInputStream
import java.io.PipedOutputStream
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertNotNull
import kotlin.test.assertNull
import kotlin.test.assertTrue
import org.junit.Test

/** What comes from other programs: bounded, in memory, and only from who is awaited. */
class CatchTest {
    private val octets = ByteArray(200_000) { it.toByte() }

    @Test
    fun `what is written into a pipe arrives whole`() {
        val catch = Catch()
        val pipe = PipedOutputStream()
        assertTrue(catch.begin(PipedInputStream(pipe)))
        pipe.use { it.write(octets) }
        assertContentEquals(octets, catch.await(PATIENCE))
    }

    @Test
    fun `as much as is allowed is taken, and one octet more is not`() {
        for (length in listOf(0, 1, 65_535, 65_536, 65_537)) {
            assertEquals(length, assertNotNull(Catch.bounded(ByteArrayInputStream(octets, 0, length), length)).size)
            if (length > 0) assertNull(Catch.bounded(ByteArrayInputStream(octets, 0, length), length - 1))
        }
    }

    @Test
    fun `what never ends is left soon after the limit`() {
        var read = 0L
        val endless = object : InputStream() {
            override fun read() = 1

            override fun read(into: ByteArray, offset: Int, length: Int) = length.also { read += it }
        }
        val catch = Catch(most = 100_000)
        catch.begin(endless)
        assertNull(catch.await(PATIENCE))
        assertTrue(catch.isTooLarge)
        assertTrue(read <= 100_001, "$read octets were read")
    }

    @Test
    fun `a camera that begins anew is believed the second time, and not for ever`() {
        val catch = Catch()
        catch.begin(ByteArrayInputStream(ByteArray(0)))
        catch.begin(ByteArrayInputStream(octets))
        assertContentEquals(octets, catch.await(PATIENCE))
        val other = Catch()
        repeat(4) { assertTrue(other.begin(ByteArrayInputStream(octets))) }
        assertFalse(other.begin(ByteArrayInputStream(octets)))
    }

    @Test
    fun `what was dropped is not to be had, nor what comes after`() {
        val catch = Catch()
        catch.begin(ByteArrayInputStream(octets))
        catch.drop()
        assertFalse(catch.begin(ByteArrayInputStream(octets)))
        assertNull(catch.await(PATIENCE))
    }

    @Test
    fun `what a lock found is overwritten, and what comes after it passes by`() {
        val catch = Catch()
        catch.begin(ByteArrayInputStream(octets))
        val held = assertNotNull(eventually { catch.holds("held") })
        // A second one, of which half has come.
        val pipe = PipedOutputStream()
        catch.begin(PipedInputStream(pipe, octets.size))
        pipe.write(octets, 0, octets.size / 2)
        val coming = assertNotNull(eventually { catch.holds("coming")?.takeIf { it.any { octet -> octet != 0.toByte() } } })
        catch.forget()
        assertContentEquals(ByteArray(held.size), held)
        assertContentEquals(ByteArray(coming.size), coming)
        // Whoever writes is not cut off, and nothing of it is kept.
        pipe.use { it.write(octets, 0, octets.size / 2) }
        assertNull(catch.await(PATIENCE))
        assertTrue(catch.isForgotten)
        assertFalse(catch.isTooLarge)
        assertTrue(coming.all { it == 0.toByte() })
        assertNull(catch.holds("held"))
    }

    @Test
    fun `what never comes to its end is overwritten when nobody waits any longer`() {
        val catch = Catch()
        catch.begin(ByteArrayInputStream(octets))
        val held = assertNotNull(eventually { catch.holds("held") })
        catch.begin(PipedInputStream(PipedOutputStream()))
        assertNull(catch.await(patience = 1))
        assertContentEquals(ByteArray(held.size), held)
    }

    private fun Catch.holds(name: String) =
        javaClass.getDeclaredField(name).apply { isAccessible = true }.get(this) as ByteArray?

    private fun <T : Any> eventually(see: () -> T?): T? =
        (1..1_000).firstNotNullOfOrNull { see() ?: null.also { Thread.sleep(10) } }

    @Test
    fun `a pipe that breaks brings nothing`() {
        val catch = Catch()
        catch.begin(object : InputStream() {
            override fun read() = throw IOException()
        })
        assertNull(catch.await(PATIENCE))
        assertFalse(catch.isTooLarge)
    }

    @Test
    fun `a picture is read small enough and shown no larger than it was`() {
        val camera = Scale(4000, 3000)
        assertEquals(2, camera.sample)
        assertEquals(1600 to 1200, camera.fitted(2000, 1500))
        assertEquals(1, Scale(1600, 1).sample)
        assertEquals(100 to 50, Scale(100, 50).fitted(100, 50))
        assertEquals(1600 to 1, Scale(20_000, 2).fitted(10_000, 1))
        assertTrue(Scale(16_000, 12_500).isSound, "the largest cameras of phones")
        for ((width, height) in listOf(0 to 5, -1 to -1, 65_535 to 1, 30_000 to 30_000)) {
            assertFalse(Scale(width, height).isSound)
        }
    }

    @Test
    fun `names of files are short and lead nowhere`() {
        assertEquals("scan 1.pdf", fileName("/sdcard/secret/scan 1.pdf", "file"))
        assertEquals("a.txt", fileName("..\\..\\a.txt", "file"))
        assertEquals("file", fileName("../..", "file"))
        assertEquals("file", fileName(null, "file"))
        assertEquals("gpj.exe", fileName("\u202Egpj.exe", "file"))
        assertEquals("акс.jpg", fileName("акс.jpg", "file"))
        val long = fileName("x".repeat(500) + ".pdf", "file")
        assertTrue(long.length <= 80 && long.endsWith(".pdf"), long)
    }

    private companion object {
        /** In milliseconds; only a thread that hangs needs it. */
        const val PATIENCE = 60_000L
    }
}
