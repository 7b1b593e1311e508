package org.cairn.ffi

import java.io.BufferedReader
import java.io.File
import java.util.concurrent.TimeUnit
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/**
 * A `cairn-server` of its own, with its data in [folder].
 *
 * @param listen where; port 0 is any that is free
 */
class Server(private val folder: File, listen: String = "127.0.0.1:0") : AutoCloseable {
    private val process: Process
    val url: String
    val pin: String

    init {
        val program = File(File(System.getProperty("cairn.program")).parentFile, "cairn-server").path
        process = ProcessBuilder(program, "serve", "--data", folder.path, "--listen", listen)
            .redirectErrorStream(true)
            .start()
        val said = process.inputStream.bufferedReader()
        url = said.told("listening on ")
        pin = said.told("pin ")
        // Whatever else it says must not fill the pipe and stop it.
        Thread { said.forEachLine {} }.apply { isDaemon = true }.start()
    }

    /** The same again, where devices look for it; this one has been closed. */
    fun again() = Server(folder, url.removePrefix("https://"))

    override fun close() {
        process.destroy()
        assertTrue(process.waitFor(1, TimeUnit.MINUTES), "the server did not end")
    }

    private fun BufferedReader.told(what: String): String =
        generateSequence(::readLine).first { it.startsWith(what) }.removePrefix(what)
}

/** A coordinator with a workspace on [server], whose vault is in [folder]. */
class Office(private val server: Server, private val folder: File) : AutoCloseable {
    var vault: OpenVault
        private set

    init {
        createVault(folder.path, PASSPHRASE, null)
        vault = OpenVault.open(folder.path, PASSPHRASE)
        vault.found(server.url, server.pin, null, "office", null)
    }

    /** An invitation's text; its newcomer is admitted when this office syncs after it has asked. */
    fun invite(compare: Boolean = false): String =
        vault.invite(InviteTerms(Role.FIELD, 48u, compare, emptyList())).text

    fun sync(): SyncOutcome = vault.sync(null)

    /** Publishes a form from a folder of sheets, given by name and content. */
    fun publish(scratch: File, vararg sheets: Pair<String, String>) {
        scratch.mkdirs()
        for ((name, text) in sheets) File(scratch, name).writeText(text)
        vault.addForm(scratch.path)
        sync()
    }

    /** Does with the command line what the bindings cannot. */
    fun runs(vararg arguments: String) {
        close()
        assertEquals(0, CommandLine.run(folder, *arguments, passphrase = PASSPHRASE))
        vault = OpenVault.open(folder.path, PASSPHRASE)
    }

    override fun close() {
        vault.use { it.lock() }
    }

    companion object {
        const val PASSPHRASE = "correct horse battery staple"
    }
}
