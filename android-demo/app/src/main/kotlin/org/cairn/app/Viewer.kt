package org.cairn.app

import android.widget.Button
import android.widget.ImageView
import org.cairn.app.files.Pictures
import org.cairn.app.files.Player
import org.cairn.logic.Line
import org.cairn.logic.Word
import org.cairn.logic.Viewing

/** Shows a picture and plays a sound, from memory. Nothing is given to another app. */
class Viewer(private val page: Page) {
    private val player = Player()

    fun show(screen: Viewing) {
        forget()
        page.begin(apart(screen.file.name), screen.notice)
        when {
            screen.file.isPicture -> picture(screen)
            screen.file.isSound -> sound(screen)
            else -> page.says(Word.FILE_NOT_SHOWN)
        }
    }

    /** Nobody looks any more. */
    fun forget() = player.stop()

    private fun picture(screen: Viewing) {
        val bitmap = Pictures.read(screen.octets)
        if (bitmap == null) {
            page.wrong(page.words.say(Word.FILE_NOT_A_PICTURE))
            return
        }
        val view = page.add(ImageView(page.context))
        view.adjustViewBounds = true
        view.contentDescription = screen.file.name
        view.setImageBitmap(bitmap)
    }

    private fun sound(screen: Viewing) {
        lateinit var button: Button
        var plays = false
        fun says() {
            button.text = page.words.say(if (plays) Word.FILE_PAUSE else Word.FILE_PLAY)
        }
        button = page.button(Word.FILE_PLAY) {
            if (plays) {
                player.stop()
                plays = false
            } else {
                plays = player.begin(screen.octets) {
                    plays = false
                    says()
                }
                if (!plays) page.say(Line(Word.FILE_NOT_SHOWN))
            }
            says()
        }
    }
}
