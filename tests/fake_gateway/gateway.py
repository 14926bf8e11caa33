"""A gateway of live pictures with MediaMTX's interface, as a process of its own.

python gateway.py AUTH_ADDRESS: prints the port it listens on; a viewer of /PATH/?token=... gets the
picture when AUTH_ADDRESS answers 2xx to what MediaMTX would post there (`authHTTPAddress`).
"""

import json
import sys
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlsplit

AUTH = sys.argv[1]


class Gateway(BaseHTTPRequestHandler):
    """Answers viewers; the passwords of cameras would stand in its own settings."""

    def do_GET(self) -> None:
        """Play a path to a viewer whom the city admits."""
        parts = urlsplit(self.path)
        asked = {
            "user": "",
            "password": "",
            "token": "",
            "ip": self.client_address[0],
            "action": "read",
            "path": parts.path.strip("/"),
            "protocol": "webrtc",
            "id": "1",
            "query": parts.query,
        }
        request = urllib.request.Request(  # noqa: S310 - an address of the test itself
            AUTH, json.dumps(asked).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310 - as above
                self._answer(answer.status, b"playing " + asked["path"].encode())
        except urllib.error.HTTPError as refused:
            self._answer(refused.code, b"")

    def _answer(self, status: int, text: bytes) -> None:
        self.send_response(200 if status < 300 else status)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


server = HTTPServer(("127.0.0.1", 0), Gateway)
sys.stdout.write(f"{server.server_port}\n")
sys.stdout.flush()
server.serve_forever()
