package org.cairn.app.disguise

import android.content.Context
import android.icu.text.DecimalFormatSymbols
import android.view.LayoutInflater
import android.view.View
import android.widget.Button
import android.widget.LinearLayout
import android.widget.LinearLayout.LayoutParams
import android.widget.TextView
import org.cairn.app.R
import org.cairn.logic.calculator.Calculator
import org.cairn.logic.calculator.Digits
import org.cairn.logic.calculator.Key
import org.cairn.logic.calculator.Operation
import org.cairn.logic.calculator.Result
import org.cairn.logic.calculator.WayIn

/**
 * Draws a calculator and presses its keys.
 *
 * @param wayIn the number that leads behind it, if there is one
 * @param behind what happens then; nothing of the number is on the display any more
 */
class CalculatorView(context: Context, private val wayIn: () -> String?, private val behind: () -> Unit) {
    val root: View = LayoutInflater.from(context).inflate(R.layout.calculator, null)
    private val sum = root.findViewById<TextView>(R.id.sum)
    private val result = root.findViewById<TextView>(R.id.result)
    private val words = root.resources
    private val digits = digitsOf(context)
    private var calculator = Calculator()

    init {
        val keys = root.findViewById<LinearLayout>(R.id.keys)
        for (row in ROWS) keys.addView(rowOf(row), LayoutParams(LayoutParams.MATCH_PARENT, 0, 1f))
        draw()
    }

    private fun press(key: Key) {
        calculator = calculator.press(key)
        draw()
    }

    /** Held down, "=" is "=", but for the one number. */
    private fun hold(): Boolean {
        if (!WayIn.isOpenedBy(calculator, wayIn())) return false
        press(Key.Clear)
        behind()
        return true
    }

    private fun draw() {
        sum.text = digits.sum(calculator)
        result.text = when (val result = calculator.result) {
            null -> ""
            is Result.Number -> "= " + digits.number(result.value)
            Result.DividedByZero -> words.getString(R.string.calculator_divided_by_zero)
            Result.OutOfReach -> words.getString(R.string.calculator_out_of_reach)
        }
    }

    private fun rowOf(keys: List<Key>) = LinearLayout(root.context).apply {
        for (key in keys) addView(buttonOf(key), LayoutParams(0, LayoutParams.MATCH_PARENT, 1f))
    }

    private fun buttonOf(key: Key): Button {
        val layout = if (key == Key.Equals) R.layout.calculator_equals else R.layout.calculator_key
        val button = LayoutInflater.from(root.context).inflate(layout, null) as Button
        button.text = faceOf(key)
        button.contentDescription = spoken(key)
        button.setOnClickListener { press(key) }
        // Not handled, a hold ends as the press that it is with every other number.
        if (key == Key.Equals) button.setOnLongClickListener { hold() }
        return button
    }

    private fun faceOf(key: Key): String = when (key) {
        is Key.Digit -> digits.digit(key.value)
        is Key.Sign -> Digits.letter(key.operation).toString()
        Key.Point -> digits.point.toString()
        Key.Percent -> digits.percent.toString()
        Key.Negate -> "±"
        Key.Delete -> "⌫"
        Key.Clear -> "C"
        Key.Equals -> "="
    }

    /** What a screen reader says instead of a sign. */
    private fun spoken(key: Key): String? = when (key) {
        is Key.Digit -> null
        is Key.Sign -> when (key.operation) {
            Operation.PLUS -> R.string.calculator_plus
            Operation.MINUS -> R.string.calculator_minus
            Operation.TIMES -> R.string.calculator_times
            Operation.DIVIDED_BY -> R.string.calculator_divided_by
        }
        Key.Point -> R.string.calculator_point
        Key.Percent -> R.string.calculator_percent
        Key.Negate -> R.string.calculator_negate
        Key.Delete -> R.string.calculator_delete
        Key.Clear -> R.string.calculator_clear
        Key.Equals -> R.string.calculator_equals
    }?.let(words::getString)

    private companion object {
        val ROWS: List<List<Key>> = listOf(
            listOf(Key.Clear, Key.Delete, Key.Percent, Key.Sign(Operation.DIVIDED_BY)),
            listOf(Key.Digit(7), Key.Digit(8), Key.Digit(9), Key.Sign(Operation.TIMES)),
            listOf(Key.Digit(4), Key.Digit(5), Key.Digit(6), Key.Sign(Operation.MINUS)),
            listOf(Key.Digit(1), Key.Digit(2), Key.Digit(3), Key.Sign(Operation.PLUS)),
            listOf(Key.Negate, Key.Digit(0), Key.Point, Key.Equals),
        )

        fun digitsOf(context: Context): Digits {
            val symbols = DecimalFormatSymbols.getInstance(context.resources.configuration.locales[0])
            return Digits(symbols.zeroDigit, symbols.decimalSeparator, symbols.percent)
        }
    }
}
