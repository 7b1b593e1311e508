package org.cairn.logic

import java.io.File
import java.util.concurrent.TimeUnit
import javax.crypto.Mac
import javax.crypto.spec.SecretKeySpec
import kotlin.random.Random
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue
import org.cairn.ffi.PhoneKey
import org.cairn.ffi.PhoneKeyException
import org.cairn.ffi.Scene
import org.junit.Rule
import org.junit.Test

/** What a phone could not finish is said, until it is done. */
class UnfinishedTest {
    @get:Rule
    val scene = Scene("survey.csv" to SURVEY, "settings.csv" to "form_title,form_id,version\nVisits,visits,1\n")

    @Test
    fun `answers of a sealed record that could not be wiped are spoken of until they are`() {
        val sealed = "form_title,form_id,version,sealed\nStatements,statements,1,yes\n"
        scene.office.publish(scene.newFolder(), "survey.csv" to SURVEY, "settings.csv" to sealed)
        scene.office.runs("circle", "new", "Statements", "--sealed")
        val person = newcomer()
        val today = { assertIs<Today>(person.goes(Door.Today)) }
        person.records("statements", "village" to typed("Mill"))
        assertFalse(today().unswept, "the control")
        Reader(person.folder).use {
            person.records("statements", "village" to typed("Upper well"))
            assertTrue(today().unswept)
            scene.server.close()
            person.syncs()
            assertTrue(today().unswept, "still")
        }
        assertEquals(Line(Word.OFFLINE), person.syncs().notice)
        assertFalse(today().unswept, "a sync wipes them, without a network too")
        scene.restart()
        person.locks()
    }

    @Test
    fun `whose departure was cut off is told to type the passphrase once more, and that ends it`() {
        val key = Stubborn()
        val person = newcomer(key)
        person.goes(Door.Settings(SettingsPage.TRAVEL))
        key.refuses = true
        val cutOff = person.does(SettingsEvent.Depart(Person.PASSPHRASE, sure = true))
        assertEquals(Screen.Unlock(Line(Word.CUT_OFF)), cutOff)
        assertFalse(person.opens() is Inside, "it has departed all the same")
        val before = key.renewed
        key.refuses = false
        person.does(Event.Back)
        assertEquals(Return(Line(Word.DEPARTED)), person.opens())
        assertEquals(before + 1, key.renewed, "and now earlier copies are void")
        scene.office.sync()
        val words = scene.office.vault.readmit(scene.office.vault.departures().single().device, "en").words
        assertIs<Today>(person.does(ReturnEvent(Person.PASSPHRASE, words.joinToString(" "))))
        person.locks()
    }

    private fun newcomer(key: PhoneKey? = null) = Person(scene.newFolder(), key = key).apply {
        joins(scene.office.invite(), "zarina")
        isAdmitted(scene.office)
        // What was published and decided before this phone came.
        syncs()
    }

    /** A phone's hardware that can refuse to give up a key. */
    private class Stubborn : PhoneKey {
        var refuses = false
        var renewed = 0
            private set
        private val keys = Array(2) { Random.nextBytes(32) }

        override fun mac(vault: UByte, message: ByteArray): ByteArray =
            Mac.getInstance("HmacSHA256").apply { init(SecretKeySpec(keys[vault.toInt()], algorithm)) }.doFinal(message)

        override fun renew(vault: UByte) {
            if (refuses) throw PhoneKeyException.Refused()
            keys[vault.toInt()] = Random.nextBytes(32)
            renewed += 1
        }

        override fun erasesForCertain() = true
    }

    /** Somebody else who reads in the write-ahead log of [vault], so that nothing can be wiped from it. */
    private class Reader(vault: File) : AutoCloseable {
        private val process = ProcessBuilder("python3", "-c", LOCK, File(vault, "vault.db-shm").path)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start()

        init {
            assertEquals("reads", process.inputStream.bufferedReader().readLine())
        }

        override fun close() {
            process.outputStream.close()
            assertTrue(process.waitFor(1, TimeUnit.MINUTES), "the reader did not end")
        }
    }

    private companion object {
        const val SURVEY = "type,name,label\ntext,village,Village\n"

        /** SQLite's lock of the last reader is the octet 127 of that file; what is shared keeps others from emptying. */
        const val LOCK =
            "import fcntl, sys\n" +
                "shm = open(sys.argv[1], 'r+b')\n" +
                "fcntl.lockf(shm, fcntl.LOCK_SH, 1, 127)\n" +
                "print('reads', flush=True)\n" +
                "sys.stdin.read()\n"
    }
}
