/* syntax_parse.c - tests the lexer and parser by the trees they make. */
#include "unit/syntax.h"

#include <math.h>

#include "ejs/syntax/parse.h"

/* The number that an expression's literal stands for. */
static double number(const char *text)
{
    const char *source = base_arena_printf(&arena, "<%%- %s %%>", text);
    ejs__script *script = parse(source, NULL);
    const ejs__node *output = script->main->body.items[0];
    assert_int_equal(output->kind, NODE_OUTPUT);
    const ejs__node *value = output->as.output.args.items[0];
    assert_int_equal(value->kind, NODE_NUMBER);
    return value->as.number;
}

static ejs__slice string(const char *text)
{
    const char *source = base_arena_printf(&arena, "<%%- %s %%>", text);
    ejs__script *script = parse(source, NULL);
    const ejs__node *output = script->main->body.items[0];
    const ejs__node *value = output->as.output.args.items[0];
    if (value->kind == NODE_TEMPLATE)
        return value->as.template_.cooked[0];
    assert_int_equal(value->kind, NODE_STRING);
    return value->as.string;
}

static void assert_string(const char *literal, const char *value, size_t size)
{
    ejs__slice got = string(literal);
    assert_int_equal(got.size, size);
    assert_memory_equal(got.data, value, size);
}

static void reads_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } rows[] = {
        {"0", 0},
        {"12.5", 12.5},
        {".5e1", 5},
        {"5.", 5},
        {"1_000.0_1", 1000.01},
        {"0xfF", 255},
        {"0B101", 5},
        {"0o17", 15},
        {"017", 15},
        {"08", 8},
        {"089.5", 89.5},
        {"1e400", HUGE_VAL},
        {"0x1_0", 16},
        {"00", 0},
        {"12345678901234567890123456789012345678901234567890123456789012345678"
         "9",
         1.2345678901234568e68},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (number(rows[i].text) != rows[i].value)
            fail_msg("%s: %.17g", rows[i].text, number(rows[i].text));
}

static void reads_strings(void **state)
{
    (void)state;
    assert_string("'a\\n\\x41\\u0042\\u{43}\\0'", "a\nABC\0", 6);
    assert_string("'\\ud83d\\ude00'", "\xf0\x9f\x98\x80", 4);
    assert_string("'\\ud83d' ", "\xed\xa0\xbd", 3);
    assert_string("'\\u{d83d}\\u{de00}'", "\xf0\x9f\x98\x80", 4);
    assert_string("'a\\\r\nb\\\xe2\x80\xa8"
                  "c\xe2\x80\xa9'",
                  "abc\xe2\x80\xa9", 6);
    assert_string("'\\101\\60\\400\\8'", "A0 08", 5);
    assert_string("`a\r\nb\\\r\nc\rd`", "a\nbc\nd", 6);
    assert_string("'\\q\\'\\\xc3\xa9'", "q'\xc3\xa9", 4);
}

static void keeps_raw_templates(void **state)
{
    (void)state;
    ejs__script *script = parse("<%- tag`a\\u\r\n${1}\\n` %>", NULL);
    const ejs__node *output = script->main->body.items[0];
    const ejs__node *value = output->as.output.args.items[0];
    assert_int_equal(value->kind, NODE_TEMPLATE);
    assert_null(value->as.template_.cooked[0].data);
    assert_int_equal(value->as.template_.raw[0].size, 4);
    assert_memory_equal(value->as.template_.raw[0].data, "a\\u\n", 4);
    assert_memory_equal(value->as.template_.cooked[1].data, "\n", 1);
    assert_memory_equal(value->as.template_.raw[1].data, "\\n", 2);
}

static void tells_division_from_expressions(void **state)
{
    (void)state;
    assert_dump("<% a = b / c / d; /e/g; if (a) /[/]/.test(a) %>", NULL,
                "name 0 a assigned\nname 1 b\nname 2 c\nname 3 d\n"
                "- template 0  slots 0\n"
                "  EXPRESSION @1:4\n"
                "    ASSIGN = @1:4\n"
                "      target: NAME a dynamic 0 @1:4\n"
                "      value: BINARY / @1:8\n"
                "        BINARY / @1:8\n"
                "          NAME b dynamic 1 @1:8\n"
                "          NAME c dynamic 2 @1:12\n"
                "        NAME d dynamic 3 @1:16\n"
                "  EXPRESSION @1:19\n"
                "    REGEXP /e/g @1:19\n"
                "  IF @1:25\n"
                "    test: NAME a dynamic 0 @1:29\n"
                "    yes: EXPRESSION @1:32\n"
                "      CALL @1:32\n"
                "        callee: MEMBER .test @1:32\n"
                "          REGEXP /[/]/ @1:32\n"
                "        NAME a dynamic 0 @1:43\n");
}

static void inserts_semicolons(void **state)
{
    (void)state;
    assert_dump("<% a\n++b\nreturn\nc %>",
                &(ejs__syntax_options){.no_debug = true},
                "name 0 a\nname 1 b assigned\nname 2 c\n"
                "- template 0  slots 0\n"
                "  EXPRESSION @1:4\n"
                "    NAME a dynamic 0 @1:4\n"
                "  EXPRESSION @2:1\n"
                "    UPDATE prefix ++ @2:1\n"
                "      NAME b dynamic 1 @2:3\n"
                "  RETURN @3:1\n"
                "  EXPRESSION @4:1\n"
                "    NAME c dynamic 2 @4:1\n");
}

static void lets_comments_span_tags(void **state)
{
    (void)state;
    ejs__syntax_options options = {.no_debug = true};
    assert_dump("a<% /* %>b<% */ c() %>d", &options,
                "name 0 c\n"
                "- template 0  output slots 0\n"
                "  TEXT \"a\" @1:1\n"
                "  EXPRESSION @1:17\n"
                "    CALL @1:17\n"
                "      callee: NAME c dynamic 0 @1:17\n"
                "  TEXT \"d\" @1:23\n");
    assert_dump("<% <!-- x %>a<% \n--> y\n b --> c %>", &options,
                "name 0 b assigned\nname 1 c\n"
                "- template 0  output slots 0\n"
                "  TEXT \"a\" @1:13\n"
                "  EXPRESSION @3:2\n"
                "    BINARY > @3:2\n"
                "      UPDATE -- @3:2\n"
                "        NAME b dynamic 0 @3:2\n"
                "      NAME c dynamic 1 @3:8\n");
}

static void makes_output_of_output_tags(void **state)
{
    (void)state;
    assert_dump("<%= a, ...b %><%- %>", NULL,
                "name 0 a\nname 1 b\n"
                "- template 0  output slots 0\n"
                "  OUTPUT escaped @1:4\n"
                "    NAME a dynamic 0 @1:5\n"
                "    SPREAD @1:8\n"
                "      NAME b dynamic 1 @1:11\n"
                "  OUTPUT raw @1:18\n");
}

static void leaves_spliced_tags_as_they_are(void **state)
{
    (void)state;
    assert_dump("<%= a) + (b %>", NULL,
                "name 0 __append own\nname 1 escapeFn own\n"
                "name 2 a\nname 3 b\n"
                "- template 0  output slots 0\n"
                "  EXPRESSION @1:4\n"
                "    CALL @1:4\n"
                "      callee: NAME __append dynamic 0 @1:4\n"
                "      BINARY + @1:4\n"
                "        CALL @1:4\n"
                "          callee: NAME escapeFn dynamic 1 @1:4\n"
                "          NAME a dynamic 2 @1:5\n"
                "        NAME b dynamic 3 @1:11\n");
    parse("<% for (a %>text<% b) { break } %>", NULL);
}

static void sets_jump_targets(void **state)
{
    (void)state;
    assert_dump("<% a: b: for (;;) { while (1) continue a; break; break b } %>",
                NULL,
                "- template 0  slots 0\n"
                "  LABELED a @1:4\n"
                "    LABELED b @1:7\n"
                "      FOR @1:10\n"
                "        init: -\n"
                "        test: -\n"
                "        update: -\n"
                "        body: BLOCK @1:19\n"
                "          WHILE @1:21\n"
                "            test: NUMBER 1 @1:28\n"
                "            body: CONTINUE to 13 @1:31\n"
                "          BREAK to 13 @1:43\n"
                "          BREAK to 10 @1:50\n");
}

static void names_functions_after_their_place(void **state)
{
    (void)state;
    const char *text =
        dump(parse("<% var a = () => 1, { b = function () {} } = {};"
                   " c = class { static #d = () => 2; get e() {} };"
                   " f.g = function () {}; ({ h() {}, 'i': (function () {}),"
                   " j: function k() {} }); l ||= () => 3 %>",
                   NULL));
    assert_contains(text, "- arrow 1 a ");
    assert_contains(text, "- function 2 b ");
    assert_contains(text, "- constructor 3 c ");
    assert_contains(text, "- arrow 5 #d ");
    assert_contains(text, "- method 6 e ");
    assert_contains(text, "- function 7  ");
    assert_contains(text, "- method 8 h ");
    assert_contains(text, "- function 9 i ");
    assert_contains(text, "- function 10 k ");
    assert_contains(text, "- arrow 11 l ");
}

static void turns_expressions_into_patterns(void **state)
{
    (void)state;
    assert_dump("<% ({ a = 1, b: [c.d, ...e] } = f) %>", NULL,
                "name 0 a assigned\nname 1 c\nname 2 e assigned\nname 3 f\n"
                "- template 0  slots 0\n"
                "  EXPRESSION @1:4\n"
                "    ASSIGN = @1:5\n"
                "      target: OBJECT_PATTERN @1:5\n"
                "        PROPERTY shorthand @1:7\n"
                "          key: STRING \"a\" @1:7\n"
                "          value: DEFAULT @1:7\n"
                "            target: NAME a dynamic 0 @1:7\n"
                "            value: NUMBER 1 @1:11\n"
                "        PROPERTY value @1:14\n"
                "          key: STRING \"b\" @1:14\n"
                "          value: ARRAY_PATTERN @1:17\n"
                "            MEMBER .d @1:18\n"
                "              NAME c dynamic 1 @1:18\n"
                "            REST @1:23\n"
                "              NAME e dynamic 2 @1:26\n"
                "      value: NAME f dynamic 3 @1:33\n");
    assert_contains(dump(parse("<% (a, [b] = c, ...d) => a %>", NULL)),
                    "- arrow 1  slots 3\n");
}

static void ends_optional_chains(void **state)
{
    (void)state;
    assert_dump("<%- (a?.b.c()).d %>", NULL,
                "name 0 a\n"
                "- template 0  output slots 0\n"
                "  OUTPUT raw @1:4\n"
                "    MEMBER .d @1:6\n"
                "      CHAIN @1:6\n"
                "        CALL @1:6\n"
                "          callee: MEMBER .c @1:6\n"
                "            MEMBER ?.b @1:6\n"
                "              NAME a dynamic 0 @1:6\n");
}

static void reads_classes(void **state)
{
    (void)state;
    const char *text = dump(parse(
        "<% class A extends B { #a = 1; static { this.x } constructor() {"
        " super(); } get [b]() { return #a in this } static c = super.d } %>",
        NULL));
    assert_contains(text, "- derived constructor 1 A strict this");
    assert_contains(text, "PROPERTY static static block");
    assert_contains(text, "- fields 2  strict slots 0");
    assert_contains(text, "PROPERTY get");
    assert_contains(text, "BINARY in");
    assert_contains(text, "PROPERTY static field");
}

static void says_where_and_what_to_write(void **state)
{
    (void)state;
    static const struct {
        const char *source, *error, *hint;
    } rows[] = {
        {"<% if (a) { %>b", "1:11: Unexpected token 'catch'",
         "this `{` is never closed"},
        {"a\n<% } %>", "2:4: Missing catch or finally after try",
         "this } closes nothing"},
        {"<% if (a) { %>b<% } %>\n<% else { %>c<% } %>",
         "2:4: Unexpected token 'else'", "<% } else { %>"},
        {"<% switch (a) { %>b<% case 1: %>c<% } %>",
         "1:16: Unexpected token ';'", "put the first case"},
        {"<% [1].map(a => %>b<% ) %>", "1:16: Unexpected token ';'",
         "starts a new statement"},
        {"<%= f(a, { b: [c] } %>", "1:6: missing ) after argument list",
         "this `(` is never closed"},
        {"<%= a[0 %>", "1:6: Unexpected token ')'",
         "this `[` is never closed before the tag ends"},
        {"<%= a + %>", "1:9: Unexpected token ')'", "is missing"},
        {"<% for a of b { %>", "1:8: Unexpected identifier 'a'", "parentheses"},
        {"<%= if (a) b %>", "1:5: Unexpected token 'if'",
         "statements go in <% %>"},
        {"<%= await a %>", "1:11: missing ) after argument list", "await"},
        {"<% async () => 1 %>", "1:4: async functions are not supported",
         "before rendering"},
        {"<% with (a) { } %>", "1:4: with statements are not supported",
         "const { x } = o"},
        {"<%= 10n %>", "1:7: BigInt literals are not supported",
         "without the n"},
        {"<% import('a') %>", "1:4: import() is not supported", "include()"},
        {"<%= eval('a') %>", "1:5: eval is not supported", "o[name]"},
        {"<%= new Function('a') %>",
         "1:9: the Function constructor is not supported", "function"},
        {"<% a.forEach(x => { continue }) %>",
         "1:21: Illegal continue statement: no surrounding iteration "
         "statement",
         "use return"},
        {"<% let a = 1; let a = 2 %>",
         "1:19: Identifier 'a' has already been declared", "another name"},
        {"<%= a ?? b || c %>", "1:11: Unexpected token '||'", "parentheses"},
        {"<%= 'a %>", "1:5: Invalid or unexpected token", "no end"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_string_equal(refuse(rows[i].source, NULL), rows[i].error);
        assert_contains(error.hint, rows[i].hint);
    }
}

/* A piece of text as often as wanted, between two others. */
static const char *repeat(const char *before, const char *text, size_t times,
                          const char *after)
{
    size_t a = strlen(before), n = strlen(text), b = strlen(after);
    char *out = base_arena_alloc(&arena, a + times * n + b + 1);
    memcpy(out, before, a);
    for (size_t i = 0; i < times; i++)
        memcpy(out + a + i * n, text, n);
    memcpy(out + a + times * n, after, b + 1);
    return out;
}

static void bounds_nesting(void **state)
{
    (void)state;
    static const char *const deep[] = {
        "(",     "[",        "a[",     "f(",    "!",
        "- ",    "new ",     "() => ", "a = ",  "function () { return ",
        "`${",   "a ? b : ", "a ** ",  "{ a: ", "class { a = ",
        "[a = ",
    };
    for (size_t i = 0; i < sizeof deep / sizeof *deep; i++) {
        const char *source = repeat("<% x = ", deep[i], 20000, " %>");
        assert_contains(refuse(source, NULL), "nested too deeply");
    }
    assert_contains(refuse(repeat("<% ", "if (1) ", 20000, " %>"), NULL),
                    "nested too deeply");
    const char *opened = repeat("<%- ", "(", 490, "1");
    parse(repeat(opened, ")", 490, " %>"), NULL);
}

static void bounds_chains(void **state)
{
    (void)state;
    static const char *const links[] = {" + a", ".b",  "[0]",  "()",
                                        "`x`",  "?.b", " && a"};
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        const char *source = repeat("<%= a", links[i], 50000, " %>");
        assert_contains(refuse(source, NULL), "too complex");
        parse(repeat("<%= a", links[i], EJS__MAX_HEIGHT - 10, " %>"), NULL);
    }
    const char *source =
        repeat("<% if (a) { }", " else if (b) { }", 50000, " %>");
    assert_contains(refuse(source, NULL), "too complex");
}

static void fails_when_memory_ends(void **state)
{
    (void)state;
    static const char source[] =
        "<ul>\n<% for (const [a, b = 1] of items.map(x => ({ x }))) { %>"
        "<%= `${a}\\n${b}` %><% } class A { #b = 1; c() { return 0x1f } }"
        " function f(a, ...b) { try { switch (a) { case /b/g: } }"
        " catch { } finally { l: while (1) break l } } %></ul>";
    for (size_t max = 1;; max += max < 4096 ? 64 : 1024) {
        base_arena small;
        base_arena_init(&small, max);
        ejs__script *script =
            ejs__parse(&small, source, sizeof source - 1, "f", NULL, &error);
        base_arena_free(&small);
        if (script)
            break;
        assert_true(error.out_of_memory);
    }
}

static void prints_expressions_as_v8(void **state)
{
    (void)state;
    static const struct {
        const char *source, *text;
    } rows[] = {
        /* what Node 20 says is not a function */
        {"a.b.c", "a.b.c"},
        {"o['x']", "o.x"},
        {"a['x' + 1]", "a[(\"x\" + 1)]"},
        {"'s'.nope", "\"s\".nope"},
        {"({}).x", "{}.x"},
        {"({ a: 1, b }).x", "{(intermediate value)(intermediate value)}.x"},
        {"[1, a, , 2].x", "[1,a,(intermediate value),2].x"},
        {"a ? b : c",
         "(intermediate value)(intermediate value)(intermediate value)"},
        {"(a, b).c", "(a , b).c"},
        {"(a = b).c", "a.c"},
        {"(a - b * c).d", "(a - (b * c)).d"},
        {"(a + b + 'x' + c).d", "(a + b + \"x\" + c).d"},
        {"(a < b < c).d", "((a < b) < c).d"},
        {"-a", "(-a)"},
        {"(typeof a).b", "(typeof a).b"},
        {"(a++).b", "(a++).b"},
        {"(++a).b", "(++a).b"},
        {"this.x", "this.x"},
        {"`x`.b", "\"x\".b"},
        {"`x${a}-${b.c}`.d", "ab.c.d"},
        {"/x/g.y", "/x/g.y"},
        {"(function () {}).x", "(intermediate value).x"},
        {"(() => 1).x", "(intermediate value).x"},
        {"new a().b", "(intermediate value).b"},
        {"a(1, 2).b", "a(...).b"},
        {"a[b.c].d", "a[b.c].d"},
        {"a['x y']", "a.x y"},
        {"a[`x`]", "a.x"},
        {"a[-1]", "a[-1]"},
        {"a[1e21]", "a[1e+21]"},
        {"(a?.b).c", "(intermediate value).c"},
        {"null.x", "null.x"},
        {"(a ?? b).c", "(a ?? b).c"},
        {"(class {}).x", "(intermediate value).x"},
        {"a`x`.b", "a(...).b"},
        {"(delete a.b).x", "(delete a.b).x"},
        {"[...a].x", "[(...a)].x"},
        {"1..x", "1.x"},
        {"(a in b).c", "(a in b).c"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *source =
            base_arena_printf(&arena, "<%%- %s %%>", rows[i].source);
        const ejs__node *output = parse(source, NULL)->main->body.items[0];
        assert_string_equal(
            ejs__node_text(&arena, output->as.output.args.items[0]),
            rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_numbers),
        TEST(reads_strings),
        TEST(keeps_raw_templates),
        TEST(tells_division_from_expressions),
        TEST(inserts_semicolons),
        TEST(lets_comments_span_tags),
        TEST(makes_output_of_output_tags),
        TEST(leaves_spliced_tags_as_they_are),
        TEST(sets_jump_targets),
        TEST(names_functions_after_their_place),
        TEST(turns_expressions_into_patterns),
        TEST(ends_optional_chains),
        TEST(reads_classes),
        TEST(says_where_and_what_to_write),
        TEST(bounds_nesting),
        TEST(bounds_chains),
        TEST(fails_when_memory_ends),
        TEST(prints_expressions_as_v8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
