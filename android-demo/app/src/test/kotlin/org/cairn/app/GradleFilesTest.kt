package org.cairn.app

import java.io.File
import javax.xml.parsers.DocumentBuilderFactory
import kotlin.test.assertEquals
import kotlin.test.assertNotEquals
import kotlin.test.assertNotNull
import kotlin.test.assertTrue
import org.junit.Test
import org.w3c.dom.Element

/**
 * Gradle's files, which this build cannot run, say what Maven's say. That they work is not shown here.
 */
class GradleFilesTest {
    private val home = File(System.getProperty("cairn.resources"), "../../../..").canonicalFile
    private val pom = element("pom.xml")
    private val catalog = File(home, "gradle/libs.versions.toml").readText()
    private val app = File(home, "app/build.gradle.kts").readText()

    @Test
    fun `versions are the same`() {
        for (name in listOf("kotlin", "jna", "java")) {
            val found = assertNotNull(Regex("""(?m)^$name = "(.+)"$""").find(catalog), name)
            assertEquals(property("$name.version"), found.groupValues[1], name)
        }
        val version = pom.children("version").single().textContent
        assertTrue("version = \"$version\"" in File(home, "build.gradle.kts").readText())
        assertTrue("versionName = \"$version\"" in app)
        assertEquals(version, manifest.getAttribute("android:versionName"))
    }

    @Test
    fun `what phones are told is the same`() {
        val phones = manifest.getElementsByTagName("uses-sdk").item(0) as Element
        assertEquals(phones.getAttribute("android:minSdkVersion"), number("minSdk"))
        assertEquals(phones.getAttribute("android:targetSdkVersion"), number("targetSdk"))
        assertEquals(manifest.getAttribute("android:versionCode"), number("versionCode"))
        assertTrue("namespace = \"${manifest.getAttribute("package")}\"" in app)
        assertTrue("applicationId = \"${manifest.getAttribute("package")}\"" in app)
        assertTrue("proguardFiles(\"r8.pro\")" in app && File(home, "app/r8.pro").isFile)
        val packed = File(home, "apk/assemble.sh").readText()
        for (processor in listOf("arm64-v8a", "armeabi-v7a", "x86_64")) {
            assertTrue("\"$processor\"" in app && processor in packed, processor)
        }
    }

    @Test
    fun `modules are the same, but for the one that packs`() {
        val modules = pom.children("modules").single().children("module").map { it.textContent } - "apk"
        val included = Regex("""":([\w-]+)"""").findAll(File(home, "settings.gradle.kts").readText())
        assertEquals(modules, included.map { it.groupValues[1] }.toList())
        for (module in modules) assertTrue(File(home, "$module/build.gradle.kts").isFile, module)
    }

    @Test
    fun `the manifest loses what Android's plugin wants to be told itself, and nothing else`() {
        // The very replacements of app/build.gradle.kts.
        val replaced = Regex("""Regex\("{3}(.+?)"{3}\), ""\)""").findAll(app)
            .map { Regex(it.groupValues[1]) }.toList()
        assertEquals(3, replaced.size)
        val trimmed = File(home, "app/src/main/AndroidManifest.xml").readLines()
            .joinToString("\n") { line -> replaced.fold(line) { left, found -> left.replace(found, "") } }
        val read = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(trimmed.byteInputStream())
        assertEquals("", read.documentElement.getAttribute("package"))
        for (gone in listOf("uses-sdk", "SdkVersion", "extractNativeLibs")) assertTrue(gone !in trimmed, gone)
        for (kind in listOf("activity", "activity-alias", "service", "uses-permission", "intent-filter")) {
            val count = manifest.getElementsByTagName(kind).length
            assertNotEquals(0, count, kind)
            assertEquals(count, read.getElementsByTagName(kind).length, kind)
        }
    }

    @Test
    fun `tests are Maven's, which has what they need`() {
        for (module in listOf("bindings", "app-logic", "app")) {
            val build = File(home, "$module/build.gradle.kts").readText()
            val set = assertNotNull(Regex("""\btest("\))? \{([^}]+)}""").find(build), module).groupValues[2]
            // Android's plugin looks for Kotlin among Java's sources as well.
            val kinds = if (module == "app") listOf("java", "kotlin") else listOf("kotlin")
            for (kind in kinds) assertTrue("$kind.setSrcDirs(emptyList<String>())" in set, "$module: $set")
        }
    }

    private val manifest by lazy { element("app/src/main/AndroidManifest.xml") }

    private fun element(path: String): Element =
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(File(home, path)).documentElement

    private fun property(name: String): String =
        pom.children("properties").single().children(name).single().textContent

    private fun number(name: String): String =
        assertNotNull(Regex("""\b$name = (\d+)""").find(app), name).groupValues[1]

    private fun Element.children(name: String): List<Element> =
        (0 until childNodes.length).map(childNodes::item).filterIsInstance<Element>().filter { it.tagName == name }
}
