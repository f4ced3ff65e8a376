# SPDX-License-Identifier: Apache-2.0
"""Lists by pages: page_size, an opaque cursor, sorting."""
import base64
import binascii

from .messages import ApiError, json_response

SORTABLE = {"display_name": lambda entry: entry.name,
            "_create_time": lambda entry: entry.created,
            "_last_modified_time": lambda entry: entry.created,
            "id": lambda entry: entry.id}
END = {"absent": None, "zeros": "0000", "empty": ""}


def page(call, entries, to_json):
    """The answer for one page of `entries`."""
    sort_by = call.query.get("sort_by")
    rising = call.query.get("sort_ascending", "true") != "false"
    if sort_by in SORTABLE:
        entries = sorted(entries, key=SORTABLE[sort_by], reverse=not rising)
    size = min(page_size(call), call.switches.page_cap)
    start, hold = read_cursor(call)
    after = start if hold else start + size
    body = {"results": [to_json(entry) for entry in entries[start:after]]}
    if not call.query.get("cursor"):
        body["result_count"] = len(entries)
    cursor = END[call.switches.cursor_end]
    if after < len(entries):
        cursor = write_cursor(call, after, call.switches.short_pages == "on" and not hold)
    if cursor is not None:
        body["cursor"] = cursor
    body["sort_by"] = sort_by or "display_name"
    body["sort_ascending"] = rising
    return json_response(body)


def page_size(call):
    text = call.query.get("page_size", "1000")
    if not text.isascii() or not text.isdigit() or int(text) > 1000:
        raise ApiError(400, f"Invalid value '{text}' for parameter 'page_size'.", 220)
    return int(text)


def write_cursor(call, at, hold):
    """Opaque, and not safe in a URL as it is; hold: that page will be empty."""
    text = f"\xfb\xff>{at}>{call.cluster.store.generation}>{int(hold)}"
    return base64.b64encode(text.encode("latin-1")).decode()


def read_cursor(call):
    """(position, whether this page is to be empty); raises ApiError."""
    cursor = call.query.get("cursor")
    if not cursor or cursor.startswith("0000"):
        return 0, False
    try:
        words = base64.b64decode(cursor, validate=True).decode("latin-1").split(">")
        at, generation, hold = (int(word) for word in words[1:])
    except (binascii.Error, ValueError):
        raise ApiError(400, "The cursor is invalid.", 220) from None
    if call.switches.stale_cursor == "on" and generation != call.cluster.store.generation:
        raise ApiError(400, "The cursor is no longer valid.", 220)
    return at, bool(hold)
