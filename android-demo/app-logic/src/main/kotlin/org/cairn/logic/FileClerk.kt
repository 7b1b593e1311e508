package org.cairn.logic

import org.cairn.ffi.AttachedFile
import org.cairn.ffi.OpenVault
import org.cairn.logic.files.Attached

/** Reads the files of answers, and fetches them. */
internal class FileClerk(private val vault: OpenVault, private val syncs: SyncClerk) {
    /** A file of [draft], or of a record. */
    fun look(work: FileWork.Look, draft: FillingClerk?): Viewing = when (val of = work.of) {
        is RecordPage -> {
            val record = of.door.id
            Viewing(of, vault.attachment(record, work.key).shown, vault.readAttachment(record, work.key))
        }
        is Conflict -> Viewing(
            of,
            of.values.firstNotNullOf { held -> held.attached.takeIf { held.file == work.key } },
            vault.readAttachmentById(of.record, work.key),
        )
        is Fill -> {
            val file = of.questions.first { it.key == work.key }.file
            Viewing(of, checkNotNull(file), checkNotNull(draft).read(work.key))
        }
        else -> error("has no files")
    }

    /** A stop is no error: what has come stays, and the next time goes on from there. */
    fun fetch(work: FileWork.Fetch): Line {
        val trouble = syncs.stoppable { watch ->
            when (val of = work.of) {
                is RecordPage -> vault.fetchAttachment(of.door.id, work.key, watch)
                is Conflict -> vault.fetchAttachmentById(of.record, work.key, watch)
                else -> error("has no files to fetch")
            }
        }
        return trouble?.line ?: Line(Word.FILE_FETCHED)
    }
}

internal val AttachedFile.shown get() = Attached(name, mediaType, octets.toLong(), here)
