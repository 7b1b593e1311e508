//! The sheet that says what coded answers mean, with the columns of an XLSForm's own.

use std::collections::BTreeSet;

use rust_xlsxwriter::{Format, Worksheet, XlsxError};

use super::{WIDTH, fit};
use crate::form::Form;

pub(super) fn sheet(form: &Form, right_to_left: bool) -> Result<Worksheet, XlsxError> {
    let choices = || form.every_list().flat_map(|(list, all)| all.iter().map(move |choice| (list, choice)));
    let languages: BTreeSet<&str> =
        choices().flat_map(|(_, choice)| choice.labels().map(|(language, _)| language)).collect();
    let mut headers = vec!["list_name".to_owned(), "name".to_owned()];
    headers.extend(languages.iter().map(|language| match *language {
        "" => "label".to_owned(),
        language => format!("label::{language}"),
    }));
    let mut sheet = Worksheet::new();
    sheet.set_name("choices")?.set_freeze_panes(1, 0)?.set_right_to_left(right_to_left);
    let bold = Format::new().set_bold();
    for (column, header) in (0..).zip(&headers) {
        sheet.set_column_width(column, WIDTH)?;
        sheet.write_string_with_format(0, column, fit::text(header).0, &bold)?;
    }
    for (row, (list, choice)) in (1..).zip(choices()) {
        let label = |wanted: &&str| choice.labels().find(|(language, _)| language == wanted);
        let labels = languages.iter().map(|language| label(language).map_or("", |(_, text)| text));
        let cells = [list, choice.name].into_iter().chain(labels);
        for (column, text) in (0..).zip(cells).filter(|(_, text)| !text.is_empty()) {
            sheet.write_string(row, column, fit::text(text).0)?;
        }
    }
    Ok(sheet)
}
