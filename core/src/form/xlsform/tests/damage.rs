use super::*;

#[test]
fn a_torn_file_is_an_error_at_every_cut() {
    let cuts = (0..HTCDS.len()).step_by(997).chain([1, 2, 3, 4, 21, 22, HTCDS.len() - 1]);
    for cut in cuts {
        let error = read(&HTCDS[..cut], "x").unwrap_err();
        assert!(!matches!(error, XlsformError::Faulty { .. }), "cut at {cut}: {error}");
    }
}

#[test]
fn a_damaged_octet_never_brings_the_reader_down() {
    let whole = read(HTCDS, "x").unwrap();
    let mut bits = 1_u8;
    for position in (0..HTCDS.len()).step_by(151) {
        let mut damaged = HTCDS.to_vec();
        damaged[position] ^= bits;
        bits = bits.rotate_left(1);
        // Damage to what nothing depends on goes unnoticed; what is read is then the whole form.
        if let Ok(reading) = read(&damaged, "x") {
            assert_eq!(reading, whole, "octet {position}");
        }
    }
}

#[test]
fn damaged_xml_under_a_right_checksum_never_brings_the_reader_down() {
    for part in [
        "xl/workbook.xml",
        "xl/worksheets/sheet1.xml",
        "xl/sharedStrings.xml",
        "xl/styles.xml",
        "_rels/.rels",
    ] {
        for step in 0..40_usize {
            let damaged = altered(HTCDS, part, |mut xml| {
                let position = (step * 7919) % xml.len();
                xml[position] ^= 1 << (step % 7);
                xml
            });
            let _ = read(&damaged, "x");
            let torn = altered(HTCDS, part, |mut xml| {
                xml.truncate(xml.len() * step / 40);
                xml
            });
            let _ = read(&torn, "x");
        }
    }
}

#[test]
fn other_files_are_named_for_what_they_are() {
    assert_eq!(read(b"type,name,label\n", "x"), Err(XlsformError::NotSpreadsheet));
    assert_eq!(read(b"", "x"), Err(XlsformError::NotSpreadsheet));
    let old = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0];
    assert_eq!(read(&old, "x"), Err(XlsformError::OldOrLocked));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("readme.txt", SimpleFileOptions::default()).unwrap();
    let other = zip.finish().unwrap().into_inner();
    assert_eq!(read(&other, "x"), Err(XlsformError::Torn { part: None }));
}

#[test]
fn a_file_over_the_limit_is_refused_unread() {
    let large = vec![b'P'; (16 << 20) + 1];
    assert!(matches!(read(&large, "x"), Err(XlsformError::TooLarge { limit: 16_777_216, .. })));
}

fn bomb() -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("xl/worksheets/sheet1.xml", SimpleFileOptions::default()).unwrap();
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..65 {
        zip.write_all(&zeros).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_zip_bomb_is_refused() {
    let bomb = bomb();
    assert!(bomb.len() < 1 << 20);
    assert!(matches!(read(&bomb, "x"), Err(XlsformError::TooLarge { limit: 67_108_864, .. })));
}

#[test]
fn a_zip_bomb_that_lies_about_its_size_is_refused() {
    let mut bomb = bomb();
    let (honest, lie) = (u32::to_le_bytes(65 << 20), u32::to_le_bytes(100));
    let places: Vec<_> = (0..bomb.len() - 4).filter(|at| bomb[*at..*at + 4] == honest).collect();
    assert!(!places.is_empty());
    for at in places {
        bomb[at..at + 4].copy_from_slice(&lie);
    }
    assert!(read(&bomb, "x").is_err());
}

#[test]
fn room_is_not_made_for_strings_that_are_only_announced() {
    for lie in ["uniqueCount=\"99999999999\"", "uniqueCount = '18446744073709551615'"] {
        let file = altered(HTCDS, "xl/sharedStrings.xml", |xml| {
            let xml = String::from_utf8(xml).unwrap();
            let (head, rest) = xml.split_once("uniqueCount=\"").unwrap();
            let (_, tail) = rest.split_once('"').unwrap();
            format!("{head}{lie}{tail}").into_bytes()
        });
        assert_eq!(
            read(&file, "x"),
            Err(XlsformError::TooLarge { what: "texts in the file", limit: 1_000_000 })
        );
    }
    let foreign = altered(HTCDS, "xl/sharedStrings.xml", |xml| {
        String::from_utf8(xml).unwrap().encode_utf16().flat_map(u16::to_le_bytes).collect()
    });
    assert!(matches!(read(&foreign, "x"), Err(XlsformError::Torn { part: Some(_) })));
}

#[test]
fn one_shared_text_in_very_many_cells_is_counted_each_time() {
    let label = "x".repeat(30_000);
    let names: Vec<String> = (0..1_200).map(|number| format!("q{number}")).collect();
    let mut rows = vec![vec!["type", "name", "label"]];
    rows.extend(names.iter().map(|name| vec!["text", name.as_str(), label.as_str()]));
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let file = workbook(&[("survey", &rows)]);
    assert!(file.len() < 1 << 20);
    assert_eq!(read(&file, "x"), Err(XlsformError::TooLarge { what: "octets of text", limit: 33_554_432 }));
}
