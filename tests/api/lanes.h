/* lanes.h - a test's views, interpreted and as C. */
#ifndef LANES_H
#define LANES_H

#include <ejs.h>

#include "unit/test.h"

extern const ejs_unit *const views[];

/* An engine that reads the views, or has them compiled. */
static inline ejs_engine *new_engine(ejs_options options, bool native)
{
    static const char *const folders[] = {VIEWS, NULL};
    ejs_error err;
    options.views = folders;
    ejs_engine *engine = ejs_engine_new(&options, &err);
    assert_non_null(engine);
    if (native)
        assert_true(ejs_engine_add_units(engine, views, &err));
    return engine;
}

static inline ejs_template *load(ejs_engine *engine, const char *name)
{
    ejs_error err;
    ejs_template *tpl = ejs_load(engine, name, &err);
    if (!tpl)
        fail_msg("%s: %s", name, err.message);
    return tpl;
}

#endif
