//! Which of several translations to show.

use super::Translations;

/// The text in `language` (given as the form names it, `Тоҷикӣ (tg)`, or by its code, `tg` or
/// `tg-TJ`); else in `default`; else without a language; else in the first language there is.
/// Empty only when there are no translations at all.
pub fn text_in<'a>(translations: &'a Translations, language: &str, default: &str) -> &'a str {
    let texts = translations.iter().map(|(language, text)| (language.as_str(), text.as_str()));
    pick(texts, language, default)
}

/// The same of texts by language, ascending by the language's name.
pub(super) fn pick<'a>(
    texts: impl Iterator<Item = (&'a str, &'a str)> + Clone,
    language: &str,
    default: &str,
) -> &'a str {
    let plain = || texts.clone().find(|(language, _)| language.is_empty());
    named(&texts, language)
        .or_else(|| named(&texts, default))
        .or_else(plain)
        .or_else(|| texts.clone().next())
        .map_or("", |(_, text)| text)
}

fn named<'a>(
    texts: &(impl Iterator<Item = (&'a str, &'a str)> + Clone),
    language: &str,
) -> Option<(&'a str, &'a str)> {
    if language.trim().is_empty() {
        return None;
    }
    let exact = || texts.clone().find(|(name, _)| *name == language);
    let same = |wanted: &str, of: fn(&str) -> &str| {
        texts.clone().find(|(name, _)| of(code(name)).eq_ignore_ascii_case(of(wanted)))
    };
    exact().or_else(|| same(code(language), |code| code)).or_else(|| same(code(language), primary))
}

/// Languages written from right to left, by their codes (CLDR, `characterOrder`).
const RIGHT_TO_LEFT: [&str; 19] = [
    "ar", "arc", "arz", "azb", "bal", "ckb", "dv", "fa", "he", "iw", "ks", "nqo", "pnb", "prs", "ps", "sd",
    "ug", "ur", "yi",
];

/// Whether a language (as in [`text_in`]) is written from right to left. A script in the code decides:
/// `ku-Arab` is, `ku` is not.
pub fn is_right_to_left(language: &str) -> bool {
    let code = code(language).to_ascii_lowercase();
    let script = code.split(['-', '_']).skip(1).find(|part| part.len() == 4);
    match script {
        Some(script) => {
            matches!(script, "arab" | "aran" | "hebr" | "thaa" | "nkoo" | "syrc" | "adlm" | "rohg")
        }
        None => RIGHT_TO_LEFT.contains(&primary(&code)),
    }
}

/// `English (en)` → `en`; a name without a code is its own code.
fn code(language: &str) -> &str {
    let language = language.trim();
    let inner = language.strip_suffix(')').and_then(|open| open.rsplit_once('('));
    inner.map_or(language, |(_, code)| code.trim())
}

/// `pt-BR` → `pt`.
fn primary(code: &str) -> &str {
    code.split(['-', '_']).next().unwrap_or(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(pairs: &[(&str, &str)]) -> Translations {
        pairs.iter().map(|(language, text)| ((*language).into(), (*text).into())).collect()
    }

    #[test]
    fn a_language_is_found_by_name_or_by_code() {
        let name = texts(&[("English (en)", "Name"), ("Русский (ru)", "Имя"), ("Тоҷикӣ (tg)", "Ном")]);
        assert_eq!(text_in(&name, "Русский (ru)", "English (en)"), "Имя");
        assert_eq!(text_in(&name, "tg", "English (en)"), "Ном");
        assert_eq!(text_in(&name, "RU", ""), "Имя");
        assert_eq!(text_in(&name, "tg-TJ", ""), "Ном");
        assert_eq!(text_in(&texts(&[("ru", "Имя")]), "Русский (ru)", ""), "Имя");
    }

    #[test]
    fn the_direction_follows_from_the_code_or_the_script() {
        for language in ["ar", "العربية (ar)", "fa-AF", "ku-Arab", "ps_AF", "UR", "uz-Arab-AF"] {
            assert!(is_right_to_left(language), "{language}");
        }
        for language in ["", "en", "Тоҷикӣ (tg)", "ku", "az", "ar-Latn", "arm"] {
            assert!(!is_right_to_left(language), "{language}");
        }
    }

    #[test]
    fn a_missing_language_falls_back_in_order() {
        let all = texts(&[("", "plain"), ("English (en)", "Name"), ("French (fr)", "Nom")]);
        assert_eq!(text_in(&all, "ar", "fr"), "Nom");
        assert_eq!(text_in(&all, "ar", "de"), "plain");
        assert_eq!(text_in(&all, "", ""), "plain");
        assert_eq!(text_in(&texts(&[("French (fr)", "Nom"), ("Kurdî (ku)", "Nav")]), "ar", "de"), "Nom");
        assert_eq!(text_in(&Translations::new(), "ar", "de"), "");
    }
}
