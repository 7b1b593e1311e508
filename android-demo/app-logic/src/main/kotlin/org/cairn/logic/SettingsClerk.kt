package org.cairn.logic

import java.io.File
import org.cairn.ffi.LockLapses
import org.cairn.ffi.OpenVault
import org.cairn.ffi.PhoneKey

/**
 * Reads and sets what can be set.
 *
 * @param folder where a decoy's form lies for a moment
 */
internal class SettingsClerk(
    private val vault: OpenVault,
    private val phone: Phone,
    private val folder: File,
    private val phoneKeys: () -> PhoneKey?,
) {
    fun at(page: SettingsPage): Settings {
        val now = Settings(page, phone.language, vault.lapses().let { Lapses(it.idle.toLong(), it.background.toLong()) })
        if (page !in DESTROYING) return now
        val state = vault.state()
        val unsent = Unsent(state.counts.outbox.toLong(), state.attachmentsWaiting.toLong(), state.drafts.toLong())
        return now.copy(certain = phoneKeys()?.erasesForCertain() == true, unsent = unsent)
    }

    /** Wiping and departing close the vault and are not done here. */
    fun set(work: SettingsWork): Settings = when (work) {
        is SettingsWork.Speak -> {
            phone.speak(work.language)
            at(SettingsPage.LIST)
        }
        is SettingsWork.Lapse -> {
            vault.setLapses(LockLapses(work.lapses.idle.toULong(), work.lapses.background.toULong()))
            at(SettingsPage.LAPSES).with(Line(Word.SETTINGS_SET))
        }
        is SettingsWork.Change -> {
            vault.changePassphrase(work.old, work.new)
            at(SettingsPage.LIST).with(Line(Word.SETTINGS_CHANGED))
        }
        is SettingsWork.Duress -> {
            val certain = invented(phone.language, folder) { decoy -> vault.setDuress(work.own, work.other, decoy) }
            val set = Line(Word.SETTINGS_DURESS_IS_SET)
            at(SettingsPage.LIST).with(if (certain) set else Line(Word.BOTH, set, Line(Word.KEY_IN_FILE)))
        }
        is SettingsWork.DropDuress -> {
            vault.dropDuress(work.own)
            at(SettingsPage.LIST).with(Line(Word.SETTINGS_DURESS_GONE))
        }
        is SettingsWork.Depart, SettingsWork.Wipe -> error("closes the vault")
    }

    private companion object {
        /** Here what only this phone has can be lost. */
        val DESTROYING = setOf(SettingsPage.DURESS, SettingsPage.TRAVEL, SettingsPage.WIPE)
    }
}
