//! Spanish.

use super::{LATIN_DIGITS, Language};

pub(super) static SPANISH: Language = Language {
    syllables: &["ñu", "la", "me", "ri", "to", "za", "chi", "be", "lu", "ye", "pa", "qui", "só", "ní", "dra"],
    surnames: &[
        ("Pruébez", "Pruébez"),
        ("Muestra", "Muestra"),
        ("Ficticia", "Ficticio"),
        ("Ejemplárez", "Ejemplárez"),
        ("de la Prueba", "de la Prueba"),
    ],
    salutations: ("Sra.", "Sr."),
    places: &["Villaprueba", "San Ejemplo", "Puerto Muestra", "Las Pruebas", "Nueva Ficción"],
    states: &["Provincia de Ejemplo", "Costa de Prueba", "Sierra Muestra"],
    country: "Ejemplolandia",
    streets: &["Calle del Ejemplo", "Avenida de Prueba", "Pasaje Muestra", "Camino Ficticio"],
    organisations: &["Casa Ejemplo", "Clínica de Prueba", "Línea Muestra", "Asesoría Ficticia"],
    worker: "Trabajadora sintética",
    citizenships: &["PE", "CO", "GT", "BO", "PY", "VE", "HN", "DO"],
    reasons: &[
        "Alojamiento seguro",
        "Orientación jurídica",
        "Atención médica",
        "Reposición de documentos",
        "Contacto con la familia",
    ],
    sentences: &[
        "La primera conversación fue en {place}, con intérprete por teléfono.",
        "La persona eligió el día y el lugar de la próxima cita.",
        "Hay plaza reservada para {number} noches; la dirección la conocen dos personas.",
        "Se repuso el pasaporte; el trámite tardó {number} días más de lo previsto.",
        "Pidió que no la llamen por la noche y acordamos una palabra clave.",
        "Una abogada de {place} leerá el contrato y explicará cada línea.",
        "El traslado lo hizo una voluntaria que no conoce el destino.",
        "Quiere volver a estudiar y preguntó por el curso que empieza en {number} semanas.",
        "Se explicó dos veces que el consentimiento puede retirarse en cualquier momento.",
        "No se prometió nada sobre el resultado del caso.",
    ],
    digits: LATIN_DIGITS,
};
