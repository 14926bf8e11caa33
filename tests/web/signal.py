"""A bad signal between a phone and the server: sockets that are really closed; holds no test."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread

_PART = 65536


@dataclass
class Signal:
    """The way to the server, which can be taken away or fail at one request."""

    server: tuple[str, int]
    listening: socket.socket
    is_on: bool = True
    cut_at: bytes = b""
    """The first line of a request that is cut: what follows its head does not arrive."""
    lose_at: bytes = b""
    """The first line of a request that is done, and whose answer does not arrive."""
    happened: Event = field(default_factory=Event)
    """Set once a request was cut or its answer lost."""
    open: set[socket.socket] = field(default_factory=set)

    @property
    def address(self) -> str:
        """Where a phone finds the server."""
        return f"http://127.0.0.1:{self.listening.getsockname()[1]}"

    def take_away(self) -> None:
        """From here on nothing passes."""
        self.is_on = False
        for end in list(self.open):
            _close(end)

    def give_back(self) -> None:
        """Everything passes again."""
        self.is_on, self.cut_at, self.lose_at = True, b"", b""

    def serve(self) -> None:
        """Accept connections until the test is over."""
        with suppress(OSError):
            while True:
                near, _ = self.listening.accept()
                Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        if not self.is_on:
            _close(near)
            return
        with suppress(OSError), socket.create_connection(self.server) as far:
            self.open |= {near, far}
            back = Thread(target=self._back, args=(far, near), daemon=True)
            head = near.recv(_PART)
            if self.cut_at and head.startswith(self.cut_at):
                # The head and a part of the body arrive; then the socket is gone.
                far.sendall(head)
                self._broken(near)
                return
            if self.lose_at and head.startswith(self.lose_at):
                self._do_and_lose(near, far, head)
                return
            back.start()
            while head:
                far.sendall(head)
                head = near.recv(_PART)
        _close(near)

    def _back(self, far: socket.socket, near: socket.socket) -> None:
        with suppress(OSError):
            while part := far.recv(_PART):
                near.sendall(part)
        _close(near)

    def _do_and_lose(self, near: socket.socket, far: socket.socket, head: bytes) -> None:
        def hand_on() -> None:
            with suppress(OSError):
                part = head
                while part:
                    far.sendall(part)
                    part = near.recv(_PART)

        Thread(target=hand_on, daemon=True).start()
        far.recv(_PART)  # the first bytes of the answer: it is done
        self._broken(near)

    def _broken(self, near: socket.socket) -> None:
        self.is_on = False
        self.happened.set()
        _close(near)


@contextmanager
def signal_to(address: str) -> Iterator[Signal]:
    """A way to the pages at an address, open for a while."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        signal = Signal((host, int(port)), listening)
        Thread(target=signal.serve, daemon=True).start()
        yield signal
        signal.take_away()


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
