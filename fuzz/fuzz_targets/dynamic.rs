//! By the schema, bytes are refused, or their data is the same after encoding, for which it needs no more bytes.

#![cfg_attr(fuzzing, no_main)]

use bytes::Bytes;
use hat_event_codec::sbs_repo;

hat_event_fuzz::claim!(|data| {
    let names: Vec<&str> = sbs_repo().type_names().collect();
    let Some((name, data)) = hat_event_fuzz::choose(&names, data) else { return };
    let Ok(value) = sbs_repo().decode(name, Bytes::copy_from_slice(data)) else { return };
    let encoded = sbs_repo().encode(name, &value).expect("what was decoded encodes");
    assert!(encoded.len() <= data.len());
    assert_eq!(sbs_repo().decode(name, encoded).as_ref(), Ok(&value));
});
