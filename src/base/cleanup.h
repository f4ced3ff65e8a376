/* SPDX-License-Identifier: Apache-2.0 */
/* Frees locals when their scope ends; each room adds the types it owns with AUTO_DEFINE. */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

/* Defines cleanup function `auto_NAME_cleanup` that hands a variable of pointer type TYPE to FREE (which takes NULL).
 */
#define AUTO_DEFINE(name, type, free_function)                                                                  \
    static inline void auto_##name##_cleanup(type *variable) { /* NOLINT(bugprone-macro-parentheses): a type */ \
        free_function(*variable);                                                                               \
    }

#define AUTO(name) __attribute__((cleanup(auto_##name##_cleanup)))

/* The result of a function with this mark must be looked at. */
#define NODISCARD __attribute__((warn_unused_result))

/* A call that always returns false, in words that the compiler's analysis understands. */
#define ALWAYS_FALSE(call) \
    __extension__({        \
        (void)(call);      \
        false;             \
    })

/* Checks arguments against a printf format: number of the format and of the first argument. */
#define PRINTF_LIKE(format_at, first_at) __attribute__((format(printf, format_at, first_at)))

#endif
