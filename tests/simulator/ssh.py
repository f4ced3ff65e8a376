# SPDX-License-Identifier: Apache-2.0
"""SSH to the managers' command line: a real sshd for each connection.

The simulator listens, and hands what it accepts to an `sshd -i`. So no sshd
waits that could outlive the simulator, and no port is lost between choosing
and using it. sshd runs without root's rights, and knows the account `admin`
from files of its own (libnss_wrapper): the system's accounts have no part in it.
"""
import asyncio
import ctypes
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (Encoding, NoEncryption, PrivateFormat,
                                                          PublicFormat)

from .listener import bind

USER = "admin"
CONNECTIONS = 100  # at once
END_SECONDS = 0.5
SHELL = pathlib.Path(__file__).with_name("cli.sh").read_text(encoding="ascii")
WRAPPER = "libnss_wrapper.so"
PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
PR_SET_PDEATHSIG = 1
CONFIG = """\
HostKey {folder}/{address}.key
AuthorizedKeysFile {folder}/authorized_keys
AuthenticationMethods any
StrictModes no
UsePAM no
KbdInteractiveAuthentication no
PrintMotd no
UseDNS no
PidFile none
DisableForwarding yes
PermitUserEnvironment no
LoginGraceTime 20
LogLevel {level}
SetEnv NSX_HOST={host} NSX_MANAGER={address} NSX_CONTROL={control}
"""


class Ssh:
    """The SSH side of every manager that is up; control is (host, port)."""

    def __init__(self, sim, control):
        self._sim = sim
        self._control = control
        self._folder = pathlib.Path(sim.folder.name) / "ssh"
        self._uid, self._gid = account()
        self._sshd = find("sshd", "openssh-server")
        find("bash", "bash")
        self._libc = ctypes.CDLL(None)
        self._hosts = {}  # address: public host key
        self._sockets = {}  # address: listening socket
        self._running = {}  # pidfd: (address, process)
        self.port = sim.options.ssh_port

    # -- start and end --------------------------------------------------------

    def start(self):
        """Listen at every manager; raises OSError with the reason."""
        self._make_folder()
        for _ in range(20):
            try:
                self.sync()
                break
            except OSError as error:
                self._close_all()
                if self._sim.options.ssh_port:
                    raise OSError(f"--ssh-port {self.port}: {error.strerror}") from None
                self.port = 0
        else:
            raise OSError("no port for SSH is free on every address; give --ssh-port")
        self._check()

    def stop(self):
        self._close_all()
        self._end(list(self._running))

    def sync(self):
        """Listen where a manager is up, and nowhere else."""
        nodes = {node.address: (cluster, node) for cluster in self._sim.clusters
                 for node in cluster.nodes if node.up}
        for address in set(self._sockets) - set(nodes):
            self._close(address)
            self._end([one for one, (at, _) in self._running.items() if at == address])
        for address, (cluster, node) in nodes.items():
            if address not in self._sockets:
                self._open(cluster, node)
        self._write("known_hosts", "".join(
            f"{address if self.port == 22 else f'[{address}]:{self.port}'} {key}\n"
            for address, key in self._hosts.items()))

    def describe(self):
        return {"port": self.port, "user": USER, "password": self._sim.credentials["password"],
                "private_key": str(self._folder / "client.key"),
                "known_hosts": str(self._folder / "known_hosts")}

    def _open(self, cluster, node):
        sock = bind(node.address, self.port)
        self.port = sock.getsockname()[1]
        self._sockets[node.address] = sock
        if node.address not in self._hosts:
            self._hosts[node.address] = self._make_key(f"{node.address}.key", self._uid)
        self._write(f"{node.address}.conf", CONFIG.format(
            folder=self._folder, address=node.address, host=node.fqdn.partition(".")[0],
            control="/".join(map(str, self._control)),
            level="ERROR" if self._sim.options.quiet else "INFO"))
        asyncio.get_running_loop().add_reader(sock.fileno(), self._accept, cluster, node.address)

    def _close(self, address):
        sock = self._sockets.pop(address)
        asyncio.get_running_loop().remove_reader(sock.fileno())
        sock.close()

    def _close_all(self):
        for address in list(self._sockets):
            self._close(address)

    # -- one connection -------------------------------------------------------

    def _accept(self, cluster, address):
        try:
            sock, _ = self._sockets[address].accept()
        except OSError:
            return
        with sock:
            if len(self._running) >= CONNECTIONS:
                return
            self._write_password(cluster)
            sock.setblocking(True)
            process = self._spawn(cluster, address, "-i", stdin=sock, stdout=sock)
        ended = os.pidfd_open(process.pid)
        self._running[ended] = (address, process)
        asyncio.get_running_loop().add_reader(ended, self._reap, ended)

    def _reap(self, ended):
        asyncio.get_running_loop().remove_reader(ended)
        os.close(ended)
        self._running.pop(ended)[1].wait()

    def _end(self, which):
        """End these, politely first; each sshd ends its own session."""
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            for ended in which:
                self._running[ended][1].send_signal(signal_number)
            until = time.monotonic() + END_SECONDS
            while which and time.monotonic() < until:
                gone = [one for one in which if self._running[one][1].poll() is not None]
                for ended in gone:
                    self._reap(ended)
                which = [one for one in which if one not in gone]
                time.sleep(0.005)

    def _spawn(self, cluster, address, *words, **streams):
        rights = {"user": self._uid, "group": self._gid, "extra_groups": []}
        files = {f"NSS_WRAPPER_{name.upper()}": str(self._folder / name)
                 for name in ("passwd", "group")}
        return subprocess.Popen(
            [self._sshd, *words, "-e", "-f", str(self._folder / f"{address}.conf")],
            env={"PATH": "/usr/bin:/bin", "LD_PRELOAD": WRAPPER, **files,
                 "NSS_WRAPPER_SHADOW": str(self._shadow(cluster))},
            start_new_session=True, preexec_fn=self._die_with(os.getpid()),
            **(rights if os.geteuid() == 0 else {}), **streams)

    def _die_with(self, parent):
        def prepare():
            self._libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)
        return prepare

    def _check(self):
        """Let sshd read its files; raises OSError with its words."""
        cluster = self._sim.clusters[0]
        self._write_password(cluster)
        process = self._spawn(cluster, cluster.nodes[0].address, "-t", stdin=subprocess.DEVNULL,
                              stderr=subprocess.PIPE)
        said = process.communicate(timeout=20)[1].decode(errors="replace").strip()
        if WRAPPER in said:
            raise OSError(missing(WRAPPER, "libnss-wrapper"))
        if process.returncode:
            raise OSError(f"--ssh: sshd does not start: {said}")

    # -- files ----------------------------------------------------------------

    def _make_folder(self):
        os.chmod(self._sim.folder.name, 0o711)  # on the way to what sshd reads
        self._folder.mkdir()
        self._folder.chmod(0o711)
        self._write("passwd", f"{USER}:x:{self._uid}:{self._gid}::{self._folder}:{self._folder}/shell\n")
        self._write("group", f"{USER}:x:{self._gid}:\n")
        self._write("shell", SHELL, 0o755)
        self._write("authorized_keys", self._make_key("client.key", os.geteuid()) + "\n")

    def _make_key(self, name, owner):
        """Write a new private key for one account alone; returns the public one."""
        key = Ed25519PrivateKey.generate()
        self._write(name, key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH,
                                            NoEncryption()).decode(), 0o600, owner)
        return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()

    def _shadow(self, cluster):
        return self._folder / f"shadow-{cluster.index}"

    def _write_password(self, cluster):
        """The password that the API takes now, hashed; none while admin is no account."""
        found = cluster.access.users.get(USER)
        self._write(self._shadow(cluster).name,
                    f"{USER}:{hash_password(found.password) if found else '!'}:19000:0:99999:7:::\n",
                    0o600, self._uid)

    def _write(self, name, text, mode=0o644, owner=None):
        """A whole new file at once; owner: the only account that may read it."""
        path = self._folder / name
        new = path.with_name(f"{name}.new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            os.fchmod(descriptor, mode)
            if owner not in (None, os.geteuid()):
                os.fchown(descriptor, owner, -1)
        os.replace(new, path)


def account():
    """(uid, gid) for sshd: our own, or instead of root's those of nobody."""
    if os.geteuid():
        return os.geteuid(), os.getegid()
    found = pwd.getpwnam("nobody")
    return found.pw_uid, found.pw_gid


def find(name, package):
    """The path of a program; raises OSError naming the package that has it."""
    path = shutil.which(name, path=PATH)
    if path is None:
        raise OSError(missing(name, package))
    return path


def missing(name, package):
    return f"--ssh needs {name}, which is not installed (Debian: apt-get install {package})"


def hash_password(password):
    """What a shadow file holds, by the library that sshd reads it with."""
    crypt = ctypes.CDLL("libcrypt.so.1").crypt
    crypt.restype = ctypes.c_char_p
    return crypt(password.encode(), b"$6$" + os.urandom(6).hex().encode() + b"$").decode()
