/* runtime_jsonc.c - json-c's nodes looked at directly give what asking gives.
 */
#include "ejs/runtime/jsonc.h"

#include "unit/runtime.h"

static const char data[] =
    "{\"t\":\"text <&>\",\"long\":\"a text that is longer than sixteen "
    "\\\"bytes\\\"\","
    "\"wide\":\"\\u00e9\\u20ac\",\"longname\":\"8\",\"longername\":\"10\","
    "\"e\":\"\","
    "\"n\":null,\"y\":true,\"f\":false,\"i\":42,\"k\":123456,\"m\":-7,"
    "\"big\":12345678901,\"u\":18446744073709551615,\"d\":0.1,"
    "\"a\":[1,\"x\",[2]],\"o\":{\"p\":1}}";

static const char *const keys[] = {
    "t", "long", "wide", "longname", "longername", "e",   "n",
    "y", "f",    "i",    "k",        "m",          "big", "u",
    "d", "a",    "o",    "none",     "longnam",    "when"};
enum { N_KEYS = sizeof keys / sizeof *keys };

static bool marked;

static ejs_value run_all(ejs_frame *frame, bool *returned)
{
    (void)returned;
    for (int turn = 0; turn < 2; turn++) {
        for (int i = 0; i < N_KEYS; i++) {
            ejs_site site = EJS_SITE("");
            site.key = keys[i];
            site.size = (uint32_t)strlen(keys[i]);
            if (marked)
                ejs__site_mark(&site);
            if (!ejs__put_member(frame, frame->data, &site) ||
                !ejs__put_escaped(frame,
                                  ejs__get(frame->ctx, frame->data, &site)) ||
                !ejs__put(frame, "|", 1))
                return ejs__thrown();
        }
    }
    return ejs__undefined();
}

static char *render(struct json_object *node, bool quick, bool mark)
{
    const ejs_unit unit = {.abi = EJS_ABI,
                           .name = "t",
                           .with_locals = true,
                           .locals_name = "locals",
                           .run = run_all};
    ejs_context *ctx = begin(NULL);
    ejs_value v = ejs__tagged(EJS_TAG_JSON);
    v.flags = EJS_JSON_OBJECT;
    v.as.json = node;
    ctx->json_quick = quick;
    marked = mark;
    assert_true(ejs__render_page(ctx, &unit, NULL, v));
    char *page = strndup(ctx->out, ctx->out_size);
    end(ctx);
    return page;
}

static void looking_gives_what_asking_gives(void **state)
{
    (void)state;
    struct json_object *node = json_tokener_parse(data);
    assert_non_null(node);
    json_object_object_add(node, "when", ejs_json_date(0));
    char *asked = render(node, false, false);
    for (int mark = 0; mark < 2; mark++) {
        char *looked = render(node, true, mark);
        assert_string_equal(looked, asked);
        free(looked);
    }
    assert_non_null(strstr(asked, "text &lt;&amp;&gt;text &lt;&amp;&gt;|a text "
                                  "that is longer than sixteen &#34;bytes"));
    assert_non_null(strstr(asked, "|123456123456|-7-7|1234567890112345678901|"
                                  "1844674407370955200018446744073709552000|"));
    free(asked);
    json_object_put(node);
}

static void this_json_c_is_known(void **state)
{
    (void)state;
    assert_true(ejs__jsonc_probe());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(this_json_c_is_known),
        cmocka_unit_test(looking_gives_what_asking_gives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
