//! Every text is there in every language, in that language's script, and says the same with the same marks.

use super::tables::{FORMS, LANGUAGES, Row, Tables, references};

/// The columns that hold texts.
const TEXTS: [&str; 4] = ["label", "hint", "required_message", "constraint_message"];

/// Names that no language translates.
const BRANDS: &str = "Facebook Instagram WhatsApp Telegram Messenger Viber Snapchat LINE 4Sale WeChat QQ Qzone TikTok \
    Twitter VKontakte Odnoklassniki imo Discord";

/// What is written in English and French alike.
const SAME_IN_FRENCH: &str = "Active Afghani Bus Cigarettes Diaspora Document Ecstasy Euro Exploitation Film \
    Grenade Immigration Justice Litres Minibus Notes Photo Police Prostitution Revolver Services Servitude Taxi Train";

fn texts<'a>(row: &'a Row, column: &str) -> Vec<&'a str> {
    LANGUAGES.iter().map(|language| row.get(&format!("{column}::{language}"))).collect()
}

/// Everything that is asked or said and lacks a text in some language.
fn missing(tables: &Tables) -> Vec<String> {
    let mut missing = Vec::new();
    for (row, _) in tables.nested() {
        let silent = matches!(row.kind(), "calculate" | "start" | "end" | "today");
        for column in TEXTS {
            let wanted = match column {
                "label" => !silent,
                "required_message" => !row.get("required").is_empty(),
                "constraint_message" => !row.get("constraint").is_empty(),
                _ => texts(row, column).iter().any(|text| !text.is_empty()),
            };
            let there = texts(row, column).iter().filter(|text| !text.trim().is_empty()).count();
            if there != if wanted { LANGUAGES.len() } else { 0 } {
                missing.push(format!("{} {column}: {there}", row.name()));
            }
        }
    }
    for choice in &tables.choices {
        if texts(choice, "label").iter().any(|text| text.trim().is_empty()) {
            missing.push(format!("{} {}", choice.get("list_name"), choice.name()));
        }
    }
    missing
}

#[test]
fn every_text_is_there_in_six_languages() {
    for form in FORMS {
        let tables = Tables::read(form);
        assert_eq!(missing(&tables), [""; 0], "{form}");

        // The control: one text less is noticed, wherever it stands.
        for (column, name) in [("label::Тоҷикӣ (tg)", "kind"), ("label::العربية (ar)", "risk_level")]
        {
            let mut less = tables.clone();
            if let Some(row) = less.survey.iter_mut().find(|row| row.name() == name) {
                row.0.insert(column.to_owned(), " ".to_owned());
                assert_eq!(missing(&less).len(), 1);
            }
        }
        let mut less = tables;
        less.choices[0].0.insert("label::Français (fr)".to_owned(), String::new());
        assert_eq!(missing(&less).len(), 1);
    }
}

/// What is wrong with a text in the language of that index.
fn wrong(language: usize, text: &str) -> Option<String> {
    let bare = without_references(text);
    let latin: Vec<&str> = bare
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.chars().any(|letter| letter.is_ascii_alphabetic()))
        .filter(|word| !is_word_of(BRANDS, word) && !is_grade(word))
        .collect();
    let has = |letters: &str| bare.chars().find(|letter| letters.contains(*letter));
    let cyrillic = |letter: char| ('\u{400}'..='\u{52F}').contains(&letter);
    let arabic = |letter: char| ('\u{600}'..='\u{6FF}').contains(&letter);
    let foreign = match language {
        0 | 5 => bare.chars().find(|letter| cyrillic(*letter) || arabic(*letter)),
        1 => has("іїєґўқғҳҷӯӣІЇЄҐҚҒҲҶӮӢ"),
        2 => has("ыэъёқғҳҷӯӣЫЭЪЁҚҒҲҶӮӢ"),
        // The Tajik alphabet dropped these in 1998.
        3 => has("цщыьіїєґЦЩЫЬІЇЄҐ"),
        // Marks that point the wrong way in a text that runs from the right, and marks that turn it.
        _ => has(",;?()[]{}<>%\u{200E}\u{200F}\u{202A}\u{202B}\u{202C}\u{202D}\u{202E}\u{2066}\u{2067}\u{2068}\u{2069}")
            .or_else(|| bare.chars().find(|letter| cyrillic(*letter))),
    };
    if let Some(letter) = foreign {
        return Some(format!("{letter:?} does not belong in {text:?}"));
    }
    if (1..=4).contains(&language) && !latin.is_empty() {
        return Some(format!("{latin:?} stays English in {text:?}"));
    }
    // A reader's program may take the direction of a line from its first letter.
    let letters = bare.chars().find(|letter| letter.is_alphabetic());
    if language == 4 && bare.chars().any(arabic) && !letters.is_some_and(arabic) {
        return Some(format!("begins from the left: {text:?}"));
    }
    if text.trim() != text || text.contains("  ") || text.chars().any(char::is_control) {
        return Some(format!("blanks or breaks in {text:?}"));
    }
    None
}

fn is_word_of(words: &str, word: &str) -> bool {
    words.split_whitespace().any(|known| known == word)
}

/// The letter of a grade, and the newer name of one network.
fn is_grade(word: &str) -> bool {
    matches!(word, "A" | "B" | "C" | "D" | "E" | "F" | "X")
}

fn without_references(text: &str) -> String {
    let mut parts = text.split("${");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('}').map_or("", |(_, rest)| rest))
}

#[test]
fn each_language_is_written_in_its_own_letters() {
    for form in FORMS {
        let tables = Tables::read(form);
        let mut found = Vec::new();
        for row in tables.survey.iter() {
            for column in TEXTS {
                let texts = texts(row, column);
                found.extend(texts.iter().enumerate().filter_map(|(index, text)| wrong(index, text)));
            }
        }
        for choice in &tables.choices {
            let texts = texts(choice, "label");
            let from_cldr = matches!(choice.get("list_name"), "countries" | "languages");
            let judged = texts.iter().enumerate().filter(|(index, _)| !(from_cldr && *index == 4));
            found.extend(judged.filter_map(|(index, text)| wrong(index, text)));
        }
        assert_eq!(found, [""; 0], "{form}");
    }
}

#[test]
fn what_slips_in_from_another_language_is_noticed() {
    for (language, text) in [
        (1, "Відомо лише місяць"),
        (1, "What now"),
        (2, "Это ещё не решено"),
        (3, "Цель поездки"),
        (4, "هل أنت بخير?"),
        (4, "نعم (ربما)"),
        (4, "\u{202B}نعم"),
        (4, "X أو تويتر"),
        (0, "Нет"),
        (5, "deux  blancs"),
    ] {
        assert!(wrong(language, text).is_some(), "{text}");
    }
    for (language, text) in
        [(1, "Код этого дела: ${case_code}"), (4, "هل الحديث هنا والآن آمن لك؟"), (3, "Ҳа")]
    {
        assert_eq!(wrong(language, text), None);
    }
}

#[test]
fn nothing_was_left_in_english() {
    for form in FORMS {
        let tables = Tables::read(form);
        let mut same = Vec::new();
        let rows = tables.survey.iter().map(|row| ("", row));
        let choices = tables.choices.iter().map(|row| (row.get("list_name"), row));
        for (list, row) in rows.chain(choices) {
            for column in TEXTS {
                let texts = texts(row, column);
                let known = |text: &str| {
                    text.is_empty()
                        || matches!(list, "countries" | "languages")
                        || text
                            .split([' ', ',', '.', ':'])
                            .all(|word| word.is_empty() || is_word_of(BRANDS, word))
                };
                for (index, text) in texts.iter().enumerate().skip(1) {
                    let french = index == 5 && is_word_of(SAME_IN_FRENCH, text);
                    if *text == texts[0] && !known(text) && !french {
                        same.push(format!("{} {}: {text}", LANGUAGES[index], row.name()));
                    }
                }
            }
        }
        assert_eq!(same, [""; 0], "{form}");
    }
}

#[test]
fn what_is_filled_into_a_text_is_the_same_in_every_language() {
    let mut filled = 0;
    for form in FORMS {
        let tables = Tables::read(form);
        for row in &tables.survey {
            for column in TEXTS {
                let texts = texts(row, column);
                for text in &texts {
                    assert_eq!(references(text), references(texts[0]), "{form} {}", row.name());
                }
                for name in references(texts[0]) {
                    tables.row(name);
                    filled += 1;
                }
            }
        }
    }
    assert!(filled >= 8, "{filled}");
}

/// Whoever hears a question in one language is asked as many questions as whoever hears it in another.
#[test]
fn a_question_is_a_question_in_every_language() {
    for form in FORMS {
        for row in Tables::read(form).survey.iter().filter(|row| row.is_asked()) {
            let texts = texts(row, "label");
            let asks: Vec<bool> = texts.iter().map(|text| text.contains(['?', '؟'])).collect();
            assert!(asks.iter().all(|ask| *ask == asks[0]), "{form} {}: {texts:?}", row.name());
        }
    }
}

#[test]
fn who_has_read_a_translation_is_written_down() {
    let rows = super::tables::rows(&super::tables::root().join("forms/translations.csv"));
    for form in FORMS {
        for language in LANGUAGES {
            let row = rows.iter().find(|row| row.get("form") == form && row.get("language") == language);
            let row = row.unwrap_or_else(|| panic!("{form} {language}"));
            assert!(!row.get("written_by").is_empty());
            assert_eq!(row.get("reviewed_by").is_empty(), row.get("reviewed_on").is_empty());
        }
    }
}
