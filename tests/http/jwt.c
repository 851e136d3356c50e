/* jwt.c - JSON Web Tokens as the middleware asks for them. */
#include "ask.h"

#include <mvc/middleware.h>

static const char secret[] = "a secret of thirty-two bytes or more";

static mvc_jwt_key *key_with(const char *text)
{
    mvc_error err;
    mvc_jwt_key *key = mvc_jwt_secret(text, strlen(text), &err);
    if (!key)
        fail_msg("%s", err.message);
    return key;
}

static void who(mvc_req *req, mvc_res *res)
{
    mvc_send(res, mvc_jwt_of(req) ? json_object_to_json_string_ext(
                                        mvc_jwt_of(req), JSON_C_TO_STRING_PLAIN)
                                  : "nobody");
}

static mvc_app *asking(const mvc_jwt_options *options)
{
    mvc_app *app = app_with(NULL, NULL);
    mvc_use_with(app, "/", mvc_jwt, (void *)(uintptr_t)options, NULL);
    mvc_get(app, "/", who);
    return app;
}

/* A token with this subject, as a header line. */
static char *header_with(const mvc_jwt_key *key, const mvc_jwt_claims *claims)
{
    mvc_error err;
    char *token = mvc_jwt_sign(key, NULL, claims, &err);
    if (!token)
        fail_msg("%s", err.message);
    char *header = malloc(strlen(token) + 32);
    sprintf(header, "Authorization: bearer %s", token);
    free(token);
    return header;
}

static void expect_refusal(mvc_app *app, const char *headers,
                           const char *challenge)
{
    mvc_test_response r =
        mvc_test(app, &(mvc_test_request){.headers = headers});
    assert_int_equal(r.status, 401);
    header_is(&r, "WWW-Authenticate", challenge);
    mvc_test_done(&r);
}

static void expect_body(mvc_app *app, const char *headers, const char *body)
{
    mvc_test_response r =
        mvc_test(app, &(mvc_test_request){.headers = headers});
    assert_int_equal(r.status, 200);
    assert_string_equal(r.body, body);
    mvc_test_done(&r);
}

static void asks_for_a_token(void **state)
{
    (void)state;
    mvc_jwt_key *key = key_with(secret);
    const mvc_jwt_options options = {.key = key, .issuer = "i\"\n"};
    mvc_app *app = asking(&options);
    char *good = header_with(key, &(mvc_jwt_claims){.subject = "ann",
                                                    .issuer = "i\"\n",
                                                    .no_issued_at = true});
    char *late = header_with(key, &(mvc_jwt_claims){.lifetime = -10});
    char *alien = header_with(key, &(mvc_jwt_claims){.issuer = "me"});
    expect_body(app, good, "{\"iss\":\"i\\\"\\n\",\"sub\":\"ann\"}");
    expect_refusal(app, NULL, "Bearer realm=\"Restricted\"");
    expect_refusal(app, late,
                   "Bearer realm=\"Restricted\", error=\"invalid_token\", "
                   "error_description=\"jwt expired\"");
    /* what options and tokens say cannot leave the quotes */
    expect_refusal(app, alien,
                   "Bearer realm=\"Restricted\", error=\"invalid_token\", "
                   "error_description=\"jwt issuer invalid. expected: i''\"");
    expect_refusal(app, "Authorization: Basic QTpC",
                   "Bearer realm=\"Restricted\", error=\"invalid_token\", "
                   "error_description=\"expected 'Authorization: Bearer' and "
                   "the token\"");
    expect_refusal(app, "Authorization: Bearer x.y",
                   "Bearer realm=\"Restricted\", error=\"invalid_token\", "
                   "error_description=\"jwt malformed\"");
    mvc_app_free(app);
    free(good);
    free(late);
    free(alien);
    mvc_jwt_key_free(key);
}

static void takes_old_keys(void **state)
{
    (void)state;
    mvc_jwt_key *key = key_with(secret);
    mvc_jwt_key *old = key_with("the secret of last year, long enough");
    const mvc_jwt_key *olds[] = {old, NULL};
    const mvc_jwt_options options = {.key = key, .old_keys = olds};
    const mvc_jwt_options strict = {.key = key};
    char *header = header_with(
        old, &(mvc_jwt_claims){.subject = "ann", .no_issued_at = true});
    mvc_app *app = asking(&options);
    expect_body(app, header, "{\"sub\":\"ann\"}");
    mvc_app_free(app);
    app = asking(&strict);
    expect_refusal(app, header,
                   "Bearer realm=\"Restricted\", error=\"invalid_token\", "
                   "error_description=\"invalid signature\"");
    mvc_app_free(app);
    free(header);
    mvc_jwt_key_free(old);
    mvc_jwt_key_free(key);
}

static bool is_not_bob(mvc_req *req, mvc_doc *claims)
{
    (void)req;
    json_object *sub;
    return json_object_object_get_ex(claims, "sub", &sub) &&
           strcmp(json_object_get_string(sub), "bob") != 0;
}

static void may_do_without(void **state)
{
    (void)state;
    mvc_jwt_key *key = key_with(secret);
    const mvc_jwt_options options = {.key = key,
                                     .optional = true,
                                     .cookie = "token",
                                     .realm = "here",
                                     .check = is_not_bob};
    mvc_app *app = asking(&options);
    char *ann = header_with(
        key, &(mvc_jwt_claims){.subject = "ann", .no_issued_at = true});
    char *bob = header_with(key, &(mvc_jwt_claims){.subject = "bob"});
    char cookie[400];
    expect_body(app, NULL, "nobody");
    snprintf(cookie, sizeof cookie, "Cookie: token=%s", strrchr(ann, ' ') + 1);
    expect_body(app, cookie, "{\"sub\":\"ann\"}");
    snprintf(cookie, sizeof cookie,
             "Authorization: Basic QTpC\nCookie: token=%s",
             strrchr(ann, ' ') + 1);
    expect_body(app, cookie, "{\"sub\":\"ann\"}");
    expect_refusal(app, "Authorization: Bearer",
                   "Bearer realm=\"here\", error=\"invalid_token\", "
                   "error_description=\"expected 'Authorization: Bearer' and "
                   "the token\"");
    expect_refusal(app, bob,
                   "Bearer realm=\"here\", error=\"invalid_token\", "
                   "error_description=\"the token has been revoked\"");
    mvc_app_free(app);
    free(ann);
    free(bob);
    mvc_jwt_key_free(key);
}

static void needs_a_key(void **state)
{
    (void)state;
    mvc_app *app = asking(NULL);
    expect(app, MVC_GET, "/", 500, NULL);
    mvc_app_free(app);
    mvc_jwt_key_free(NULL);
    assert_null(mvc_jwt_secret("short", 5, NULL));
    assert_null(mvc_jwt_pem("", NULL));
    assert_null(mvc_jwt_verify("a.b.c", &(mvc_jwt_options){0}, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_for_a_token),
        cmocka_unit_test(takes_old_keys),
        cmocka_unit_test(may_do_without),
        cmocka_unit_test(needs_a_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
