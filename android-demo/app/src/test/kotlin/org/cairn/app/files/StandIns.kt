package org.cairn.app.files

import android.graphics.Bitmap
import android.graphics.Color
import android.os.ParcelFileDescriptor
import java.io.ByteArrayOutputStream
import java.io.File
import java.io.FileInputStream
import kotlin.test.assertEquals
import org.junit.rules.TemporaryFolder

/** A pipe of the computer's own, with an end: the framework that tests run on makes its pipes of files. */
fun fifo(folder: TemporaryFolder): Pair<FileInputStream, ParcelFileDescriptor> {
    val file = File(folder.newFolder(), "pipe")
    assertEquals(0, ProcessBuilder("mkfifo", file.path).start().waitFor())
    // Opened to be read as well, or it would wait for a reader.
    val write = ParcelFileDescriptor.open(file, ParcelFileDescriptor.MODE_READ_WRITE)
    return FileInputStream(file) to write
}

/** A picture as a camera makes it, with a red edge above. */
fun camera(width: Int, height: Int): ByteArray {
    val bitmap = Bitmap.createBitmap(width, height, Bitmap.Config.ARGB_8888)
    bitmap.eraseColor(Color.BLUE)
    for (y in 0 until height / 8) for (x in 0 until width) bitmap.setPixel(x, y, Color.RED)
    return ByteArrayOutputStream().also { bitmap.compress(Bitmap.CompressFormat.JPEG, 90, it) }.toByteArray()
}
