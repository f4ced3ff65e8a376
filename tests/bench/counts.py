# SPDX-License-Identifier: Apache-2.0
"""Instructions of the release build, each told as a ratio to a floor program counted in the same run: OpenSSL picks its
code by CPU, so a ratio holds where a count does not."""
import json
from concurrent.futures import ThreadPoolExecutor

from rows import Row

STORE_SMALL, STORE_LARGE = 500, 1000
SMALL_PAGE = 20

class Counter:
    """Counts in parallel what was asked for; slope() and ratio() read the answers."""

    def __init__(self, shop):
        self.shop = shop
        self.pool = ThreadPoolExecutor(2)
        self.later = {}

    def ask(self, name, command, **more):
        self.later[name] = self.pool.submit(self.shop.instructions, command, **more)

    def __getitem__(self, name):
        return self.later[name].result()

    def wait(self):
        for answer in self.later.values():
            answer.result()

    def slope(self, name, few, many):
        return (self[f"{name} {many}"] - self[f"{name} {few}"]) / (many - few)


def start(shop, counter):
    counter.ask("start", shop.floor("start"))
    counter.ask("--version", shop.nsxcert("--version"))
    counter.ask("--schema", shop.nsxcert("--schema", "generate"))
    counter.ask("--validate", shop.nsxcert("--validate", request=shop.generate()))
    counter.ask("refused request", shop.nsxcert(request=shop.generate(common_nam="x")), expect=64)
    for case, guard in (("--version", 1.1), ("--schema", 1.1), ("--validate", 1.32), ("refused request", 1.33)):
        yield Row("start", case, counter[case] / counter["start"], "x floor", 1.15, guard)


def generate(shop, counter):
    command = shop.nsxcert(request=shop.generate("counted"))
    counter.ask("floor first", shop.floor("generate", "first", shop.folder))
    counter.ask("first", command)
    yield Row("generate", "P-256, first run", counter["first"] / counter["floor first"], "x floor", 1.25)
    counter.ask("floor second", shop.floor("generate", "second", shop.folder))
    counter.ask("second", command)
    yield Row("generate", "second run", counter["second"] / counter["floor second"], "x floor", 1.3)


def tls(shop, counter):
    with shop.server(60) as server:
        for count in (4, 30, 60):
            counter.ask(f"verify {count}", shop.verify_command(server, count))
            counter.ask(f"handshake {count}", shop.handshake_command(server, count))
        mine, floor = counter.slope("verify", 30, 60), counter.slope("handshake", 30, 60)
        yield Row("tls", "an endpoint, from 30 to 60", mine / floor, "x floor", 1.15)
        yield Row("tls", "4 endpoints, whole process", counter["verify 4"] / counter["handshake 4"], "x floor", 1.3)
        fixed = (counter["verify 30"] - 30 * mine) / (counter["handshake 30"] - 30 * floor)
        yield Row("tls", "what is paid once", fixed, "x floor", 1.1, 1.37)


def paging(shop, counter):
    """The slope between two stores is the cost of a certificate, that between two sizes of page the cost of a request."""
    with shop.store(STORE_SMALL) as small, shop.store(STORE_LARGE) as large:
        for sim, size in ((small, STORE_SMALL), (large, STORE_LARGE)):
            counter.ask(f"search {size}", shop.search_command(sim))
            counter.ask(f"jansson {size}", shop.paging_command(sim, "jansson"), env=sim.environment)
        counter.ask(f"scanner {STORE_LARGE}", shop.paging_command(large, "scanner"), env=large.environment)
        mine, floor = counter.slope("search", STORE_SMALL, STORE_LARGE), counter.slope("jansson", STORE_SMALL, STORE_LARGE)
        yield Row("paging", "a certificate, against jansson", mine / floor, "x floor", 1.1)
        counter.wait()  # nobody may be reading when the pages change
        large.switches({"page_cap": SMALL_PAGE})
        counter.ask("search small pages", shop.search_command(large))
        counter.ask("scanner small pages", shop.paging_command(large, "scanner"), env=large.environment)
        mine, floor = (counter[f"{name} small pages"] - counter[f"{name} {STORE_LARGE}"] for name in ("search", "scanner"))
        yield Row("requests", "a kept-alive request", mine / floor, "x floor", 1.2, 1.45)


def requests_of_some_size(shop):
    """(name, commands) for requests of one operation: with one item, with n and with 2n."""
    def endpoints(count):
        return shop.verify([f"198.51.100.1:{1000 + at}" for at in range(count)])

    def names(count):
        return shop.generate(san={"dns": [f"host-{at}.example.com" for at in range(count)]})

    yield "request of 2,500 and 5,000 endpoints", [shop.nsxcert("--validate", request=endpoints(n)) for n in (1, 2500, 5000)]
    yield "request of 500 and 1,000 names", [shop.nsxcert("--validate", request=names(n)) for n in (1, 500, 1000)]


def json_(shop, counter):
    text = json.dumps(shop.verify([f"198.51.100.{at % 250}:{1000 + at}" for at in range(850)]))
    counter.ask("20 KB", shop.nsxcert("--validate", request=text))
    counter.ask("tree", shop.floor("json", shop.save(text)))
    counter.ask("tiny", shop.nsxcert("--validate", request=shop.verify(["198.51.100.1"])))
    mine, floor = counter["20 KB"] - counter["tiny"], counter["tree"] - counter["start"]
    yield Row("json", "20 KB request, read and checked", mine / floor, "x jansson", 3)
    for case, commands in requests_of_some_size(shop):
        for at, command in enumerate(commands):
            counter.ask(f"{case} {at}", command)
        n, double = (counter[f"{case} {at}"] - counter[f"{case} 0"] for at in (1, 2))
        yield Row("json", case, double / n, "x", 2.2)


AREAS = [start, generate, tls, paging, json_]


def rows(shop):
    counter = Counter(shop)
    for area in AREAS:
        yield from area(shop, counter)
