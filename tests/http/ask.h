/* ask.h - what each test of the HTTP core begins with. */
#ifndef TESTS_HTTP_ASK_H
#define TESTS_HTTP_ASK_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/exchange.h"

/* An app with these routes; the test destroys it. */
static inline mvc_app *app_with(const mvc_route routes[],
                                const mvc_config *config)
{
    mvc_config c = config ? *config : (mvc_config){0};
    c.quiet = true;
    mvc_app *app = mvc__app_create(&c);
    assert_non_null(app);
    if (routes)
        mvc_routes(app, routes);
    return app;
}

/* Asks and checks status and, unless NULL, the body. */
static inline void expect(mvc_app *app, mvc_method method, const char *path,
                          int status, const char *body)
{
    mvc_test_response r =
        mvc_test(app, &(mvc_test_request){.method = method, .path = path});
    if (r.status != status || (body && strcmp(r.body, body) != 0))
        fail_msg("%s %s: %d instead of %d: %s", mvc_method_name(method), path,
                 r.status, status, r.body);
    mvc_test_done(&r);
}

#endif
