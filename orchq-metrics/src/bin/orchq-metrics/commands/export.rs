//! `export`: the contract in another form.

use std::fs;

use anyhow::{Context as _, Result};
use orchq_metrics::export::{self, Format};

use crate::args::{Export, ExportFormat, Global};
use crate::config::Config;
use crate::{Outcome, contract, output};

pub(crate) fn run(args: &Export, global: &Global, config: &Config) -> Result<Outcome> {
    let contract = contract::chosen(global, config)?;
    let format = match args.format {
        ExportFormat::Json => Format::Json,
        ExportFormat::Markdown => Format::Markdown,
        ExportFormat::Weaver => Format::Weaver,
        ExportFormat::Rules => Format::Rules,
        ExportFormat::Dashboard => Format::Dashboard,
    };
    let files = export::files(&contract, format);
    let Some(folder) = &args.out else {
        let several = files.len() > 1;
        for file in &files {
            // A comment in both formats that come as several files.
            let head = if several { format!("# {}\n", file.name) } else { String::new() };
            output::print(&(head + &file.text))?;
        }
        return Ok(Outcome::Clean);
    };
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    for file in &files {
        let path = folder.join(&file.name);
        fs::write(&path, &file.text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(Outcome::Clean)
}
