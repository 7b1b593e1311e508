package org.cairn.logic

/**
 * A kind of list that nobody minds, in every language.
 *
 * @property id the form's name
 */
internal class Harmless(val id: String, val words: Map<String, HarmlessWords>)

/**
 * The words of one language; none holds a comma or a quotation mark.
 *
 * @property what asks for the thing
 * @property number asks for how many
 * @property done asks for yes or no
 * @property things what may stand in the list
 */
internal class HarmlessWords(
    val title: String,
    val what: String,
    val number: String,
    val done: String,
    val things: List<String>,
)

private fun words(title: String, what: String, number: String, done: String, things: String) =
    HarmlessWords(title, what, number, done, things.split(", "))

/** What a decoy may show. */
internal val HARMLESS = listOf(
    Harmless(
        "wells",
        mapOf(
            "en" to words(
                "Wells",
                "Place",
                "How many households use it?",
                "Is there water?",
                "Upper well, Lower well, School, Mill, Market, New street, Old bridge, Clinic, Orchard, Bus stop",
            ),
            "ru" to words(
                "Колодцы",
                "Место",
                "Сколько семей им пользуются?",
                "Есть ли вода?",
                "Верхний колодец, Нижний колодец, Школа, Мельница, Рынок, Новая улица, Старый мост, Поликлиника, Сад, Остановка",
            ),
            "tg" to words(
                "Чоҳҳо",
                "Ҷой",
                "Чанд оила истифода мебарад?",
                "Об ҳаст?",
                "Чоҳи боло, Чоҳи поён, Мактаб, Осиё, Бозор, Кӯчаи нав, Пули кӯҳна, Дармонгоҳ, Боғ, Истгоҳ",
            ),
            "ar" to words(
                "الآبار",
                "المكان",
                "كم أسرة تستعمله؟",
                "هل يوجد ماء؟",
                "البئر العليا, البئر السفلى, المدرسة, الطاحونة, السوق, الشارع الجديد, الجسر القديم, العيادة, البستان, موقف الحافلة",
            ),
        ),
    ),
    Harmless(
        "garden",
        mapOf(
            "en" to words(
                "Garden",
                "Plant",
                "How many rows?",
                "Watered?",
                "Tomatoes, Cucumbers, Onions, Carrots, Potatoes, Peppers, Beans, Melons, Parsley, Garlic",
            ),
            "ru" to words(
                "Огород",
                "Растение",
                "Сколько рядов?",
                "Полито?",
                "Помидоры, Огурцы, Лук, Морковь, Картофель, Перец, Фасоль, Дыни, Петрушка, Чеснок",
            ),
            "tg" to words(
                "Полиз",
                "Растанӣ",
                "Чанд қатор?",
                "Об дода шуд?",
                "Помидор, Бодиринг, Пиёз, Сабзӣ, Картошка, Қаламфур, Лӯбиё, Харбуза, Ҷаъфарӣ, Сирпиёз",
            ),
            "ar" to words(
                "الحديقة",
                "النبات",
                "كم صفاً؟",
                "هل سُقي؟",
                "طماطم, خيار, بصل, جزر, بطاطا, فلفل, فاصوليا, شمام, بقدونس, ثوم",
            ),
        ),
    ),
    Harmless(
        "shopping",
        mapOf(
            "en" to words(
                "Shopping",
                "What",
                "How many?",
                "Bought?",
                "Bread, Rice, Oil, Tea, Sugar, Soap, Milk, Eggs, Salt, Flour",
            ),
            "ru" to words(
                "Покупки",
                "Что",
                "Сколько?",
                "Куплено?",
                "Хлеб, Рис, Масло, Чай, Сахар, Мыло, Молоко, Яйца, Соль, Мука",
            ),
            "tg" to words(
                "Харид",
                "Чӣ",
                "Чанд?",
                "Харида шуд?",
                "Нон, Биринҷ, Равған, Чой, Шакар, Собун, Шир, Тухм, Намак, Орд",
            ),
            "ar" to words(
                "المشتريات",
                "ماذا",
                "كم؟",
                "هل اشتُري؟",
                "خبز, أرز, زيت, شاي, سكر, صابون, حليب, بيض, ملح, طحين",
            ),
        ),
    ),
    Harmless(
        "lessons",
        mapOf(
            "en" to words(
                "Lessons",
                "Subject",
                "How many pages?",
                "Done?",
                "Arithmetic, Reading, Writing, History, Geography, Drawing, Physics, Biology, Singing, Sport",
            ),
            "ru" to words(
                "Уроки",
                "Предмет",
                "Сколько страниц?",
                "Сделано?",
                "Арифметика, Чтение, Письмо, История, География, Рисование, Физика, Биология, Пение, Спорт",
            ),
            "tg" to words(
                "Дарсҳо",
                "Фан",
                "Чанд саҳифа?",
                "Иҷро шуд?",
                "Ҳисоб, Хониш, Хат, Таърих, Ҷуғрофия, Расм, Физика, Биология, Суруд, Варзиш",
            ),
            "ar" to words(
                "الدروس",
                "المادة",
                "كم صفحة؟",
                "هل أُنجز؟",
                "الحساب, القراءة, الكتابة, التاريخ, الجغرافيا, الرسم, الفيزياء, الأحياء, الغناء, الرياضة",
            ),
        ),
    ),
    Harmless(
        "repairs",
        mapOf(
            "en" to words(
                "Repairs",
                "What",
                "How many hours?",
                "Finished?",
                "Roof, Door, Window, Tap, Lamp, Fence, Stove, Bicycle, Table, Pump",
            ),
            "ru" to words(
                "Ремонт",
                "Что",
                "Сколько часов?",
                "Закончено?",
                "Крыша, Дверь, Окно, Кран, Лампа, Забор, Печь, Велосипед, Стол, Насос",
            ),
            "tg" to words(
                "Таъмир",
                "Чӣ",
                "Чанд соат?",
                "Тамом шуд?",
                "Бом, Дар, Тиреза, Кран, Чароғ, Девор, Печка, Велосипед, Миз, Насос",
            ),
            "ar" to words(
                "الإصلاحات",
                "ماذا",
                "كم ساعة؟",
                "هل انتهى؟",
                "السقف, الباب, النافذة, الصنبور, المصباح, السياج, الموقد, الدراجة, الطاولة, المضخة",
            ),
        ),
    ),
    Harmless(
        "prices",
        mapOf(
            "en" to words(
                "Market prices",
                "Goods",
                "What does it cost?",
                "Is there enough?",
                "Apples, Pears, Apricots, Nuts, Raisins, Fish, Cheese, Honey, Grapes, Pomegranates",
            ),
            "ru" to words(
                "Цены на рынке",
                "Товар",
                "Сколько стоит?",
                "Хватает?",
                "Яблоки, Груши, Абрикосы, Орехи, Изюм, Рыба, Сыр, Мёд, Виноград, Гранаты",
            ),
            "tg" to words(
                "Нархҳои бозор",
                "Мол",
                "Чанд пул аст?",
                "Мерасад?",
                "Себ, Нок, Зардолу, Чормағз, Мавиз, Моҳӣ, Панир, Асал, Ангур, Анор",
            ),
            "ar" to words(
                "أسعار السوق",
                "البضاعة",
                "كم سعره؟",
                "هل يكفي؟",
                "تفاح, كمثرى, مشمش, جوز, زبيب, سمك, جبن, عسل, عنب, رمان",
            ),
        ),
    ),
)
