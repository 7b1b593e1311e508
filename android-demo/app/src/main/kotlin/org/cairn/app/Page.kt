package org.cairn.app

import android.content.Context
import android.os.Build
import android.view.Gravity
import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.widget.Button
import android.widget.CheckBox
import android.widget.EditText
import android.widget.LinearLayout
import android.widget.ScrollView
import android.widget.TextView
import org.cairn.logic.Event
import org.cairn.logic.Line
import org.cairn.logic.Word

/**
 * One screen's frame: the way back and the quick exit, a title, what happened last, the content, and what one does
 * next. Each function adds something below what is there.
 *
 * @property tell told what the person does
 */
class Page(val context: Context, val tell: (Event) -> Unit, exit: () -> Unit) {
    val root: View = LayoutInflater.from(context).inflate(R.layout.page, null)
    val words = Words(context.resources)
    private val title = root.findViewById<TextView>(R.id.title)
    private val notice = root.findViewById<TextView>(R.id.notice)

    /** Where what is added goes. */
    private var content = root.findViewById<LinearLayout>(R.id.content)

    private val foot = root.findViewById<LinearLayout>(R.id.foot)
    private val back = root.findViewById<Button>(R.id.back)
    private val large = context.resources.configuration.fontScale >= LARGE
    private val scroll = root.findViewById<ScrollView>(R.id.scroll)

    init {
        if (large) widen()
        back.setOnClickListener { tell(Event.Back) }
        root.findViewById<Button>(R.id.exit).setOnClickListener { exit() }
    }

    /** With large letters one stands below the other, and what does not scroll leaves room for what does. */
    private fun widen() {
        val head = root.findViewById<LinearLayout>(R.id.head)
        head.orientation = LinearLayout.VERTICAL
        for (at in 0 until head.childCount) {
            head.getChildAt(at).layoutParams = LinearLayout.LayoutParams(MATCH_PARENT, WRAP_CONTENT)
        }
        root.findViewById<LinearLayout>(R.id.frame).removeView(foot)
        root.findViewById<LinearLayout>(R.id.column).addView(foot)
        foot.setPadding(0, 0, 0, 0)
    }

    /** How far down one has read, in dots. */
    var place: Int
        get() = scroll.scrollY
        set(dots) {
            scroll.post { scroll.scrollTo(0, dots) }
        }

    /** Where one stood before the page was drawn anew. */
    private var stood: Standing? = null

    /** Whether something was done since the page was drawn. */
    private var rests = false

    /** Notes where one stands; not while nothing takes a touch, which may have taken that away. */
    private fun stands() {
        if (!rests) stood = Standing.on(root)
    }

    /** The same page is drawn anew: one is as far down, and stands where one stood. */
    fun stay(dots: Int) {
        val before = stood
        scroll.post { before?.again(root) }
        place = dots
    }

    /** Begins: nothing is on it but a title and what happened last. */
    fun begin(heading: String, happened: Line?, leadsBack: Boolean = true) {
        stands()
        rests = false
        content.removeAllViews()
        foot.removeAllViews()
        title.text = heading
        // Screen readers say that another screen has come.
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) root.accessibilityPaneTitle = heading
        back.visibility = if (leadsBack) View.VISIBLE else if (large) View.GONE else View.INVISIBLE
        say(happened)
    }

    fun say(line: Line?) {
        notice.text = line?.let(words::say)
        // There while empty too, without height: a live region that comes with its text says nothing.
        notice.layoutParams = notice.layoutParams.apply { height = if (line == null) 0 else WRAP_CONTENT }
    }

    /** Takes no touch while something is done; leaving is always possible. */
    fun rest(resting: Boolean) {
        if (resting) {
            stands()
            rests = true
        }
        for (part in listOf(content, foot)) part.all { it.isEnabled = !resting }
        back.isEnabled = !resting
    }

    fun heading(text: String) = add(TextView(context, null, 0, R.style.Heading)).apply {
        this.text = text
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) isAccessibilityHeading = true
    }

    fun says(text: String, to: LinearLayout = content) =
        add(TextView(context, null, 0, R.style.Says), to).apply { this.text = text }

    fun says(word: Word) = says(words.say(word))

    fun wrong(text: String) = add(TextView(context, null, 0, R.style.Wrong)).apply {
        this.text = text
        accessibilityLiveRegion = View.ACCESSIBILITY_LIVE_REGION_POLITE
    }

    /** One of several things to go to; [further] stands on a line of its own below. */
    fun row(text: String, further: String = "", act: () -> Unit) = add(Button(context, null, 0, R.style.Row)).apply {
        this.text = listOf(text, further).filter(String::isNotEmpty).joinToString("\n")
        setOnClickListener { act() }
    }

    /** One of several answers; whether it is the one is said in form and colour, and to screen readers. */
    fun choice(
        text: String,
        chosen: Boolean,
        many: Boolean = false,
        to: LinearLayout = content,
        act: () -> Unit,
    ): Button {
        val mark = if (many) (if (chosen) "\u2611" else "\u2610") else if (chosen) "\u25C9" else "\u25CB"
        return add(Button(context, null, 0, if (chosen) R.style.Row_Chosen else R.style.Row), to).apply {
            this.text = "$mark  $text"
            contentDescription = text
            isSelected = chosen
            setOnClickListener { act() }
        }
    }

    fun button(word: Word, act: () -> Unit) = add(Button(context, null, 0, R.style.Button)).apply {
        text = words.say(word)
        setOnClickListener { act() }
    }

    /** What one does next. */
    fun next(word: Word, act: () -> Unit) = add(Button(context, null, 0, R.style.Button), foot).apply {
        id = R.id.next
        text = words.say(word)
        setOnClickListener { act() }
    }

    fun aside(word: Word, act: () -> Unit) = add(Button(context, null, 0, R.style.Plain_Button), foot).apply {
        text = words.say(word)
        setOnClickListener { act() }
    }

    fun tick(text: String, ticked: Boolean = false) = add(CheckBox(context)).apply {
        setTextAppearance(R.style.Says)
        this.text = text
        isChecked = ticked
        isSaveEnabled = false
        minimumHeight = resources.getDimensionPixelSize(R.dimen.target)
    }

    /** A field with its label above, guarded. */
    fun field(label: String, kind: Int, text: String = "", id: Int? = null): EditText {
        val said = says(label)
        val field = add(Field(context))
        field.id = id ?: View.generateViewId()
        said.labelFor = field.id
        field.guard(kind)
        field.setText(text)
        return field
    }

    /** A line in which several things stand beside each other: [text], and behind it what [sign] adds. */
    fun line(text: TextView): LinearLayout = add(LinearLayout(context)).apply {
        gravity = Gravity.CENTER_VERTICAL
        isBaselineAligned = false
        addView(text, LinearLayout.LayoutParams(0, WRAP_CONTENT, 1f))
    }

    /** A button that bears a sign; [says] tells screen readers what it does. */
    fun sign(line: LinearLayout, sign: String, says: String, act: () -> Unit): Button {
        val button = Button(context, null, 0, R.style.Row)
        button.text = sign
        button.textAlignment = View.TEXT_ALIGNMENT_CENTER
        button.contentDescription = says
        button.minWidth = context.resources.getDimensionPixelSize(R.dimen.target)
        button.minimumWidth = button.minWidth
        button.setOnClickListener { act() }
        line.addView(button, LinearLayout.LayoutParams(WRAP_CONTENT, WRAP_CONTENT))
        return button
    }

    /**
     * What is compared stands beside each other where each part has as much room as a small screen, and else one below
     * the other. Each of [parts] adds to its own.
     */
    fun beside(parts: List<() -> Unit>) {
        val now = context.resources.configuration
        if (now.screenWidthDp < WIDE * parts.size * maxOf(1f, now.fontScale)) return parts.forEach { it() }
        val gap = context.resources.getDimensionPixelSize(R.dimen.half)
        val whole = content
        val line = add(LinearLayout(context))
        line.isBaselineAligned = false
        for (part in parts) {
            val column = LinearLayout(context)
            column.orientation = LinearLayout.VERTICAL
            line.addView(column, LinearLayout.LayoutParams(0, WRAP_CONTENT, 1f).apply { setMargins(gap, 0, gap, 0) })
            content = column
            part()
        }
        content = whole
    }

    /** Several things below each other, which have margins of their own. */
    fun whole(list: LinearLayout) = content.addView(list, LinearLayout.LayoutParams(MATCH_PARENT, WRAP_CONTENT))

    fun <V : View> add(view: V, to: LinearLayout = content): V {
        val gap = context.resources.getDimensionPixelSize(R.dimen.half)
        to.addView(view, LinearLayout.LayoutParams(MATCH_PARENT, WRAP_CONTENT).apply { setMargins(0, gap, 0, gap) })
        return view
    }

    private companion object {
        /** From here on letters are large, as a part of the usual size. */
        const val LARGE = 1.5f

        /** In dp. */
        const val WIDE = 300
    }

    private fun View.all(act: (View) -> Unit) {
        act(this)
        if (this is ViewGroup) for (child in 0 until childCount) getChildAt(child).all(act)
    }
}
