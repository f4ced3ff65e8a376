/* SPDX-License-Identifier: Apache-2.0 */
/* Forced into every file by the Makefile: library calls that are never safe enough here stop the build.
 * rand() is left to the checks of the sources: OpenSSL's headers have parameters of that name. */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* glibc makes macros of these for some compilers. */
#undef sprintf
#undef vsprintf
#undef alloca
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets strtok atoi atol gmtime localtime asctime ctime
#pragma GCC poison system popen alloca srand

#endif
