//! Whatever a client sends, introduced or not, its connection ends with it, and other clients are served.

#![cfg_attr(fuzzing, no_main)]

use std::time::Duration;

use hat_event_chatter::{Msg, MsgData};
use hat_event_codec::{MsgInitReq, Sbs};
use hat_event_fuzz::server::{check_bystander, open, run, server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

// If the first byte is odd, the client introduces itself before it sends the others.
hat_event_fuzz::claim!(|data| {
    let Some((&first, data)) = data.split_first() else { return };
    run(async {
        let server = server();
        let (mut client, served) = open(&server);
        if first % 2 == 1 {
            let init = MsgInitReq { subscriptions: vec![["*"].into()], ..MsgInitReq::default() };
            let data = MsgData { data_type: "HatEventer.MsgInitReq".into(), data: init.to_sbs_bytes() };
            let msg = Msg { id: 1, first: 1, owner: true, token: true, last: false, data };
            client.write_all(&msg.to_frame()).await.expect("it is read");
        }
        // It is cut off in the middle, or takes all.
        let _ = client.write_all(data).await;
        let _ = client.shutdown().await;
        let mut answers = Vec::new();
        let end = async { tokio::join!(client.read_to_end(&mut answers), served) };
        let (_, served) = timeout(Duration::from_secs(100), end).await.expect("the connection ends");
        served.expect("nothing panics");
        assert!(server.connection_infos().is_empty());
        check_bystander(&server).await;
    });
});
