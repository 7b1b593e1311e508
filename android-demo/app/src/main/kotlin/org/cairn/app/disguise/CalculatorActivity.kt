package org.cairn.app.disguise

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import org.cairn.app.MainActivity

/**
 * The calculator. Its picture may stand in the list of recent apps: a calculator that hides would be looked at
 * twice.
 */
class CalculatorActivity : Activity() {
    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        val disguise = Disguise(this)
        val view = CalculatorView(this, wayIn = { disguise.number }) {
            startActivity(Intent(this, MainActivity::class.java))
        }
        view.root.fitsSystemWindows = true
        setContentView(view.root)
    }
}
