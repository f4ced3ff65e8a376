/* SPDX-License-Identifier: Apache-2.0 */
/* What cppcheck must know of the libraries, whose own headers it does not read. */
#ifndef LINT_CPPCHECK_H
#define LINT_CPPCHECK_H

#define LIBCURL_VERSION_NUM 0x075801
#define NSXCERT_VERSION ""
#define NSXCERT_EMBED_DIR ""

#define json_array_foreach(array, index, value) \
    for (index = 0; index < json_array_size(array) && (value = json_array_get(array, index)) != NULL; index++)
#define json_object_foreach(object, name, value)                                                     \
    for (name = json_first(object); name != NULL && (value = json_object_get(object, name)) != NULL; \
         name = json_next(object, name))

#endif
