//! Finds the section of records in a file.

use memchr::memmem;
use object::read::archive::ArchiveFile;
use object::read::macho::{FatArch, MachOFatFile, MachOFatFile32, MachOFatFile64};
use object::{CompressionFormat, File, FileKind, Object, ObjectKind, ObjectSection};

use super::error::ReadError;
use super::records::Records;
use super::section;
use crate::emit::site_record::HEAD;

/// The names of the section of contracts, by format: see `emit::record`. Mach-O names the segment separately.
const CONTRACTS: [&[u8]; 3] = [b"orchq_sites", b"__orchq_sites", b".orchq"];

/// How the names of the section of sites begin: linkme's, of the slice in `emit::site`. A name of Mach-O has a hash in
/// place of the slice's name, and an image keeps eight bytes of one of COFF, so that the sections of other slices
/// may be read too.
const SITES: [&[u8]; 4] =
    [b"linkme_ORCHQ_METRICS_EMISSION_SITES", b"set_linkme_ORCHQ_METRICS_EMISSION_SITES", b"__linkme", b".linkme_"];

fn may_have_records(name: &[u8]) -> bool {
    CONTRACTS.contains(&name) || SITES.iter().any(|start| name.starts_with(start))
}

/// How deep files can be nested: an archive in a universal file.
const DEPTH: usize = 2;

/// Reads the records of a binary: the bytes of an executable, a library, an object file or an archive.
///
/// # Errors
///
/// When the bytes are not such a file, when the file is damaged, or when its records have a format that this
/// version does not know.
pub fn read(bytes: &[u8]) -> Result<Records, ReadError> {
    // The sections and images of a valid file do not overlap, so together they are not longer than the file.
    let mut reader = Reader { unread: bytes.len() };
    Ok(reader.file(bytes, DEPTH)?.resolved())
}

struct Reader {
    /// How many more bytes there can be to read.
    unread: usize,
}

impl Reader {
    fn file(&mut self, bytes: &[u8], depth: usize) -> Result<Records, ReadError> {
        let Ok(kind) = FileKind::parse(bytes) else { return Err(not_a_binary(bytes)) };
        match kind {
            FileKind::Archive | FileKind::MachOFat32 | FileKind::MachOFat64 if depth == 0 => {
                Err(ReadError::Malformed("archives within archives".to_owned()))
            }
            FileKind::Archive => self.archive(bytes, depth - 1),
            FileKind::MachOFat32 => self.images(MachOFatFile32::parse(bytes), bytes, depth - 1),
            FileKind::MachOFat64 => self.images(MachOFatFile64::parse(bytes), bytes, depth - 1),
            FileKind::DyldCache => Err(ReadError::NotABinary("this is a dyld cache; name the program itself")),
            _ => self.object(bytes),
        }
    }

    /// The images of one program for several processors.
    fn images(
        &mut self,
        file: object::Result<MachOFatFile<'_, impl FatArch>>,
        bytes: &[u8],
        depth: usize,
    ) -> Result<Records, ReadError> {
        let mut records: Option<Records> = None;
        for arch in file.map_err(malformed)?.arches() {
            let image = arch.data(bytes).map_err(malformed)?;
            let image = self.file(image, depth)?.resolved();
            match &mut records {
                None => records = Some(image),
                Some(records) => records.merge(image),
            }
        }
        records.ok_or_else(|| ReadError::Malformed("a universal file without an image".to_owned()))
    }

    /// The object files of a static library; other members are ignored.
    fn archive(&mut self, bytes: &[u8], depth: usize) -> Result<Records, ReadError> {
        let archive = ArchiveFile::parse(bytes).map_err(malformed)?;
        if archive.is_thin() {
            let thin = "this is a thin archive, which only names its files; name the program itself";
            return Err(ReadError::NotABinary(thin));
        }
        let mut records = Records::default();
        for member in archive.members() {
            let member = member.and_then(|member| member.data(bytes)).map_err(malformed)?;
            if FileKind::parse(member).is_ok() {
                self.spend(1)?;
                records.append(self.file(member, depth)?);
            }
        }
        Ok(records)
    }

    fn object(&mut self, bytes: &[u8]) -> Result<Records, ReadError> {
        let file = File::parse(bytes).map_err(malformed)?;
        let is_linked = matches!(file.kind(), ObjectKind::Executable | ObjectKind::Dynamic);
        let mut records = Records { is_linked, ..Records::default() };
        for section in file.sections() {
            let Some(name) = section.name_bytes().ok().filter(|name| may_have_records(name)) else { continue };
            if section.compressed_file_range().map_err(malformed)?.format != CompressionFormat::None {
                return Err(ReadError::Compressed);
            }
            let content = section.data().map_err(malformed)?;
            self.spend(content.len())?;
            records.has_section |= CONTRACTS.contains(&name) || memmem::find(content, HEAD).is_some();
            section::read_all(content, &mut records)?;
        }
        Ok(records)
    }

    fn spend(&mut self, bytes: usize) -> Result<(), ReadError> {
        let left = self.unread.checked_sub(bytes);
        self.unread = left.ok_or_else(|| ReadError::Malformed("sections overlap".to_owned()))?;
        Ok(())
    }
}

fn malformed(error: object::Error) -> ReadError {
    ReadError::Malformed(error.to_string())
}

/// The error for a file of another kind, which it names.
fn not_a_binary(bytes: &[u8]) -> ReadError {
    let start = bytes.get(..bytes.len().min(512)).unwrap_or_default();
    ReadError::NotABinary(match start {
        [] => "this file is empty; build it again",
        [b'#', b'!', b'/' | b' ', ..] => "this is a script, not a binary; name the program that it starts",
        [0, b'a', b's', b'm', ..] => "this is WebAssembly, for which sites are not collected",
        [0x1f, 0x8b, ..] | [b'P', b'K', 3, 4, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            "this is a compressed archive; unpack it and name the program"
        }
        [b'B', b'C', 0xc0, 0xde, ..] => "this is LLVM bitcode; name the linked program",
        _ if start.iter().all(|byte| *byte >= b' ' || byte.is_ascii_whitespace()) => {
            "this is a text, not a binary; name an executable, a library or an archive"
        }
        _ => "this is not a binary of a known format; name an ELF, Mach-O or PE file",
    })
}
