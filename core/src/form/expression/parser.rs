//! From words and signs to a tree. Total: any text gives a tree or an error, in bounded depth.

use super::fault::{ExpressionError, fault, shown};
use super::function::Function;
use super::limits;
use super::token::{Token, Word, split};
use super::tree::{Expr, Operator, Path, Start, Step, Way};

/// Reads a whole expression.
pub(super) fn parse(text: &str) -> Result<Expr, ExpressionError> {
    let tokens = split(text)?;
    if tokens.len() > limits::NODES {
        return Err(fault(0, "the expression has too many parts", "divide it over several calculate rows"));
    }
    let mut parser = Parser { tokens, next: 0, depth: 0 };
    if parser.peek() == &Word::End {
        return Err(fault(0, "the expression is empty", "write one, or leave the cell empty"));
    }
    let whole = parser.rank(0)?;
    match parser.peek() {
        Word::End => Ok(whole),
        Word::Sign(")" | "]") => Err(parser.unexpected("remove it, or open a bracket before")),
        _ => Err(parser.unexpected("write an operator between: + - * div mod = != < > and or")),
    }
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> &Word {
        self.peek_at(0)
    }

    fn peek_at(&self, ahead: usize) -> &Word {
        self.tokens.get(self.next.saturating_add(ahead)).map_or(&Word::End, |token| &token.word)
    }

    fn at(&self) -> usize {
        self.tokens.get(self.next).or(self.tokens.last()).map_or(0, |token| token.at)
    }

    fn step(&mut self) {
        self.next = self.next.saturating_add(1);
    }

    fn takes(&mut self, sign: &str) -> bool {
        let there = matches!(self.peek(), Word::Sign(found) if *found == sign);
        if there {
            self.step();
        }
        there
    }

    fn wants(&mut self, sign: &'static str, instead: &str) -> Result<(), ExpressionError> {
        if self.takes(sign) { Ok(()) } else { Err(self.unexpected(instead)) }
    }

    fn unexpected(&self, instead: &str) -> ExpressionError {
        let what = match self.peek() {
            Word::End => "the expression ends too early".to_owned(),
            Word::Number(_) => "a number was not expected here".to_owned(),
            Word::Text(_) => "a text was not expected here".to_owned(),
            Word::Reference(name) => format!("${{{}}} was not expected here", shown(name)),
            Word::Name(name) => format!("\"{}\" was not expected here", shown(name)),
            Word::Sign(sign) => format!("\"{sign}\" was not expected here"),
        };
        fault(self.at(), what, instead)
    }

    /// Runs what stands inside a bracket.
    fn inside<T>(
        &mut self,
        read: impl Fn(&mut Self) -> Result<T, ExpressionError>,
    ) -> Result<T, ExpressionError> {
        if self.depth >= limits::DEPTH {
            let what = format!("more than {} brackets are inside each other", limits::DEPTH);
            return Err(fault(self.at(), what, "divide it over several calculate rows"));
        }
        self.depth = self.depth.saturating_add(1);
        let read = read(self);
        self.depth = self.depth.saturating_sub(1);
        read
    }

    /// Operators of this rank and all that bind more tightly.
    fn rank(&mut self, rank: u8) -> Result<Expr, ExpressionError> {
        let below = |parser: &mut Self| {
            if rank == Operator::TIGHTEST { parser.signed() } else { parser.rank(rank.saturating_add(1)) }
        };
        let first = below(self)?;
        let mut rest = Vec::new();
        while let Some(operator) = self.operator().filter(|operator| operator.rank() == rank) {
            self.step();
            if matches!(self.peek(), Word::Sign("=")) {
                return Err(self.unexpected("write a single = to compare"));
            }
            rest.push((operator, below(self)?));
        }
        Ok(if rest.is_empty() { first } else { Expr::Chain(Box::new(first), rest) })
    }

    fn operator(&self) -> Option<Operator> {
        Some(match self.peek() {
            Word::Name(name) => match name.as_str() {
                "or" => Operator::Or,
                "and" => Operator::And,
                "div" => Operator::Divided,
                "mod" => Operator::Modulo,
                _ => return None,
            },
            Word::Sign(sign) => match *sign {
                "=" => Operator::Equal,
                "!=" => Operator::Unequal,
                "<" => Operator::Less,
                "<=" => Operator::LessOrEqual,
                ">" => Operator::More,
                ">=" => Operator::MoreOrEqual,
                "+" => Operator::Plus,
                "-" => Operator::Minus,
                "*" => Operator::Times,
                _ => return None,
            },
            _ => return None,
        })
    }

    fn signed(&mut self) -> Result<Expr, ExpressionError> {
        let mut negative = false;
        let mut any = false;
        while self.takes("-") {
            negative = !negative;
            any = true;
        }
        let value = self.union()?;
        Ok(match (any, negative) {
            (false, _) => value,
            (true, true) => Expr::Negative(Box::new(value)),
            // Twice the sign: the number itself.
            (true, false) => Expr::Negative(Box::new(Expr::Negative(Box::new(value)))),
        })
    }

    fn union(&mut self) -> Result<Expr, ExpressionError> {
        let first = self.value()?;
        let mut all = vec![first];
        while self.takes("|") {
            all.push(self.value()?);
        }
        if all.len() == 1 {
            all.pop().ok_or_else(|| self.unexpected("write a value"))
        } else {
            Ok(Expr::Union(all))
        }
    }

    fn value(&mut self) -> Result<Expr, ExpressionError> {
        let at = self.at();
        let word = self.peek().clone();
        let start = match word {
            Word::Number(number) => {
                self.step();
                return Ok(Expr::Number(number));
            }
            Word::Text(text) => {
                self.step();
                return Ok(Expr::Text(text));
            }
            Word::Reference(name) => {
                self.step();
                Start::Reference(name)
            }
            Word::Sign("(") => {
                self.step();
                let inner = self.inside(|parser| parser.rank(0))?;
                self.wants(")", "close the bracket with )")?;
                Start::Value(Box::new(inner))
            }
            Word::Name(name) if matches!(self.peek_at(1), Word::Sign("(")) => {
                self.step();
                self.step();
                Start::Value(Box::new(self.call(&name, at)?))
            }
            Word::Sign("/") => return self.rooted(at),
            Word::Sign("//") => {
                self.step();
                let steps = vec![self.anywhere()?];
                return self.path(Start::Root, Vec::new(), steps, at);
            }
            Word::Name(_) | Word::Sign("." | ".." | "*") => {
                let steps = vec![self.single()?];
                return self.path(Start::Here, Vec::new(), steps, at);
            }
            Word::End => return Err(self.unexpected("write a value at the end, or remove the last operator")),
            _ => return Err(self.unexpected("write a value: ${name}, a number, a 'text', or a function")),
        };
        let asked = self.predicates()?;
        let plain = asked.is_empty() && !matches!(self.peek(), Word::Sign("/" | "//"));
        match start {
            Start::Value(value) if plain => Ok(*value),
            start => self.path(start, asked, Vec::new(), at),
        }
    }

    fn call(&mut self, name: &str, at: usize) -> Result<Expr, ExpressionError> {
        let mut given = Vec::new();
        if !self.takes(")") {
            loop {
                given.push(self.inside(|parser| parser.rank(0))?);
                if !self.takes(",") {
                    break;
                }
            }
            self.wants(")", "write a comma before the next argument, or close the bracket with )")?;
        }
        let function = Function::named(name, given.len(), at)?;
        Ok(Expr::Call { function, given, at })
    }

    fn rooted(&mut self, at: usize) -> Result<Expr, ExpressionError> {
        self.step();
        let steps = match self.peek() {
            Word::Name(_) | Word::Sign("*" | "." | "..") => vec![self.single()?],
            _ => Vec::new(),
        };
        self.path(Start::Root, Vec::new(), steps, at)
    }

    /// The steps that follow a start.
    fn path(
        &mut self,
        start: Start,
        asked: Vec<Expr>,
        mut steps: Vec<Step>,
        at: usize,
    ) -> Result<Expr, ExpressionError> {
        loop {
            if self.takes("/") {
                steps.push(self.single()?);
            } else if self.takes("//") {
                steps.push(self.anywhere()?);
            } else {
                return Ok(Expr::Path(Path { start, asked, steps, at }));
            }
        }
    }

    fn anywhere(&mut self) -> Result<Step, ExpressionError> {
        let Word::Name(name) = self.peek().clone() else {
            return Err(self.unexpected("write a name after //"));
        };
        self.step();
        Ok(Step { way: Way::Anywhere(name), asked: self.predicates()? })
    }

    fn single(&mut self) -> Result<Step, ExpressionError> {
        let way = match self.peek().clone() {
            Word::Sign(".") => Way::Stay,
            Word::Sign("..") => Way::Up,
            Word::Sign("*") => Way::Each,
            Word::Sign("@") => {
                return Err(self.unexpected("forms have no attributes: write a question's name"));
            }
            Word::Name(name) => return self.named_step(name),
            Word::Reference(name) => {
                let instead = format!("write {} without ${{}} after /", shown(&name));
                return Err(self.unexpected(&instead));
            }
            _ => return Err(self.unexpected("write a name after /")),
        };
        self.step();
        Ok(Step { way, asked: self.predicates()? })
    }

    fn named_step(&mut self, name: String) -> Result<Step, ExpressionError> {
        match (self.peek_at(1), self.peek_at(2)) {
            (Word::Sign("::"), Word::Name(child)) if name == "child" && child != "child" => {
                let child = child.clone();
                self.step();
                self.step();
                self.named_step(child)
            }
            (Word::Sign("::"), _) => Err(self.unexpected("write the path with names, . and .. only")),
            (Word::Sign("("), _) => Err(self.unexpected("call functions before a path, not in it")),
            _ => {
                self.step();
                Ok(Step { way: Way::Down(name), asked: self.predicates()? })
            }
        }
    }

    fn predicates(&mut self) -> Result<Vec<Expr>, ExpressionError> {
        let mut asked = Vec::new();
        while self.takes("[") {
            asked.push(self.inside(|parser| parser.rank(0))?);
            self.wants("]", "close the condition with ]")?;
        }
        Ok(asked)
    }
}
