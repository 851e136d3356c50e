/*
 * memory.c - fails the n-th allocation, for every n, wherever it is made: in
 * ours, in json-c, SQLite or PCRE2.  Nothing may crash, nothing may leak, and a
 * call that says it stored something has to have stored all of it.
 */
#include "blog.h"

#include <stdio.h>
#include <stdlib.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void __libc_free(void *p);

static long countdown = -1; /* allocations until the one that fails */
static long live;           /* not freed yet */

static int fails(void)
{
    return countdown >= 0 && countdown-- == 0;
}

/* The libraries have to see these in place of libc's. */
#pragma GCC visibility push(default)

void *malloc(size_t size)
{
    void *p = fails() ? NULL : __libc_malloc(size);
    live += p != NULL;
    return p;
}

void *calloc(size_t n, size_t size)
{
    void *p = fails() ? NULL : __libc_calloc(n, size);
    live += p != NULL;
    return p;
}

void *realloc(void *old, size_t size)
{
    void *p = fails() ? NULL : __libc_realloc(old, size);
    live += p && !old;
    return p;
}

void free(void *p)
{
    live -= p != NULL;
    __libc_free(p);
}

#pragma GCC visibility pop

/* Whether a document that was saved is stored whole. */
static int is_whole(mvc_db *db, const char *id)
{
    const long left = countdown;
    countdown = -1;
    mvc_doc *doc = mvc_find_by_id(db, &post_model, id, NULL);
    const int whole = doc && mvc_doc_text(doc, "extra.last") &&
                      json_object_array_length(mvc_doc_at(doc, "tags")) == 2;
    countdown = left;
    return whole;
}

/* A bit of everything; the outcome of each step may be "out of memory". */
static int scenario(mvc_db *db)
{
    static mvc_error err;
    int wrong = 0;
    mvc_doc *user = mvc_make(db, "{name: ' Ann ', email: 'A@x.org'}");
    if (user)
        mvc_save(db, &user_model, user, &err);
    mvc_doc *doc = mvc_make(
        db,
        "{title: %s, tags: ['a', 'b'], author: %s, readers: ['x'], "
        "comments: [{body: 'c'}], extra: {last: 'word', list: [1, 2.5]}}",
        "Title", user && mvc_id(user) ? mvc_id(user) : "u");
    if (doc && mvc_save(db, &post_model, doc, &err))
        wrong += !is_whole(db, mvc_id(doc));
    const mvc_filter *filter = mvc_where(
        db, "{tags: /^a/, views: {$in: [0, 1]}, $or: [{score: null}, {a: 1}]}");
    mvc_find(db, &post_model, filter,
             &(mvc_find_options){.sort = "-extra.last views",
                                 .select = "-comments",
                                 .populate = "author:name readers",
                                 .limit = 5},
             &err);
    mvc_update_many(db, &post_model, filter,
                    mvc_change(db, "{$inc: {views: 1}, $push: {comments: "
                                   "{$each: [{body: 'd'}], $sort: {body: 1}, "
                                   "$slice: 3}}, $addToSet: {readers: 'y'}, "
                                   "$rename: {'extra.list': 'extra.l'}}"),
                    &err);
    if (doc && mvc_id(doc)) {
        mvc_doc_set_text(doc, "title", "Other");
        if (mvc_save(db, &post_model, doc, &err))
            wrong += !is_whole(db, mvc_id(doc));
    }
    mvc_upsert(db, &post_model, mvc_where(db, "{title: 'New', slug: 's'}"),
               mvc_change(db, "{views: 3}"), &err);
    mvc_distinct(db, &post_model, "tags", NULL, &err);
    mvc_count(db, &post_model, filter, &err);
    mvc_cursor *cursor = mvc_cursor_open(db, &post_model, NULL, NULL, &err);
    while (cursor && mvc_cursor_next(cursor, &err))
        continue;
    mvc_doc *bad = mvc_make(db, "{title: '', views: 'x', state: 'q'}");
    if (bad)
        wrong += mvc_save(db, &post_model, bad, &err);
    mvc_db_query(db, "SELECT id, body FROM posts", NULL, &err);
    mvc_delete_many(db, &post_model, filter, &err);
    return wrong;
}

/* One run from opening to closing; the allocation that fails is number n. */
static int run(long n, int *finished)
{
    static mvc_error err;
    countdown = n;
    mvc_db *db = mvc_db_open(":memory:", &err);
    int wrong = 0;
    if (db && mvc_db_migrate(db, blog_models, &err))
        wrong = scenario(db);
    mvc_db_close(db);
    *finished = countdown >= 0;
    countdown = -1;
    return wrong;
}

/* Prints nothing and asserts nothing until the end: cmocka allocates too. */
static void every_allocation_may_fail(void **state)
{
    (void)state;
    int finished;
    int wrong = run(-1, &finished); /* what libraries keep for ever */
    const long before = live;
    long n = 0, leaked = -1;
    for (finished = 0; !finished; n++) {
        wrong += run(n, &finished);
        if (live != before && leaked < 0)
            leaked = n;
    }
    printf("%ld allocations failed in turn\n", n - 1);
    assert_int_equal(wrong, 0);
    assert_int_equal(leaked, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
