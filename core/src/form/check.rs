//! Whether answers fit the form.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::moment::{self, NotMoment};
use super::{Answer, Answers, Entry, Fault, Form, Kind, Merge, Question, Rule, limits, name, place};

impl Form {
    /// Everything that keeps a record from being finished: answers missing where one is required,
    /// answers that do not fit, and answers to questions the form does not have. Faults come in
    /// the order of the questions; the unknown ones last.
    pub fn check(&self, answers: &Answers) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut known: BTreeSet<Cow<'_, str>> = BTreeSet::new();
        for question in &self.questions {
            for key in self.keys(question, answers) {
                let given = answers.get(key.as_ref());
                let rule = match given.filter(|answer| !answer.is_blank()) {
                    Some(answer) => self.rule_broken(question, answer).or(match answer {
                        Answer::Missing(why) if question.required && !why.satisfies() => Some(Rule::Required),
                        _ => None,
                    }),
                    None => (question.required && question.kind.is_asked()).then_some(Rule::Required),
                };
                faults.extend(rule.map(|rule| Fault { field: key.to_string(), rule }));
                known.insert(key);
            }
        }
        let unknown = answers.keys().filter(|key| !known.contains(key.as_str()) && !self.is_row(key));
        faults.extend(unknown.map(|field| Fault { field: name::quoted(field), rule: Rule::UnknownField }));
        faults
    }

    /// Whether one answer is of the question's type and, for choices, in its list.
    ///
    /// # Errors
    /// The rule it breaks.
    pub fn check_answer(&self, question: &Question, answer: &Answer) -> Result<(), Fault> {
        self.rule_broken(question, answer).map_or(Ok(()), |rule| Err(question.fault(rule)))
    }

    fn rule_broken(&self, question: &Question, answer: &Answer) -> Option<Rule> {
        let unless = |fits: bool, rule: Rule| (!fits).then_some(rule);
        match (&question.kind, answer) {
            (Kind::Note, _) => Some(Rule::NotAnswerable),
            (kind, Answer::Missing(_)) => unless(kind.is_asked(), Rule::NotAnswerable),
            (Kind::Text | Kind::Narrative, answer) if question.merge() == Merge::Log => match answer {
                Answer::Log(entries) => {
                    let fits =
                        |entry: &Entry| !entry.text.trim().is_empty() && entry.text.len() <= limits::TEXT;
                    unless(entries.iter().all(fits), Rule::TooLong)
                }
                _ => Some(Rule::NotText),
            },
            (Kind::Integer, Answer::Integer(number)) if question.merge() == Merge::Counter => {
                unless(*number >= 0, Rule::NotCount)
            }
            (Kind::Integer, answer) => unless(matches!(answer, Answer::Integer(_)), Rule::NotInteger),
            (Kind::Decimal, Answer::Decimal(number)) => unless(number.is_finite(), Rule::NotDecimal),
            (Kind::Range, Answer::Decimal(number)) => {
                unless(question.range().is_some_and(|range| range.holds(*number)), Rule::OutOfRange)
            }
            (Kind::Decimal | Kind::Range, _) => Some(Rule::NotDecimal),
            (Kind::Metadata(_), _) => Some(Rule::NotTold),
            (Kind::SelectMultiple(_), Answer::Choices(chosen)) => {
                let offered = self.names_of_choices(question);
                unless(chosen.iter().all(|choice| offered.contains(choice.as_str())), Rule::UnknownChoice)
            }
            (Kind::SelectMultiple(_), _) => Some(Rule::NotChoices),
            (Kind::Narrative, Answer::Narrative(text)) => {
                unless(text.len() <= limits::NARRATIVE, Rule::NarrativeTooLong)
            }
            (kind, Answer::File(file)) => unless(kind.is_file() && file.is_sound(), Rule::NotFile),
            (kind, Answer::Text(text)) if *kind != Kind::Narrative => self.text_rule_broken(question, text),
            _ => Some(Rule::NotText),
        }
    }

    fn text_rule_broken(&self, question: &Question, text: &str) -> Option<Rule> {
        if text.len() > limits::TEXT {
            return Some(Rule::TooLong);
        }
        let moment = |checked: Result<(), NotMoment>, rule: Rule| match checked {
            Ok(()) => None,
            Err(NotMoment::Form) => Some(rule),
            Err(NotMoment::OtherCalendar) => Some(Rule::OtherCalendar),
        };
        match &question.kind {
            Kind::Date | Kind::Today => moment(moment::date(text), Rule::NotDate),
            Kind::Time => moment(moment::time(text), Rule::NotTime),
            Kind::DateTime | Kind::Start | Kind::End => moment(moment::date_time(text), Rule::NotDateTime),
            Kind::Geopoint => (!place::is_place(text)).then_some(Rule::NotPlace),
            Kind::Geotrace => (!place::is_trace(text)).then_some(Rule::NotTrace),
            Kind::Geoshape => (!place::is_shape(text)).then_some(Rule::NotShape),
            Kind::Rank(_) => (!self.is_ranking(question, text)).then_some(Rule::NotRanking),
            Kind::Image | Kind::Audio | Kind::Video | Kind::File => {
                (!name::is_file(text)).then_some(Rule::NotFile)
            }
            Kind::Acknowledge => (text != Answer::OK).then_some(Rule::NotAcknowledged),
            Kind::SelectOne(_) => (!self.offers(question, text)).then_some(Rule::UnknownChoice),
            _ => None,
        }
    }

    /// Choices of the list, each at most once, with single blanks between.
    fn is_ranking(&self, question: &Question, text: &str) -> bool {
        let mut left = self.names_of_choices(question);
        text.split(' ').all(|choice| left.remove(choice))
    }

    /// A set, because a hundred ticked choices of a list of thousands are looked up one by one.
    fn names_of_choices(&self, question: &Question) -> std::collections::BTreeSet<&str> {
        self.choices(question).iter().map(|choice| choice.name).collect()
    }
}

impl Question {
    /// That an answer to this question breaks a rule.
    pub(super) fn fault(&self, rule: Rule) -> Fault {
        Fault { field: self.name.clone(), rule }
    }
}
