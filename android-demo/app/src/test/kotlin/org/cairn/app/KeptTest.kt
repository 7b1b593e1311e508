package org.cairn.app

import android.view.View
import java.io.File
import kotlin.test.assertEquals
import org.cairn.ffi.CommandLine
import org.cairn.logic.Word
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

/** The last letter that was typed is kept, whichever way one leaves the screen. */
@RunWith(RobolectricTestRunner::class)
class KeptTest {
    private lateinit var window: Window

    @Before
    fun begin() {
        val app = RuntimeEnvironment.getApplication() as CairnApp
        val vault = File(app.filesDir, "cairn").apply { mkdirs() }
        CommandLine.beginVault(vault)
        CommandLine.saveRecord(vault)
        app.onCreate()
        window = Window("en")
        opens()
        window.tap(Word.TODAY_NEW)
        window.tap("Vehicles")
        // No looper runs after this, so that it has not been handed over yet.
        window.fields.single().setText("7")
    }

    @Test
    fun `by the way back above`() {
        window.find<View>(R.id.back).performClick()
        window.settle()
        assertKept()
    }

    @Test
    fun `by the phone's way back`() {
        @Suppress("DEPRECATION")
        window.activity.onBackPressed()
        window.settle()
        assertKept()
    }

    @Test
    fun `by going on`() {
        window.next()
        @Suppress("DEPRECATION")
        window.activity.onBackPressed()
        window.settle()
        assertKept()
    }

    @Test
    fun `by the quick exit`() {
        window.tap(Word.PAGE_EXIT)
        window.controller.pause().stop().destroy()
        window = Window("en")
        opens()
        assertKept()
    }

    @Test
    fun `by a phone whose screen goes dark and whose vault locks at once`() {
        window.find<View>(R.id.back).performClick()
        window.settle()
        window.tap(Word.TODAY_SETTINGS)
        window.tap(Word.SETTINGS_LAPSES)
        window.tap(Word.SETTINGS_AT_ONCE)
        repeat(2) {
            window.find<View>(R.id.back).performClick()
            window.settle()
        }
        window.tap("Vehicles")
        window.fields.single().setText("8")
        window.controller.pause().stop()
        window.settle()
        window.controller.restart().start().resume()
        window.settle()
        assertEquals(window.say(Word.UNLOCK_TITLE), window.title)
        opens()
        assertKept("8")
    }

    private fun opens() {
        window.type(CommandLine.PASSPHRASE)
        window.tap(Word.UNLOCK_OPEN)
        assertEquals(window.say(Word.TODAY_TITLE), window.title)
    }

    private fun assertKept(text: String = "7") {
        window.tap("Vehicles")
        assertEquals(text, window.fields.single().text.toString())
        window.find<View>(R.id.back).performClick()
        window.settle()
        window.next()
        assertEquals(window.say(Word.LOCKED), window.notice)
    }
}
