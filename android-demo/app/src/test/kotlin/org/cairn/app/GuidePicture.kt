package org.cairn.app

import android.graphics.Bitmap
import java.awt.image.BufferedImage
import java.awt.image.IndexColorModel
import java.io.File
import javax.imageio.ImageIO

/** A picture for the field guide: small, because it has only the colours of the app and what lies between them. */
class GuidePicture private constructor(private val image: BufferedImage) {
    fun write(file: File) {
        file.parentFile.mkdirs()
        ImageIO.write(image, "png", file)
    }

    /** Which part of the dots is another; all of them if the sizes differ. */
    fun unlike(other: GuidePicture): Double {
        val (one, two) = image to other.image
        if (one.width != two.width || one.height != two.height) return 1.0
        val dots = (0 until one.height).sumOf { y -> (0 until one.width).count { x -> one.getRGB(x, y) != two.getRGB(x, y) } }
        return dots.toDouble() / (one.width * one.height)
    }

    companion object {
        fun of(bitmap: Bitmap): GuidePicture {
            val image = BufferedImage(bitmap.width, bitmap.height, BufferedImage.TYPE_BYTE_BINARY, MODEL)
            val row = IntArray(bitmap.width)
            for (y in 0 until bitmap.height) {
                bitmap.getPixels(row, 0, bitmap.width, 0, y, bitmap.width, 1)
                for (x in row.indices) image.raster.setSample(x, y, 0, nearest(row[x]))
            }
            for (x in row.indices) for (y in listOf(0, image.height - 1)) image.raster.setSample(x, y, 0, FRAME)
            for (y in 0 until image.height) for (x in listOf(0, image.width - 1)) image.raster.setSample(x, y, 0, FRAME)
            return GuidePicture(image)
        }

        fun read(file: File): GuidePicture? = if (file.isFile) ImageIO.read(file)?.let(::GuidePicture) else null

        /** Sixteen: four bits for a dot. The colours are those of `measures.xml` and of the framework's buttons. */
        private val PALETTE = intArrayOf(
            0xFFFFFF, 0xBABCBB, 0x8D8F8E, 0x545755, 0x1B1F1D,
            0xB9CBC4, 0x7E9E90, 0x45755F, 0x17523C,
            0xD09999, 0x8A1C1C,
            0xFFF3C4, 0xB9AF8F,
            0xD6D7D7, 0x787B7A, 0xEEEEEE,
        )
        private const val FRAME = 1
        private val MODEL = IndexColorModel(4, PALETTE.size, channel(16), channel(8), channel(0))
        private val known = HashMap<Int, Int>()

        private fun channel(shift: Int) = ByteArray(PALETTE.size) { (PALETTE[it] shr shift).toByte() }

        private fun nearest(colour: Int): Int = known.getOrPut(colour) { PALETTE.indices.minBy { far(PALETTE[it], colour) } }

        private fun far(one: Int, two: Int): Int = listOf(0, 8, 16).sumOf { shift ->
            val step = (one shr shift and 0xFF) - (two shr shift and 0xFF)
            step * step
        }
    }
}
