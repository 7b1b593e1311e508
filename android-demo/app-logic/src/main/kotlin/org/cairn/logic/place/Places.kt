package org.cairn.logic.place

/** The places of a line or an area, and the answer that they make: places with `;` between. */
object Places {
    /** The places of an answer. The last one of an area is its first again, and is left out. */
    fun of(text: String, area: Boolean): List<String> {
        val places = text.split(';').map(String::trim).filter(String::isNotEmpty)
        return if (area && places.size > LEAST_AREA && places.first() == places.last()) places.dropLast(1) else places
    }

    /** The answer; what is too short for one is written all the same, and the core says what it lacks. */
    fun text(places: List<String>, area: Boolean): String {
        val closed = if (area && places.size >= LEAST_AREA) places + places.first() else places
        return closed.joinToString("; ")
    }

    /**
     * A place as somebody types it or a map copies it, as an answer; null if it is none. Digits of every language. A
     * comma between digits stands between numbers only where points show that it is not in one.
     */
    fun typed(text: String): String? {
        val latin = text.trim().map { if (it.isDigit()) '0' + it.digitToInt() else it }.joinToString("")
            .replace('\u066B', '.').replace('\u060C', ',')
        val parts =
            if (latin.any { it.isWhitespace() || it == ';' }) {
                latin.split(BETWEEN).map { it.removeSuffix(",") }.filter(String::isNotEmpty)
            } else {
                latin.split(',').also { parts -> if (parts.take(2).any { '.' !in it }) return null }
            }
        val numbers = parts.map { part -> part.takeIf(NUMBER::matches)?.toDoubleOrNull() ?: return null }
        val fits = numbers.size in 2..4 && numbers[0] in -90.0..90.0 && numbers[1] in -180.0..180.0 &&
            numbers.getOrElse(3) { 0.0 } >= 0
        return if (fits) parts.joinToString(" ") else null
    }

    private const val LEAST_AREA = 3
    private val BETWEEN = Regex("""[\s;]+""")
    private val NUMBER = Regex("""[+-]?\d{1,6}(\.\d{1,12})?""")
}
