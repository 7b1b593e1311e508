//! How far it is, on a terminal and nowhere else.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::door::Door;
use crate::out;

/// A bar that counts to `length`, or an invisible one when nobody watches.
pub(crate) fn bar(door: &Door, length: u64, template: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(length), target(door));
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar
}

/// Something that moves while the end is not known.
pub(crate) fn spinner(door: &Door, words: &'static str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, target(door));
    bar.set_message(words);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn target(door: &Door) -> ProgressDrawTarget {
    if door.json || !out::is_watched() { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() }
}
