//! Streams of completions, good and bad.

use futures_util::StreamExt as _;
use orchq_metrics::v1::Engine;
use orchqueue::engine::{Adapter, Addresses, Api, Engine as _, EngineError, Limits, Server, Token, Usage};
use orchqueue::fetch::{FetchError, Url};
use serde_json::json;

use crate::harness::{LIMITS, Queue, in_time, server};
use crate::replay::{Answer, End, Replay, completion};

const ALL: [Engine; 4] = [Engine::LlamaCpp, Engine::Vllm, Engine::Tgi, Engine::Triton];

async fn tokens(replay: &Replay) -> Vec<Result<Token, EngineError>> {
    in_time(server(Engine::Vllm, &replay.url()).generate("Is it?", 2).collect()).await
}

fn text(text: &str) -> Result<Token, EngineError> {
    Ok(Token::Text(text.to_owned()))
}

/// The texts before the last item, which is an error.
async fn failure(replay: &Replay) -> (usize, EngineError) {
    let mut tokens = tokens(replay).await;
    let last = tokens.pop().unwrap();
    assert!(tokens.iter().all(Result::is_ok), "{tokens:?}");
    (tokens.len(), last.unwrap_err())
}

#[tokio::test]
async fn every_engines_stream_is_read_to_its_end_with_its_usage() {
    for engine in ALL {
        let replay = Replay::start(engine).await;
        let tokens: Vec<_> = in_time(server(engine, &replay.url()).generate("Is it?", 2).collect()).await;
        let usage = Ok(Token::Usage(Usage { prompt: 4, completion: 2 }));
        assert_eq!(tokens, [text(" all"), text(" well"), usage], "{engine}");
        let model = if engine == Engine::Tgi { "tgi" } else { "the-model" };
        let request = json!({
            "model": model, "prompt": "Is it?", "max_tokens": 2, "stream": true,
            "stream_options": { "include_usage": true },
        });
        assert_eq!(replay.answers().requests, [("/v1/completions".to_owned(), request)], "{engine}");
    }
}

#[tokio::test]
async fn a_stream_is_the_same_wherever_its_bytes_are_cut() {
    let replay = Replay::start(Engine::Vllm).await;
    let whole = completion(Engine::Vllm).chunks.concat();
    for cut in 1..whole.len() {
        replay.answers().completions = Answer::stream([whole[..cut].to_vec(), whole[cut..].to_vec()]);
        assert_eq!(tokens(&replay).await.len(), 3, "cut at {cut}");
    }
    replay.answers().completions = Answer::stream(whole.iter().map(|byte| vec![*byte]));
    assert_eq!(tokens(&replay).await.len(), 3);
}

#[tokio::test]
async fn a_stream_that_stops_before_its_end_is_an_error() {
    let replay = Replay::start(Engine::Vllm).await;
    let first = completion(Engine::Vllm).chunks.swap_remove(0);
    for end in [End::Whole, End::Broken] {
        replay.answers().completions = Answer::stream([first.clone()]).ending(end);
        let (before, error) = failure(&replay).await;
        assert!(before == 1 && matches!(error, EngineError::Truncated(_)), "{end:?}: {error}");
    }
    // After a finish reason, a broken connection loses nothing.
    let chunks = completion(Engine::Vllm).chunks[..2].to_vec();
    replay.answers().completions = Answer::stream(chunks).ending(End::Broken);
    assert_eq!(tokens(&replay).await, [text(" all"), text(" well")]);
}

#[tokio::test]
async fn a_stream_that_hangs_is_given_up() {
    let replay = Replay::start(Engine::Vllm).await;
    let first = completion(Engine::Vllm).chunks.swap_remove(0);
    replay.answers().completions = Answer::stream([first]).ending(End::Hanging);
    let (before, error) = failure(&replay).await;
    assert!(before == 1 && matches!(error, EngineError::Silent { .. }), "{error}");
    replay.answers().completions.end = End::Silent;
    let (before, error) = failure(&replay).await;
    assert!(before == 0 && matches!(error, EngineError::Fetch(FetchError::Timeout { .. })), "{error}");
}

#[tokio::test]
async fn an_error_inside_a_stream_is_reported_in_the_engines_words() {
    let replay = Replay::start(Engine::Vllm).await;
    let first = completion(Engine::Vllm).chunks.swap_remove(0);
    for event in [
        // OpenAI's form.
        "data: {\"error\":{\"message\":\"out of cache\",\"code\":500}}\n\n",
        // vLLM's before it took that form.
        "data: {\"object\":\"error\",\"message\":\"out of cache\"}\n\n",
        // TGI's, which sends `[DONE]` after an error too.
        "data: {\"error\":\"out of cache\",\"error_type\":\"generation\"}\n\ndata: [DONE]\n\n",
        // llama.cpp's, in a field of its own.
        "error: {\"code\":500,\"message\":\"out of cache\"}\n\n",
        // An event of the kind `error`.
        "event: error\ndata: {\"message\":\"out of cache\"}\n\n",
        // FastAPI's, as Triton's frontend sends it.
        "data: {\"detail\":\"out of cache\"}\n\ndata: [DONE]\n\n",
    ] {
        replay.answers().completions = Answer::stream([first.clone(), event.into()]);
        assert_eq!(failure(&replay).await, (1, EngineError::Failed("out of cache".to_owned())), "{event}");
    }
}

#[tokio::test]
async fn something_else_than_a_stream_is_reported_as_what_it_is() {
    let replay = Replay::start(Engine::Vllm).await;
    let error = async |answer: Answer| {
        replay.answers().completions = answer;
        let (before, error) = failure(&replay).await;
        assert_eq!(before, 0);
        error.to_string()
    };
    let loading = r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#;
    let unavailable = error(Answer::json(loading).status(503)).await;
    assert!(unavailable.contains("503 Service Unavailable: Loading model"), "{unavailable}");
    let failed = error(Answer::ok("text/plain", "Internal Server Error").status(500)).await;
    assert!(failed.contains("500 Internal Server Error: Internal Server Error"), "{failed}");
    let whole = error(Answer::json(r#"{"choices":[{"text":" all well"}]}"#)).await;
    assert!(whole.contains("`application/json`, not a stream"), "{whole}");
    let no_json = error(Answer::stream(["data: all well\n\n"])).await;
    assert!(no_json.contains("not JSON: all well"), "{no_json}");
    let no_chunk = error(Answer::stream(["data: {\"choices\":7}\n\n"])).await;
    assert!(no_chunk.contains("not part of an answer: {\"choices\":7}"), "{no_chunk}");
    let nothing = error(Answer::stream(["data: [DONE]\n\n"])).await;
    assert!(nothing.contains("an answer that has not begun"), "{nothing}");
    let number = error(Answer::stream(["data: 7\n\n"])).await;
    assert!(number.contains("not part of an answer: 7"), "{number}");
    let endless = error(Answer::stream(vec![vec![b'x'; 64 << 10]; 17])).await;
    assert!(endless.contains("an event of") && endless.contains("larger than 1048576 bytes"), "{endless}");
}

#[tokio::test]
async fn an_answer_without_an_end_is_cut_off() {
    let replay = Replay::start(Engine::Vllm).await;
    let event = format!("data: {{\"choices\":[{{\"text\":\"{}\"}}]}}\n\n", "x".repeat(1 << 19));
    replay.answers().completions = Answer::stream(vec![event; 9]);
    let (before, error) = failure(&replay).await;
    assert!(before == 8 && matches!(error, EngineError::TooLarge { what: "the answer", .. }), "{error}");
}

#[tokio::test]
async fn a_stream_that_is_dropped_stops_the_engine() {
    let replay = Replay::start(Engine::Vllm).await;
    let first = completion(Engine::Vllm).chunks.swap_remove(0);
    replay.answers().completions = Answer::stream([first]).ending(End::Hanging);
    let mut stream = server(Engine::Vllm, &replay.url()).generate("Is it?", 2);
    assert_eq!(in_time(stream.next()).await, Some(text(" all")));
    assert_eq!(replay.dropped(), 0);
    drop(stream);
    in_time(async {
        while replay.dropped() == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_failed_stream_ends_its_task_with_the_error_of_the_engine() {
    let replay = Replay::start(Engine::Vllm).await;
    let queue = Queue::start("failing", Engine::Vllm, &replay).await;
    let first = completion(Engine::Vllm).chunks.swap_remove(0);
    let error = "data: {\"error\":{\"message\":\"out of cache\"}}\n\n";
    replay.answers().completions = Answer::stream([first, error.into()]);
    let events = queue.events().await;
    let names: Vec<_> = events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(names, ["token", "failed"]);
    let end = &events[1].data;
    assert_eq!((&end["reason"], &end["tokens_out"]), (&json!("watchdog"), &json!(1)));
    let expected = json!({ "reason": "ENGINE_FAILED", "message": "the engine reported an error: out of cache" });
    assert_eq!(end["error"], expected);
    let scrape = queue.client.scrape().await.unwrap();
    let watchdog = [("pool_id", "failing"), ("reason", "watchdog")];
    assert_eq!(scrape.sum("tasks_canceled_total", &watchdog), 1.0);
    assert_eq!(queue.sum(&scrape, "latency_decode_ms"), 0.0);

    replay.answers().completions = completion(Engine::Vllm);
    let end = queue.run().await;
    assert_eq!((end.name.as_str(), &end.data["tokens_in"], &end.data["tokens_out"]), ("done", &json!(4), &json!(2)));
}

#[tokio::test]
async fn the_finish_reasons_abort_and_error_fail_the_stream() {
    let replay = Replay::start(Engine::Vllm).await;
    for reason in ["abort", "error"] {
        let event =
            format!("data: {{\"choices\":[{{\"text\":\"\",\"finish_reason\":\"{reason}\"}}]}}\n\ndata: [DONE]\n\n");
        replay.answers().completions = Answer::stream([event]);
        let (before, error) = failure(&replay).await;
        assert!(before == 0 && matches!(error, EngineError::Failed(_)), "{error}");
    }
}

#[tokio::test]
async fn what_follows_a_finish_reason_does_not_fail_the_stream() {
    let replay = Replay::start(Engine::Vllm).await;
    let chunks = completion(Engine::Vllm).chunks[..2].to_vec();
    let whole = [text(" all"), text(" well")];
    for more in [
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":null,\"completion_tokens\":2}}\n\n",
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":4.0,\"completion_tokens\":-1}}\n\n",
        "data: {\"choices\":[],\"usage\":7}\n\n",
        "data: all well\n\n",
        "data: {\"choi",
    ] {
        let with = [chunks.clone(), vec![more.into()]].concat();
        replay.answers().completions = Answer::stream(with);
        assert_eq!(tokens(&replay).await, whole, "{more}");
    }
    // The wait for the usage is short, however long a stream may be silent.
    replay.answers().completions = Answer::stream(chunks).ending(End::Hanging);
    let addresses = Addresses { api: Url::parse(&replay.url()).unwrap(), metrics: None, version: None };
    let limits = Limits { idle: std::time::Duration::from_secs(3600), ..LIMITS };
    let server =
        Server::new(Adapter::for_engine(Engine::Vllm), &addresses, Api::Completions, None, Vec::new(), limits).unwrap();
    assert_eq!(in_time(server.generate("Is it?", 2).collect::<Vec<_>>()).await, whole);
}

#[tokio::test]
async fn the_last_event_needs_no_blank_line() {
    let replay = Replay::start(Engine::Vllm).await;
    let first = completion(Engine::Vllm).chunks.swap_remove(0);
    for last in ["data: [DONE]", "data: [DONE]\n", "data: {\"choices\":[{\"text\":\"\",\"finish_reason\":\"stop\"}]}"] {
        replay.answers().completions = Answer::stream([first.clone(), last.into()]);
        assert_eq!(tokens(&replay).await, [text(" all")], "{last}");
    }
    replay.answers().completions = Answer::stream([first, "data: {\"choi".into()]);
    let (before, error) = failure(&replay).await;
    assert!(before == 1 && matches!(error, EngineError::Truncated(_)), "{error}");
}

#[tokio::test]
async fn the_chat_endpoint_is_asked_with_a_message() {
    let replay = Replay::start(Engine::Vllm).await;
    let event = |choice: &str| format!("data: {{\"choices\":[{{{choice}}}]}}\n\n");
    let events = [
        event("\"delta\":{\"role\":\"assistant\",\"content\":\"\"}"),
        event("\"delta\":{\"content\":\" all\"}"),
        event("\"delta\":{},\"finish_reason\":\"stop\""),
    ];
    replay.answers().completions = Answer::stream(events);
    let addresses = Addresses { api: Url::parse(&replay.url()).unwrap(), metrics: None, version: None };
    let model = Some("m".to_owned());
    let server =
        Server::new(Adapter::for_engine(Engine::Vllm), &addresses, Api::Chat, model, Vec::new(), LIMITS).unwrap();
    assert_eq!(in_time(server.generate("Is it?", 2).collect::<Vec<_>>()).await, [text(" all")]);
    let (path, request) = replay.answers().requests.pop().unwrap();
    assert_eq!(path, "/v1/chat/completions");
    assert_eq!(request["messages"], json!([{ "role": "user", "content": "Is it?" }]));
    assert!(request.get("prompt").is_none());
}

#[tokio::test]
async fn a_connection_is_not_used_for_a_second_request() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let listener = tokio::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    // It says that it keeps a connection, and closes it at the next request.
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = vec![0; 64 << 10];
                let _ = stream.read(&mut request).await;
                let body = "data: {\"choices\":[{\"text\":\"a\",\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
                let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: keep-alive\r\n";
                let answer = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.read(&mut request).await;
            });
        }
    });
    let server = server(Engine::Vllm, &url);
    for _ in 0..20 {
        assert_eq!(in_time(server.generate("Is it?", 2).collect::<Vec<_>>()).await, [text("a")]);
    }
}

#[tokio::test]
async fn a_client_does_not_see_where_the_engines_are() {
    let replay = Replay::start(Engine::Vllm).await;
    let queue = Queue::start("discreet", Engine::Vllm, &replay).await;
    let first = completion(Engine::Vllm).chunks.swap_remove(0);
    for (answer, expected) in [
        (Answer::page("").status(500), "the engine answered 500 Internal Server Error, without a message"),
        (Answer::stream([first]), "the stream of the engine ended before the answer did"),
        (Answer::json("{}"), "the engine gave an unexpected response"),
    ] {
        replay.answers().completions = answer;
        let end = queue.run().await;
        let message = end.data["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(expected) && !message.contains("127.0.0.1"), "{message}");
        assert!(queue.notice("a task failed: ").await.contains(&replay.url()));
    }
}
