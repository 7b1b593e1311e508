package org.cairn.logic

import org.cairn.ffi.LockLapses
import org.cairn.ffi.OpenVault

/** Reads and sets what can be set. */
internal class SettingsClerk(private val vault: OpenVault, private val phone: Phone) {
    fun at(page: SettingsPage): Settings =
        Settings(page, phone.language, vault.lapses().let { Lapses(it.idle.toLong(), it.background.toLong()) })

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
            invented(phone.language) { decoy -> vault.setDuress(work.own, work.other, decoy) }
            at(SettingsPage.LIST).with(Line(Word.SETTINGS_DURESS_IS_SET))
        }
        is SettingsWork.DropDuress -> {
            vault.dropDuress(work.own)
            at(SettingsPage.LIST).with(Line(Word.SETTINGS_DURESS_GONE))
        }
        is SettingsWork.Depart, SettingsWork.Wipe -> error("closes the vault")
    }
}
