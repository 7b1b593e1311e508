package org.cairn.logic

import org.cairn.ffi.OpenVault

/** Reads what the first screens show. */
internal class TodayClerk(private val vault: OpenVault, private val language: String) {
    fun today(done: TaskLine? = null): Today {
        val state = vault.state()
        val tasks = TaskClerk(vault, language)
        val page = tasks.page(Today.TASKS)
        val ago = state.lastSync?.let { System.currentTimeMillis() / 1000 - it.toLong() }
        return Today(
            counts = state.counts.let {
                Counts(
                    records = it.records.toLong(),
                    conflicts = it.conflicts.toLong(),
                    waiting = it.outbox.toLong(),
                    files = state.attachmentsWaiting.toLong(),
                )
            },
            drafts = vault.drafts(language)
                .sortedByDescending { it.changed }
                .map { DraftLine(it.draft.toLong(), it.formTitle, it.changed.toLong()) },
            tasks = tasks.lines(page),
            open = page.open.toLong(),
            done = done,
            alarms = vault.alarms().map { it.kind }.distinct().map(::alarm),
            contact = Contact(ago, state.clockOffset),
            unswept = state.isUnswept,
        )
    }

    fun forms() = Forms(
        vault.forms(language).filter { it.isNewest }.map { FormLine(it.form, it.title) },
    )
}

/** Most are about the server; their names help who asks a coordinator. */
internal fun alarm(kind: String): Line = when (kind) {
    "other_submit_key" -> Line(Word.ALARM_SUBMIT_KEY)
    "other_pack" -> Line(Word.ALARM_PACK)
    else -> Line(Word.ALARM, kind)
}
