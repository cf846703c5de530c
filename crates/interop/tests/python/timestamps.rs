use hat_event_common::*;
use hat_event_interop::Random;
use serde_json::{Value, json};
use time::{Date, OffsetDateTime, Time, UtcOffset};

use crate::encodings::hex;
use crate::trial::{NEWEST, Trial, Verdict, same};
use crate::values::{event, timestamp};

#[derive(Debug)]
struct Case {
    t: Timestamp,
    add: f64,
    s: f64,
    datetime: OffsetDateTime,
}

#[test]
fn timestamps_are_those_of_the_reference() {
    Trial {
        python: NEWEST,
        about: "timestamps",
        make: |random| Case {
            t: timestamp(random),
            add: seconds(random),
            s: seconds(random),
            datetime: datetime(random),
        },
        question: |case| {
            json!({
                "t": pair(case.t),
                "add": format!("{:?}", case.add),
                "s": format!("{:?}", case.s),
                "date": parts(case.datetime),
            })
        },
        judge: |case, answer, differences| {
            let Case { t, add, s, datetime } = *case;
            let bytes = timestamp_to_bytes(t);
            same("to bytes", &Value::from(hex(&bytes)), &answer["bytes"])?;
            same("from bytes", &json!(timestamp_from_bytes(bytes).ok().map(pair)), &answer["from bytes"])?;
            let float: f64 = answer["float"].as_str().unwrap_or_default().parse().unwrap_or(f64::NAN);
            same("to float", timestamp_to_float(t).to_bits(), float.to_bits())?;

            let ours = json!(timestamp_to_datetime(t).ok().map(parts));
            if answer["datetime"].is_null() && ours[0].as_i64().is_some_and(|year| year < 1) {
                differences.note("datetime-years");
            } else {
                same("to datetime", &ours, &answer["datetime"])?;
            }

            let range =
                |what: &str, ours: &Value, theirs: &Value, differences: &mut crate::differences::Differences| {
                    // Beyond 64 bits only Python's integers go on.
                    if ours.is_null() && theirs.is_array() && theirs[0].as_i64().is_none() {
                        differences.note("timestamp-range");
                        return Ok(());
                    }
                    same(what, ours, theirs)
                };
            range("add", &json!(t.add(add).ok().map(pair)), &answer["add"], differences)?;

            let ours = json!(timestamp_from_float(s).ok().map(pair));
            range("exact from float", &ours, &answer["exact"]["from float"], differences)?;
            if ours.is_array() && ours != answer["from float"] {
                same("is whole", s <= -(2f64.powi(53)), true)?;
                differences.note("float-whole");
            }

            let ours = json!(pair(timestamp_from_datetime(datetime)));
            same("exact from datetime", &ours, &answer["exact"]["from datetime"])?;
            if ours != answer["from datetime"] {
                let whole = datetime.microsecond() == 0 && datetime.unix_timestamp() < 0;
                differences.note(if whole { "datetime-before-1970" } else { "datetime-precision" });
                precision(datetime, whole)?;
            }
            Ok(())
        },
    }
    .run();
}

/// A double loses microseconds of dates that are far from 1970 only.
fn precision(datetime: OffsetDateTime, whole: bool) -> Verdict {
    let far = datetime.unix_timestamp().unsigned_abs() > 1 << 32;
    same("is before 1970 or far from it", whole || far, true)
}

#[test]
fn events_are_ordered_as_in_the_reference() {
    Trial {
        python: NEWEST,
        about: "orders",
        make: |random| {
            let (first, mut second) = (event(random), event(random));
            if random.once_in(2) {
                second.timestamp = first.timestamp;
            }
            if random.once_in(2) {
                second.id.server = first.id.server;
            }
            if random.once_in(2) {
                second.id.session = first.id.session;
            }
            if random.once_in(4) {
                second.id = first.id;
            }
            (first, second)
        },
        question: |(first, second)| {
            let key = |event: &Event| {
                let EventId { server, session, instance } = event.id;
                json!([[server.get(), session.get(), instance.get()], pair(event.timestamp)])
            };
            json!({"first": key(first), "second": key(second)})
        },
        judge: |(first, second), answer, _| {
            same("precedes", &json!(first.precedes(second)), &answer["precedes"])?;
            same("follows", &json!(first.follows(second)), &answer["follows"])?;
            same("order of timestamps", &json!(first.timestamp < second.timestamp), &answer["timestamps"])?;
            let bytes = timestamp_to_bytes(first.timestamp) < timestamp_to_bytes(second.timestamp);
            same("order of bytes", &json!(bytes), &answer["timestamps"])?;
            same("order of ids", &json!(first.id < second.id), &answer["ids"])
        },
    }
    .run();
}

fn pair(t: Timestamp) -> (i64, u32) {
    (t.s(), t.us())
}

/// Seconds as a double: of any size, and often with a fraction that rounding decides on.
fn seconds(random: &mut Random) -> f64 {
    if random.once_in(2) {
        return random.float();
    }
    let whole = random.integer() >> random.below(64);
    let half_microseconds = random.below(4_000_001) as f64 - 2e6;
    whole as f64 + half_microseconds / 2e6
}

fn datetime(random: &mut Random) -> OffsetDateTime {
    let julian_day = |year: i32| Date::from_ordinal_date(year, 1).unwrap().to_julian_day();
    let year = random.pick(&[1, 1600, 1900, 1960, 1970, 2000, 2026, 5000, 9990]);
    let date = Date::from_julian_day(julian_day(year) + random.below(3652) as i32).unwrap();
    let any = random.below(1_000_000) as u32;
    let us = random.pick(&[0, 0, 1, 999_999, any]);
    let time =
        Time::from_hms_micro(random.below(24) as u8, random.below(60) as u8, random.below(60) as u8, us).unwrap();
    let any = random.below(100_000) as i32 / 60 * 60 - 50_040;
    let offset = random.pick(&[0, 0, 3600, -3600, 86_399, -86_399, any]);
    OffsetDateTime::new_in_offset(date, time, UtcOffset::from_whole_seconds(offset).unwrap())
}

/// Year, month, day, hour, minute, second, microsecond, and offset from UTC in seconds.
fn parts(datetime: OffsetDateTime) -> Vec<i32> {
    let (hour, minute, second, microsecond) = datetime.to_hms_micro();
    let (year, month, day) = datetime.to_calendar_date();
    let offset = datetime.offset().whole_seconds();
    let small = [u8::from(month), day, hour, minute, second].map(i32::from);
    [&[year], &small[..], &[microsecond as i32, offset]].concat()
}
