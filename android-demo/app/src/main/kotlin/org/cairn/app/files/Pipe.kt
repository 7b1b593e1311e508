package org.cairn.app.files

import android.os.ParcelFileDescriptor
import java.io.InputStream

/** What another program writes without a file in between. */
internal object Pipe {
    /** Its two ends. Tests have another, because theirs are files. */
    var open: () -> Pair<InputStream, ParcelFileDescriptor> = ::real

    fun real(): Pair<InputStream, ParcelFileDescriptor> {
        val (read, write) = ParcelFileDescriptor.createPipe()
        return ParcelFileDescriptor.AutoCloseInputStream(read) to write
    }
}
