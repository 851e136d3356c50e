/* write.c - save, insert, update, replace, delete: every way to change. */
#include <string.h>

#include "model/cast.h"
#include "model/cursor.h"
#include "model/schema.h"
#include "model/time.h"
#include "model/update.h"
#include "model/validate.h"

/* storing one document ------------------------------------------------------
 */

/* How a document came to be stored. */
typedef struct storing {
    const mvc_model *model;
    json_object *before; /* NULL: it is new */
    bool fill;           /* set defaults */
    bool only_changes;   /* check what differs from `before` alone */
    bool keep_times;     /* a createdAt that was given counts */
} storing;

static bool run_hook(mvc_db *db, mvc_hook hook, json_object *doc,
                     const storing *how, mvc_error *err)
{
    if (!hook)
        return true;
    /* What a hook does in its turn does not count. */
    json_object *outer = db->before;
    const mvc_result result = db->result;
    db->before = how->before;
    const bool ok = hook(db, doc, err);
    db->before = outer;
    db->result = result;
    if (ok && err->n_invalid == 0)
        return true;
    if (err->status == MVC_OK)
        err->status = MVC_INVALID;
    if (err->n_invalid == 0 && !err->message[0]) {
        err->status = MVC_OK;
        return mvc__fail(err, MVC_INVALID, "%s: refused by a hook",
                         how->model->name);
    }
    mvc__summarise(err, how->model->name);
    return false;
}

/* Fields that are set once keep their first value. */
static bool restore_immutable(const storing *how, json_object *doc)
{
    const mvc_field *field = how->model->fields;
    for (; how->before && field->name; field++) {
        json_object *old, *copy;
        if (!field->immutable ||
            !json_object_object_get_ex(how->before, field->name, &old) || !old)
            continue;
        if (!mvc__copy(old, &copy) || !mvc__set(doc, field->name, copy))
            return false;
    }
    return true;
}

static bool set_time(json_object *doc, const char *name, double ms)
{
    char text[MVC__TIME_SIZE];
    mvc__time_format(ms, text);
    return mvc_doc_set_text(doc, name, text);
}

/* The time a new document says it was made, or now. */
static bool set_created(const storing *how, json_object *doc, double now)
{
    json_object *given = NULL;
    json_object *cast = NULL;
    if (how->before)
        json_object_object_get_ex(how->before, "createdAt", &given);
    else if (how->keep_times)
        json_object_object_get_ex(doc, "createdAt", &given);
    if (!given || mvc__cast(MVC_TIME, given, &cast) != CAST_OK || !cast)
        return set_time(doc, "createdAt", now);
    return mvc__set(doc, "createdAt", cast);
}

static bool set_times(const storing *how, json_object *doc)
{
    const double now = mvc__time_now();
    return !how->model->timestamps ||
           (set_created(how, doc, now) && set_time(doc, "updatedAt", now));
}

static bool move_last(json_object *doc, const char *name)
{
    json_object *value;
    if (!json_object_object_get_ex(doc, name, &value))
        return true;
    json_object_get(value);
    json_object_object_del(doc, name);
    return mvc__set(doc, name, value);
}

/* id first, then the fields in the schema's order, strangers, times. */
static bool put_in_order(const mvc_model *model, json_object *doc)
{
    bool ok = move_last(doc, "id");
    for (const mvc_field *field = model->fields; ok && field->name; field++)
        ok = move_last(doc, field->name);
    if (ok && model->loose) {
        /* Strangers were moved to the front: once round brings id back. */
        json_object_object_foreach(doc, key, value)
        {
            (void)value;
            if (strcmp(key, "id") == 0)
                break;
            char name[256];
            if (strlen(key) >= sizeof name)
                break;
            strcpy(name, key);
            if (!(ok = move_last(doc, name)))
                break;
        }
    }
    return ok && move_last(doc, "createdAt") && move_last(doc, "updatedAt");
}

/* Everything up to the hook before_save; afterwards the document is clean. */
static bool prepare(mvc_db *db, const storing *how, json_object *doc,
                    mvc_error *err)
{
    const mvc_model *model = how->model;
    if (!run_hook(db, model->before_validate, doc, how, err) ||
        !mvc__cast_document(model, doc, how->fill, err))
        return false;
    if (!restore_immutable(how, doc) || !set_times(how, doc))
        return mvc__no_memory(err);
    if (!mvc__check_document(model, doc, how->only_changes ? how->before : NULL,
                             err) ||
        !run_hook(db, model->before_save, doc, how, err))
        return false;
    /* The hook may have set values of any type. */
    if (model->before_save && !mvc__cast_document(model, doc, false, err))
        return false;
    mvc__summarise(err, model->name);
    return err->status == MVC_OK &&
           (put_in_order(model, doc) || mvc__no_memory(err));
}

/* Casts, checks and stores `doc`, which has its id. */
static bool store(mvc_db *db, const storing *how, json_object *doc,
                  mvc_error *err)
{
    const mvc__store_api *api = db->store->api;
    const mvc_model *model = how->model;
    bool found = true;
    if (!prepare(db, how, doc, err))
        return false;
    const char *id = mvc_id(doc);
    const bool ok = how->before
                        ? api->replace(db->store, model, id, doc, &found, err)
                        : api->insert(db->store, model, id, doc, err);
    if (!ok)
        return false;
    if (!found)
        return mvc__fail(err, MVC_NOT_FOUND, "no such %s", model->name);
    return run_hook(db, model->after_save, doc, how, err);
}

/* Gives a document its id unless it has one that may be kept. */
static bool set_id(json_object *doc, bool keep, mvc_error *err)
{
    char id[25];
    json_object *given, *cast;
    if (keep && json_object_object_get_ex(doc, "id", &given) && given) {
        if (json_object_is_type(given, json_type_string) &&
            mvc__cast(MVC_REF, given, &cast) == CAST_OK && cast) {
            json_object_put(cast);
            return true;
        }
        return mvc__fail(err, MVC_INVALID,
                         "an id is 1 to 63 letters, digits, _ and -");
    }
    if (!mvc_object_id(id))
        return mvc__fail(err, MVC_DB_ERROR, "no random bytes for an id");
    return mvc_doc_set_text(doc, "id", id) || mvc__no_memory(err);
}

static bool is_document(json_object *doc, mvc_error *err)
{
    return json_object_is_type(doc, json_type_object) ||
           mvc__fail(err, MVC_MISUSE, "a document must be an object");
}

/* inserting -----------------------------------------------------------------
 */

typedef struct insertion {
    storing how;
    json_object *doc, *docs; /* one, or an array */
} insertion;

static bool insert_one(mvc_db *db, const storing *how, json_object *doc,
                       mvc_error *err)
{
    if (!is_document(doc, err))
        return false;
    const bool had_id = mvc_id(doc) != NULL;
    bool ok = set_id(doc, true, err) && store(db, how, doc, err);
    if (!ok && !had_id) /* so that the next attempt is an insert as well */
        json_object_object_del(doc, "id");
    if (!mvc__dress(how->model, doc))
        ok = mvc__no_memory(err);
    if (ok)
        db->result.inserted++;
    return ok;
}

static bool insert_work(mvc_db *db, void *context, mvc_error *err)
{
    const insertion *i = context;
    if (i->doc)
        return insert_one(db, &i->how, i->doc, err);
    for (size_t at = 0; at < json_object_array_length(i->docs); at++)
        if (!insert_one(db, &i->how, json_object_array_get_idx(i->docs, at),
                        err))
            return false;
    return true;
}

static bool has_save_hooks(const mvc_model *model)
{
    return model->before_validate || model->before_save || model->after_save;
}

static bool insert(mvc_db *db, const mvc_model *model, json_object *doc,
                   bool keep_times, mvc_error *err)
{
    insertion i = {
        {.model = model, .fill = true, .keep_times = keep_times}, doc, NULL};
    /* A single insert is a transaction by itself. */
    return has_save_hooks(model) ? mvc__atomically(db, insert_work, &i, err)
                                 : insert_work(db, &i, err);
}

bool mvc_insert(mvc_db *db, const mvc_model *model, mvc_doc *doc,
                mvc_error *err)
{
    mvc_error local;
    err = mvc__enter(err, &local);
    db->result = (mvc_result){0};
    const bool ok = is_document(doc, err) && insert(db, model, doc, true, err);
    mvc__leave(db, err);
    return ok;
}

bool mvc_insert_many(mvc_db *db, const mvc_model *model, mvc_doc *docs,
                     mvc_error *err)
{
    mvc_error local;
    err = mvc__enter(err, &local);
    db->result = (mvc_result){0};
    insertion i = {
        {.model = model, .fill = true, .keep_times = true}, NULL, docs};
    const bool ok =
        json_object_is_type(docs, json_type_array)
            ? mvc__atomically(db, insert_work, &i, err)
            : mvc__fail(err, MVC_MISUSE, "documents must come in an array");
    if (!ok)
        db->result = (mvc_result){0};
    mvc__leave(db, err);
    return ok;
}

/* saving --------------------------------------------------------------------
 */

/* The stored document of that id, hidden fields too; a new reference. */
static json_object *fetch_by_id(mvc_db *db, const mvc_model *model,
                                const char *id, mvc_error *err)
{
    mvc__query query;
    if (!mvc__query_make(db, model, mvc_where(db, "{id: %s}", id),
                         &(mvc_find_options){.limit = 1}, &query, err))
        return NULL;
    json_object *docs = mvc__fetch(db, &query, err);
    json_object *doc = NULL;
    if (docs && json_object_array_length(docs) == 0)
        mvc__fail(err, MVC_NOT_FOUND, "no such %s", model->name);
    else if (docs)
        doc = json_object_get(json_object_array_get_idx(docs, 0));
    json_object_put(docs);
    return doc;
}

static bool merge(json_object *into, json_object *from)
{
    json_object_object_foreach(from, key, value)
    {
        json_object *copy;
        if (!mvc__copy(value, &copy) || !mvc__set(into, key, copy))
            return false;
    }
    return true;
}

/*
 * Makes `doc` what `full` is, but for hidden fields it did not have: a
 * password's hash should not appear in a document that came without it.
 */
static bool adopt(const mvc_model *model, json_object *doc, json_object *full)
{
    json_object_object_foreach(full, name, member)
    {
        const mvc_field *field = mvc__field_named(model->fields, name);
        if (field && field->hidden &&
            !json_object_object_get_ex(doc, name, NULL))
            continue;
        if (!mvc__set(doc, name, json_object_get(member)))
            return false;
    }
    json_object_object_foreach(doc, key, value)
    {
        (void)value;
        if (!json_object_object_get_ex(full, key, NULL))
            json_object_object_del(doc, key);
    }
    return true;
}

typedef struct saving {
    const mvc_model *model;
    json_object *doc;
} saving;

static bool save_work(mvc_db *db, void *context, mvc_error *err)
{
    const saving *s = context;
    json_object *before = fetch_by_id(db, s->model, mvc_id(s->doc), err);
    json_object *full = NULL;
    bool ok = before != NULL;
    if (ok && (!mvc__copy(before, &full) || !merge(full, s->doc)))
        ok = mvc__no_memory(err);
    if (ok) {
        const storing how = {.model = s->model, .before = before};
        ok = store(db, &how, full, err);
        if (!mvc__dress(s->model, full) || !adopt(s->model, s->doc, full))
            ok = mvc__no_memory(err);
        db->result.matched = 1;
        db->result.modified = ok;
    }
    json_object_put(full);
    json_object_put(before);
    return ok;
}

bool mvc_save(mvc_db *db, const mvc_model *model, mvc_doc *doc, mvc_error *err)
{
    mvc_error local;
    err = mvc__enter(err, &local);
    db->result = (mvc_result){0};
    bool ok = is_document(doc, err);
    if (ok && mvc_id(doc))
        ok = mvc__atomically(db, save_work, &(saving){model, doc}, err);
    else if (ok)
        ok = insert(db, model, doc, false, err);
    mvc__leave(db, err);
    return ok;
}

/* updating ------------------------------------------------------------------
 */

/* One of the update calls; documents for the caller go to `found`. */
typedef struct changing {
    const mvc_model *model;
    const mvc_filter *filter;
    const mvc_update *update; /* or */
    json_object *replacement;
    const mvc_modify_options *options; /* or NULL */
    bool many, upsert;
    json_object *found; /* out: an array of the document, or NULL */
} changing;

/* Writes want a condition, or mvc_all() to say that none is meant. */
static bool has_condition(const mvc_model *model, const mvc_filter *filter,
                          mvc_error *err)
{
    if (filter == mvc_all() || !mvc__filter_is_empty(filter))
        return true;
    return mvc__fail(err, MVC_MISUSE,
                     "%s: a write without a condition; pass mvc_all() to mean "
                     "every document",
                     model->name);
}

/* A document as it is to become; a new reference. */
static json_object *changed(mvc_db *db, const changing *c, json_object *before,
                            mvc_error *err)
{
    json_object *after = NULL;
    if (!mvc__copy(c->replacement ? c->replacement : before, &after)) {
        mvc__no_memory(err);
        return NULL;
    }
    bool ok = true;
    if (c->update)
        ok = mvc__update_apply(db, c->model, c->update, after, false, err);
    else
        ok = mvc_doc_set_text(after, "id", mvc_id(before)) ||
             mvc__no_memory(err);
    if (ok && (!mvc_id(after) || strcmp(mvc_id(after), mvc_id(before)) != 0))
        ok = mvc__fail(err, MVC_INVALID, "the id of a document never changes");
    if (ok)
        return after;
    json_object_put(after);
    return NULL;
}

/* Keeps for the caller what find_one_and_... returns. */
static bool remember(changing *c, json_object *before, json_object *after,
                     mvc_error *err)
{
    if (!c->options)
        return true;
    json_object *doc = c->options->before ? before : after;
    c->found = json_object_new_array();
    return (c->found &&
            (!doc || mvc__append(c->found, json_object_get(doc)))) ||
           mvc__no_memory(err);
}

static bool change_one(mvc_db *db, changing *c, json_object *before,
                       mvc_error *err)
{
    json_object *after = changed(db, c, before, err);
    if (!after)
        return false;
    const storing how = {.model = c->model,
                         .before = before,
                         .fill = c->replacement != NULL,
                         .only_changes = c->update != NULL};
    bool ok = true;
    db->result.matched++;
    if (!mvc__equal(before, after)) {
        ok = store(db, &how, after, err);
        db->result.modified += ok;
    }
    ok = ok && remember(c, before, after, err);
    json_object_put(after);
    return ok;
}

static bool insert_upserted(mvc_db *db, changing *c, const mvc__match *where,
                            mvc_error *err)
{
    const storing how = {.model = c->model, .fill = true};
    json_object *doc = NULL;
    bool ok = true;
    if (!mvc__copy(c->replacement, &doc))
        return mvc__no_memory(err);
    if (!doc && !(doc = json_object_new_object()))
        return mvc__no_memory(err);
    if (c->update)
        ok = (mvc__filter_seed(where, doc) || mvc__no_memory(err)) &&
             mvc__update_apply(db, c->model, c->update, doc, true, err);
    ok = ok && set_id(doc, true, err) && store(db, &how, doc, err) &&
         remember(c, NULL, doc, err);
    if (ok) {
        char *out = db->result.upserted_id;
        out[0] = '\0';
        strncat(out, mvc_id(doc), sizeof db->result.upserted_id - 1);
    }
    json_object_put(doc);
    return ok;
}

static bool change_work(mvc_db *db, void *context, mvc_error *err)
{
    changing *c = context;
    const mvc_find_options find = {.sort = c->options ? c->options->sort : NULL,
                                   .limit = c->many ? 0 : 1};
    mvc__query query;
    if (!mvc__query_make(db, c->model, c->filter, &find, &query, err))
        return false;
    json_object *docs = mvc__fetch(db, &query, err);
    if (!docs)
        return false;
    const size_t n = json_object_array_length(docs);
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++)
        ok = change_one(db, c, json_object_array_get_idx(docs, i), err);
    json_object_put(docs);
    return ok &&
           (n > 0 || !c->upsert || insert_upserted(db, c, query.where, err));
}

static bool check_change(const changing *c, mvc_error *err)
{
    if (c->update && c->update->status != MVC_OK)
        return mvc__fail(err, c->update->status, "%s", c->update->problem);
    if (!c->update && !c->replacement)
        return mvc__fail(err, MVC_MISUSE, "%s: nothing to change to",
                         c->model->name);
    return (!c->replacement || is_document(c->replacement, err)) &&
           has_condition(c->model, c->filter, err);
}

static bool change(mvc_db *db, changing *c, mvc_error *err)
{
    db->result = (mvc_result){0};
    if (check_change(c, err) && mvc__atomically(db, change_work, c, err))
        return true;
    db->result = (mvc_result){0};
    return false;
}

static int64_t change_counted(mvc_db *db, changing *c, mvc_error *err)
{
    mvc_error local;
    err = mvc__enter(err, &local);
    const bool ok = change(db, c, err);
    mvc__leave(db, err);
    return ok ? db->result.matched : -1;
}

int64_t mvc_update_one(mvc_db *db, const mvc_model *model,
                       const mvc_filter *filter, const mvc_update *update,
                       mvc_error *err)
{
    changing c = {.model = model, .filter = filter, .update = update};
    return change_counted(db, &c, err);
}

int64_t mvc_update_many(mvc_db *db, const mvc_model *model,
                        const mvc_filter *filter, const mvc_update *update,
                        mvc_error *err)
{
    changing c = {
        .model = model, .filter = filter, .update = update, .many = true};
    return change_counted(db, &c, err);
}

int64_t mvc_upsert(mvc_db *db, const mvc_model *model, const mvc_filter *filter,
                   const mvc_update *update, mvc_error *err)
{
    changing c = {
        .model = model, .filter = filter, .update = update, .upsert = true};
    return change_counted(db, &c, err);
}

int64_t mvc_replace_one(mvc_db *db, const mvc_model *model,
                        const mvc_filter *filter, mvc_doc *doc, mvc_error *err)
{
    changing c = {.model = model, .filter = filter, .replacement = doc};
    return change_counted(db, &c, err);
}

/* The single document of an array, finished and kept; NULL when none. */
static mvc_doc *hand_over(mvc_db *db, const mvc_model *model,
                          const mvc_modify_options *options, json_object *docs,
                          mvc_error *err)
{
    mvc__selection selection;
    if (!docs || json_object_array_length(docs) == 0) {
        mvc__fail(err, MVC_NOT_FOUND, "no such %s", model->name);
        return NULL;
    }
    if (!mvc__selection_make(&db->arena, options ? options->select : NULL,
                             &selection, err) ||
        !mvc__finish(db, model, &selection, options ? options->populate : NULL,
                     docs, err))
        return NULL;
    json_object *doc = json_object_array_get_idx(docs, 0);
    if (mvc__keep(db, json_object_get(doc)))
        return doc;
    mvc__no_memory(err);
    return NULL;
}

static mvc_doc *change_returned(mvc_db *db, changing *c,
                                const mvc_modify_options *options,
                                mvc_error *err)
{
    static const mvc_modify_options none = {0};
    mvc_error local;
    err = mvc__enter(err, &local);
    c->options = options ? options : &none;
    c->upsert = c->options->upsert;
    mvc_doc *doc = NULL;
    if (change(db, c, err)) {
        const mvc_result result = db->result;
        doc = hand_over(db, c->model, options, c->found, err);
        db->result = result;
    }
    json_object_put(c->found);
    mvc__leave(db, err);
    return doc;
}

mvc_doc *mvc_find_one_and_update(mvc_db *db, const mvc_model *model,
                                 const mvc_filter *filter,
                                 const mvc_update *update,
                                 const mvc_modify_options *options,
                                 mvc_error *err)
{
    changing c = {.model = model, .filter = filter, .update = update};
    return change_returned(db, &c, options, err);
}

mvc_doc *mvc_find_one_and_replace(mvc_db *db, const mvc_model *model,
                                  const mvc_filter *filter, mvc_doc *doc,
                                  const mvc_modify_options *options,
                                  mvc_error *err)
{
    changing c = {.model = model, .filter = filter, .replacement = doc};
    return change_returned(db, &c, options, err);
}

/* deleting ------------------------------------------------------------------
 */

typedef struct deleting {
    const mvc_model *model;
    const mvc_filter *filter;
    const char *sort;
    bool many;
    json_object *found; /* out: the deleted documents */
} deleting;

static bool delete_one(mvc_db *db, const mvc_model *model, json_object *doc,
                       mvc_error *err)
{
    const storing how = {.model = model, .before = doc};
    bool found;
    if (!run_hook(db, model->before_remove, doc, &how, err) ||
        !db->store->api->remove(db->store, model, mvc_id(doc), &found, err))
        return false;
    db->result.deleted += found;
    return run_hook(db, model->after_remove, doc, &how, err);
}

static bool delete_work(mvc_db *db, void *context, mvc_error *err)
{
    deleting *d = context;
    const mvc_find_options find = {.sort = d->sort, .limit = d->many ? 0 : 1};
    mvc__query query;
    if (!mvc__query_make(db, d->model, d->filter, &find, &query, err))
        return false;
    if (d->many && !d->model->before_remove && !d->model->after_remove) {
        db->result.deleted = db->store->api->remove_all(db->store, &query, err);
        return db->result.deleted >= 0;
    }
    d->found = mvc__fetch(db, &query, err);
    bool ok = d->found != NULL;
    for (size_t i = 0; ok && i < json_object_array_length(d->found); i++)
        ok = delete_one(db, d->model, json_object_array_get_idx(d->found, i),
                        err);
    return ok;
}

/* d->found is the caller's to put. */
static bool delete_matching(mvc_db *db, deleting *d, mvc_error *err)
{
    db->result = (mvc_result){0};
    if (has_condition(d->model, d->filter, err) &&
        mvc__atomically(db, delete_work, d, err))
        return true;
    db->result = (mvc_result){0};
    return false;
}

static int64_t delete_counted(mvc_db *db, deleting *d, mvc_error *err)
{
    mvc_error local;
    err = mvc__enter(err, &local);
    const bool ok = delete_matching(db, d, err);
    json_object_put(d->found);
    mvc__leave(db, err);
    return ok ? db->result.deleted : -1;
}

int64_t mvc_delete_one(mvc_db *db, const mvc_model *model,
                       const mvc_filter *filter, mvc_error *err)
{
    deleting d = {.model = model, .filter = filter};
    return delete_counted(db, &d, err);
}

int64_t mvc_delete_many(mvc_db *db, const mvc_model *model,
                        const mvc_filter *filter, mvc_error *err)
{
    deleting d = {.model = model, .filter = filter, .many = true};
    return delete_counted(db, &d, err);
}

bool mvc_remove(mvc_db *db, const mvc_model *model, const char *id,
                mvc_error *err)
{
    mvc_error local;
    err = mvc__enter(err, &local);
    deleting d = {.model = model, .filter = mvc_where(db, "{id: %s}", id)};
    delete_matching(db, &d, err);
    json_object_put(d.found);
    if (err->status == MVC_OK && db->result.deleted == 0)
        mvc__fail(err, MVC_NOT_FOUND, "no such %s", model->name);
    mvc__leave(db, err);
    return err->status == MVC_OK;
}

mvc_doc *mvc_find_one_and_delete(mvc_db *db, const mvc_model *model,
                                 const mvc_filter *filter,
                                 const mvc_modify_options *options,
                                 mvc_error *err)
{
    mvc_error local;
    err = mvc__enter(err, &local);
    deleting d = {.model = model,
                  .filter = filter,
                  .sort = options ? options->sort : NULL};
    mvc_doc *doc = NULL;
    if (delete_matching(db, &d, err)) {
        const mvc_result result = db->result;
        doc = hand_over(db, model, options, d.found, err);
        db->result = result;
    }
    json_object_put(d.found);
    mvc__leave(db, err);
    return doc;
}
