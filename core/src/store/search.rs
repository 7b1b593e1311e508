//! Lists, filters and search: answered from indexes, never by reading documents.

use cairn_wire::id::RecordId;
use rusqlite::{Row, ToSql};

use super::{Listed, Rows, StoreError, id16, int, uint};

/// Which records to list, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only records of this form (its row).
    pub form: Option<u64>,
    /// Only records with this choice for this question; each must hold.
    pub facets: Vec<(String, String)>,
    /// Only records with words that begin like each of these.
    pub words: Vec<String>,
    /// Only records before this row: the last one of the page before.
    pub before: Option<u64>,
    /// At most so many.
    pub most: u64,
}

const COLUMNS: &str = "r.number, r.id, r.form, r.title, r.changed, \
     NOT EXISTS (SELECT 1 FROM document c WHERE c.id = r.id)";

impl Rows<'_> {
    /// A page of records.
    pub fn list(&self, filter: &Filter) -> Result<Vec<Listed>, StoreError> {
        let before = filter.before.map_or(i64::MAX, int);
        let most = int(filter.most);
        let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(before), Box::new(most)];
        let mut conditions = String::new();
        for (question, choice) in &filter.facets {
            // A word that has no number stands in no record.
            let (Some(question), Some(choice)) = (self.word(question)?, self.word(choice)?) else {
                return Ok(Vec::new());
            };
            conditions.push_str(&format!(
                " AND EXISTS (SELECT 1 FROM facet f WHERE f.question = ?{} AND f.choice = ?{} \
                 AND f.record = r.number)",
                values.len() + 1,
                values.len() + 2
            ));
            values.push(Box::new(question));
            values.push(Box::new(choice));
        }
        if let Some(form) = filter.form {
            conditions.push_str(&format!(" AND r.form = ?{}", values.len() + 1));
            values.push(Box::new(int(form)));
        }
        let sql = match matching(&filter.words) {
            Some(expression) => {
                let at = values.len() + 1;
                values.push(Box::new(expression));
                format!(
                    "SELECT {COLUMNS} FROM search s JOIN document d ON d.number = s.rowid \
                     JOIN record r ON r.number = d.record WHERE search MATCH ?{at} AND r.number < ?1{conditions} \
                     GROUP BY r.number ORDER BY r.number DESC LIMIT ?2"
                )
            }
            None if filter.words.is_empty() => format!(
                "SELECT {COLUMNS} FROM record r WHERE r.number < ?1{conditions} ORDER BY r.number DESC LIMIT ?2"
            ),
            // Something was typed, but no letter or digit of it.
            None => return Ok(Vec::new()),
        };
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(rusqlite::params_from_iter(values))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read_listed(row)?);
        }
        Ok(found)
    }
}

/// An FTS5 expression that wants a word beginning with each of `words`; `None` when none of them
/// holds a letter or digit. Quoting makes every typed character plain text.
fn matching(words: &[String]) -> Option<String> {
    let terms: Vec<String> = words
        .iter()
        .flat_map(|word| word.split(|letter: char| !letter.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .map(|word| format!("\"{word}\" *"))
        .collect();
    (!terms.is_empty()).then(|| terms.join(" AND "))
}

fn read_listed(row: &Row<'_>) -> Result<Listed, StoreError> {
    Ok(Listed {
        number: uint(row.get(0)?),
        id: RecordId(id16(row.get(1)?, "record")?),
        form: uint(row.get(2)?),
        title: row.get(3)?,
        changed: uint(row.get(4)?),
        without_case: row.get(5)?,
    })
}
