# SPDX-License-Identifier: Apache-2.0
"""A TLS server on loopback that serves one certificate and nothing else."""
import contextlib
import socket
import ssl
import threading

CONNECTIONS_MAX = 100


def answer(context, connection):
    """One handshake; what the client says of it is the client's business."""
    with connection, contextlib.suppress(OSError, ssl.SSLError):
        connection.settimeout(20)
        with context.wrap_socket(connection, server_side=True) as wrapped:
            wrapped.recv(1)


@contextlib.contextmanager
def serving(certificate, key):
    """Yields the address, "127.0.0.1:PORT"."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def accept():
            for _ in range(CONNECTIONS_MAX):
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                answer(context, connection)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(timeout=30)
