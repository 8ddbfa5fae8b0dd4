//! `export`: the contract in another form.

use std::fs;

use anyhow::{Context as _, Result, bail};
use orchq_metrics::export::{self, Format};

use crate::args::{Export, ExportFormat};
use crate::config::Config;
use crate::{Outcome, contract, output};

pub(crate) fn run(args: &Export, config: &Config) -> Result<Outcome> {
    let contract = contract::chosen(&args.which, config)?;
    let format = match args.format {
        ExportFormat::Json => Format::Json,
        ExportFormat::Markdown => Format::Markdown,
        ExportFormat::Weaver => Format::Weaver,
        ExportFormat::Rules => Format::Rules,
        ExportFormat::Dashboard => Format::Dashboard,
    };
    let files = export::files(&contract, format);
    let Some(folder) = &args.out else {
        let [file] = files.as_slice() else {
            let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
            bail!("this form is several files: {}; say with --out which folder they go to", names.join(", "));
        };
        output::print(&file.text)?;
        return Ok(Outcome::Clean);
    };
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    for file in &files {
        let path = folder.join(&file.name);
        fs::write(&path, &file.text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(Outcome::Clean)
}
