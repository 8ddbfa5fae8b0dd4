//! A server with fixed answers as bytes, including those that no real server sends.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// A server's address, and the requests it received.
pub(crate) struct Server {
    pub(crate) url: String,
    requests: mpsc::Receiver<String>,
}

/// What the server does with the connection after the answer.
#[derive(Clone, Copy)]
pub(crate) enum Then {
    Close,
    Hang,
}

impl Server {
    /// Answers every request with these bytes.
    pub(crate) fn start(answer: Vec<u8>, then: Then) -> Self {
        let mut server = Self::serve(move |_| answer.clone(), then);
        server.url += "/metrics";
        server
    }

    /// Answers each request with the result of `answer`.
    pub(crate) fn answering(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> Self {
        Self::serve(answer, Then::Close)
    }

    fn serve(answer: impl Fn(&str) -> Vec<u8> + Send + 'static, then: Then) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("the loopback is there");
        let url = format!("http://{}", listener.local_addr().expect("it is bound"));
        let (sender, requests) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                // Read to its end: closing a connection with unread data resets it, and the answer is lost.
                let request = whole(&mut stream);
                let _ = stream.write_all(&answer(&request));
                let _ = sender.send(request);
                if matches!(then, Then::Hang) {
                    thread::sleep(Duration::from_secs(60));
                }
            }
        });
        Self { url, requests }
    }

    /// A well-made answer with this body.
    pub(crate) fn of_body(head: &str, body: &[u8]) -> Self {
        let mut answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{head}\r\n", body.len()).into_bytes();
        answer.extend_from_slice(body);
        Self::start(answer, Then::Close)
    }

    /// The next request that was made.
    pub(crate) fn request(&self) -> String {
        self.requests.recv_timeout(Duration::from_secs(60)).expect("it received a request")
    }
}

/// A request with its body, which can come in several pieces.
fn whole(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
            if body.len() >= length.unwrap_or(0_usize) {
                return text;
            }
        }
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return text,
            Ok(read) => request.extend_from_slice(&piece[..read]),
        }
    }
}
