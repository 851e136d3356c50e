/* dump.c - `mvcgen dump FILE`: a template as the program sees it. */
#include "scaffold/commands.h"
#include "scaffold/options.h"

static void help(FILE *out)
{
    fputs("usage: mvcgen dump [--ast] [--code] [--c] [OPTIONS] FILE\n"
          "\n"
          "  --ast   the tree (the default)\n"
          "  --code  the interpreter's instructions\n"
          "  --c     the C that `mvcgen compile` writes\n",
          out);
}

static int dump(const options *o)
{
    ejs_error err;
    int status = STATUS_DONE;
    ejs_engine *engine = ejs_engine_new(&o->ejs, &err);
    ejs_template *tpl =
        engine ? load_template(engine, o->operands[0], true, &err) : NULL;
    if (!tpl) {
        ejs_error_print(&err, stderr);
        status = STATUS_FAILED;
    } else {
        if (o->ast || (!o->code && !o->c))
            ejs_dump_ast(tpl, stdout);
        if (o->code)
            ejs_dump_code(tpl, stdout);
        if (o->c && !ejs_emit_c(tpl, "view", stdout, &err))
            status = failure("%s", err.message);
    }
    ejs_template_free(tpl);
    ejs_engine_free(engine);
    return status;
}

int command_dump(int argc, char **argv)
{
    options o;
    int status = options_read(&o, argc, argv);
    if (status == STATUS_DONE && o.help)
        help(stdout);
    else if (status == STATUS_DONE && o.n_operands != 1)
        status = usage_error("dump", "please name one template");
    else if (status == STATUS_DONE)
        status = dump(&o);
    options_free(&o);
    return status;
}
