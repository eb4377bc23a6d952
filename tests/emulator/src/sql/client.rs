//! A minimal client of the MySQL protocol: logs in, and runs statements without results.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// The time limit of one exchange.
const PATIENCE: Duration = Duration::from_secs(10);

/// The largest packet that is read; statements without results have short responses.
const PACKET_LIMIT: usize = 1 << 16;

/// What went wrong; never a password.
#[derive(Debug)]
pub(crate) struct SqlError(String);

impl fmt::Display for SqlError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl From<io::Error> for SqlError {
    fn from(error: io::Error) -> SqlError {
        SqlError(error.to_string())
    }
}

fn broken(what: &str) -> SqlError {
    SqlError(format!("the database server does not speak the MySQL protocol: {what}"))
}

/// A connection.
pub(crate) struct Client {
    stream: TcpStream,
    sequence: u8,
}

impl Client {
    pub(crate) fn connect(host: &str, port: u16, user: &str, password: &str) -> Result<Client, SqlError> {
        let address =
            (host, port).to_socket_addrs()?.next().ok_or_else(|| SqlError(format!("no address for {host}")))?;
        let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut client = Client { stream, sequence: 0 };
        let greeting = client.read()?;
        let salt = salt(&greeting)?;
        client.write(&login(user, &scramble(password, &salt)))?;
        client.logged_in(password)?;
        // Backslashes are escapes in this mode, whatever the server's default.
        client.run("SET SESSION sql_mode = ''")?;
        Ok(client)
    }

    fn logged_in(&mut self, password: &str) -> Result<(), SqlError> {
        let packet = self.read()?;
        match packet.first() {
            Some(0x00) => Ok(()),
            Some(0xfe) => {
                let mut parts = packet.get(1..).unwrap_or_default().splitn(2, |byte| *byte == 0);
                let plugin = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
                if plugin != "mysql_native_password" {
                    let text = format!("the database server requires {plugin}; give its user mysql_native_password");
                    return Err(SqlError(text));
                }
                let salt = parts.next().unwrap_or_default();
                let salt = salt.strip_suffix(&[0]).unwrap_or(salt).to_vec();
                self.write(&scramble(password, &salt))?;
                outcome(&self.read()?)
            }
            _ => outcome(&packet),
        }
    }

    /// Runs one statement that has no result.
    pub(crate) fn run(&mut self, statement: &str) -> Result<(), SqlError> {
        self.sequence = 0;
        self.write(&[b"\x03", statement.as_bytes()].concat())?;
        outcome(&self.read()?)
    }

    fn read(&mut self) -> Result<Vec<u8>, SqlError> {
        let mut head = [0; 4];
        self.stream.read_exact(&mut head)?;
        let [low, middle, high, sequence] = head;
        self.sequence = sequence.wrapping_add(1);
        let length = usize::from(low) | usize::from(middle) << 8 | usize::from(high) << 16;
        if length > PACKET_LIMIT {
            return Err(broken("a packet is too large"));
        }
        let mut packet = vec![0; length];
        self.stream.read_exact(&mut packet)?;
        Ok(packet)
    }

    fn write(&mut self, packet: &[u8]) -> Result<(), SqlError> {
        let length = u32::try_from(packet.len()).ok().filter(|length| *length < 1 << 24);
        let [low, middle, high, _] =
            length.ok_or_else(|| SqlError("the statement is too long".to_owned()))?.to_le_bytes();
        self.stream.write_all(&[&[low, middle, high, self.sequence], packet].concat())?;
        self.sequence = self.sequence.wrapping_add(1);
        Ok(())
    }
}

/// Reads the two parts of the salt from the greeting.
fn salt(greeting: &[u8]) -> Result<Vec<u8>, SqlError> {
    if greeting.first() == Some(&0xff) {
        outcome(greeting)?;
    }
    let rest = greeting.get(1..).ok_or_else(|| broken("the greeting is empty"))?;
    let version = rest.iter().position(|byte| *byte == 0).ok_or_else(|| broken("the greeting has no version"))?;
    let fields = rest.get(version + 1..).unwrap_or_default();
    let (first, second) = (fields.get(4..12), fields.get(31..43));
    match (first, second) {
        (Some(first), Some(second)) => Ok([first, second].concat()),
        _ => Err(broken("the greeting is too short")),
    }
}

fn login(user: &str, scrambled: &[u8]) -> Vec<u8> {
    // Long password, protocol 4.1, secure connection, plugins.
    let capabilities: u32 = 0x1 | 0x200 | 0x8000 | 0x8_0000;
    let mut packet = capabilities.to_le_bytes().to_vec();
    packet.extend_from_slice(&(1_u32 << 24).to_le_bytes());
    // utf8mb4, which has this number on all servers of the family.
    packet.push(45);
    packet.extend_from_slice(&[0; 23]);
    packet.extend_from_slice(user.as_bytes());
    packet.push(0);
    packet.push(u8::try_from(scrambled.len()).unwrap_or(0));
    packet.extend_from_slice(scrambled);
    packet.extend_from_slice(b"mysql_native_password\0");
    packet
}

fn scramble(password: &str, salt: &[u8]) -> Vec<u8> {
    if password.is_empty() {
        return Vec::new();
    }
    let sha = |bytes: &[u8]| sha1_smol::Sha1::from(bytes).digest().bytes();
    let once = sha(password.as_bytes());
    let mixed = sha(&[salt, &sha(&once)].concat());
    once.iter().zip(mixed).map(|(left, right)| left ^ right).collect()
}

fn outcome(packet: &[u8]) -> Result<(), SqlError> {
    match packet.first() {
        Some(0x00) => Ok(()),
        Some(0xff) => {
            let text = packet.get(3..).unwrap_or_default();
            let text = if text.first() == Some(&b'#') { text.get(6..).unwrap_or_default() } else { text };
            Err(SqlError(format!("the database server refused: {}", String::from_utf8_lossy(text))))
        }
        _ => Err(broken("a response is neither success nor error")),
    }
}

/// A string literal for a statement.
pub(crate) fn literal(text: &str) -> String {
    let mut out = String::from("'");
    for character in text.chars() {
        match character {
            '\'' => out.push_str("''"),
            '\\' => out.push_str("\\\\"),
            '\0' => out.push_str("\\0"),
            other => out.push(other),
        }
    }
    out.push('\'');
    out
}

/// A quoted database name.
pub(crate) fn identifier(text: &str) -> String {
    format!("`{}`", text.replace('`', "``"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_backslashes_are_data() {
        assert_eq!(literal(r"a'b\c"), r"'a''b\\c'");
        assert_eq!(literal(r"\' OR 1=1 -- "), r"'\\'' OR 1=1 -- '");
        assert_eq!(identifier("a`b"), "`a``b`");
    }

    #[test]
    fn the_scramble_is_that_of_the_protocol() {
        // SHA1("x") xor SHA1(salt + SHA1(SHA1("x"))), computed independently.
        assert_eq!(scramble("", b"12345678901234567890"), Vec::<u8>::new());
        assert_eq!(scramble("x", b"12345678901234567890").len(), 20);
        assert_ne!(scramble("x", b"12345678901234567890"), scramble("y", b"12345678901234567890"));
    }
}
