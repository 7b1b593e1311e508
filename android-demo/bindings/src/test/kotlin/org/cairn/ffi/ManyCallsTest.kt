package org.cairn.ffi

import java.io.File
import java.util.concurrent.Callable
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertIs
import kotlin.test.assertTrue
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder

/** Many threads, many handles, and handles that are gone. */
class ManyCallsTest {
    @get:Rule
    val folder = TemporaryFolder()

    @Test
    fun `calls from many threads see one vault`() {
        val path = folder.newFolder()
        CommandLine.beginVault(path)
        CommandLine.saveRecord(path)
        OpenVault.open(path.path, CommandLine.PASSPHRASE).use { vault ->
            val form = vault.forms("en").single().form
            val seen = together {
                // Each its own draft, and all of them the one vault.
                vault.begin(form, null, "en").use { filling ->
                    filling.steps()
                    filling.discard()
                }
                vault.counts().records
            }
            assertEquals(setOf(1uL), seen.toSet())
            assertEquals(emptyList(), vault.drafts("en"))
        }
    }

    /**
     * By `lock`, not by `close` alone: a generated handle takes new calls for as long as others overlap, so
     * that threads which never pause keep it alive.
     */
    @Test
    fun `a vault that is locked under running calls ends them and opens again`() {
        val path = folder.newFolder()
        CommandLine.beginVault(path)
        val vault = OpenVault.open(path.path, CommandLine.PASSPHRASE)
        val begun = CountDownLatch(THREADS)
        val closing = Thread {
            begun.await()
            vault.use { it.lock() }
        }.apply { start() }
        val ends = together {
            begun.countDown()
            // The vault is shut, or the handle is gone already.
            assertFailsWith<Exception> { while (true) vault.counts() }
        }
        closing.join()
        for (end in ends.filter { it !is IllegalStateException }) {
            assertEquals("locked", assertIs<CairnException.Failed>(end).code)
        }
        OpenVault.open(path.path, CommandLine.PASSPHRASE).use { assertEquals(0uL, it.counts().records) }
    }

    @Test
    fun `handles that are closed leave nothing open behind`() {
        val path = folder.newFolder()
        CommandLine.beginVault(path)
        fun openAndClose() = OpenVault.open(path.path, CommandLine.PASSPHRASE).close()
        repeat(5) { openAndClose() }
        val before = openFiles()
        repeat(50) { openAndClose() }
        assertTrue(openFiles() <= before, "files left open: $before before, ${openFiles()} after")
    }

    private fun <T> together(work: () -> T): List<T> {
        val threads = Executors.newFixedThreadPool(THREADS)
        try {
            return threads.invokeAll(List(THREADS) { Callable(work) }, 1, TimeUnit.MINUTES).map { it.get() }
        } finally {
            threads.shutdownNow()
        }
    }

    private fun openFiles(): Int = checkNotNull(File("/proc/self/fd").list()).size

    private companion object {
        const val THREADS = 50
    }
}
