package org.cairn.app.disguise

import android.view.LayoutInflater
import android.view.View
import android.widget.Button
import android.widget.EditText
import android.widget.TextView
import org.cairn.app.R

/** Puts the disguise on and takes it off; a piece of the settings. */
class DisguiseView(inflater: LayoutInflater, private val disguise: Disguise) {
    val root: View = inflater.inflate(R.layout.disguise, null)
    private val number = root.findViewById<EditText>(R.id.disguise_number)
    private val switch = root.findViewById<Button>(R.id.disguise_switch)
    private val notice = root.findViewById<TextView>(R.id.disguise_notice)

    init {
        switch.setOnClickListener { if (disguise.isOn) takeOff() else putOn() }
        draw()
    }

    private fun putOn() {
        val done = disguise.putOn(number.text.toString())
        if (done) number.text.clear()
        notice.setText(if (done) R.string.disguise_is_on else R.string.disguise_wrong_number)
        draw()
    }

    private fun takeOff() {
        disguise.takeOff()
        notice.setText(R.string.disguise_is_off)
        draw()
    }

    private fun draw() {
        number.isEnabled = !disguise.isOn
        switch.setText(if (disguise.isOn) R.string.disguise_take_off else R.string.disguise_put_on)
    }
}
