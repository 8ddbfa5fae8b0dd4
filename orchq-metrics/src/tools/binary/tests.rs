//! Records in files of every format, and files that hold none.

#![expect(clippy::octal_escapes, reason = "a digit behind a NUL is where the next field begins")]

use object::read::{Object as _, ObjectSection as _};
use object::write::Object;
use object::{Architecture, BinaryFormat, Endianness, SectionFlags, SectionKind, elf};

use super::{ReadError, Records, read, read_section};
use crate::contract::owned::OwnedContract;
use crate::v1;

/// A site with two entries: one recorded on three lines, one of which is configured out, one `extern`;
/// and the metrics that it names.
const SITE: &str = "\norchq-metrics 1 site\0shop\00.1.0\0shop::till\0sell\0src/the till.rs\0false\02\0\
    own\07 9true 11truefalse \0extern\012\01\0side\0\
    00000000000000a1\000000000000000b2\0\
    \norchq-metrics 1 metric\000000000000000a1\0\
    shop\02.0.0\0orders_total\0counter\02\0side\0required\0till\0conditional\0\
    \norchq-metrics 1 metric\000000000000000b2\0\
    shop\02.0.0\0orders\0gauge\00\0";

/// The section of this very program.
fn own_section() -> Vec<u8> {
    let program = std::fs::read(std::env::current_exe().expect("a path")).expect("this program");
    let file = object::File::parse(program.as_slice()).expect("a binary");
    let section = ["orchq_sites", "__orchq_sites", ".orchq"].into_iter().find_map(|name| file.section_by_name(name));
    section.expect("it has records").data().expect("they can be read").to_vec()
}

fn object_file(format: BinaryFormat, architecture: Architecture, endianness: Endianness, content: &[u8]) -> Vec<u8> {
    let (segment, name): (&[u8], &[u8]) = match format {
        BinaryFormat::MachO => (b"__DATA", b"__orchq_sites"),
        BinaryFormat::Coff => (b"", b".orchq"),
        _ => (b"", b"orchq_sites"),
    };
    let mut object = Object::new(format, architecture, endianness);
    let other = object.add_section(segment.to_vec(), b"__other".to_vec(), SectionKind::ReadOnlyData);
    object.append_section_data(other, SITE.as_bytes(), 1);
    let section = object.add_section(segment.to_vec(), name.to_vec(), SectionKind::ReadOnlyData);
    object.append_section_data(section, content, 1);
    object.write().expect("an object file")
}

fn elf(content: &[u8]) -> Vec<u8> {
    object_file(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little, content)
}

fn mach_o(architecture: Architecture, content: &[u8]) -> Vec<u8> {
    object_file(BinaryFormat::MachO, architecture, Endianness::Little, content)
}

/// A universal file of these images.
fn universal(images: &[&[u8]]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut offset = 8 + 20 * images.len();
    let mut number = |number: usize| file.extend(u32::try_from(number).expect("small").to_be_bytes());
    number(0xcafe_babe);
    number(images.len());
    for image in images {
        [0x0100_0007, 3, offset, image.len(), 0].into_iter().for_each(&mut number);
        offset += image.len();
    }
    images.iter().for_each(|image| file.extend_from_slice(image));
    file
}

/// A static library of these members.
fn archive(members: &[&[u8]]) -> Vec<u8> {
    let mut file = b"!<arch>\n".to_vec();
    for (number, member) in members.iter().enumerate() {
        file.extend(
            format!("{:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", format!("{number}.o/"), 0, 0, 0, 644, member.len()).bytes(),
        );
        file.extend_from_slice(member);
        file.extend(vec![b'\n'; member.len() % 2]);
    }
    file
}

fn records(content: &[u8]) -> Records {
    read_section(content).expect("this format")
}

/// Checks that hold for every format of file with records.
fn content_of(records: &Records) -> (&[super::RecordedEmission], &[OwnedContract], usize) {
    (records.emissions(), records.contracts(), records.count())
}

#[test]
fn this_program_holds_the_contract_that_it_is_built_with() {
    let program = std::fs::read(std::env::current_exe().expect("a path")).expect("this program");
    let records = read(&program).expect("a binary");
    assert!(records.has_section() && records.is_complete());
    let contract = OwnedContract::from(&v1::CONTRACT);
    let held: Vec<_> = records.contracts().iter().filter(|held| held.name == contract.name).collect();
    assert_eq!(held, [&contract]);
    let bits = |contract: &OwnedContract| -> Vec<u64> {
        contract.metrics.iter().flat_map(|metric| metric.buckets.iter().map(|bound| bound.to_bits())).collect()
    };
    assert_eq!(bits(held[0]), bits(&contract));
    // The library itself records none of them.
    assert!(records.own_contracts().all(|contract| contract.name != "orchqueue"));
}

#[test]
fn a_site_is_read_as_it_was_written() {
    let records = records(SITE.as_bytes());
    assert_eq!(records.sites(), 1);
    let [own, theirs] = records.emissions() else { panic!("two emissions: {records:?}") };
    assert_eq!((own.site.crate_name.as_str(), own.site.crate_version.as_str()), ("shop", "0.1.0"));
    assert_eq!((own.site.function.as_str(), own.site.file.as_str()), ("shop::till::sell", "src/the till.rs"));
    assert!(!own.site.test && !own.site.by_another_library && theirs.site.by_another_library);
    assert_eq!(
        (own.metric.name.as_str(), own.metric.contract_version.as_str(), own.site.lines.as_slice()),
        ("orders_total", "2.0.0", &[7, 9][..])
    );
    assert_eq!(own.metric.labels, [("side".to_owned(), false), ("till".to_owned(), true)]);
    let listed = theirs.extern_labels.as_deref();
    assert_eq!((theirs.site.lines.as_slice(), listed), (&[12][..], Some(&["side".to_owned()][..])));
    assert_eq!(records.damaged(), 0);
}

#[test]
fn a_site_in_a_module_called_tests_is_test_code() {
    let in_tests = SITE.replace("shop::till", "shop::tests");
    assert!(records(in_tests.as_bytes()).emissions()[0].site.test);
    let compiled_as_test = SITE.replace("\0false\0", "\0true\0");
    assert!(records(compiled_as_test.as_bytes()).emissions()[0].site.test);
}

#[test]
fn an_emission_that_is_configured_out_does_not_count() {
    let none = SITE.replace("7 9true 11truefalse ", "7false ");
    let records = records(none.as_bytes());
    assert_eq!((records.sites(), records.emissions().len()), (1, 1));
    assert_eq!(records.emissions()[0].metric.name, "orders");
}

#[test]
fn every_format_is_read() {
    let content = [own_section().as_slice(), SITE.as_bytes()].concat();
    let expected = records(&content);
    assert!(expected.count() > 2, "{expected:?}");
    let formats = [
        (BinaryFormat::Elf, Architecture::X86_64, Endianness::Little),
        (BinaryFormat::Elf, Architecture::Aarch64, Endianness::Little),
        (BinaryFormat::Elf, Architecture::PowerPc, Endianness::Big),
        (BinaryFormat::MachO, Architecture::Aarch64, Endianness::Little),
        (BinaryFormat::Coff, Architecture::X86_64, Endianness::Little),
        (BinaryFormat::Coff, Architecture::I386, Endianness::Little),
    ];
    for (format, architecture, endianness) in formats {
        let file = object_file(format, architecture, endianness, &content);
        let found = read(&file).unwrap_or_else(|error| panic!("{format:?}: {error}"));
        assert_eq!(content_of(&found), content_of(&expected), "{format:?} {architecture:?}");
        assert!(found.has_section());
    }
}

#[test]
fn a_universal_file_is_one_program() {
    let second = SITE.replace("sell", "sell_there");
    let both = [SITE, &second].concat();
    let file =
        universal(&[&mach_o(Architecture::X86_64, SITE.as_bytes()), &mach_o(Architecture::Aarch64, both.as_bytes())]);
    let records = read(&file).expect("a universal file");
    let of_gauge = records.emissions().iter().filter(|emits| emits.metric.name == "orders");
    let functions: Vec<_> = of_gauge.map(|emits| emits.site.function.as_str()).collect();
    assert_eq!((functions, records.sites()), (vec!["shop::till::sell", "shop::till::sell_there"], 2));
}

#[test]
fn a_static_library_is_all_its_object_files() {
    let second = SITE.replace("sell", "sell_there");
    let file = archive(&[&elf(SITE.as_bytes()), b"a text, of odd length", &elf(second.as_bytes())]);
    let records = read(&file).expect("an archive");
    assert_eq!(records.sites(), 2);
    // A user's library has no record of this crate, which is not an error.
    assert!(records.has_section() && records.is_complete());
}

#[test]
fn a_metric_is_found_in_another_object_file() {
    let (site, metrics) = SITE.split_at(SITE.find("\norchq-metrics 1 metric").expect("behind the site"));
    let [site, metrics] = [site, metrics].map(|records| elf(records.as_bytes()));
    let found = read(&archive(&[&site, &metrics])).expect("an archive");
    assert_eq!((found.emissions(), found.damaged()), (records(SITE.as_bytes()).emissions(), 0));
    let alone = read(&site).expect("an object file");
    assert_eq!((alone.sites(), alone.damaged()), (0, 1));
}

#[test]
fn what_overlaps_is_not_read_again_and_again() {
    let image = mach_o(Architecture::X86_64, SITE.repeat(50).as_bytes());
    let mut file = universal(&vec![&[][..]; 1000]);
    let offset = u32::try_from(file.len()).expect("small").to_be_bytes();
    let length = u32::try_from(image.len()).expect("small").to_be_bytes();
    for arch in file[8..].chunks_mut(20) {
        arch[8..12].copy_from_slice(&offset);
        arch[12..16].copy_from_slice(&length);
    }
    file.extend(image);
    assert_eq!(read(&file), Err(ReadError::Malformed("sections overlap".to_owned())));
}

#[test]
fn a_binary_without_records_is_reported_as_such() {
    let mut object = Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little);
    let section = object.add_section(Vec::new(), b".rodata".to_vec(), SectionKind::ReadOnlyData);
    object.append_section_data(section, SITE.as_bytes(), 1);
    let records = read(&object.write().expect("an object file")).expect("a binary");
    assert_eq!((records.has_section(), records.count()), (false, 0));
}

#[test]
fn a_linked_binary_without_the_canary_is_not_complete() {
    let mut program = elf(SITE.as_bytes());
    assert!(read(&program).expect("an object file").is_complete());
    // `e_type`: an executable.
    program[16] = 2;
    assert!(!read(&program).expect("an executable").is_complete());
}

#[test]
fn a_compressed_section_is_reported_as_such() {
    let mut object = Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little);
    let section = object.add_section(Vec::new(), b"orchq_sites".to_vec(), SectionKind::ReadOnlyData);
    // The header of a compressed section: zlib, so many bytes, aligned to one.
    let header = [1, 0, 100, 1].map(|word: u64| word.to_le_bytes());
    object.append_section_data(section, &[&header[0][..], &header[2], &header[3], b"zlib"].concat(), 1);
    object.section_mut(section).flags = SectionFlags::Elf { sh_type: elf::SHT_PROGBITS, sh_flags: elf::SHF_COMPRESSED };
    let file = object.write().expect("an object file");
    assert_eq!(read(&file), Err(ReadError::Compressed));
}

#[test]
fn a_file_that_is_not_a_binary_is_reported_with_its_kind() {
    let message = |bytes: &[u8]| read(bytes).expect_err("no binary").to_string();
    assert!(message(b"").starts_with("this file is empty"));
    assert!(message(b"#!/bin/sh\nexec worker\n").starts_with("this is a script"));
    assert!(message(b"#![forbid(unsafe_code)]\n").starts_with("this is a text"));
    assert!(message(b"queue_depth{engine=\"vllm\"} 1\n").starts_with("this is a text"));
    assert!(message(b"\0asm\x01\0\0\0 and what follows").starts_with("this is WebAssembly"));
    assert!(message(b"\x1f\x8b\x08\0\0\0\0\0 and what follows").starts_with("this is a compressed archive"));
    assert!(message(&[7; 100]).starts_with("this is not a binary"));
    let cut_off = message(&elf(SITE.as_bytes())[..100]);
    assert!(cut_off.starts_with("this binary is truncated or damaged"), "{cut_off}");
}

#[test]
fn other_bytes_between_records_are_skipped() {
    let padded = [b"\0\0\0\xff\norchq", SITE.as_bytes(), &[0; 13], SITE.as_bytes(), b"\norchq-"].concat();
    let records = records(&padded);
    assert_eq!((records.sites(), records.damaged()), (2, 0));
}

#[test]
fn a_damaged_record_is_counted_and_the_next_one_read() {
    // A record cut at any position, except one that lacks only its last NUL.
    let alone = SITE.find("\norchq-metrics 1 metric").expect("behind the site");
    for end in 16..alone {
        let content = [&SITE.as_bytes()[..end], SITE.as_bytes()].concat();
        let records = records(&content);
        assert_eq!((records.sites(), records.damaged()), (1, 1), "cut at {end}: {records:?}");
    }
    // Without its metric, a site is damaged too.
    for (from, to, damaged) in [
        ("\0counter\0", "\0summary\0", 2),
        ("\01\0side", "\0x\0side", 1),
        ("\0required\0", "\0so\0", 2),
        ("7 ", "seven ", 1),
        ("metric\000000000000000a1", "metric\000000000000000c3", 1),
        ("metric\000000000000000a1", "metric\0a1", 2),
    ] {
        let records = records(SITE.replace(from, to).as_bytes());
        assert_eq!((records.sites(), records.damaged()), (0, damaged), "{to:?}");
    }
}

#[test]
fn a_list_is_no_longer_than_its_record() {
    let endless = SITE.replace("\02\0own", "\018446744073709551615\0own");
    let records = records(endless.as_bytes());
    assert_eq!((records.sites(), records.damaged()), (0, 1));
}

#[test]
fn another_format_is_an_error() {
    let later = SITE.replace("orchq-metrics 1 ", "orchq-metrics 2 ");
    assert_eq!(read_section(later.as_bytes()), Err(ReadError::Version("2".to_owned())));
    assert_eq!(read(&elf(later.as_bytes())), Err(ReadError::Version("2".to_owned())));
}

#[test]
fn no_byte_of_a_file_makes_the_reader_panic() {
    let files = [
        elf(SITE.as_bytes()),
        mach_o(Architecture::Aarch64, SITE.as_bytes()),
        object_file(BinaryFormat::Coff, Architecture::X86_64, Endianness::Little, SITE.as_bytes()),
        universal(&[&mach_o(Architecture::X86_64, SITE.as_bytes())]),
        archive(&[&elf(SITE.as_bytes())]),
    ];
    let mut unreadable = 0;
    for file in files {
        for at in 0..file.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut changed = file.clone();
                changed[at] = value;
                unreadable += usize::from(read(&changed).is_err());
            }
            unreadable += usize::from(read(&file[..at]).is_err());
        }
    }
    assert!(unreadable > 1000, "{unreadable}");
}
