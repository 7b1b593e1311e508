//! What a rescue says of itself: the text of REPORT.txt, and the same as numbers.

use std::path::Path;

use cairn_core::vault::Rescue as Report;
use cairn_core::view::handle;
use cairn_core::wire::id::RecordId;
use serde_json::{Value, json};

use super::Written;
use crate::words::{count, line};

/// Whether nothing is lost, doubtful or missing, as far as anything tells.
pub(super) fn is_whole(report: &Report, written: &Written) -> bool {
    let Report { torn, left_out, older, older_drafts, forms_lost, lists_lost, drafts_lost, lost, .. } =
        report;
    let pages = report.damaged + report.missing + report.logged.1 == 0 && !report.ends_torn;
    let rows = torn.is_empty() && left_out.is_empty() && older.is_empty() && older_drafts.is_empty();
    let things = forms_lost.is_empty() && lists_lost.is_empty() && drafts_lost.is_empty() && lost.is_empty();
    let written = written.loose == 0 && written.files_lost == 0 && written.unreadable.is_empty();
    pages && rows && things && written && report.log_trouble.is_none()
}

/// The report for people.
pub(super) fn words(report: &Report, written: &Written, to: &Path) -> String {
    let mut text = String::new();
    let (records, drafts) = (count(written.records, "record"), count(written.drafts, "draft"));
    line!(text, "Read {records}, {drafts} and {} into {}.", count(written.forms, "form"), to.display());
    if written.files > 0 {
        let files = count(written.files, "attached file");
        line!(text, "Wrote {files} into the folder attachments; list.json says whose each is.");
    }
    if written.files_away > 0 {
        let files = count(written.files_away, "attached file");
        line!(text, "{files} that records name were not on this device; the server may have them.");
    }
    if written.files_lost > 0 {
        let files = count(written.files_lost, "attached file");
        line!(text, "Lost: {files} damaged or not whole here, and nothing tells that the server has them.");
    }
    if !report.from_log.is_empty() {
        line!(text, "{} of them were damaged and made again from the log.", report.from_log.len());
    }
    if written.loose > 0 {
        let drafts = count(written.loose, "draft");
        line!(text, "Of {drafts} more only answers are left; they stand in drafts.json, form unknown.");
    }
    line!(
        text,
        "{} had not been sent; they stand in the folder unsent too.",
        count(written.unsent, "record")
    );
    if written.without_table > 0 {
        let records = count(written.without_table, "record");
        line!(text, "{records} of these stand there as .jsonl only, since the form is lost.");
    }
    if !report.sealed.is_empty() {
        let sealed = count(report.sealed.len() as u64, "sealed record");
        line!(
            text,
            "{sealed} had not been sent either. Nobody can read them here, and none is in this folder."
        );
    }
    if is_whole(report, written) {
        line!(text, "Nothing is damaged.");
    } else {
        let (damaged, all) = (report.damaged, report.pages);
        line!(text, "Could not be read: {damaged} of {all} pages of the database.");
        if report.missing > 0 {
            line!(text, "Missing at the end of the database: {}.", count(report.missing.into(), "page"));
        }
        if report.logged.1 > 0 {
            let (all, damaged) = report.logged;
            line!(text, "Could not be read: {damaged} of {all} pages of the write-ahead log.");
        }
        for (table, rows) in &report.torn {
            line!(text, "Read in part and left out: {} of the table {table}.", count(*rows, "row"));
        }
        if report.ends_torn {
            line!(text, "The write-ahead log has no end: what was done last may be missing.");
        }
        for (table, rows) in &report.left_out {
            line!(text, "Left out, since it does not fit: {} of the table {table}.", count(*rows, "row"));
        }
        for (form, version) in &report.forms_lost {
            line!(text, "Lost: form {form}, version {version}.");
        }
        for (form, version) in &report.lists_lost {
            line!(text, "Lost: lists or tables of form {form}, version {version}. Its records are there.");
        }
        for draft in &report.drafts_lost {
            line!(text, "Lost: draft {draft}.");
        }
        for record in &report.older_records {
            line!(text, "May be older than what was written last: record {} ({record}).", handle(record));
        }
        for draft in &report.older_drafts {
            line!(text, "May be older than what was written last: draft {draft}.");
        }
        for (table, rows) in &report.older {
            let rows = count(*rows, "row");
            line!(text, "May have been changed or removed since: {rows} of the table {table}.");
        }
        if let Some(trouble) = &report.log_trouble {
            line!(text, "The log could not be asked for what is missing: {trouble}.");
        }
        for record in report.lost.iter().chain(&written.unreadable) {
            line!(text, "Lost: record {} ({record}).", handle(record));
        }
        line!(text, "Other records may have been on the damaged pages; nothing tells of them.");
    }
    line!(text, "What to do next: keep the damaged folder as it is, on another disk if this one fails.");
    if !report.sealed.is_empty() {
        line!(
            text,
            "Sealed records leave only from there: `cairn outbox carry FILE` on the damaged folder writes what"
        );
        line!(
            text,
            "had been laid beside it when it was last closed. Do not delete the folder before a coordinator"
        );
        line!(text, "has taken that in.");
    }
    line!(text, "Have this device taken out and invited anew: what had been sent comes back with that.");
    line!(
        text,
        "Then `cairn import` takes in what stands in unsent/*.csv. Look for records that came twice."
    );
    line!(text, "warning: whoever gets this folder can read it. Delete it when it is no longer needed.");
    text
}

/// The report for programs.
pub(super) fn numbers(report: &Report, written: &Written, to: &Path) -> Value {
    let ids = |records: &[RecordId]| records.iter().map(ToString::to_string).collect::<Vec<_>>();
    json!({
        "to": to.display().to_string(),
        "records": written.records,
        "drafts": written.drafts,
        "answers_without_draft": written.loose,
        "forms": written.forms,
        "attachments": written.files,
        "attachments_away": written.files_away,
        "attachments_lost": written.files_lost,
        "unsent": written.unsent,
        "unsent_without_table": written.without_table,
        "sealed_unsent": report.sealed.len(),
        "may_be_older": report.older_records.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "drafts_may_be_older": report.older_drafts,
        "drafts_lost": report.drafts_lost,
        "forms_lost": report.forms_lost,
        "lists_lost": report.lists_lost,
        "made_again_from_the_log": ids(&report.from_log),
        "lost": ids(&report.lost),
        "unreadable": ids(&written.unreadable),
        "pages": report.pages,
        "pages_damaged": report.damaged,
        "pages_missing": report.missing,
        "log_pages": report.logged.0,
        "log_pages_damaged": report.logged.1,
        "log_has_no_end": report.ends_torn,
        "log_trouble": report.log_trouble,
        "rows": report.rows,
        "rows_torn": report.torn,
        "rows_left_out": report.left_out,
        "rows_may_be_older": report.older,
    })
}
