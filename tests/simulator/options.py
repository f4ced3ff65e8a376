# SPDX-License-Identifier: Apache-2.0
"""The command line."""
import argparse

from .profiles import VERSIONS
from .switches import parse_position

EPILOG = """\
One JSON line on standard output says when every listener accepts, and where;
the log goes to standard error. SIGTERM ends it. Behaviour can be changed while
it runs through the control port: see README.md.

example:
  python3 -m simulator --nsx-version 4.1 --managers 3 --port 8443
"""


def count(low, high):
    def parse(text):
        value = int(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{value} is not between {low} and {high}")
        return value
    parse.__name__ = "number"
    return parse


def switch(text):
    name, found, value = text.partition("=")
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not name=value")
    try:
        return name, parse_position(name, value)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def parse(arguments=None):
    parser = argparse.ArgumentParser(
        prog="simulator", description="Simulate NSX Manager clusters over TLS on loopback.",
        epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--nsx-version", required=True, choices=VERSIONS, metavar="VERSION",
        help="one of " + ", ".join(VERSIONS))
    add("--clusters", type=count(1, 1000), default=1, metavar="N", help="clusters (1)")
    add("--first-cluster", type=count(0, 50000), default=0, metavar="N",
        help="number of the first cluster: it decides the addresses, so that several"
             " simulators can run side by side (0)")
    add("--managers", type=count(1, 8), default=3, metavar="N", help="managers a cluster (3)")
    add("--port", type=count(0, 65535), default=8443, metavar="N",
        help="port of every address; 0: a free one (8443)")
    add("--control-port", type=count(0, 65535), default=0, metavar="N",
        help="port of the control API on 127.0.0.1; 0: a free one (0)")
    add("--vip", choices=("configured", "none"), default="configured",
        help="whether the clusters have a virtual IP at the start (configured)")
    add("--vip-certificate", choices=("own", "node"), default="own",
        help="node: the VIP shows its holder's certificate (own)")
    add("--certificates", type=count(0, 200000), default=0, metavar="N",
        help="more certificates in each trust store (0)")
    add("--seed", default="1", help="makes identifiers, passwords and chances repeatable (1)")
    add("--pace", choices=("fast", "realistic"), default="fast",
        help="restarts take a fraction of a second, or seconds (fast)")
    add("--ipv6", action="store_true", help="serve the first cluster's VIP on [::1] as well")
    add("--ssh", action="store_true",
        help="the managers' command line over SSH, as admin: needs sshd and libnss_wrapper")
    add("--ssh-port", type=count(0, 65535), default=0, metavar="N",
        help="port of every manager's sshd; 0: a free one (0)")
    add("--switch", type=switch, action="append", default=[], metavar="NAME=VALUE",
        help="position of a behaviour switch at the start; may be repeated; GET /switches of"
             " the control port lists them")
    add("--max-seconds", type=count(1, 864000), default=3600, metavar="N",
        help="end after this time in any case (3600)")
    add("--quiet", action="store_true", help="no log of requests on standard error")
    return parser.parse_args(arguments)
