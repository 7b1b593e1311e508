package org.cairn.ffi

import java.io.File
import java.util.concurrent.TimeUnit
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** The `cairn` program, with which tests do what the bindings cannot do. */
object CommandLine {
    const val PASSPHRASE = "correct horse battery"

    /** Begins a workspace in [folder], as a coordinator would whose server cannot be reached. */
    fun beginVault(folder: File) {
        val status = run(folder, "init", "--server", "https://127.0.0.1:1", "--pin", "ab".repeat(32))
        assertEquals(TRY_AGAIN, status, "the workspace stands here and waits for its server")
    }

    /** Publishes a form of one question in [vault] and saves a record of it. */
    fun saveRecord(vault: File) {
        // Copied out, because modules above find the form inside a jar.
        val form = File(vault.parentFile, "vehicles").apply { mkdir() }
        for (name in listOf("survey.csv", "settings.csv")) {
            val sheet = checkNotNull(javaClass.getResourceAsStream("/vehicles/$name"))
            File(form, name).outputStream().use { sheet.copyTo(it) }
        }
        assertEquals(0, run(vault, "form", "add", form.path))
        assertEquals(0, run(vault, "record", "new", "--set", "seen=3"))
    }

    /** Runs `cairn` with [arguments] on [vault], and tells its exit status. */
    internal fun run(vault: File, vararg arguments: String, passphrase: String = PASSPHRASE): Int {
        val output = File.createTempFile("cairn", ".out")
        val process = ProcessBuilder(System.getProperty("cairn.program"), *arguments)
            .redirectErrorStream(true)
            .redirectOutput(output)
            .apply {
                environment()["CAIRN_VAULT"] = vault.path
                environment()["CAIRN_PASSPHRASE"] = passphrase
                // A phone's work of guessing takes a second; tests open vaults often.
                environment()["CAIRN_TEST_LEAST_WORK"] = "1"
            }
            .start()
        assertTrue(process.waitFor(1, TimeUnit.MINUTES), "cairn did not end")
        output.delete()
        return process.exitValue()
    }

    /** Exit status for "nobody must act, try again later". */
    private const val TRY_AGAIN = 5
}
