package org.cairn.logic

import java.io.File
import org.cairn.ffi.Decoy

/**
 * What a second passphrase shows: a survey of wells, which nobody minds.
 *
 * It is the same on every phone, so that who knows this app well knows it for a decoy.
 */
internal fun <T> invented(language: String, use: (Decoy) -> T): T {
    val folder = File.createTempFile("form", "").apply { delete() }
    try {
        folder.mkdirs()
        File(folder, "survey.csv").writeText(SURVEY)
        File(folder, "choices.csv").writeText(CHOICES)
        File(folder, "settings.csv").writeText(SETTINGS)
        val villages = VILLAGES[language] ?: VILLAGES.getValue("en")
        return use(Decoy(folder.path, villages.mapIndexed(::well)))
    } finally {
        // A form of wells that lies about would tell that there is a decoy.
        folder.deleteRecursively()
    }
}

private fun well(number: Int, village: String): String {
    val state = if (number % 3 == 1) "broken" else "works"
    return """{"village":"$village","day":"2026-0${number % 6 + 3}-1$number","water":"$state","households":${7 + number * 5}}"""
}

private val VILLAGES = mapOf(
    "en" to listOf("Upper well", "Lower well", "School", "Mill"),
    "ru" to listOf("Верхний колодец", "Нижний колодец", "Школа", "Мельница"),
    "tg" to listOf("Чоҳи боло", "Чоҳи поён", "Мактаб", "Осиё"),
    "ar" to listOf("البئر العليا", "البئر السفلى", "المدرسة", "الطاحونة"),
)

private const val SETTINGS = "form_title,form_id,version,default_language,instance_name\nWells,wells,1,English (en),\${village}\n"

private const val SURVEY =
    "type,name,label::English (en),label::Русский (ru),label::Тоҷикӣ (tg),label::العربية (ar)\n" +
        "text,village,Place,Место,Ҷой,المكان\n" +
        "date,day,Day of the visit,День посещения,Рӯзи боздид,يوم الزيارة\n" +
        "select_one state,water,Is there water?,Есть ли вода?,Об ҳаст?,هل يوجد ماء؟\n" +
        "integer,households,How many households use it?,Сколько семей им пользуются?,Чанд оила истифода мебарад?,كم أسرة تستعمله؟\n"

private const val CHOICES =
    "list_name,name,label::English (en),label::Русский (ru),label::Тоҷикӣ (tg),label::العربية (ar)\n" +
        "state,works,Yes,Да,Ҳа,نعم\n" +
        "state,broken,No,Нет,Не,لا\n"
