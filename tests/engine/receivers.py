"""Outside systems of the test's own, on the loopback address: a mail server and a web server."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class WebReceiver:
    """A web server that keeps what it was sent and answers as it is told."""

    port: int = 0
    status: int = 200
    headers: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)


@dataclass
class MailReceiver:
    """A mail server that keeps what it was sent and refuses when it is told."""

    port: int = 0
    is_refusing: bool = False
    mails: list[Message] = field(default_factory=list)


@contextmanager
def web_receiver() -> Iterator[WebReceiver]:
    """Run a web server for the length of the block."""
    made = WebReceiver()

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.headers.append({name.lower(): value for name, value in self.headers.items()})
            made.bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(made.status)
            self.send_header("location", "http://127.0.0.1:1/elsewhere")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep the terminal quiet."""

    with _serving(ThreadingHTTPServer(("127.0.0.1", 0), Answering)) as port:
        made.port = port
        yield made


class _Speaking(socketserver.StreamRequestHandler):
    """One conversation; it speaks just enough SMTP."""

    receiver: MailReceiver

    def handle(self) -> None:
        self._say("220 here")
        for line in iter(self.rfile.readline, b""):
            word = line[:4].upper().decode()
            if word == "DATA":
                self._say("354 go on")
                self.receiver.mails.append(message_from_bytes(self._letter(), policy=default))
            self._say(self._answer(word))
            if word == "QUIT":
                return

    def _answer(self, word: str) -> str:
        if word == "RCPT" and self.receiver.is_refusing:
            return "550 nobody here"
        return "221 bye" if word == "QUIT" else "250 yes"

    def _letter(self) -> bytes:
        lines = iter(self.rfile.readline, b".\r\n")
        return b"".join(lines)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def mail_receiver() -> Iterator[MailReceiver]:
    """Run a mail server for the length of the block."""
    made = MailReceiver()

    class Speaking(_Speaking):
        receiver = made

    with _serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Speaking)) as port:
        made.port = port
        yield made


@contextmanager
def _serving(server: socketserver.TCPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
