package org.cairn.ffi

import com.sun.jna.Library
import com.sun.jna.Native
import com.sun.jna.Structure
import java.io.File
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder

/** What is opened ten thousand times and closed as often leaves nothing behind. */
class LeakTest {
    @get:Rule
    val folder = TemporaryFolder()

    @Test
    fun `ten thousand handles that are opened and closed keep no memory and no file`() {
        filled { vault, draft ->
            val (files, before) = openFiles() to held()
            repeat(TIMES) { vault.resume(draft, LANGUAGE).close() }
            val grown = held() - before
            assertTrue(grown < TIMES / 10 * LANGUAGE.length, "$grown octets are left")
            assertTrue(openFiles() <= files, "files left open: $files before, ${openFiles()} after")

            // The control: a fifth of them, kept, is seen.
            val begun = held()
            val kept = List(TIMES / 5) { vault.resume(draft, LANGUAGE) }
            val seen = held() - begun
            assertTrue(seen > TIMES / 10 * LANGUAGE.length, "only $seen octets for ${kept.size} that are open")
            kept.forEach(Filling::close)
            val left = held() - begun
            assertTrue(left < TIMES / 10 * LANGUAGE.length, "$left octets are left")
        }
    }

    @Test
    fun `answers of ten thousand calls and their errors keep no memory`() {
        filled { vault, draft ->
            vault.resume(draft, "en").use { filling ->
                fun calls() {
                    filling.number()
                    assertFailsWith<CairnException.Failed> { vault.resume(ULong.MAX_VALUE, LANGUAGE) }
                }
                repeat(TIMES / 10) { calls() }
                val before = held()
                repeat(TIMES) { calls() }
                val grown = held() - before
                assertTrue(grown < TIMES / 10 * LANGUAGE.length, "$grown octets are left")
            }
        }
    }

    @Test
    fun `hundreds of vaults that are opened, locked and closed keep no memory and no file`() {
        val path = folder.newFolder()
        CommandLine.beginVault(path)
        fun once() = OpenVault.open(path.path, CommandLine.PASSPHRASE).use { it.lock() }
        repeat(TIMES / 100) { once() }
        val (files, before) = openFiles() to held()
        repeat(TIMES / 50) { once() }
        val grown = held() - before
        assertTrue(grown < TIMES / 50 * EACH, "$grown octets are left")
        assertTrue(openFiles() <= files, "files left open: $files before, ${openFiles()} after")

        // The control: each weighs more than that while it is open.
        val others = List(10) { folder.newFolder().also { other -> path.copyRecursively(other, overwrite = true) } }
        val begun = held()
        val open = others.map { OpenVault.open(it.path, CommandLine.PASSPHRASE) }
        val seen = held() - begun
        assertTrue(seen > others.size * EACH, "only $seen octets for ${open.size} that are open")
        for (vault in open) vault.use { it.lock() }
    }

    @Test
    fun `ten thousand times the phone's hardware is given back`() {
        val nothing = folder.newFolder().path
        repeat(TIMES) {
            val error = assertFailsWith<CairnException.Failed> { OpenVault.openWithKey(nothing, "none", Stone()) }
            assertEquals("no_vault", error.code)
        }
        assertEquals(0, FfiConverterTypePhoneKey.handleMap.size)
        // The control: what the core still has is counted.
        FfiConverterTypePhoneKey.lower(Stone())
        assertEquals(1, FfiConverterTypePhoneKey.handleMap.size)
    }

    @Test
    fun `after closing and after locking a handle says so and does nothing`() {
        filled { vault, draft ->
            val closed = vault.resume(draft, "en").apply { close() }
            assertFailsWith<IllegalStateException> { closed.number() }
            closed.close()
            val open = vault.resume(draft, "en")
            vault.lock()
            val locked = assertFailsWith<CairnException> { open.steps() }
            assertEquals("locked", assertIs<CairnException.Failed>(locked).code)
            assertFailsWith<CairnException> { vault.resume(draft, "en") }
            open.close()
            vault.close()
            assertFailsWith<IllegalStateException> { vault.counts() }
        }
    }

    /** With an open vault and the number of a draft in it. */
    private fun filled(work: (OpenVault, ULong) -> Unit) {
        val path = folder.newFolder()
        CommandLine.beginVault(path)
        CommandLine.saveRecord(path)
        OpenVault.open(path.path, CommandLine.PASSPHRASE).use { vault ->
            val draft = vault.begin(vault.forms("en").single().form, null, "en").use(Filling::number)
            repeat(TIMES / 100) { vault.resume(draft, LANGUAGE).close() }
            work(vault, draft)
        }
    }

    /** Hardware that is never asked. */
    private class Stone : PhoneKey {
        override fun mac(vault: UByte, message: ByteArray): ByteArray = throw PhoneKeyException.Refused()

        override fun renew(vault: UByte) = throw PhoneKeyException.Refused()

        override fun erasesForCertain() = false
    }

    /** The octets that everything outside Java has asked of glibc and not given back. */
    private fun held(): Long = C.mallinfo2().let { it.uordblks + it.hblkhd }

    @Structure.FieldOrder(
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
    )
    open class Mallinfo : Structure(), Structure.ByValue {
        @JvmField var arena = 0L
        @JvmField var ordblks = 0L
        @JvmField var smblks = 0L
        @JvmField var hblks = 0L
        @JvmField var hblkhd = 0L
        @JvmField var usmblks = 0L
        @JvmField var fsmblks = 0L
        @JvmField var uordblks = 0L
        @JvmField var fordblks = 0L
        @JvmField var keepcost = 0L
    }

    interface Glibc : Library {
        fun mallinfo2(): Mallinfo
    }

    private fun openFiles(): Int = checkNotNull(File("/proc/self/fd").list()).size

    private companion object {
        const val TIMES = 10_000

        /** Octets, for each vault: what Java itself takes meanwhile is a megabyte at most in all. */
        const val EACH = 10_000L

        /** A handle keeps it, and no form has it: so each handle weighs 20 kB and can be told from noise. */
        val LANGUAGE = "x".repeat(20_000)
        val C: Glibc = Native.load("c", Glibc::class.java)
    }
}
