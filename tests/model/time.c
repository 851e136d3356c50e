/* time.c - times read, written and handed to a date maker. */
#include "blog.h"

#include "model/db.h"
#include "model/time.h"

static const char *round_trip(const char *text)
{
    static char out[MVC__TIME_SIZE];
    double ms;
    if (!mvc__time_parse(text, &ms))
        return "refused";
    mvc__time_format(ms, out);
    return out;
}

/* The right column is what Node's new Date(text).toISOString() says. */
static void times_read_as_javascript_reads_them(void **state)
{
    (void)state;
    static const struct {
        const char *text, *iso;
    } cases[] = {
        {"2026-11-21", "2026-11-21T00:00:00.000Z"},
        {"2026-11-21T08:30Z", "2026-11-21T08:30:00.000Z"},
        {"2026-11-21T08:30:15.5Z", "2026-11-21T08:30:15.500Z"},
        {"2026-11-21T08:30:15.123456+01:30", "2026-11-21T07:00:15.123Z"},
        {"2026-11-21T08:30:15-0800", "2026-11-21T16:30:15.000Z"},
        {"2000-02-29", "2000-02-29T00:00:00.000Z"},
        {"1900-02-29", "refused"},
        {"2026-02-30", "refused"},
        {"2026-13-01", "refused"},
        {"2026-11-21T24:00:00Z", "2026-11-22T00:00:00.000Z"},
        {"2026-11-21T24:00:01Z", "refused"},
        {"2026-11-21T08:60Z", "refused"},
        {"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
        {"0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"},
        {"-000001-01-01T00:00:00Z", "-000001-01-01T00:00:00.000Z"},
        {"+275760-09-13T00:00:00Z", "+275760-09-13T00:00:00.000Z"},
        {"+275760-09-13T00:00:01Z", "refused"},
        {"-000000-01-01", "refused"},
        {"2026-11-21T", "refused"},
        {"2026-11-21x", "refused"},
        {"", "refused"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(round_trip(cases[i].text), cases[i].iso);
}

static json_object *make_object(double ms)
{
    json_object *date = json_object_new_object();
    json_object_object_add(date, "ms", json_object_new_double(ms));
    return date;
}

/* A date that looks like nothing else, but prints as its ISO text. */
static int print_iso(struct json_object *date, struct printbuf *out, int level,
                     int flags)
{
    (void)level, (void)flags;
    char text[MVC__TIME_SIZE];
    mvc__time_format(json_object_get_double(date), text);
    return sprintbuf(out, "\"%s\"", text);
}

static json_object *make_date(double ms)
{
    json_object *date = json_object_new_double(ms);
    json_object_set_serializer(date, print_iso, NULL, NULL);
    return date;
}

static void an_installed_maker_makes_the_dates(void **state)
{
    mvc_db *db = *state;
    mvc_doc *doc = post(db, "Aa", 1);
    mvc_doc_set(doc, "comments",
                json_tokener_parse("[{\"body\": \"x\", \"at\": 5}]"));
    saved(db, &post_model, doc);
    mvc__set_date_maker(make_object);
    doc = mvc_find_by_id(db, &post_model, mvc_id(doc), NULL);
    assert_true(mvc_doc_real(doc, "createdAt.ms") > 1e12);
    assert_true(mvc_doc_real(doc, "comments.0.at.ms") == 5);

    mvc__set_date_maker(make_date);
    doc = mvc_find_by_id(db, &post_model, mvc_id(doc), NULL);
    const double created = mvc_doc_time(doc, "createdAt");
    assert_true(created > 1e12);
    saved(db, &post_model, doc); /* and back from a date to a text */
    mvc__set_date_maker(NULL);
    doc = mvc_find_by_id(db, &post_model, mvc_id(doc), NULL);
    assert_true(mvc_doc_time(doc, "createdAt") == created);
    assert_string_equal(mvc_doc_text(doc, "comments.0.at"),
                        "1970-01-01T00:00:00.005Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_read_as_javascript_reads_them),
        BLOG_TEST(an_installed_maker_makes_the_dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
