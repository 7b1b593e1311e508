package org.cairn.logic

import java.io.File
import java.util.concurrent.Executor

/** Opens and closes the vault in the named folder and prints each screen; run after shrinking. */
fun main(arguments: Array<String>) {
    val at = Executor(Runnable::run)
    // In here, because only this file's main class is packed for the run.
    val nowhere = object : Phone {
        override val language = "en"

        override fun speak(language: String) = Unit

        override fun end() = Unit

        override fun inAMoment(act: () -> Unit) = Unit
    }
    val desk = Desk(File(arguments[0]), nowhere, front = at, back = at)
    desk.show = { screen ->
        when (screen) {
            is Screen.Unlock -> println("lock: ${screen.notice?.word}" + if (screen.busy) ", busy" else "")
            is Today -> println("today: ${screen.counts.records} records")
            else -> println("another screen")
        }
    }
    desk.happens(Event.Submit(arguments[1]))
    desk.happens(Event.Leave)
}
