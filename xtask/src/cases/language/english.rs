//! English.

use super::{LATIN_DIGITS, Language};

pub(super) static ENGLISH: Language = Language {
    syllables: &["za", "lo", "mi", "ve", "ru", "ta", "ne", "bo", "shi", "ka", "du", "fe", "wen", "lor", "py"],
    surnames: &[
        ("Testova", "Testov"),
        ("Samplewood", "Samplewood"),
        ("Mockley", "Mockley"),
        ("Exemplar", "Exemplar"),
        ("Fictitious", "Fictitious"),
        ("Placeholder", "Placeholder"),
    ],
    salutations: ("Ms", "Mr"),
    places: &["Sampleton", "Testbury", "Port Example", "Mockford", "New Specimen", "Lower Draft"],
    states: &["Sampleshire", "County Test", "Example Coast"],
    country: "Exampleland",
    streets: &["Placeholder Lane", "Example Street", "Test Yard", "Sample Row"],
    organisations: &["Sample Shelter", "Example Legal Aid", "Test Harbour Clinic", "Specimen Hotline"],
    worker: "Synthetic worker",
    citizenships: &["NG", "PH", "RO", "AL", "VN", "GH", "IN", "NP"],
    reasons: &[
        "Safe accommodation",
        "Legal advice and documents",
        "Medical appointment",
        "Voluntary return, first talk",
        "Contact with family",
    ],
    sentences: &[
        "The first talk took place in {place} with an interpreter on the phone.",
        "She chose the time and the place of the next meeting herself.",
        "A bed is reserved for {number} nights; the address is known to two people only.",
        "Documents are being replaced; the appointment was moved by {number} days.",
        "The person asked not to be called in the evening and agreed a code word with us.",
        "A lawyer from {place} will read the contract and explain every line.",
        "Transport was arranged by a volunteer who does not know the destination.",
        "The child's school was told nothing, as the family wished.",
        "He wants to work again and asked about the course that starts in {number} weeks.",
        "Consent was explained twice and can be withdrawn at any time.",
        "Nothing was promised about the outcome of the case.",
        "Warm clothes and a telephone card were handed over in {place}.",
    ],
    digits: LATIN_DIGITS,
};
