/* syntax_scope.c - tests what names refer to. */
#include "unit/syntax.h"

static void finds_locals_upvalues_and_dynamic_names(void **state)
{
    (void)state;
    assert_dump("<% let a = 1; const f = b => () => a + b + c %>", NULL,
                "name 0 c\n"
                "- template 0  slots 2\n"
                "  ~ let a slot 0 captured\n"
                "  ~ const f slot 1\n"
                "  DECLARATION let @1:4\n"
                "    DEFAULT @1:8\n"
                "      target: NAME a local 0 @1:8\n"
                "      value: NUMBER 1 @1:12\n"
                "  DECLARATION const @1:15\n"
                "    DEFAULT @1:21\n"
                "      target: NAME f local 1 @1:21\n"
                "      value: FUNCTION @1:25\n"
                "        - arrow 1 f slots 1\n"
                "          ^ a from slot 0\n"
                "          ~ parameter b slot 0 captured\n"
                "          param: NAME b local 0 @1:25\n"
                "          RETURN @1:30\n"
                "            FUNCTION @1:30\n"
                "              - arrow 2  slots 0\n"
                "                ^ a from upvalue 0\n"
                "                ^ b from slot 0\n"
                "                RETURN @1:36\n"
                "                  BINARY + @1:36\n"
                "                    BINARY + @1:36\n"
                "                      NAME a upvalue 0 @1:36\n"
                "                      NAME b upvalue 1 @1:40\n"
                "                    NAME c dynamic 0 @1:44\n");
}

static const ejs__name *name_of(const ejs__script *script, const char *name)
{
    for (uint32_t i = 0; i < script->n_names; i++)
        if (script->names[i].text.size == strlen(name) &&
            memcmp(script->names[i].text.data, name, strlen(name)) == 0)
            return &script->names[i];
    return NULL;
}

static void leaves_template_vars_to_the_locals(void **state)
{
    (void)state;
    ejs__script *script = parse("<% var a; for (var b in c); d = 1 %>", NULL);
    assert_true(name_of(script, "a")->is_var);
    assert_false(name_of(script, "a")->assigned);
    assert_true(name_of(script, "b")->is_var);
    assert_true(name_of(script, "b")->assigned);
    assert_false(name_of(script, "c")->is_var);
    assert_false(name_of(script, "d")->is_var);
    assert_true(name_of(script, "d")->assigned);
    ejs__syntax_options options = {.no_with = true};
    script = parse("<% var a; for (var b in c); d = 1 %>", &options);
    assert_null(name_of(script, "a"));
    assert_int_equal(script->main->scope->n_variables, 2);
    assert_non_null(name_of(script, "d"));
}

static void keeps_the_values_of_own_names(void **state)
{
    (void)state;
    ejs__syntax_options options = {.no_with = true};
    ejs__script *script =
        parse("<% var locals = locals || {}; include = 1; x = 1 %>", &options);
    assert_true(name_of(script, "locals")->is_own);
    assert_true(name_of(script, "locals")->is_var);
    assert_true(name_of(script, "include")->is_var);
    assert_false(name_of(script, "x")->is_own);
    script = parse("<%= it %>", &(ejs__syntax_options){.locals_name = "it"});
    assert_true(name_of(script, "it")->is_own);
    assert_false(name_of(script, "it")->is_var);
    script = parse("<% echo(1) %>",
                   &(ejs__syntax_options){.output_function_name = "echo"});
    assert_true(name_of(script, "echo")->is_own);
    assert_true(script->main->writes_output);
}

static void declares_destructured_locals(void **state)
{
    (void)state;
    static const char *const names[] = {"a", NULL};
    ejs__syntax_options options = {.destructured_locals = names};
    assert_dump("<%= a %>", &options,
                "name 0 a var\n"
                "- template 0  output slots 0\n"
                "  OUTPUT escaped @1:4\n"
                "    NAME a dynamic 0 var @1:5\n");
    options.strict = true;
    assert_dump("<%= a %>", &options,
                "name 0 locals own\n"
                "- template 0  strict output slots 1\n"
                "  ~ var a slot 0 assigned\n"
                "  DECLARATION var @1:4\n"
                "    DEFAULT @1:4\n"
                "      target: NAME a local 0 @1:4\n"
                "      value: MEMBER .a @1:4\n"
                "        NAME locals dynamic 0 @1:4\n"
                "  OUTPUT escaped @1:4\n"
                "    NAME a local 0 @1:5\n");
}

static void checks_the_dead_zone_where_needed(void **state)
{
    (void)state;
    static const struct {
        const char *source;
        bool needs;
    } rows[] = {
        {"let x = 1; x; () => x", false},
        {"x; let x", true},
        {"let x = x", true},
        {"const f = () => x; let x", true},
        {"let x; function f() { x }", true},
        {"let x; { function f() { x } }", false},
        {"let x; { let g = function () { return () => x } }", false},
        {"for (let x of x);", true},
        {"for (let x of y) { x; () => x }", false},
        {"for (let x = 0, y = x; x < 1; x++) () => x", false},
        {"switch (1) { case 0: let x; case 1: x }", true},
        {"switch (1) { case 0: let x }", false},
        {"try { } catch (x) { x }", false},
        {"try { } catch ({ x, y = x }) { x }", true},
        {"class x { a() { x } static b = x }", false},
        {"class x extends x { }", true},
        {"class x { [x]() { } }", true},
        {"x = 1; let x", true},
        {"typeof x; let x", true},
        {"(x, y = x) => x", false},
        {"(y = x, x) => x", true},
        {"function f(x = () => x) { x }", true},
        {"let x; while (1) { x; let y = () => x }", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *source =
            base_arena_printf(&arena, "<%% %s %%>", rows[i].source);
        const char *text = dump(parse(source, NULL));
        const char *line = text;
        bool needs = false;
        while ((line = strstr(line, "~ ")) != NULL) {
            const char *end = strchr(line, '\n');
            const char *name = strstr(line, " x ");
            if (name && name < end)
                needs = needs || strncmp(end - 4, " tdz", 4) == 0;
            line = end;
        }
        if (needs != rows[i].needs)
            fail_msg("%s:\n%s", rows[i].source, text);
    }
}

static void hoists_functions_out_of_blocks(void **state)
{
    (void)state;
    assert_dump("<% if (a) { function f() {} } f() %>", NULL,
                "name 0 f var assigned\nname 1 a\n"
                "- template 0  slots 1\n"
                "  IF @1:4\n"
                "    test: NAME a dynamic 1 @1:8\n"
                "    yes: BLOCK @1:11\n"
                "      ~ function f slot 0\n"
                "      FUNCTION_DECLARATION local 0 and dynamic 0 var @1:13\n"
                "        - function 1 f slots 0\n"
                "  EXPRESSION @1:31\n"
                "    CALL @1:31\n"
                "      callee: NAME f dynamic 0 var @1:31\n");
    const char *text =
        dump(parse("<% function g() { { function f() {} } f() } %>", NULL));
    assert_contains(text, "FUNCTION_DECLARATION local 0 and local 1");
    static const char *const not_hoisted[] = {
        "let f; { function f() {} }",
        "function f() {} { function f() {} }",
        "(f => { { function f() {} } })",
        "{ let f; { function f() {} } }",
        "{ function* f() {} }",
        "function g() { 'use strict'; { function f() {} } }",
        "try { } catch ([f]) { { function f() {} } }",
    };
    for (size_t i = 0; i < sizeof not_hoisted / sizeof *not_hoisted; i++) {
        const char *source =
            base_arena_printf(&arena, "<%% %s %%>", not_hoisted[i]);
        text = dump(parse(source, NULL));
        if (strstr(text, " and "))
            fail_msg("%s:\n%s", not_hoisted[i], text);
    }
    text = dump(parse("<% try { } catch (f) { { function f() {} } } %>", NULL));
    assert_contains(text, " and dynamic");
}

static void gives_functions_their_own_names(void **state)
{
    (void)state;
    assert_contains(dump(parse("<% (function f() { f }) %>", NULL)),
                    "~ self f slot 0");
    assert_null(
        strstr(dump(parse("<% (function f(f) { f }) %>", NULL)), "~ self"));
    assert_null(
        strstr(dump(parse("<% (function f() { var f }) %>", NULL)), "~ self"));
    assert_null(
        strstr(dump(parse("<% function f() { f } %>", NULL)), "~ self"));
}

static void finds_arguments(void **state)
{
    (void)state;
    const char *text = dump(
        parse("<% function f() { return () => arguments } arguments %>", NULL));
    assert_contains(text, "~ arguments arguments slot 0 captured");
    assert_contains(text, "^ arguments from slot 0");
    assert_contains(text, "name 0 arguments own");
    text = dump(parse("<% function f(arguments) { arguments } %>", NULL));
    assert_null(strstr(text, "~ arguments"));
    text = dump(parse("<% function f() { var arguments } %>", NULL));
    assert_contains(text, "~ arguments arguments slot 0");
    text = dump(parse("<% function f() { let arguments } %>", NULL));
    assert_contains(text, "~ let arguments");
    assert_null(strstr(text, "~ arguments"));
}

static const ejs__function *function_of(const char *source)
{
    ejs__script *script = parse(source, NULL);
    assert_int_equal(script->n_functions > 1, true);
    return script->functions[1];
}

static void splits_scopes_of_parameters_with_closures(void **state)
{
    (void)state;
    const ejs__function *f =
        function_of("<% function f(a, b = () => a) { var a, c } %>");
    assert_non_null(f->body_scope);
    assert_int_equal(f->body_scope->n_variables, 2);
    assert_ptr_equal(f->body_scope->variables[0]->initial,
                     f->scope->variables[0]);
    assert_null(f->body_scope->variables[1]->initial);
    f = function_of("<% function f(a, b = a) { var a } %>");
    assert_null(f->body_scope);
    assert_int_equal(f->scope->n_variables, 2);
    f = function_of("<% ((a, b = x => a) => { var a }) %>");
    assert_non_null(f->body_scope);
    assert_int_equal(f->length, 1);
}

static void notes_what_functions_use(void **state)
{
    (void)state;
    ejs__script *script =
        parse("<% const a = () => () => this; function b() { new.target }"
              " const c = () => { %>x<% }; ({ d() { super.x } }) %>",
              NULL);
    assert_true(script->main->uses_this);
    assert_true(script->functions[3]->uses_this);
    assert_false(script->functions[1]->uses_this);
    assert_true(script->functions[1]->uses_new_target);
    assert_true(script->functions[4]->writes_output);
    assert_false(script->functions[2]->writes_output);
    assert_true(script->functions[5]->uses_super);
    assert_false(script->returns);
    assert_true(parse("<% return 1 %>", NULL)->returns);
    assert_false(parse("<% () => { return 1 } %>", NULL)->returns);
}

static void makes_cells_for_each_turn(void **state)
{
    (void)state;
    ejs__script *script =
        parse("<% for (let i = 0; i < 3; i++) fs.push(() => i) %>"
              "<% for (let j = 0; j < 3; j++) fs.push(j) %>",
              NULL);
    assert_true(script->main->body.items[0]->as.for_.scope->has_captured);
    assert_false(script->main->body.items[1]->as.for_.scope->has_captured);
    script = parse("<% for (var i = 0; i < 3; i++) { } %>", NULL);
    assert_null(script->main->body.items[0]->as.for_.scope);
}

static void refuses_names_declared_twice(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "let a, a",
        "let a; var a",
        "var a; let a",
        "let a; { var a }",
        "{ var a; let a }",
        "function a() {} let a",
        "var a; function a() {}",
        "class a {} const a = 1",
        "(a, a) => 1",
        "(a, [a]) => 1",
        "function f(a) { let a }",
        "try { } catch (a) { let a }",
        "try { } catch ([a]) { var a }",
        "try { } catch ([a, a]) { }",
        "switch (1) { case 0: let a; case 1: let a }",
        "for (let a;;) { var a }",
        "{ function a() {} let a }",
        "{ function* a() {} function a() {} }",
        "function f(a, a = 1) { }",
        "function f(b = () => a, a) { let a }",
        "({ m(a, a) {} })",
    };
    static const char *const right[] = {
        "var a, a",
        "function a() {} function a() {}",
        "let a; { let a }",
        "function f(a, a) { }",
        "function f() { var a; function a() {} }",
        "function f(a) { var a }",
        "try { } catch (a) { var a }",
        "for (let a;;) { let a }",
        "{ function a() {} function a() {} }",
        "let locals, include, escapeFn, __append",
        "() => { let a } ",
        "let a; () => { var a }",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        refuse(base_arena_printf(&arena, "<%% %s %%>", wrong[i]), NULL);
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        parse(base_arena_printf(&arena, "<%% %s %%>", right[i]), NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(finds_locals_upvalues_and_dynamic_names),
        TEST(leaves_template_vars_to_the_locals),
        TEST(keeps_the_values_of_own_names),
        TEST(declares_destructured_locals),
        TEST(checks_the_dead_zone_where_needed),
        TEST(hoists_functions_out_of_blocks),
        TEST(gives_functions_their_own_names),
        TEST(finds_arguments),
        TEST(splits_scopes_of_parameters_with_closures),
        TEST(notes_what_functions_use),
        TEST(makes_cells_for_each_turn),
        TEST(refuses_names_declared_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
