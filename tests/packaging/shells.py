# SPDX-License-Identifier: Apache-2.0
"""What a shell completes, asked of the shell: bash by calling the function or on a terminal, zsh on a terminal."""
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

DEADLINE_S = 120
SIZE = struct.pack("HHHH", 200, 4000, 0, 0)  # no list is too long for a line

# Stands for readline outside of it, and says what the function left to it.
BASH_ASK = """
. "$1"; shift
compopt() { echo "compopt $*"; }
ask() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _nsxcert; echo "${COMPREPLY[*]}"; }
while read -r -d '' count; do
    words=()
    for ((i = 0; i < count; i++)); do IFS= read -r -d '' word; words+=("$word"); done
    ask nsxcert "${words[@]}" | tr '\\n' ' '; echo
done
"""


def bash_offers(script, lines):
    """What the function offers for each of `lines`, lists of words of which the last is being typed."""
    asked = "".join(f"{len(words)}\0" + "".join(f"{word}\0" for word in words) for words in lines)
    result = subprocess.run(["bash", "--norc", "-c", BASH_ASK, "bash", script], input=asked, capture_output=True, text=True,
                            timeout=DEADLINE_S, check=True)
    assert result.stderr == ""
    return [line.split() for line in result.stdout.splitlines()]


class Terminal:
    """An interactive shell on a terminal, in which nsxcert prints what it was called with."""

    def __init__(self, command, folder, setup, prompt_off):
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            keep = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
            os.execvpe(command[0], command, keep | {"HOME": str(folder), "TERM": "dumb", "PS1": "", "MY_REQUEST": "{}"})
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, SIZE)
        self.send(f"{prompt_off}{setup}\nnsxcert() {{ printf 'GOT<%s>\\n' \"$*\"; }}\nprintf 'REA%s\\n' DY\n")
        self.until("READY\r\n")

    def send(self, text):
        os.write(self.terminal, text.encode())

    def until(self, mark):
        text, end = "", time.monotonic() + DEADLINE_S
        while mark not in text:
            ready, _, _ = select.select([self.terminal], [], [], max(0, end - time.monotonic()))
            assert ready, text
            text += os.read(self.terminal, 65536).decode()
        return text

    def complete(self, typed, key="\t"):
        """The words that nsxcert gets when `typed`, KEY and Enter were typed after its name."""
        self.send(f"nsxcert {typed}{key}\n")
        return self.until(">\r\n").rpartition("GOT<")[2].partition(">")[0].split()

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)


def zsh(script_folder, folder):
    """^Xa puts all matches on the line."""
    setup = (f"fpath=('{script_folder}' $fpath); autoload -Uz compinit; compinit -u -D\n"
             "zle -C all-matches complete-word _generic; bindkey '^Xa' all-matches\n"
             "zstyle ':completion:all-matches::::' completer _all_matches _complete\n"
             "zstyle ':completion:all-matches:*' insert yes")
    return Terminal(["zsh", "-f", "-i"], folder, setup, "")


def bash(script, folder):
    """M-* puts all matches on the line."""
    return Terminal(["bash", "--norc", "--noprofile", "-i"], folder, f". '{script}'; bind 'set bell-style none'", "PS1=\n")
