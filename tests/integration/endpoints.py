# SPDX-License-Identifier: Apache-2.0
"""TLS servers and a CONNECT proxy on loopback, each in a thread, all ended together."""
import base64
import selectors
import socket
import ssl
import tempfile
import threading

SECONDS = 60  # nothing here lives longer than a test


class Servers:
    def __init__(self):
        self._sockets = []
        self._threads = []
        self._accepted = {}
        self._ended = threading.Event()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._ended.set()
        for one in self._sockets:
            one.close()
        for one in self._threads:
            one.join(SECONDS)

    def accepted(self, endpoint):
        return self._accepted.get(endpoint, 0)

    def serve(self, pair):
        """A listener that shows the pair's chain: "127.0.0.1:PORT"."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
            file.write(pair.chain + pair.key_pem)
            file.flush()
            context.load_cert_chain(file.name)
        return self._listen(lambda connection: shake_hands(context, connection))

    def proxy(self, username, password):
        asked = []
        token = base64.b64encode(f"{username}:{password}".encode()).decode()
        endpoint = self._listen(lambda connection: tunnel(connection, token, asked))
        return Proxy(f"http://{endpoint}", asked)

    def _listen(self, handle):
        listener = socket.create_server(("127.0.0.1", 0))
        listener.settimeout(0.2)
        endpoint = f"127.0.0.1:{listener.getsockname()[1]}"
        self._sockets.append(listener)
        self._spawn(self._accept, listener, endpoint, handle)
        return endpoint

    def _spawn(self, target, *arguments):
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener, endpoint, handle):
        while not self._ended.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            self._accepted[endpoint] = self.accepted(endpoint) + 1
            connection.settimeout(10)
            self._spawn(closing, handle, connection)


class Proxy:
    def __init__(self, url, asked):
        self.url = url
        self.asked = asked  # [(host, port)] that were let through


def closing(handle, connection):
    try:
        handle(connection)
    except OSError:
        pass
    finally:
        connection.close()


def shake_hands(context, connection):
    with context.wrap_socket(connection, server_side=True) as secure:
        secure.recv(1)


def tunnel(connection, token, asked):
    head = b""
    while b"\r\n\r\n" not in head:
        more = connection.recv(4096)
        if not more:
            return
        head += more
    lines = head.decode("latin-1").split("\r\n")
    wanted = f"proxy-authorization: basic {token}".lower()
    if wanted not in [line.lower() for line in lines]:
        connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        return
    host, _, port = lines[0].split()[1].rpartition(":")
    asked.append((host.strip("[]"), int(port)))
    with socket.create_connection((host.strip("[]"), int(port)), 10) as other:
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        pump(connection, other)


def pump(one, other):
    """Bytes in both directions until either side is done."""
    with selectors.DefaultSelector() as selector:
        selector.register(one, selectors.EVENT_READ, other)
        selector.register(other, selectors.EVENT_READ, one)
        while ready := selector.select(10):
            for key, _ in ready:
                data = key.fileobj.recv(65536)
                if not data:
                    return
                key.data.sendall(data)
