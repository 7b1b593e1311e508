package org.cairn.app

import java.io.File
import org.cairn.ffi.Office
import org.cairn.ffi.OpenVault
import org.cairn.ffi.Server
import org.cairn.ffi.createVault
import org.cairn.logic.Word
import org.junit.rules.TemporaryFolder
import org.robolectric.RuntimeEnvironment

/** A server, an office with a form of [sheets], and a phone that was admitted and stands at its lock. */
class Workplace(folder: TemporaryFolder, vararg sheets: Pair<String, String>) : AutoCloseable {
    private val server = Server(folder.newFolder())
    val office = Office(server, folder.newFolder())
    val app get() = RuntimeEnvironment.getApplication() as CairnApp

    init {
        office.publish(folder.newFolder(), *sheets)
        val path = File(app.filesDir, "cairn").path
        createVault(path, PASSPHRASE, null)
        OpenVault.open(path, PASSPHRASE).use { phone ->
            phone.join(office.invite(), "zarina", null)
            office.sync()
            phone.sync(null)
            phone.lock()
        }
        // As if the process had begun with it there.
        app.onCreate()
    }

    /** The window, opened. */
    fun open(language: String): Window = Window(language).apply {
        type(PASSPHRASE)
        tap(Word.UNLOCK_OPEN)
    }

    override fun close() {
        office.close()
        server.close()
    }

    companion object {
        const val PASSPHRASE = "correct horse battery staple"
    }
}
