package org.cairn.app

import java.io.File
import java.time.LocalDate
import kotlin.test.assertEquals
import kotlin.test.assertNotEquals
import kotlin.test.assertTrue
import org.junit.Test

/** Nothing is used that Android 7.0 (API 24), the oldest that the app runs on, does not have: that ends the process. */
class OldPhonesTest {
    private val home = File(System.getProperty("cairn.resources"), "../../../..").canonicalFile

    @Test
    fun `no class of the app uses what the oldest phones lack`() {
        for (module in listOf("bindings", "app-logic", "app")) {
            val classes = classes("$module/target/classes")
            assertTrue(classes.size > 5, "$module is built")
            val found = classes.filterNot { it.nameWithoutExtension in CHECKED }.flatMap(::newer)
            assertEquals(emptyList(), found, module)
        }
    }

    @Test
    fun `what is too new is found`() {
        val control = classes("app/target/test-classes").single { it.name == "TooNew.class" }
        assertNotEquals(emptyList(), newer(control))
    }

    private fun classes(folder: String): List<File> =
        File(home, folder).walk().filter { it.extension == "class" }.toList()

    /** Names of classes and functions stand in a class's file as they are. */
    private fun newer(file: File): List<String> {
        val names = file.readText(Charsets.ISO_8859_1)
        return NEWER.filter { it in names }.map { "${file.name}: $it" }
    }

    private companion object {
        /** Of what is usual; from API 26 on at the earliest. Streams, functions and CompletableFuture came with 24. */
        val NEWER = listOf(
            "java/time/", "java/nio/file/", "java/util/Base64", "java/lang/ProcessHandle", "java/lang/StackWalker",
            "java/lang/invoke/VarHandle", "java/util/concurrent/Flow", "java/util/HexFormat", "java/net/http/",
            "java/lang/ref/Cleaner", "java/util/SequencedCollection", "readAllBytes", "readNBytes",
            "android/graphics/ImageDecoder", "android/app/NotificationChannel", "android/os/VibrationEffect",
            "android/view/WindowInsetsController", "android/location/LocationRequest",
        )

        /** The bindings look first whether it is there. */
        val CHECKED = setOf("JavaLangRefCleaner", "JavaLangRefCleanable")
    }
}

/** The control. */
@Suppress("unused")
private class TooNew {
    fun today(): LocalDate = LocalDate.now()
}
