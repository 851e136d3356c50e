/* app.c - an application: HTTP with views and a database. */
#include "app/app.h"

#include <ejs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/exchange.h"
#include "model/db.h"

/* The framework's own pages, compiled from views/. */
extern const ejs_unit *const mvc__views[];

static bool is_development(const mvc_config *config)
{
    const char *env = getenv("MVC_ENV");
    return config->development || (env && strcmp(env, "development") == 0);
}

static bool report(const char *what, const char *why)
{
    fprintf(stderr, "mvc: %s: %s\n", what, why);
    return false;
}

static const char **folders(const mvc_app *app)
{
    const mvc_config *config = &app->config;
    size_t n = 0;
    while (config->more_views && config->more_views[n])
        n++;
    const char **list = calloc(n + 2, sizeof *list);
    if (!list)
        return NULL;
    list[0] = config->views;
    for (size_t i = 0; i < n; i++)
        list[i + 1] = config->more_views[i];
    return list;
}

/* Views of the app: compiled ones first, unless files may change. */
static bool open_views(mvc_app *app, mvc__views_of *views)
{
    ejs_error err = {0};
    const char **list = folders(app);
    if (!list)
        return report("views", "out of memory");
    const bool development = app->config.development;
    views->engine = ejs_engine_new(
        &(ejs_options){
            .roots = list,
            .views = list,
            .extension = app->config.view_extension,
            .reload = development,
        },
        &err);
    free(list);
    if (!views->engine)
        return report("views", err.message);
    if (app->config.units && !development &&
        !ejs_engine_add_units(views->engine, app->config.units, &err))
        return report("compiled views", err.message);
    views->own = ejs_engine_new(NULL, &err);
    if (!views->own || !ejs_engine_add_units(views->own, mvc__views, &err))
        return report("the framework's views", err.message);
    return true;
}

static bool open_models(mvc_app *app)
{
    mvc_error err;
    if (!app->config.database)
        return true;
    mvc__set_date_maker(ejs_json_date);
    mvc_pool *pool = mvc_pool_open(app->config.database, &err);
    if (!pool)
        return report(app->config.database, err.message);
    app->models = pool;
    if (!app->config.models)
        return true;
    mvc_db *db = mvc_pool_take(pool, &err);
    const bool ok = db && mvc_db_migrate(db, app->config.models, &err);
    if (!ok)
        report(app->config.database, err.message);
    if (db)
        mvc_pool_give(pool, db);
    return ok;
}

static void request_done(mvc_req *req)
{
    if (req->db)
        mvc_pool_give(req->app->models, req->db);
    req->db = NULL;
}

static void close_views(mvc__views_of *views)
{
    if (!views)
        return;
    ejs_engine_free(views->engine);
    ejs_engine_free(views->own);
    free(views);
}

mvc_app *mvc_app_new(const mvc_config *config)
{
    mvc_config with_environment = config ? *config : (mvc_config){0};
    with_environment.development = is_development(&with_environment);
    mvc_app *app = mvc__app_create(&with_environment);
    if (!app)
        return NULL;
    mvc__views_of *views = calloc(1, sizeof *views);
    app->views = views;
    app->error_page = mvc__error_page;
    app->request_done = request_done;
    if (!views || !open_views(app, views) || !open_models(app)) {
        mvc_app_free(app);
        return NULL;
    }
    return app;
}

void mvc_app_free(mvc_app *app)
{
    if (!app)
        return;
    mvc_shutdown(app);
    if (app->abandoned)
        return; /* a handler that did not end in time still uses it all */
    mvc__views_of *views = app->views;
    mvc_pool *pool = app->models;
    mvc__app_destroy(app);
    close_views(views);
    if (pool)
        mvc_pool_close(pool);
}

ejs_engine *mvc_views(mvc_app *app)
{
    return ((mvc__views_of *)app->views)->engine;
}

mvc_db *mvc_db_of(mvc_req *req)
{
    mvc_error err;
    if (req->db)
        return req->db;
    if (!req->app->models) {
        mvc_fail(req, req->res, 500,
                 "the application has no database: mvc_config.database is not "
                 "set");
        return NULL;
    }
    req->db = mvc_pool_take(req->app->models, &err);
    if (!req->db)
        mvc_fail(req, req->res, err.status == MVC_BUSY ? 503 : 500, "%s",
                 err.message);
    return req->db;
}
