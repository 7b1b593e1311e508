package org.cairn.logic

/**
 * Everything the app can say. The screens speak in these; the resources of each language hold the words
 * under the same name in small letters, and a test holds the two together.
 */
enum class Word {
    UNLOCK_TITLE,
    UNLOCK_FIELD,
    UNLOCK_SHOW,
    UNLOCK_OPEN,

    /** The passphrase is being tried. */
    WAIT,
    LOCKED,
    EMPTY_PASSPHRASE,
    WRONG_PASSPHRASE,
    TOO_MANY_TRIES,
    IN_USE,
    NOTHING_HERE,
    TOO_NEW,
    NO_ROOM,
    DAMAGED,

    /** What no other word fits; takes the name of the error, which a coordinator can look up. */
    TROUBLE,

    TODAY_TITLE,

    /** Takes a number, like the two after it. */
    TODAY_RECORDS,
    TODAY_CONFLICTS,
    TODAY_WAITING,
    TODAY_LOCK,
}

/** A word and what stands in its places: numbers and names of errors, never what a record says. */
data class Line(val word: Word, val places: List<Any> = emptyList()) {
    constructor(word: Word, vararg places: Any) : this(word, places.toList())
}
