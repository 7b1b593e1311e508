package org.cairn.logic

import java.io.File
import java.util.concurrent.Executor

/** Opens and closes the vault in the named folder and prints each screen; run after shrinking. */
fun main(arguments: Array<String>) {
    val at = Executor(Runnable::run)
    val desk = Desk(File(arguments[0]), front = at, back = at)
    desk.show = { screen ->
        when (screen) {
            is Screen.Unlock -> println("lock: ${screen.notice?.word}" + if (screen.busy) ", busy" else "")
            is Screen.Today -> println("today: ${screen.counts.records} records")
        }
    }
    desk.happens(Event.Submit(arguments[1]))
    desk.happens(Event.Leave)
}
