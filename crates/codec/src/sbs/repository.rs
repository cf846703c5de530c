use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use bytestring::ByteString;

use super::schema::{self, Module};
use super::types::{Arena, Kind, Type, TypeId, expand, measure};
use super::{Data, SbsError, SchemaError, decode, encode};

/// Modules of the SBS schema language, which encode and decode [`Data`] by the name of a type.
///
/// ```
/// use hat_event_codec::{Data, Repository};
///
/// let repository = Repository::parse(
///     "module House
///
///      Door = Record {
///          name: String
///          open: Optional(Boolean)  # if known
///      }",
/// )?;
/// let door = Data::record([("name", "front".into()), ("open", Data::optional(Some(true.into())))]);
/// let bytes = repository.encode("House.Door", &door)?;
/// assert_eq!(&bytes[..], b"\x85front\x81\x01");
/// assert_eq!(repository.decode("House.Door", bytes)?, door);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A type is named as `Module.Type`; builtin types without parameters, such as `Integer`, have names of their own. Types
/// with parameters have values only where another type gives their arguments.
pub struct Repository {
    modules: Vec<Arc<Module>>,
    types: Arena<Type>,
    names: BTreeMap<String, TypeId>,
}

impl Repository {
    /// Makes a repository of one module.
    ///
    /// # Errors
    ///
    /// As [`RepositoryBuilder::build`]. Errors call the text `schema`.
    pub fn parse(text: &str) -> Result<Self, SchemaError> {
        Self::builder().schema("schema", text).build()
    }

    /// Makes a repository of several modules, some of which may come from other repositories.
    pub fn builder() -> RepositoryBuilder {
        RepositoryBuilder::default()
    }

    /// The names of all types that can be encoded and decoded, in alphabetical order; builtins are not among them.
    pub fn type_names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str)
    }

    /// The bytes of data of the named type, in canonical form.
    ///
    /// # Errors
    ///
    /// [`SbsError::UnknownType`], or [`SbsError::Encode`] if the data is not of that type. All fields of a record must be
    /// there, in any order, and no others.
    pub fn encode(&self, type_name: &str, data: &Data) -> Result<Bytes, SbsError> {
        Ok(encode::encode(&self.types, self.find(type_name)?, data)?)
    }

    /// The data that all of the bytes are, of the named type. Strings and bytes in it share their memory.
    ///
    /// # Errors
    ///
    /// [`SbsError::UnknownType`], or [`SbsError::Decode`] if the bytes are not of that type. That includes what peers do
    /// not send, but whoever attacks might: [`crate::MAX_DEPTH`] and [`crate::MAX_EMPTY_ITEMS`].
    pub fn decode(&self, type_name: &str, data: Bytes) -> Result<Data, SbsError> {
        Ok(decode::decode(&self.types, self.find(type_name)?, data)?)
    }

    fn find(&self, type_name: &str) -> Result<TypeId, SbsError> {
        self.names.get(type_name).copied().or_else(|| Kind::simple(type_name)).ok_or_else(|| SbsError::UnknownType {
            name: type_name.to_owned(),
            known: self.type_names().map(str::to_owned).collect(),
        })
    }
}

impl fmt::Debug for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.type_names()).finish()
    }
}

/// Collects the modules of a [`Repository`].
///
/// ```
/// use hat_event_codec::{Repository, sbs_repo};
///
/// let repository = Repository::builder()
///     .repository(sbs_repo())
///     .schema("archive.sbs", "module Archive  Page = Array(HatEventer.Event)")
///     .build()?;
/// assert!(repository.type_names().any(|name| name == "Archive.Page"));
/// # Ok::<(), hat_event_codec::SchemaError>(())
/// ```
#[derive(Debug, Default)]
pub struct RepositoryBuilder {
    sources: Vec<Source>,
}

#[derive(Debug)]
enum Source {
    Schema { label: String, text: ByteString },
    Modules(Vec<Arc<Module>>),
}

impl RepositoryBuilder {
    /// Adds the module of a schema text. Errors call the text by its label, such as the file that it comes from.
    #[must_use]
    pub fn schema(mut self, label: impl Into<String>, text: impl Into<ByteString>) -> Self {
        self.sources.push(Source::Schema { label: label.into(), text: text.into() });
        self
    }

    /// Adds the modules of a repository. A module that several repositories share is added once.
    #[must_use]
    pub fn repository(mut self, repository: &Repository) -> Self {
        self.sources.push(Source::Modules(repository.modules.clone()));
        self
    }

    /// Makes the repository. Modules may refer to each other, in whatever order they were added.
    ///
    /// # Errors
    ///
    /// [`SchemaError`] if a text does not follow the grammar, or its definitions have no meaning: if something is
    /// defined twice or not at all, or given a wrong number of arguments, or if a type has no finite value or no end
    /// of types in it.
    pub fn build(self) -> Result<Repository, SchemaError> {
        let mut modules: Vec<Arc<Module>> = Vec::new();
        for source in self.sources {
            match source {
                Source::Schema { label, text } => modules.push(Arc::new(schema::parse(&label, &text)?)),
                Source::Modules(others) => {
                    for other in others {
                        if !modules.iter().any(|module| module.same(&other)) {
                            modules.push(other);
                        }
                    }
                }
            }
        }
        let (types, names) = {
            let modules: Vec<&Module> = modules.iter().map(|module| &**module).collect();
            let expanded = expand(&modules)?;
            (measure(&expanded)?, expanded.named.into_iter().collect())
        };
        Ok(Repository { modules, types, names })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sbs_repo;

    fn check(text: &str, data: &Data, bytes: &'static [u8]) {
        let repository = Repository::parse(&format!("module M {text}")).unwrap();
        assert_eq!(repository.encode("M.T", data).unwrap(), bytes, "{text}");
        assert_eq!(&repository.decode("M.T", Bytes::from_static(bytes)).unwrap(), data, "{text}");
    }

    #[test]
    fn data_of_every_type_is_encoded_and_decoded() {
        check("T = None", &Data::None, b"");
        check("T = Boolean", &true.into(), b"\x01");
        check("T = Integer", &(-65).into(), b"\x7F\xBF");
        check("T = Float", &1.5.into(), b"\x3F\xF8\0\0\0\0\0\0");
        check("T = String", &"ü".into(), b"\x82\xC3\xBC");
        check("T = Bytes", &Bytes::from_static(b"\xFF").into(), b"\x81\xFF");
        check("T = Array(Integer)", &vec![1.into(), 2.into()].into(), b"\x82\x81\x82");
        check("T = Array(None)", &vec![Data::None, Data::None].into(), b"\x82");
        check("T = Optional(Integer)", &Data::optional(None), b"\x80");
        check("T = Optional(Integer)", &Data::optional(Some(1.into())), b"\x81\x81");
        check("T = Record{b: Integer a: None}", &Data::record([("b", 1.into()), ("a", Data::None)]), b"\x81");
        check("T = Choice{a: None b: Integer}", &Data::choice("b", 1.into()), b"\x81\x81");
    }

    #[test]
    fn names_mean_what_is_nearest() {
        // A parameter, then a builtin, then what the module defines.
        check("T = U(String) U(Integer) = Integer Integer = Boolean", &"a".into(), b"\x81a");
        check("T = Integer Integer = Boolean", &1.into(), b"\x81");
        check("T = M.Integer Integer = Boolean", &true.into(), b"\x01");
        check("T = IntegerList IntegerList = Array(Integer)", &vec![1.into()].into(), b"\x81\x81");
        check(
            "T = U(None) U(a) = Record{a: V(a)} V(b) = Choice{a: a b: b} a = None",
            &{ Data::record([("a", Data::choice("b", Data::None))]) },
            b"\x81",
        );
    }

    #[test]
    fn unknown_names_are_told_with_the_known_ones() {
        let repository = Repository::parse("module M B = None A(a) = a A1 = None").unwrap();
        let error = repository.encode("M.A", &Data::None).unwrap_err();
        assert_eq!(error.to_string(), "there is no type \"M.A\"; types are M.A1, M.B");
        assert_eq!(
            repository.decode("B", Bytes::new()).unwrap_err().to_string(),
            error.to_string().replace("M.A\"", "B\"")
        );
        assert_eq!(repository.encode("Integer", &1.into()).unwrap(), &b"\x81"[..]);
        assert_eq!(format!("{repository:?}"), r#"["M.A1", "M.B"]"#);
    }

    #[test]
    fn modules_that_repositories_share_are_one() {
        let common = Repository::parse("module C T = None").unwrap();
        let with = |text| Repository::builder().repository(&common).schema("with", text).build().unwrap();
        let (a, b) = (with("module A T = C.T"), with("module B T = Array(C.T)"));
        let all = Repository::builder().repository(&a).repository(&b).repository(sbs_repo()).build().unwrap();
        let of_one_letter: Vec<_> = all.type_names().filter(|name| name.len() == 3).collect();
        assert_eq!(of_one_letter, ["A.T", "B.T", "C.T"]);

        let other = Repository::parse("module C T = Integer").unwrap();
        let error = Repository::builder().repository(&a).repository(&other).build().unwrap_err();
        assert_eq!(error.to_string(), "schema:1:8: module C is defined twice");
        let error = Repository::builder().repository(&common).schema("mine", "module\nC").build().unwrap_err();
        assert_eq!((error.label(), error.line(), error.column()), ("mine", 2, 1));
    }
}
