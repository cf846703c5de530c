//! What modules get, and in which order.

use hat_event_common::{Engine, EngineError, QueryServerParams, Resource, ServerId, SourceType};
use serde_json::json;

use super::{Calls, backend, client, create, event, lock, module, outline};

#[tokio::test]
async fn answers_are_processed_in_turn_and_belong_to_the_session() {
    let (backend, log) = backend();
    let calls = Calls::default();
    let modules = [
        module(json!({"on": "a", "add": ["b", "c"]})),
        module(json!({"on": "b", "add": ["c"]})),
        module(json!({"on": "?", "add": []})),
    ];
    let engine = create(&backend, &modules, &calls).await;
    lock(&calls).clear();
    let registered = engine.register(client(7), vec![event("a"), event("x"), event("a")]).await.unwrap().unwrap();
    assert_eq!(outline(&registered), [("a".into(), 1), ("x".into(), 2), ("a".into(), 3)]);
    let batch = lock(&log).last().unwrap().clone();
    let types = [("a", 1), ("x", 2), ("a", 3), ("b", 4), ("c", 5), ("b", 6), ("c", 7), ("c", 8), ("c", 9)];
    assert_eq!(outline(&batch), types.map(|(name, instance)| (name.to_owned(), instance)));
    assert!(batch.iter().all(|event| event.timestamp == batch[0].timestamp && event.id.session == batch[0].id.session));
    let expected = [
        "0 starts 2",
        "1 starts 2",
        "2 starts 2",
        // The first round, of what was registered: one module after the other.
        "0 gets a of Eventer 7",
        "0 gets a of Eventer 7",
        "2 gets a of Eventer 7",
        "2 gets x of Eventer 7",
        "2 gets a of Eventer 7",
        // The second, of what the first module added.
        "1 gets b of Module 0",
        "1 gets b of Module 0",
        "2 gets b of Module 0",
        "2 gets c of Module 0",
        "2 gets b of Module 0",
        "2 gets c of Module 0",
        // The third.
        "2 gets c of Module 1",
        "2 gets c of Module 1",
        "0 stops 2",
        "1 stops 2",
        "2 stops 2",
    ];
    assert_eq!(*lock(&calls), expected);
    engine.async_close().await;
}

#[tokio::test]
async fn a_module_that_never_stops_is_stopped() {
    let (backend, log) = backend();
    let calls = Calls::default();
    let engine = create(&backend, &[module(json!({"on": "a", "add": ["a"]}))], &calls).await;
    let error = engine.register(client(1), vec![event("a")]).await.unwrap_err();
    assert!(matches!(error, EngineError::Refused(_)));
    assert_eq!(error.to_string(), "session refused: with what module answer adds it has more than 1000 events");
    assert_eq!(lock(&calls).last().unwrap(), "0 stops 2");
    let batches = lock(&log).len();
    // The others do not suffer for it, and no id is used again.
    let registered = engine.register(client(1), vec![event("b")]).await.unwrap().unwrap();
    assert_eq!((registered[0].id.session.get(), lock(&log).len()), (3, batches + 1));
    engine.async_close().await;
}

#[tokio::test]
async fn what_is_empty_is_no_session() {
    let (backend, log) = backend();
    let engine = create(&backend, &[], &Calls::default()).await;
    assert_eq!(engine.register(client(1), Vec::new()).await.unwrap(), Some(Vec::new()));
    assert_eq!(lock(&log).len(), 1);
    assert_eq!(engine.get_client_names(), [(client(7), "seven".to_owned())]);
    engine.async_close().await;
}

#[tokio::test]
async fn it_is_registered_that_the_engine_started_and_stopped() {
    let (backend, _) = backend();
    let calls = Calls::default();
    let engine = create(&backend, &[module(json!({"on": "event/1/engine", "add": ["seen"]}))], &calls).await;
    assert!(lock(&calls).contains(&format!("0 gets event/1/engine of {:?} 0", SourceType::Engine)));
    engine.async_close().await;
    let events = backend.query(QueryServerParams::new(ServerId::from(1)).into()).await.unwrap().events;
    let texts = events.iter().map(|event| event.payload.as_ref().unwrap().as_json().unwrap().text().to_string());
    assert_eq!(texts.collect::<Vec<_>>(), ["\"STARTED\"", "1", "\"STOPPED\""]);
    let ids: Vec<_> = events.iter().map(|event| (event.id.session.get(), event.id.instance.get())).collect();
    assert_eq!(ids, [(1, 1), (1, 2), (2, 1)]);
    assert!(!lock(&calls).iter().any(|call| call.contains("starts 2")), "modules have no part in the end");
}

#[tokio::test]
async fn many_modules_get_the_same_in_the_same_order_as_few() {
    // An event is for some modules, for all of them as one subscription, or for so many that finding them is given up.
    for (on, differ) in [(["c", "a", "b", "?"], false), (["?"; 4], false), (["?"; 4], true)] {
        let (backend, _) = backend();
        let calls = Calls::default();
        let on = |number: usize| if number == 0 { "c" } else { on[number % 4] };
        let own = |number: usize| if differ { format!("|none/{number}") } else { String::new() };
        let conf = |number: usize| json!({"on": on(number).to_owned() + &own(number), "add": []});
        let mut modules: Vec<_> = (0..200).map(|number| module(conf(number))).collect();
        modules[0]["add"] = json!(["b"]);
        let engine = create(&backend, &modules, &calls).await;
        lock(&calls).clear();
        let given = ["c", "a", "x", "c"];
        engine.register(client(7), given.map(event).to_vec()).await.unwrap();
        let mut expected = Vec::new();
        for (source, types) in [("Eventer 7", &given[..]), ("Module 0", &["b", "b"])] {
            for number in 0..modules.len() {
                let own = types.iter().filter(|name| on(number) == "?" || on(number) == **name);
                expected.extend(own.map(|name| format!("{number} gets {name} of {source}")));
            }
        }
        let mut got = lock(&calls).clone();
        got.retain(|call| call.contains("gets"));
        assert_eq!(got, expected);
    }
}
