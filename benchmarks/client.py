"""A load generator that costs little: one process, raw sockets kept alive, one request at a time on each."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass

CONNECTIONS = 16
LENGTH = b"\r\ncontent-length: "


class WrongAnswer(RuntimeError):
    """The server answered something else than what is being measured; the message shows what."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one round showed; times in milliseconds."""

    per_second: float
    p50: float
    p99: float


class _Connection:
    """One socket: when its request was sent, what of the answer has come, how many bytes are still to come."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent = 0.0
        self.head = b""
        self.missing = -1
        """-1: the head is not complete yet."""

    def send(self, request: bytes) -> None:
        self.sent, self.head, self.missing = time.perf_counter(), b"", -1
        self.socket.sendall(request)

    def receive(self, expected: bytes) -> bool:
        """Take what has come; True once the answer is complete. Raises WrongAnswer for a status not `expected`."""
        came = self.socket.recv(262144)
        if not came:
            raise WrongAnswer("the server closed the connection")
        if self.missing >= 0:
            self.missing -= len(came)
            return self.missing <= 0
        self.head += came
        end = self.head.find(b"\r\n\r\n")
        if end < 0:
            return False
        if self.head[9:12] != expected:
            raise WrongAnswer(self.head[:2000].decode(errors="replace"))
        at = self.head.lower().find(LENGTH, 0, end)
        length = int(self.head[at + len(LENGTH) : at + len(LENGTH) + 9].split(b"\r", 1)[0]) if at > 0 else 0
        self.missing = 0 if expected == b"304" else length - (len(self.head) - end - 4)
        return self.missing <= 0


def get(path: str, *headers: str) -> bytes:
    """A GET request as a browser without cookies sends it."""
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", "Accept-Encoding: gzip, deflate, br", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def post(path: str, body: str) -> bytes:
    """A form that was filled in."""
    kind = "Content-Type: application/x-www-form-urlencoded"
    head = [f"POST {path} HTTP/1.1", "Host: localhost", kind, f"Content-Length: {len(body)}"]
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode()


def ask(port: int, request: bytes) -> bytes:
    """The whole answer to one request, head and body."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1))
        return b"".join(iter(lambda: connection.recv(262144), b""))


def drive(port: int, requests: Iterator[bytes], *, seconds: float, expected: int = 200) -> Measured:
    """Send `requests`, each connection its next one as soon as it has its answer, until time or requests are up."""
    wanted, poll, by_number = str(expected).encode(), select.epoll(), dict[int, _Connection]()
    took: list[float] = []
    began = time.perf_counter()
    until = began + seconds
    try:
        for request, _ in zip(requests, range(CONNECTIONS), strict=False):
            connection = _Connection(port)
            by_number[connection.socket.fileno()] = connection
            poll.register(connection.socket, select.EPOLLIN)
            connection.send(request)
        waiting = len(by_number)
        while waiting:
            for number, _ in poll.poll(30):
                connection = by_number[number]
                if not connection.receive(wanted):
                    continue
                now = time.perf_counter()
                took.append(now - connection.sent)
                request = next(requests, b"") if now < until else b""
                if request:
                    connection.send(request)
                else:
                    waiting -= 1
        spent = time.perf_counter() - began
    finally:
        poll.close()
        for connection in by_number.values():
            connection.socket.close()
    took.sort()
    return Measured(len(took) / spent, _ms(took, 0.5), _ms(took, 0.99))


def _ms(took: list[float], share: float) -> float:
    return 1000 * took[min(int(len(took) * share), len(took) - 1)]
