package org.cairn.ffi

import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder

/** The real library, called from the JVM through what the generator wrote. */
class OpenVaultTest {
    @get:Rule
    val folder = TemporaryFolder()

    @Test
    fun `a vault opens, counts and locks`() {
        val path = folder.newFolder()
        CommandLine.beginVault(path)
        OpenVault.open(path.path, CommandLine.PASSPHRASE).use { vault ->
            val counts = vault.counts()
            assertEquals(0uL to 0uL, counts.records to counts.forms)
            vault.lock()
        }
        CommandLine.saveRecord(path)
        OpenVault.open(path.path, CommandLine.PASSPHRASE).use { vault ->
            val counts = vault.counts()
            assertEquals(1uL to 1uL, counts.records to counts.forms)
            assertTrue(counts.outbox > 0uL, "what was saved offline waits to leave")
            vault.lock()
            vault.lock()
            assertEquals("locked", assertFailsWith<CairnException.Failed> { vault.counts() }.code)
        }
    }

    @Test
    fun `a wrong passphrase is the person's to correct, and says so`() {
        val path = folder.newFolder()
        CommandLine.beginVault(path)
        val refused = assertFailsWith<CairnException.Failed> { OpenVault.open(path.path, "another passphrase") }
        assertEquals("wrong_passphrase" to "person", refused.code to refused.who)
        assertTrue(refused.hint.isNotBlank())
    }

    @Test
    fun `a handle that was closed throws and does not reach into memory`() {
        val path = folder.newFolder()
        CommandLine.beginVault(path)
        val vault = OpenVault.open(path.path, CommandLine.PASSPHRASE)
        vault.close()
        assertFailsWith<IllegalStateException> { vault.counts() }
    }
}
