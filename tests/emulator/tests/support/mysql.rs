//! A server that speaks as much of the MySQL protocol as the emulator does, and records the statements.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub struct Database {
    pub endpoint: String,
    statements: Arc<Mutex<Vec<String>>>,
    hangs: Arc<AtomicBool>,
    reached: Arc<AtomicBool>,
    refused: Arc<Mutex<Option<String>>>,
}

impl Database {
    pub fn start() -> Database {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = listener.local_addr().unwrap().to_string();
        let (statements, hangs, reached): (Arc<Mutex<Vec<String>>>, Arc<AtomicBool>, Arc<AtomicBool>) =
            Default::default();
        let refused: Arc<Mutex<Option<String>>> = Arc::default();
        let database = Database {
            endpoint,
            statements: statements.clone(),
            hangs: hangs.clone(),
            reached: reached.clone(),
            refused: refused.clone(),
        };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (statements, hangs, reached) = (statements.clone(), hangs.clone(), reached.clone());
                let refused = refused.clone();
                std::thread::spawn(move || {
                    if hangs.load(Ordering::SeqCst) {
                        reached.store(true, Ordering::SeqCst);
                        trickle(stream)
                    } else {
                        let _ = speak(stream, &statements, &refused);
                    }
                });
            }
        });
        database
    }

    /// The statements since the last call, without the one that begins every connection.
    pub fn statements(&self) -> Vec<String> {
        let mut all = std::mem::take(&mut *self.statements.lock().unwrap());
        all.retain(|statement| !statement.starts_with("SET SESSION"));
        all
    }

    /// Refuses statements that begin like this.
    pub fn refuse(&self, beginning: Option<&str>) {
        *self.refused.lock().unwrap() = beginning.map(str::to_owned);
    }

    /// From now on never completes the greeting, without going silent.
    pub fn hang(&self) {
        self.hangs.store(true, Ordering::SeqCst);
    }

    /// Whether anybody waits for a greeting.
    pub fn is_waited_for(&self) -> bool {
        self.reached.load(Ordering::SeqCst)
    }
}

fn trickle(mut stream: TcpStream) {
    let mut bytes: &[u8] = &[0xff, 0xfe, 0, 0];
    while stream.write_all(bytes).is_ok() {
        bytes = &[0];
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn speak(
    mut stream: TcpStream,
    statements: &Mutex<Vec<String>>,
    refused: &Mutex<Option<String>>,
) -> std::io::Result<()> {
    let mut greeting = b"\x0a5\0".to_vec();
    greeting.resize(3 + 60, b'x');
    send(&mut stream, &greeting)?;
    receive(&mut stream)?;
    send(&mut stream, &[0])?;
    loop {
        let packet = receive(&mut stream)?;
        let statement = String::from_utf8_lossy(&packet[1..]).into_owned();
        let is_refused = refused.lock().unwrap().as_ref().is_some_and(|beginning| statement.starts_with(beginning));
        statements.lock().unwrap().push(statement);
        send(&mut stream, if is_refused { b"\xff\x00\x04#HY000no room" } else { &[0] })?;
    }
}

fn send(stream: &mut TcpStream, packet: &[u8]) -> std::io::Result<()> {
    let length = u8::try_from(packet.len()).unwrap();
    stream.write_all(&[&[length, 0, 0, 0], packet].concat())
}

fn receive(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut head = [0; 4];
    stream.read_exact(&mut head)?;
    let mut packet = vec![0; usize::from(head[0]) | usize::from(head[1]) << 8];
    stream.read_exact(&mut packet)?;
    Ok(packet)
}
