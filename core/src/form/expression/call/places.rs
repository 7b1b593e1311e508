//! Places on Earth, taken as a ball with its radius at the equator.

use super::super::fault::EvaluationError;
use super::super::function::Kind;
use super::super::number;
use super::super::value::Value;
use super::{Given, Outcome};

/// Metres.
const RADIUS: f64 = 6_378_100.0;

#[derive(Debug, Clone, Copy, PartialEq)]
struct Point {
    latitude: f64,
    longitude: f64,
}

pub(super) fn call(kind: Kind, given: Given<'_, '_>) -> Outcome {
    Ok(match kind {
        Kind::Area => Value::Number(hundredths(area(&points(&given.texts(0)?)))),
        Kind::Distance => Value::Number(distance(given)?),
        _ => Value::Boolean(inside(&given.text(0)?, &given.text(1)?)),
    })
}

/// Points of one line or shape, or one in each text. `None` if one is no point.
fn points(texts: &[String]) -> Option<Vec<Point>> {
    match texts {
        [single] => {
            let line = single.trim().trim_end_matches([';', ' ']);
            line.split(';').map(point).collect()
        }
        many => many.iter().map(|text| point(text)).collect(),
    }
}

/// `latitude longitude [altitude [accuracy]]`, in degrees.
fn point(text: &str) -> Option<Point> {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let ([latitude, longitude] | [latitude, longitude, _] | [latitude, longitude, _, _]) = words.as_slice()
    else {
        return None;
    };
    let point = Point { latitude: number::read(latitude), longitude: number::read(longitude) };
    let fits = point.latitude.abs() <= 90.0 && point.longitude.abs() <= 180.0;
    fits.then_some(point)
}

fn distance(given: Given<'_, '_>) -> Result<f64, EvaluationError> {
    let Some(points) = points(&given.texts(0)?).filter(|points| points.len() > 1) else {
        return Ok(f64::NAN);
    };
    given.run.spend(points.len())?;
    let lengths = points.iter().zip(points.iter().skip(1)).map(|(one, other)| apart(*one, *other));
    Ok(hundredths(lengths.sum()))
}

/// Metres between two points, by the spherical law of cosines.
fn apart(one: Point, other: Point) -> f64 {
    let (south, north) = (one.latitude.to_radians(), other.latitude.to_radians());
    let turn = (one.longitude - other.longitude).to_radians();
    // Rounding can lift the cosine of nothing just above 1.
    let cosine = south.sin() * north.sin() + south.cos() * north.cos() * turn.cos();
    cosine.clamp(-1.0, 1.0).acos() * RADIUS
}

/// Square metres inside a line, closed if it is open. A shape of fewer than three points has none.
fn area(points: &Option<Vec<Point>>) -> f64 {
    let Some(points) = points.as_deref().filter(|points| points.len() > 2) else { return 0.0 };
    let last = points.last().into_iter().zip(points.first());
    let lines = points.iter().zip(points.iter().skip(1)).chain(last.filter(|(last, first)| last != first));
    let sum: f64 = lines
        .map(|(one, other)| {
            let heights = 2.0 + one.latitude.to_radians().sin() + other.latitude.to_radians().sin();
            (other.longitude - one.longitude).to_radians() * heights
        })
        .sum();
    (sum * RADIUS * RADIUS / 2.0).abs()
}

/// Whether a point lies inside a closed shape: a ray from it crosses the line an odd number of times.
fn inside(point_text: &str, shape: &str) -> bool {
    let Some(at) = point(point_text) else { return false };
    let Some(shape) =
        points(&[shape.to_owned()]).filter(|shape| shape.len() > 1 && shape.first() == shape.last())
    else {
        return false;
    };
    let crosses = |(one, other): &(&Point, &Point)| {
        let between = (other.latitude > at.latitude) != (one.latitude > at.latitude);
        let slope = (one.longitude - other.longitude) / (one.latitude - other.latitude);
        between && at.longitude < slope * (at.latitude - other.latitude) + other.longitude
    };
    shape.iter().zip(shape.iter().skip(1)).filter(crosses).count() % 2 == 1
}

fn hundredths(value: f64) -> f64 {
    number::nearest(value * 100.0) / 100.0
}
