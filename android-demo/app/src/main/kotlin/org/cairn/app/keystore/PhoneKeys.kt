package org.cairn.app.keystore

import android.content.Context
import java.io.File
import org.cairn.ffi.PhoneKey
import org.cairn.ffi.PhoneKeyException

/**
 * The hardware for the vault in [folder], to be asked for whenever one is made, opened or wiped; away from the
 * screen, since it may make keys. `null` where keys lie in a file: on a phone that makes none, and for a vault that
 * began with a file. What a vault began with it keeps.
 */
fun phoneKeys(context: Context, folder: File): PhoneKey? {
    // The names of files are the core's: docs/STORAGE.md.
    if (File(folder, "slots").exists()) {
        return if (File(folder, "device").exists()) null else HardwareKeys(context)
    }
    return try {
        HardwareKeys(context).also(HardwareKeys::make)
    } catch (_: PhoneKeyException) {
        null
    }
}
