package org.cairn.app

import android.widget.Button
import android.widget.ImageView
import org.cairn.app.files.Pictures
import org.cairn.app.files.Player
import org.cairn.logic.Line
import org.cairn.logic.Word
import org.cairn.logic.Viewing

/** Shows a picture and plays a sound, from memory. Nothing is given to another app. */
class Viewer(private val page: Page, private val hands: Hands) {
    private val player = Player()

    /** What is looked at: another screen that has come meanwhile wants nothing of it. */
    private var seen: ImageView? = null

    fun show(screen: Viewing) {
        forget()
        page.begin(apart(screen.file.name), screen.notice)
        when {
            screen.file.isPicture -> picture(screen)
            screen.file.isSound -> sound(screen)
            else -> page.says(Word.FILE_NOT_SHOWN)
        }
    }

    /** Says that nothing is played any more. */
    private var silent: () -> Unit = {}

    /** Nobody is there. The page stays, and may be seen again. */
    fun rest() {
        player.stop()
        silent()
        silent = {}
    }

    /** Nobody looks any more. */
    fun forget() {
        rest()
        seen?.setImageDrawable(null)
        seen = null
    }

    /** No more of it is read than the screen has dots for, and not on the thread that draws. */
    private fun picture(screen: Viewing) {
        val view = page.add(ImageView(page.context))
        view.adjustViewBounds = true
        view.contentDescription = screen.file.name
        seen = view
        val side = page.context.resources.displayMetrics.let { maxOf(it.widthPixels, it.heightPixels) }
        hands.later({ Pictures.read(screen.octets, side) }) { bitmap ->
            when {
                seen !== view -> Unit
                bitmap == null -> page.wrong(page.words.say(Word.FILE_NOT_A_PICTURE))
                else -> view.setImageBitmap(bitmap)
            }
        }
    }

    private fun sound(screen: Viewing) {
        lateinit var button: Button
        var plays = false
        fun says() {
            button.text = page.words.say(if (plays) Word.FILE_PAUSE else Word.FILE_PLAY)
        }
        fun ends() {
            plays = false
            says()
        }
        button = page.button(Word.FILE_PLAY) {
            if (plays) rest() else {
                plays = true
                silent = ::ends
                says()
                player.begin(screen.octets) { heard ->
                    ends()
                    if (!heard) page.say(Line(Word.FILE_NOT_SHOWN))
                }
            }
        }
    }
}
