use std::io::Write;
use std::path::PathBuf;

use hat_event_server::conf::{self, Document, Folders, Format, ListenConf, Plugins, Problem, ServerConf, Source};
use serde_json::Value;

use hat_event_server::log::LogConf;

use crate::document;
use crate::failure::{Exit, Failure};
use crate::output::{Output, escape};

const HELP: &str = "\
Examples:
  hat-event check-conf
  hat-event check-conf event.yaml
  hat-event check-conf --format yaml - < event.yaml

Exit codes:
  0  a server can run with it
  1  it cannot
  2  the configuration could not be read";

/// Checks the configuration of a server, without running it.
///
/// Without a file it is the configuration that `serve` finds: event.yaml, event.yml, event.toml or event.json in
/// $XDG_CONFIG_HOME/hat, or ~/.config/hat, and without any of them the embedded default.
///
/// Prints what is wrong, what looks wrong, what other readers of YAML would read differently than PyYAML and this program
/// do, and what would run.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// JSON, YAML or TOML, as the ending says: .json, .yaml, .yml, .toml; - is JSON on standard input.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,

    /// Format of the file, whatever its ending.
    #[arg(long, value_parser = document::format())]
    format: Option<Format>,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> Result<Exit, Failure> {
    let input = |error: conf::ReadError| Failure::Input(error.to_string());
    let source = conf::find(args.file.as_deref(), &Folders::of_user()).map_err(input)?;
    let document = source.read(args.format).map_err(input)?;
    let plugins = Plugins::default();
    let checked = ServerConf::check(&document, &plugins.backends, &plugins.modules);
    let (conf, errors, warnings) = match checked {
        Ok((conf, mut warnings)) => {
            let mut errors = unusable_files(&document, &conf);
            check_log(&document, &conf, &mut errors, &mut warnings);
            (Some(conf), errors, warnings)
        }
        Err(found) => (None, found.errors, found.warnings),
    };
    print(out, &source, "error", &errors)?;
    print(out, &source, "warning", &warnings)?;
    remarks(out, &source, &document)?;
    match conf.filter(|_| errors.is_empty()) {
        Some(conf) => {
            outline(out, &source, &conf)?;
            Ok(Exit::Done)
        }
        None => Ok(Exit::No),
    }
}

/// What is wrong with the files of TLS that a configuration names.
fn unusable_files(document: &Document, conf: &ServerConf) -> Vec<Problem> {
    let servers = [("eventer_server", Some(&conf.eventer_server)), ("adminer_server", conf.adminer_server.as_ref())];
    let errors = servers.into_iter().filter_map(|(name, server)| {
        let error = server?.tls.as_ref()?.load().err()?;
        let pointer = format!("/{name}/tls");
        Some(Problem { place: document.place(&pointer), pointer, message: error.to_string(), rule: None })
    });
    errors.collect()
}

/// What of the configuration of logging cannot be used, or means something else here.
fn check_log(document: &Document, conf: &ServerConf, errors: &mut Vec<Problem>, warnings: &mut Vec<Problem>) {
    let problem = |message| Problem { place: document.place("/log"), pointer: "/log".to_owned(), message, rule: None };
    match conf.log.as_ref().map(LogConf::from_value) {
        None => {}
        Some(Ok((_, found))) => warnings.extend(found.iter().map(|warning| problem(warning.to_string()))),
        Some(Err(error)) => errors.push(problem(error.to_string())),
    }
}

fn print(out: &mut Output, source: &Source, what: &str, problems: &[Problem]) -> Result<(), Failure> {
    let style = out.styles();
    let strong = if what == "error" { style.wrong } else { style.strong };
    let source = escape(&source.to_string());
    for problem in problems {
        writeln!(out, "{source}: {strong}{what}:{strong:#} {}", escape(&problem.to_string()))?;
    }
    Ok(())
}

fn remarks(out: &mut Output, source: &Source, document: &Document) -> Result<(), Failure> {
    let strong = out.styles().strong;
    let source = escape(&source.to_string());
    for remark in document.remarks() {
        let message = escape(&remark.message);
        writeln!(out, "{source}: {strong}note:{strong:#} {message} at {}", remark.place)?;
    }
    Ok(())
}

/// What would run.
fn outline(out: &mut Output, source: &Source, conf: &ServerConf) -> Result<(), Failure> {
    let backend = conf.backend.get("module").and_then(Value::as_str).unwrap_or_default();
    let adminer = conf.adminer_server.as_ref().map_or("off".to_owned(), address);
    let from = match source {
        Source::Default(folder) => format!("{source}, with events in {}", folder.display()),
        Source::Input | Source::File(_) => source.to_string(),
    };
    for (name, value) in [
        ("configuration", from),
        ("server", format!("{} with id {}", conf.name, conf.server_id)),
        ("backend", backend.to_owned()),
        ("modules", conf.modules.len().to_string()),
        ("events", address(&conf.eventer_server)),
        ("adminer", adminer),
    ] {
        writeln!(out, "{name:14} {}", escape(&value))?;
    }
    Ok(())
}

fn address(listen: &ListenConf) -> String {
    let tls = match &listen.tls {
        None => "",
        Some(tls) if tls.client_ca.is_none() => " with TLS",
        Some(_) => " with TLS and certificates of clients",
    };
    format!("{}{tls}", hat_event_chatter::Address::tcp(&*listen.host, listen.port))
}
