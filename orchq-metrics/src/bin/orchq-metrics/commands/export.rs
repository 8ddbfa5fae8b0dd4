//! `export`: the contract in another format.

use std::fs;

use anyhow::{Context as _, Result, bail};
use orchq_metrics::export;

use crate::args::Export;
use crate::config::Config;
use crate::outcome::Outcome;
use crate::{contract, output};

pub(crate) fn run(args: &Export, config: &Config) -> Result<Outcome> {
    let contract = contract::chosen(&args.which, config)?;
    let files = export::files(&contract, args.format);
    let Some(folder) = &args.out else {
        let [file] = files.as_slice() else {
            let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
            bail!("this format is several files: {}; name a folder for them with --out", names.join(", "));
        };
        output::print(&file.text)?;
        return Ok(Outcome::Clean);
    };
    fs::create_dir_all(folder).with_context(|| format!("cannot create the folder {}", folder.display()))?;
    for file in &files {
        let path = folder.join(&file.name);
        fs::write(&path, &file.text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(Outcome::Clean)
}
