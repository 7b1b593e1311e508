package org.cairn.app

import org.cairn.logic.Door
import org.cairn.logic.Event
import org.cairn.logic.Lapses
import org.cairn.logic.Line
import org.cairn.logic.Settings
import org.cairn.logic.SettingsEvent
import org.cairn.logic.SettingsPage
import org.cairn.logic.Word

private val TITLES = mapOf(
    SettingsPage.LIST to Word.SETTINGS_TITLE,
    SettingsPage.LANGUAGE to Word.SETTINGS_LANGUAGE,
    SettingsPage.LAPSES to Word.SETTINGS_LAPSES,
    SettingsPage.PASSPHRASE to Word.SETTINGS_PASSPHRASE,
    SettingsPage.DURESS to Word.SETTINGS_DURESS,
    SettingsPage.TRAVEL to Word.SETTINGS_TRAVEL,
    SettingsPage.DISGUISE to Word.SETTINGS_DISGUISE,
    SettingsPage.WIPE to Word.SETTINGS_WIPE,
)

/** What can be set, and passphrases that are typed for it. */
fun Page.settings(screen: Settings, hands: Hands): Secrets? {
    begin(words.say(TITLES.getValue(screen.page)), screen.notice)
    return when (screen.page) {
        SettingsPage.LIST -> null.also {
            for ((page, word) in TITLES) {
                if (page != SettingsPage.LIST) row(words.say(word)) { tell(Event.Go(Door.Settings(page))) }
            }
        }
        SettingsPage.LANGUAGE -> null.also {
            for ((tag, own) in LANGUAGES) {
                row(own) { tell(SettingsEvent.Speak(tag)) }.isSelected = tag == screen.language
            }
        }
        SettingsPage.LAPSES -> null.also { lapses(screen.lapses) }
        SettingsPage.PASSPHRASE -> changing()
        SettingsPage.DURESS -> duress(screen)
        SettingsPage.TRAVEL -> travel(screen)
        SettingsPage.DISGUISE -> null.also { add(hands.disguise()) }
        SettingsPage.WIPE -> null.also { wipe(screen) }
    }
}

private fun Page.lapses(now: Lapses) {
    heading(words.say(Word.SETTINGS_IDLE))
    for (minutes in listOf(1L, 5L, 15L)) {
        val set = now.idle == minutes * 60
        choice(minutes(minutes), set) { tell(SettingsEvent.Lapse(now.copy(idle = minutes * 60))) }
    }
    heading(words.say(Word.SETTINGS_AWAY))
    for (minutes in listOf(0L, 2L, 10L)) {
        val set = now.background == minutes * 60
        choice(minutes(minutes), set) { tell(SettingsEvent.Lapse(now.copy(background = minutes * 60))) }
    }
}

private fun Page.minutes(number: Long): String =
    if (number == 0L) words.say(Word.SETTINGS_AT_ONCE) else words.say(Line(Word.SETTINGS_MINUTES, number))

private fun Page.changing(): Secrets {
    val (fields, show) = secrets(Word.SETTINGS_OLD, Word.SETTINGS_NEW, Word.START_AGAIN)
    next(Word.SETTINGS_CHANGE) {
        val (old, new, again) = fields.map { it.take() }
        tell(SettingsEvent.Change(old, new, again))
    }
    return Secrets(fields, show)
}

private fun Page.duress(screen: Settings): Secrets {
    says(Word.SETTINGS_DURESS_MEANS)
    lost(screen)
    val (fields, show) = secrets(Word.SETTINGS_OLD, Word.SETTINGS_DURESS_OTHER, Word.START_AGAIN)
    next(Word.SETTINGS_DURESS_SET) {
        val (own, other, again) = fields.map { it.take() }
        tell(SettingsEvent.Duress(own, other, again))
    }
    aside(Word.SETTINGS_DURESS_DROP) { tell(SettingsEvent.DropDuress(fields.map { it.take() }.first())) }
    return Secrets(fields, show)
}

private fun Page.travel(screen: Settings): Secrets {
    says(Word.SETTINGS_TRAVEL_MEANS)
    lost(screen)
    val (fields, show) = secrets(Word.SETTINGS_OLD)
    val sure = tick(words.say(Word.SETTINGS_TRAVEL_SURE))
    next(Word.SETTINGS_DEPART) { tell(SettingsEvent.Depart(fields.single().take(), sure.isChecked)) }
    return Secrets(fields, show)
}

private fun Page.wipe(screen: Settings) {
    says(Word.SETTINGS_WIPE_MEANS)
    lost(screen)
    val sure = tick(words.say(Word.SETTINGS_WIPE_SURE))
    next(Word.SETTINGS_WIPE_DO) { tell(SettingsEvent.Wipe(sure.isChecked)) }
}

/** What would be lost, and what this phone cannot promise about it. */
private fun Page.lost(screen: Settings) {
    if (!screen.certain) says(Word.KEY_IN_FILE)
    screen.unsent?.let { unsent -> says(unsent.lines.joinToString("\n", transform = words::say)) }
}
