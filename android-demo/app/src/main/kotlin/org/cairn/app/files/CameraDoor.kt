package org.cairn.app.files

import android.content.ContentProvider
import android.content.ContentValues
import android.content.Context
import android.database.Cursor
import android.net.Uri
import android.os.ParcelFileDescriptor
import java.io.FileNotFoundException
import java.security.SecureRandom
import org.cairn.logic.files.Catch

/**
 * Where a camera app writes its picture: into a pipe that this app reads, so that it never rests in a file. An address
 * is drawn by lot for each picture, is given to the camera app alone, and is nobody's afterwards. There is nothing to
 * be read here, listed or deleted.
 */
class CameraDoor : ContentProvider() {
    override fun onCreate() = true

    override fun openFile(uri: Uri, mode: String): ParcelFileDescriptor {
        val waiting = expected?.takeIf { it.uri == uri && 'w' in mode } ?: throw FileNotFoundException()
        val (read, write) = Pipe.open()
        if (!waiting.catch.begin(read)) {
            write.close()
            throw FileNotFoundException()
        }
        return write
    }

    override fun getType(uri: Uri) = "image/jpeg"

    override fun query(
        uri: Uri,
        columns: Array<String>?,
        which: String?,
        places: Array<String>?,
        order: String?,
    ): Cursor? = null

    override fun insert(uri: Uri, values: ContentValues?): Uri? = null

    override fun update(uri: Uri, values: ContentValues?, which: String?, places: Array<String>?) = 0

    override fun delete(uri: Uri, which: String?, places: Array<String>?) = 0

    /** A picture that is awaited. */
    class Expected(val uri: Uri, val catch: Catch)

    companion object {
        /** At most one at a time: the person takes one picture after the other. */
        @Volatile
        private var expected: Expected? = null

        /** Opens it for one picture. */
        fun expect(context: Context): Expected {
            close()
            val lot = ByteArray(16).also(SecureRandom()::nextBytes)
            val name = lot.joinToString("") { "%02x".format(it) }
            val uri = Uri.Builder().scheme("content").authority("${context.packageName}.camera").path(name).build()
            return Expected(uri, Catch()).also { expected = it }
        }

        /** Nobody is awaited any more. What was caught and not fetched is dropped. */
        fun close() {
            expected?.catch?.drop()
            expected = null
        }

        /** As [close], but what was caught stays with who holds it. */
        fun done(): Expected? = expected.also { expected = null }
    }
}
