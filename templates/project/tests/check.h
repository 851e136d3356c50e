/* check.h - what the tests share: an application on a database in memory. */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include "config/app.h"

#include <mvc.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                       \
    do {                                                                       \
        if (!(condition)) {                                                    \
            fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__,         \
                    #condition);                                               \
            exit(EXIT_FAILURE);                                                \
        }                                                                      \
    } while (0)

static inline mvc_app *test_app(void)
{
    mvc_app *app = app_new(&(app_config){
        .database = ":memory:",
        .secret = "a secret for tests",
    });
    CHECK(app != NULL);
    return app;
}

#endif
