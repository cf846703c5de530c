//! Whatever introduction a client sends, it is let in as what it says to be, refused with a reason, or disconnected.

#![cfg_attr(fuzzing, no_main)]

use hat_event_chatter::{FrameSplitter, Msg, MsgData};
use hat_event_codec::{MsgInitReq, MsgInitRes, Sbs};
use hat_event_fuzz::server::{check_bystander, open, run, server};
use hat_event_subscription::Subscription;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

// The bytes of a `MsgInitReq`, or others.
hat_event_fuzz::claim!(|data| {
    run(async {
        let server = server();
        let (mut client, _served) = open(&server);
        let data = bytes::Bytes::copy_from_slice(data);
        let init = MsgInitReq::from_sbs_bytes(data.clone());
        let msg = Msg {
            id: 1,
            first: 1,
            owner: true,
            token: true,
            last: false,
            data: MsgData { data_type: "HatEventer.MsgInitReq".into(), data },
        };
        let frame = msg.to_frame();
        // What is too long for an introduction is not read to its end.
        let _ = client.write_all(&frame).await;
        let mut splitter = FrameSplitter::new();
        let answer = loop {
            if let Some(frame) = splitter.next_frame().expect("the server sends frames") {
                break Some(frame.decode().expect("and messages in them"));
            }
            let mut bytes = [0; 1000];
            match client.read(&mut bytes).await {
                Ok(0) | Err(_) => break None,
                Ok(len) => splitter.feed(&bytes[..len]),
            }
        };
        let answer = answer.map(|msg| MsgInitRes::from_sbs_bytes(msg.data.data).expect("it is the answer"));
        let valid = init.as_ref().is_ok_and(|init| Subscription::new(init.subscriptions.iter().cloned()).is_ok());
        match (answer, init) {
            (Some(MsgInitRes::Success(_)), Ok(init)) => {
                let info = &server.connection_infos()[0];
                assert!(valid && *info.client_name == *init.client_name && info.persisted == init.persisted);
                assert!(
                    info.client_token.as_deref() == init.client_token.as_deref() && info.server_id == init.server_id
                );
            }
            (Some(MsgInitRes::Error(error)), Ok(_)) => assert!(!valid && !error.is_empty()),
            (None, init) => assert!(init.is_err() || frame.len() > 1 << 16),
            (answer, init) => panic!("{answer:?} to {init:?}"),
        }
        check_bystander(&server).await;
    });
});
