package org.cairn.logic

import org.cairn.ffi.OpenVault
import org.cairn.ffi.RecordQuery

/** Reads records and settles what two people answered differently. */
internal class RecordClerk(private val vault: OpenVault, private val language: String) {
    fun page(door: Door.Record): RecordPage {
        val page = vault.record(door.id, language)
        return RecordPage(
            door = door,
            name = page.title.ifEmpty { page.handle },
            form = page.formTitle,
            answers = page.lines.map { Said(it.key, it.label, it.said, it.heading, it.answer.none, it.file?.shown) },
            conflicts = page.conflicts.size,
            hidden = page.elsewhere.size,
        )
    }

    fun history(door: Door.Record): History {
        val page = vault.record(door.id, language)
        val entries = vault.timeline(door.id, null, language).map {
            val told = it.said?.let { said -> Told(said, it.missing) }
            Entry(it.who, it.time.toLong(), it.label, told, it.before?.let { said -> Told(said, it.beforeMissing) })
        }
        return History(door, page.title.ifEmpty { page.handle }, entries.sortedByDescending { it.at })
    }

    fun search(door: Door.Search): Search {
        val query = RecordQuery(door.text, null, emptyList(), null, door.rows.toULong())
        val found = vault.records(query, language)
        val rows = found.rows.map {
            RecordLine(it.record, it.title.ifEmpty { it.handle }, it.formTitle, it.changed.toLong())
        }
        return Search(door, rows, more = found.next != null)
    }

    fun conflict(skip: Int): Conflict {
        val left = vault.counts().conflicts.toInt()
        val all = vault.conflicts(skip.toULong() + 1u, language)
        // After the last one it begins anew with those that were left for later.
        val at = if (skip < all.size) skip else 0
        val conflict = all.getOrNull(at) ?: return Conflict(skip = 0, left = 0)
        val page = vault.record(conflict.record, language)
        return Conflict(
            skip = at,
            left = left,
            record = conflict.record,
            field = conflict.key,
            name = page.title.ifEmpty { conflict.handle },
            label = conflict.label,
            values = conflict.values.map {
                val said = it.said.takeIf { _ -> it.answer != null }
                Held(it.answer, said, it.who, it.time.toLong(), it.file?.id, it.file?.shown)
            },
        )
    }

    /** Two files may have the same name, so that a file is settled by what tells it from others. */
    fun settle(work: ConflictWork.Settle) {
        val file = work.file
        if (file != null) vault.settleAttachment(work.record, file)
        else vault.settle(work.record, work.field, work.answer)
    }
}
