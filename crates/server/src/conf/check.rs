use std::net::IpAddr;
use std::sync::LazyLock;

use hat_event_common::{
    BackendInfo, JsonSchemaError, ModuleInfo, Registry, SchemaRepository, UnknownPluginError, json_schema_repo,
};
use serde_json::Value;

use super::unknown::{Schema, unknown_keys};
use super::{ConfErrors, Document, Problem, ServerConf};

const SERVER: &str = "hat-event://server.yaml";
const OURS: &str = "hat-event://ours/server.yaml";
const MODULE: &str = "hat-event://server.yaml#/$defs/module";

/// A schema of the reference for a plugin, and that of the keys which the same plugin has beyond it here.
const LMDB: (&str, &str) = ("hat-event://backends/lmdb.yaml", "hat-event://ours/backends/lmdb.yaml");

/// The schemas of the reference, and ours.
static SCHEMAS: LazyLock<SchemaRepository> = LazyLock::new(|| {
    let mut repo = json_schema_repo().clone();
    for text in [include_str!("../../schemas/server.json"), include_str!("../../schemas/backends/lmdb.json")] {
        #[expect(clippy::expect_used, reason = "the texts are part of the program, and tests read them")]
        repo.add(serde_json::from_str(text).expect("the schemas are JSON")).expect("they have ids of their own");
    }
    repo
});

/// The integers of a configuration. JSON schemas take `1.0` for an integer, and the reference then fails with most of
/// them.
const INTEGERS: [&str; 5] =
    ["/server_id", "/eventer_server/port", "/adminer_server/port", "/limits/connections", "/limits/session_events"];

impl ServerConf {
    /// Checks a document: as the reference does, and what it would only notice when it runs.
    ///
    /// It has to match the JSON schemas of the reference and of our own keys, each section of a plugin the schema of that
    /// plugin. Returns the configuration and what looks wrong in it.
    ///
    /// # Errors
    ///
    /// [`ConfErrors`] with all that is wrong.
    pub fn check(
        document: &Document,
        backends: &Registry<BackendInfo>,
        modules: &Registry<ModuleInfo>,
    ) -> Result<(Self, Vec<Problem>), ConfErrors> {
        let mut check = Check { document, errors: Vec::new(), warnings: Vec::new() };
        let conf = check.without_null_monitor();
        check.schema("", &SCHEMAS, SERVER, &conf);
        check.schema("", &SCHEMAS, OURS, &conf);
        check.plugin("/backend", "backend", |name| {
            backends.get(name).map(|info| (info.json_schema_repo(), info.json_schema_id()))
        });
        for i in 0..conf.get("modules").and_then(Value::as_array).map_or(0, Vec::len) {
            check.plugin(&format!("/modules/{i}"), "module", |name| {
                modules.get(name).map(|info| (info.json_schema_repo(), info.json_schema_id()))
            });
        }
        check.integers();
        check.adminer();
        let apart = ["/backend", "/modules", "/log", "/monitor_component"];
        let schemas = [Schema::find(&SCHEMAS, SERVER), Schema::find(&SCHEMAS, OURS)];
        check.warnings.extend(unknown_keys(document, "", schemas.into_iter().flatten().collect(), &apart));
        let Check { mut errors, mut warnings, .. } = check;
        warnings.sort_by_key(|problem| problem.place);
        if errors.is_empty() {
            match serde_json::from_value(conf) {
                Ok(conf) => return Ok((conf, warnings)),
                Err(error) => errors.push(Problem::of_value(document, "", error.to_string())),
            }
        }
        errors.sort_by(|a, b| (a.place, a).cmp(&(b.place, b)));
        Err(ConfErrors { errors, warnings })
    }
}

struct Check<'a> {
    document: &'a Document,
    errors: Vec<Problem>,
    warnings: Vec<Problem>,
}

impl Check<'_> {
    fn error(&mut self, pointer: impl Into<String>, message: impl Into<String>) {
        self.errors.push(Problem::of_value(self.document, pointer, message));
    }

    /// The configuration without a monitor that is null, which the schema of the reference does not take.
    fn without_null_monitor(&mut self) -> Value {
        const MONITOR: &str = "monitor_component";
        let mut conf = self.document.value().clone();
        let monitor = conf.as_object_mut().and_then(|fields| match fields.get(MONITOR) {
            Some(Value::Null) => fields.remove(MONITOR),
            other => other.cloned(),
        });
        match monitor {
            None => {}
            Some(Value::Null) => {
                let message = "the reference takes no null here: leave the key out";
                self.warnings.push(Problem::of_value(self.document, "/monitor_component", message));
            }
            Some(_) => self.error("/monitor_component", "working under a monitor is not supported yet"),
        }
        conf
    }

    /// Checks a section against a JSON schema.
    fn schema(&mut self, section: &str, repo: &SchemaRepository, id: &str, value: &Value) {
        match repo.validate(id, value) {
            Ok(()) => {}
            Err(JsonSchemaError::Violated { violations, .. }) => {
                let problems = violations.into_iter().map(|one| Problem::of_violation(self.document, section, one));
                // Both schemas of a server say what is no object, for example.
                for problem in problems {
                    let told =
                        |other: &Problem| (&other.pointer, &other.message) == (&problem.pointer, &problem.message);
                    if !self.errors.iter().any(told) {
                        self.errors.push(problem);
                    }
                }
            }
            Err(error) => self.error(section, error.to_string()),
        }
    }

    /// Checks the section of a plugin, whose schema `find` knows.
    fn plugin<'r>(
        &mut self,
        section: &str,
        kind: &str,
        find: impl Fn(&str) -> Result<(Option<&'r SchemaRepository>, Option<&'r str>), UnknownPluginError>,
    ) {
        let Some(value) = self.document.value().pointer(section) else { return };
        let Some(name) = value["module"].as_str() else { return };
        match find(name) {
            Ok((Some(repo), Some(id))) => {
                self.schema(section, repo, id, value);
                let ours = (id == LMDB.0).then_some(LMDB.1);
                if let Some(ours) = ours {
                    self.schema(section, &SCHEMAS, ours, value);
                }
                let known = [Some(MODULE), ours].into_iter().flatten().filter_map(|id| Schema::find(&SCHEMAS, id));
                let schemas = Schema::find(repo, id).into_iter().chain(known).collect();
                self.warnings.extend(unknown_keys(self.document, section, schemas, &[]));
            }
            Ok(_) => {}
            Err(UnknownPluginError { known, .. }) => {
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                let how = format!("a program of one's own adds it with EventServer::builder().{kind}({name:?}, info)");
                self.error(format!("{section}/module"), format!("there is no {kind} {name}; known are {known}; {how}"));
            }
        }
    }

    fn integers(&mut self) {
        for pointer in INTEGERS {
            let told = self.errors.iter().any(|error| error.pointer == pointer);
            if let Some(number) = self.document.value().pointer(pointer).and_then(Value::as_number)
                && let (true, Some(float)) = (number.is_f64() && !told, number.as_f64())
            {
                self.error(pointer, format!("{number} is no integer to the reference; write {float}"));
            }
        }
    }

    /// The adminer lets anybody who reaches it change where the log is written.
    fn adminer(&mut self) {
        const ADMINER: &str = "/adminer_server";
        let Some(adminer) = self.document.value().pointer(ADMINER) else { return };
        if adminer.get("token").is_some() {
            let message = "the protocol of the adminer carries no token; tls with client_ca is what keeps others out";
            let pointer = format!("{ADMINER}/token");
            self.errors.push(Problem::of_key(self.document, pointer, message));
        }
        let host = adminer["host"].as_str();
        if host.is_some_and(|host| !is_loopback(host)) && adminer.pointer("/tls/client_ca").is_none() {
            let message =
                "the adminer is for this host alone, such as 127.0.0.1, unless tls with client_ca keeps others out";
            self.error(format!("{ADMINER}/host"), message);
        }
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests;
