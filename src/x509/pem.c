/* SPDX-License-Identifier: Apache-2.0 */
/* PEM blocks of a text (RFC 7468), read leniently: any line ends, any line length, text around. */
#include "x509/pem.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/mem.h"

enum { COLUMNS = 64 };

static const char begin_mark[] = "-----BEGIN ";
static const char end_mark[] = "-----END ";
static const char dashes[] = "-----";

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

static const char *find(const char *from, const char *end, const char *what, size_t length) {
    return memmem(from, (size_t)(end - from), what, length);
}

struct pem_scan pem_scan(const char *text, size_t length) {
    return (struct pem_scan){.at = text, .end = text + length};
}

static void note_text(struct pem_scan *scan, const char *until) {
    for (const char *c = scan->at; c < until && !scan->extra_text; c++)
        scan->extra_text = !is_space(*c);
}

/* The END mark with the label of `block` at or after `from`; NULL if another BEGIN comes first. */
static const char *find_end(const struct pem_scan *scan, const struct pem_block *block, const char *from) {
    const char *next = find(from, scan->end, begin_mark, sizeof begin_mark - 1);
    const char *limit = next != NULL ? next : scan->end;
    size_t tail = block->label_length + sizeof dashes - 1;
    for (const char *mark; (mark = find(from, limit, end_mark, sizeof end_mark - 1)) != NULL; from = mark + 1) {
        const char *label = mark + sizeof end_mark - 1;
        if ((size_t)(limit - label) >= tail && memcmp(label, block->label, block->label_length) == 0 &&
            memcmp(label + block->label_length, dashes, sizeof dashes - 1) == 0)
            return mark;
    }
    return NULL;
}

bool pem_next(struct pem_scan *scan, struct pem_block *ret_block) {
    const char *mark = find(scan->at, scan->end, begin_mark, sizeof begin_mark - 1);
    note_text(scan, mark != NULL ? mark : scan->end);
    if (mark == NULL) {
        scan->at = scan->end;
        return false;
    }
    struct pem_block block = {.label = mark + sizeof begin_mark - 1};
    const char *label_end = find(block.label, scan->end, dashes, sizeof dashes - 1);
    block.label_length = (size_t)((label_end != NULL ? label_end : block.label) - block.label);
    block.body = label_end != NULL ? label_end + sizeof dashes - 1 : block.label;
    const char *end = label_end != NULL ? find_end(scan, &block, block.body) : NULL;
    if (end == NULL) {
        block.unfinished = true;
        scan->at = block.body;
    } else {
        block.body_length = (size_t)(end - block.body);
        scan->at = end + sizeof end_mark - 1 + block.label_length + sizeof dashes - 1;
    }
    *ret_block = block;
    return true;
}

bool pem_label_is(const struct pem_block *block, const char *label) {
    return strlen(label) == block->label_length && memcmp(block->label, label, block->label_length) == 0;
}

bool pem_is_private_key(const struct pem_block *block) {
    static const char tail[] = "PRIVATE KEY";
    size_t length = sizeof tail - 1;
    return block->label_length >= length && memcmp(block->label + block->label_length - length, tail, length) == 0;
}

/* Length of the headers ("Proc-Type: …", RFC 1421) before the empty line that ends them; 0 without headers. */
static size_t headers_length(const struct pem_block *block) {
    if (memchr(block->body, ':', block->body_length) == NULL)
        return 0;
    bool line_empty = false;
    bool seen = false;
    for (size_t i = 0; i < block->body_length; i++) {
        char c = block->body[i];
        if (c == '\n' && line_empty && seen)
            return i + 1;
        if (c == '\n')
            line_empty = true;
        else if (!is_space(c))
            line_empty = false, seen = true;
    }
    return block->body_length;
}

/* The base64 of the body without white space. */
static bool squeeze(const struct pem_block *block, size_t from, struct buf *out) {
    for (size_t i = from; i < block->body_length;) {
        size_t start = i;
        while (i < block->body_length && !is_space(block->body[i]))
            i++;
        if (!buf_add(out, block->body + start, i - start))
            return false;
        while (i < block->body_length && is_space(block->body[i]))
            i++;
    }
    return true;
}

bool pem_decode(const struct pem_block *block, struct buf *ret_der) {
    auto_buf struct buf base64 = {0};
    if (block->unfinished || !squeeze(block, 0, &base64) || base64.length == 0 || base64.length % 4 != 0)
        return false;
    size_t padding = base64.bytes[base64.length - 1] != '=' ? 0 : base64.bytes[base64.length - 2] != '=' ? 1 : 2;
    /* OpenSSL's decoder takes padding anywhere. */
    if (memchr(base64.bytes, '=', base64.length - padding) != NULL)
        return false;
    auto_text char *bytes = mem_alloc(base64.length);
    if (bytes == NULL)
        return false;
    int length = EVP_DecodeBlock((unsigned char *)bytes, (const unsigned char *)base64.bytes, (int)base64.length);
    return length > 0 && buf_add(ret_der, bytes, (size_t)length - padding);
}

static bool add_headers(const struct pem_block *block, size_t length, struct buf *out) {
    const char *line = block->body;
    const char *end = block->body + length;
    while (line < end) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        const char *next = stop != NULL ? stop + 1 : end;
        const char *last = stop != NULL ? stop : end;
        while (line < last && is_space(*line))
            line++;
        while (last > line && is_space(last[-1]))
            last--;
        if (last > line && (!buf_add(out, line, (size_t)(last - line)) || !buf_add_text(out, "\n")))
            return false;
        line = next;
    }
    return length == 0 || buf_add_text(out, "\n");
}

bool pem_write_strict(const struct pem_block *block, struct buf *out) {
    auto_buf struct buf base64 = {0};
    size_t headers = headers_length(block);
    if (block->unfinished || !squeeze(block, headers, &base64))
        return false;
    buf_add_text(out, begin_mark);
    buf_add(out, block->label, block->label_length);
    buf_add_text(out, "-----\n");
    add_headers(block, headers, out);
    for (size_t at = 0; at < base64.length; at += COLUMNS) {
        buf_add(out, base64.bytes + at, base64.length - at < COLUMNS ? base64.length - at : COLUMNS);
        buf_add_text(out, "\n");
    }
    buf_add_text(out, end_mark);
    buf_add(out, block->label, block->label_length);
    buf_add_text(out, "-----\n");
    return !out->failed;
}
