/* home_test.c - the start page and what is not there. */
#include "tests/check.h"

static void test_start_page(mvc_app *app)
{
    mvc_test_response res = mvc_test(app, &(mvc_test_request){.path = "/"});
    CHECK(res.status == 200);
    CHECK(strstr(res.body, "<h1>") != NULL);
    mvc_test_done(&res);
}

static void test_unknown_page(mvc_app *app)
{
    mvc_test_response res = mvc_test(app, &(mvc_test_request){.path = "/no"});
    CHECK(res.status == 404);
    mvc_test_done(&res);
}

int main(void)
{
    mvc_app *app = test_app();
    test_start_page(app);
    test_unknown_page(app);
    mvc_app_free(app);
    return EXIT_SUCCESS;
}
