package org.cairn.ffi

import java.io.File
import org.junit.rules.ExternalResource
import org.junit.rules.TemporaryFolder

/** A server that really listens and an office that has published one form; around each test. */
class Scene(private vararg val sheets: Pair<String, String>) : ExternalResource() {
    private val folder = TemporaryFolder()

    lateinit var server: Server
        private set

    lateinit var office: Office
        private set

    fun newFolder(): File = folder.newFolder()

    /** The same server again, where it was. */
    fun restart() {
        server = server.again()
    }

    override fun before() {
        folder.create()
        server = Server(newFolder())
        office = Office(server, newFolder())
        office.publish(newFolder(), *sheets)
    }

    override fun after() {
        office.close()
        server.close()
        folder.delete()
    }
}
