/* syntax_scan.c - tests what scan.c makes of tags, and positions. */
#include "unit/syntax.h"

static const char *text_of(const char *source,
                           const ejs__syntax_options *options)
{
    ejs__script *script = parse(source, options);
    return base_arena_dup(&arena, script->text.data, script->text.size);
}

static void writes_a_line_for_each_part(void **state)
{
    (void)state;
    assert_string_equal(
        text_of("<ul>\n<% if (a) { %>\"\\<%= b; -%>\r\nx<% } %>", NULL),
        "    ; __append(\"<ul>\\n\")\n"
        "    ; __line = 2\n"
        "    ;  if (a) { \n"
        "    ; __append(\"\\\"\\\\\")\n"
        "    ; __append(escapeFn( b ))\n"
        "    ; __append(\"x\")\n"
        "    ; __line = 3\n"
        "    ;  } \n");
}

static void keeps_line_comments_from_the_parenthesis(void **state)
{
    (void)state;
    assert_string_equal(text_of("<%- a // b %>", NULL),
                        "    ; __append( a // b \n)\n");
    assert_string_equal(text_of("<%- a // b\n%>", NULL),
                        "    ; __append( a // b\n)\n    ; __line = 2\n");
}

static void writes_literal_tags(void **state)
{
    (void)state;
    assert_string_equal(text_of("<%% a -%>\nb%%>", NULL),
                        "    ; __append(\"<%\")\n"
                        "    ; __append(\" a \")\n"
                        "    ; __append(\"-%>\")\n"
                        "    ; __append(\"b\")\n"
                        "    ; __line = 2\n"
                        "    ; __append(\"%>\")\n");
    ejs__syntax_options quotes = {.delimiter = "\""};
    assert_string_equal(text_of("<\"\" x", &quotes),
                        "    ; __append(\"<\\\"\")\n"
                        "    ; __append(\" x\")\n");
}

static void takes_blanks_around_slurping_tags(void **state)
{
    (void)state;
    assert_string_equal(text_of("a \t<%_ b _%> \t\n c", NULL),
                        "    ; __append(\"a\")\n"
                        "    ;  b \n"
                        "    ; __append(\" c\")\n"
                        "    ; __line = 2\n");
}

static void removes_white_space(void **state)
{
    (void)state;
    ejs__syntax_options options = {.rm_whitespace = true, .no_debug = true};
    assert_string_equal(text_of("  a  \r\n\r\n b \xc2\xa0\n", &options),
                        "    ; __append(\"a\\nb\")\n");
    assert_string_equal(text_of("a\n \xe2\x80\xa8 \n b", &options),
                        "    ; __append(\"a\\nb\")\n");
}

static void rewrites_the_old_directive(void **state)
{
    (void)state;
    ejs__syntax_options options = {.legacy_include = true};
    assert_string_equal(text_of("<% include a/b\"c.ejs rest %>", &options),
                        "    ; __append(include(\"a/b\\\"c.ejs\"))\n");
    assert_string_equal(text_of("<%- include('a') %>", &options),
                        "    ; __append( include('a') )\n");
    assert_string_equal(text_of("<%= include %>", &options),
                        "    ; __append(escapeFn( include ))\n");
    assert_string_equal(refuse("<% include a/b %>", NULL),
                        "1:12: Unexpected identifier 'a'");
    assert_contains(error.hint, "<%- include('file') %>");
}

static void replaces_bytes_that_are_not_utf8(void **state)
{
    (void)state;
    ejs__script *script = parse("a\xff<%= 1 %>\xed\xa0\x80", NULL);
    assert_string_equal(script->source.data,
                        "a\xef\xbf\xbd<%= 1 %>\xef\xbf\xbd");
}

static void refuses_unpaired_tags(void **state)
{
    (void)state;
    assert_string_equal(refuse("a\n <%= b", NULL),
                        "2:2: Could not find matching close tag for \"<%=\".");
    assert_true(error.is_plain_error);
    assert_string_equal(refuse("<%-%>", NULL),
                        "1:1: Could not find matching close tag for \"<%-\".");
    assert_contains(error.hint, "empty");
    assert_string_equal(refuse("<%# <% %>", NULL),
                        "1:1: Could not find matching close tag for \"<%#\".");
}

static void refuses_names_that_are_none(void **state)
{
    (void)state;
    static const char *const names[] = {"ok", "a b", NULL};
    ejs__syntax_options locals = {.locals_name = "a-b"};
    ejs__syntax_options output = {.output_function_name = "1a"};
    ejs__syntax_options destructured = {.destructured_locals = names};
    assert_string_equal(refuse("x", &locals),
                        "1:1: localsName is not a valid JS identifier.");
    assert_string_equal(
        refuse("x", &output),
        "1:1: outputFunctionName is not a valid JS identifier.");
    assert_string_equal(
        refuse("x", &destructured),
        "1:1: destructuredLocals[1] is not a valid JS identifier.");
}

static void leads_back_to_the_template(void **state)
{
    (void)state;
    ejs__script *script = parse("\xc3\xa9\n\xc3\xa9\xc3\xa9 <%= a.b %>x", NULL);
    const char *at = strstr(script->text.data, "a.b");
    uint32_t line, column;
    ejs__script_position(script, (uint32_t)(at - script->text.data) + 2, &line,
                         &column);
    assert_int_equal(line, 2);
    assert_int_equal(column, 10);
    ejs__source_position(script, 1000, &line, &column);
    assert_int_equal(line, 2);
    assert_int_equal(column, 15);
}

static void counts_past_a_removed_semicolon(void **state)
{
    (void)state;
    assert_string_equal(refuse("<%= a; b %>", NULL),
                        "1:6: missing ) after argument list");
    ejs__script *script = parse("<%= a ; \t %>", NULL);
    const char *at = strchr(script->text.data, '\t');
    uint32_t line, column;
    ejs__script_position(script, (uint32_t)(at - script->text.data), &line,
                         &column);
    assert_int_equal(column, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(writes_a_line_for_each_part),
        TEST(keeps_line_comments_from_the_parenthesis),
        TEST(writes_literal_tags),
        TEST(takes_blanks_around_slurping_tags),
        TEST(removes_white_space),
        TEST(rewrites_the_old_directive),
        TEST(replaces_bytes_that_are_not_utf8),
        TEST(refuses_unpaired_tags),
        TEST(refuses_names_that_are_none),
        TEST(leads_back_to_the_template),
        TEST(counts_past_a_removed_semicolon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
