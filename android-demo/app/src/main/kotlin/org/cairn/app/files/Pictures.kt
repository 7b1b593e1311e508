package org.cairn.app.files

import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.Matrix
import android.media.ExifInterface
import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.io.IOException
import org.cairn.logic.files.Limits
import org.cairn.logic.files.Scale

/** Pictures in memory: what comes from outside is read with care, and kept without what is hidden in it. */
object Pictures {
    private const val QUALITY = 80

    /**
     * The picture as it is kept: no side longer than allowed, a JPEG of dots alone. Place, time, device and the small
     * preview that cameras write into a file stay behind. Null if it is no picture, or claims an absurd size.
     */
    fun plain(octets: ByteArray): ByteArray? {
        val read = read(octets) ?: return null
        val upright = read.turned(orientation(octets))
        val (width, height) = Scale(upright.width, upright.height).fitted(upright.width, upright.height)
        val small = Bitmap.createScaledBitmap(upright, width, height, true)
        val out = ByteArrayOutputStream()
        return if (small.compress(Bitmap.CompressFormat.JPEG, QUALITY, out)) out.toByteArray() else null
    }

    /** To be looked at, with at least [side] dots on its longer side if it has so many; null as in [plain]. */
    fun read(octets: ByteArray, side: Int = Limits.SIDE): Bitmap? {
        val bounds = BitmapFactory.Options().apply { inJustDecodeBounds = true }
        BitmapFactory.decodeByteArray(octets, 0, octets.size, bounds)
        val scale = Scale(bounds.outWidth, bounds.outHeight, side)
        if (!scale.isSound) return null
        val options = BitmapFactory.Options().apply { inSampleSize = scale.sample }
        return try {
            BitmapFactory.decodeByteArray(octets, 0, octets.size, options)
        } catch (_: OutOfMemoryError) {
            null
        }
    }

    /** How the camera was held. */
    private fun orientation(octets: ByteArray): Int = try {
        ExifInterface(ByteArrayInputStream(octets))
            .getAttributeInt(ExifInterface.TAG_ORIENTATION, ExifInterface.ORIENTATION_NORMAL)
    } catch (_: IOException) {
        ExifInterface.ORIENTATION_NORMAL
    } catch (_: RuntimeException) {
        // Older phones stumble over what is crafted, or cut off.
        ExifInterface.ORIENTATION_NORMAL
    } catch (_: StackOverflowError) {
        ExifInterface.ORIENTATION_NORMAL
    }

    private fun Bitmap.turned(orientation: Int): Bitmap {
        val turn = Matrix()
        when (orientation) {
            ExifInterface.ORIENTATION_ROTATE_90 -> turn.postRotate(90f)
            ExifInterface.ORIENTATION_ROTATE_180 -> turn.postRotate(180f)
            ExifInterface.ORIENTATION_ROTATE_270 -> turn.postRotate(270f)
            ExifInterface.ORIENTATION_FLIP_HORIZONTAL -> turn.postScale(-1f, 1f)
            ExifInterface.ORIENTATION_FLIP_VERTICAL -> turn.postScale(1f, -1f)
            ExifInterface.ORIENTATION_TRANSPOSE -> turn.apply { postRotate(90f); postScale(-1f, 1f) }
            ExifInterface.ORIENTATION_TRANSVERSE -> turn.apply { postRotate(270f); postScale(-1f, 1f) }
            else -> return this
        }
        return Bitmap.createBitmap(this, 0, 0, width, height, turn, true)
    }
}
