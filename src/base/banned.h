/* SPDX-License-Identifier: Apache-2.0 */
/* Forced into every file by the Makefile: library calls that are never safe enough here stop the build. */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets strtok atoi atol gmtime localtime asctime ctime
#undef alloca
#pragma GCC poison system popen alloca srand
/* Not poisoned: OpenSSL's headers name parameters so. */
int rand(void) __attribute__((error("rand() is banned: use RAND_bytes()")));

#endif
