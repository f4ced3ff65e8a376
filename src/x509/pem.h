/* SPDX-License-Identifier: Apache-2.0 */
/* PEM blocks of a text (RFC 7468), read leniently: any line ends, any line length, text around. */
#ifndef X509_PEM_H
#define X509_PEM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* A cursor over a text; `extra_text` becomes true when something but white space stood outside of blocks. */
struct pem_scan {
    const char *at;
    const char *end;
    bool extra_text;
};

/* Borrowed from the text. */
struct pem_block {
    const char *label;
    size_t label_length;
    const char *body; /* between the BEGIN and END marks: maybe headers, then base64 */
    size_t body_length;
    bool unfinished; /* no END mark of that label follows */
};

struct pem_scan pem_scan(const char *text, size_t length);

/* The next block; false at the end of the text. */
bool pem_next(struct pem_scan *scan, struct pem_block *ret_block);
bool pem_label_is(const struct pem_block *block, const char *label);

/* "… PRIVATE KEY" of any kind. */
bool pem_is_private_key(const struct pem_block *block);

/* The same block in the strict form: LF, 64 columns, final newline. False if its body is no base64 or memory ran out.
 */
bool pem_write_strict(const struct pem_block *block, struct buf *out);

/* Decodes a block without headers. False if it is no base64 or memory ran out. */
bool pem_decode(const struct pem_block *block, struct buf *ret_der);

#endif
