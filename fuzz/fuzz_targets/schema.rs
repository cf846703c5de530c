//! Text is refused at a place in it, or it is a schema; what the types of a schema decode, they encode.

#![cfg_attr(fuzzing, no_main)]

use bytes::Bytes;
use hat_event_codec::Repository;

hat_event_fuzz::claim!(|data| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let repository = match Repository::parse(text) {
        Ok(repository) => repository,
        Err(error) => {
            assert!((1..=text.split(['\r', '\n']).count()).contains(&error.line()), "{error}");
            return;
        }
    };
    for name in repository.type_names() {
        // The text itself is as good as any other bytes; most of it is too long for the types in it.
        for end in 0..data.len().min(32) {
            if let Ok(value) = repository.decode(name, Bytes::copy_from_slice(&data[..end])) {
                let encoded = repository.encode(name, &value).expect("what was decoded encodes");
                assert!(encoded.len() <= end);
            }
        }
    }
});
