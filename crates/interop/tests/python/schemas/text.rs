//! Schemas as text, in all ways that there are to write them.

use hat_event_interop::Random;

use super::random::{AWKWARD, MODULES, Schema, Type};

/// A text for each module, with white space and comments where they may be; respelled, without awkward names.
pub(super) fn texts(schema: &Schema, random: &mut Random, respell: bool) -> Vec<String> {
    let mut writer = TextWriter { schema, random, respell, text: String::new() };
    (0..schema.modules.len()).map(|module| writer.module(module)).collect()
}

struct TextWriter<'a> {
    schema: &'a Schema,
    random: &'a mut Random,
    respell: bool,
    text: String,
}

impl TextWriter<'_> {
    fn module(&mut self, module: usize) -> String {
        self.text.clear();
        self.may_space();
        self.put("module");
        self.must_space();
        self.put(MODULES[module]);
        for definition in &self.schema.modules[module] {
            self.must_space();
            self.name(&definition.name);
            if !definition.parameters.is_empty() || self.random.once_in(20) {
                self.list("(", ")", &definition.parameters, |this, name| this.put(name));
            }
            self.may_space();
            self.put("=");
            self.may_space();
            self.r#type(&definition.body, (module, &definition.parameters));
        }
        self.may_space();
        if self.random.once_in(30) && !self.respell {
            self.put(" # end");
        }
        std::mem::take(&mut self.text)
    }

    fn r#type(&mut self, t: &Type, at: (usize, &[String])) {
        match t {
            Type::Builtin(name) | Type::Unknown(name) => self.put(name),
            Type::Parameter(i) => self.put(&at.1[*i]),
            Type::Array(t) => {
                self.put("Array");
                self.list("(", ")", &[t], |this, t| this.r#type(t, at));
            }
            Type::Optional(t) => {
                self.put("Optional");
                self.list("(", ")", &[t], |this, t| this.r#type(t, at));
            }
            Type::Record(entries) => self.entries("Record", entries, at),
            Type::Choice(entries) => self.entries("Choice", entries, at),
            Type::Reference(module, i, arguments) => {
                if *module != at.0 || self.random.once_in(4) {
                    self.put(MODULES[*module]);
                    self.put(".");
                }
                self.name(&self.schema.modules[*module][*i].name);
                if !arguments.is_empty() || self.random.once_in(20) {
                    self.list("(", ")", arguments, |this, t| this.r#type(t, at));
                }
            }
        }
    }

    fn entries(&mut self, what: &str, entries: &[(String, Type)], at: (usize, &[String])) {
        self.put(what);
        self.list("{", "}", entries, |this, (name, t)| {
            this.put(name);
            this.may_space();
            this.put(":");
            this.may_space();
            this.r#type(t, at);
        });
    }

    fn list<T>(&mut self, open: &str, close: &str, items: &[T], mut put: impl FnMut(&mut Self, &T)) {
        self.may_space();
        self.put(open);
        self.may_space();
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.must_space();
            }
            put(self, item);
        }
        self.may_space();
        self.put(close);
    }

    fn name(&mut self, name: &str) {
        if self.respell && AWKWARD.contains(&name) {
            self.put("Q");
        }
        self.put(name);
    }

    fn must_space(&mut self) {
        let space = self.random.pick(&[" ", "\n", ", ", ",", "\r\n", "\t ", " # a { = \n", "#\r", "\n\n    "]);
        self.put(space);
    }

    fn may_space(&mut self) {
        if self.random.once_in(5) {
            self.must_space();
        }
    }

    fn put(&mut self, text: &str) {
        self.text += text;
    }
}
