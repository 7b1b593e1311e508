package org.cairn.logic.files

/**
 * A file that is to become an answer: a picture, a sound, or any other.
 *
 * @property mediaType as in RFC 6838, like `image/jpeg`
 * @property octets its content, in memory alone
 */
class Found(val name: String, val mediaType: String, val octets: ByteArray) {
    /** Overwrites the content: it is kept, or dropped. The runtime may have moved copies of it before. */
    fun wipe() = octets.fill(0)
}

/**
 * A file that is an answer.
 *
 * @property octets how long it is
 * @property here whether this phone holds all of it
 */
data class Attached(val name: String, val mediaType: String, val octets: Long, val here: Boolean) {
    val isPicture: Boolean get() = mediaType.startsWith("image/")
    val isSound: Boolean get() = mediaType.startsWith("audio/")
}

/** How much of each kind is taken. A cheap phone gives an app about 100 MB of memory. */
object Limits {
    /** The longest side of a picture that is kept, in dots. A page of a document can be read from it. */
    const val SIDE = 1600

    /** Seconds of one recording, at 4 kB each. */
    const val SECONDS = 600

    /** Octets of what a camera or another app hands over. */
    const val OCTETS = 16 * 1024 * 1024

    /** The same in the unit that people are told. */
    const val MEGABYTES = OCTETS / (1024 * 1024)
}

/** A name that a file may have here: no folders, no signs that are not seen, and short. */
fun fileName(said: String?, otherwise: String): String {
    val name = said.orEmpty().substringAfterLast('/').substringAfterLast('\\')
        .filter { it.isLetterOrDigit() || it in " ._-()" }.trim(' ', '.')
    if (name.length <= LONGEST) return name.ifEmpty { otherwise }
    val kind = name.substringAfterLast('.', "").take(LONGEST_KIND)
    return name.take(LONGEST - LONGEST_KIND - 1).trimEnd() + if (kind.isEmpty()) "" else ".$kind"
}

private const val LONGEST = 80
private const val LONGEST_KIND = 8
