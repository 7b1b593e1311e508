//! What the library exports, one line each and sorted, to be read in review: what another language can call.

use std::collections::BTreeSet;
use std::error::Error;

use camino::Utf8Path;
use uniffi_bindgen::interface::{Argument, AsType, Type};
use uniffi_bindgen::{BindgenLoader, BindgenPaths, ComponentInterface, GlobalConfig};

/// The surface of a built library.
pub(crate) fn of(library: &Utf8Path, paths: BindgenPaths) -> Result<String, Box<dyn Error>> {
    let loader = BindgenLoader::new(paths, GlobalConfig::default());
    let interfaces = loader.load_cis(loader.load_metadata(library)?)?;
    let lines: BTreeSet<String> = interfaces.iter().flat_map(lines).collect();
    Ok(lines.into_iter().map(|line| line + "\n").collect())
}

fn lines(interface: &ComponentInterface) -> Vec<String> {
    let mut lines = Vec::new();
    for one in interface.function_definitions() {
        lines
            .push(format!("fn {}", call(one.name(), &one.arguments(), one.return_type(), one.throws_type())));
    }
    for object in interface.object_definitions() {
        let what = if object.has_callback_interface() { "trait" } else { "object" };
        let name = object.name();
        for one in object.constructors() {
            let made = Some(name.to_owned());
            let call = written(one.name(), &one.arguments(), made, one.throws_type());
            lines.push(format!("{what} {name}::{call}"));
        }
        for one in object.methods() {
            let call = call(one.name(), &one.arguments(), one.return_type(), one.throws_type());
            lines.push(format!("{what} {name}.{call}"));
        }
    }
    for record in interface.record_definitions() {
        // In their order: Python's callers may go by it.
        for (at, field) in record.fields().iter().enumerate() {
            lines.push(format!(
                "record {}.{at:02} {}: {}",
                record.name(),
                field.name(),
                said(&field.as_type())
            ));
        }
    }
    for one in interface.enum_definitions() {
        for (at, variant) in one.variants().iter().enumerate() {
            let fields =
                variant.fields().iter().map(|field| format!("{}: {}", field.name(), said(&field.as_type())));
            let fields = fields.collect::<Vec<_>>().join(", ");
            let fields = if fields.is_empty() { fields } else { format!("({fields})") };
            lines.push(format!("enum {}.{at:02} {}{fields}", one.name(), variant.name()));
        }
    }
    lines
}

fn call(name: &str, arguments: &[&Argument], returned: Option<&Type>, throws: Option<&Type>) -> String {
    written(name, arguments, returned.map(said), throws)
}

fn written(name: &str, arguments: &[&Argument], returned: Option<String>, throws: Option<&Type>) -> String {
    let arguments: Vec<String> =
        arguments.iter().map(|one| format!("{}: {}", one.name(), said(&one.as_type()))).collect();
    let returned = returned.map(|returned| format!(" -> {returned}")).unwrap_or_default();
    let throws = throws.map(|throws| format!(" throws {}", said(throws))).unwrap_or_default();
    format!("{name}({}){returned}{throws}", arguments.join(", "))
}

/// A type as people write it.
fn said(kind: &Type) -> String {
    match kind {
        Type::Object { name, .. } | Type::Record { name, .. } | Type::Enum { name, .. } => name.clone(),
        Type::CallbackInterface { name, .. } | Type::Custom { name, .. } => name.clone(),
        Type::Optional { inner_type } => format!("{}?", said(inner_type)),
        Type::Sequence { inner_type } => format!("[{}]", said(inner_type)),
        Type::Map { key_type, value_type } => format!("{{{}: {}}}", said(key_type), said(value_type)),
        plain => format!("{plain:?}"),
    }
}
