/* crash.c - what was saved is there after kill -9, and nothing half. */
#include "blog.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static mvc_error err;

static void remove_files(void)
{
    unlink("crash.db");
    unlink("crash.db-wal");
    unlink("crash.db-shm");
}

/* Saves pairs of posts for ever, saying each number once it is stored. */
static void write_until_killed(int out)
{
    mvc_db *db = mvc_db_open("crash.db", &err);
    for (int i = 0; db; i++) {
        mvc_doc *docs = mvc_doc_at(
            mvc_make(db,
                     "{all: [{title: 'Left', views: %d}, {title: 'Right', "
                     "views: %d}]}",
                     i, i),
            "all");
        if (!mvc_insert_many(db, &post_model, docs, &err) ||
            write(out, &i, sizeof i) != sizeof i)
            break;
        mvc_db_release(db);
    }
    _exit(1);
}

static void a_killed_writer_loses_nothing_it_reported(void **state)
{
    (void)state;
    for (int round = 0; round < 3; round++) {
        remove_files();
        mvc_db *db = mvc_db_open("crash.db", &err);
        assert_non_null(db);
        assert_true(mvc_db_migrate(db, blog_models, &err));
        mvc_db_close(db);

        int ends[2], last = -1;
        assert_int_equal(pipe(ends), 0);
        const pid_t child = fork();
        if (child == 0)
            write_until_killed(ends[1]);
        close(ends[1]);
        for (int n = 0; n < 10 + round * 7; n++)
            assert_int_equal(read(ends[0], &last, sizeof last), sizeof last);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        while (read(ends[0], &last, sizeof last) == sizeof last)
            continue;
        close(ends[0]);

        db = mvc_db_open("crash.db", &err);
        const int64_t left =
            mvc_count(db, &post_model, mvc_where(db, "{title: 'Left'}"), &err);
        assert_true(left > last);
        assert_int_equal(left,
                         mvc_count(db, &post_model,
                                   mvc_where(db, "{title: 'Right'}"), &err));
        assert_string_equal(
            mvc_doc_text(mvc_db_query(db, "PRAGMA integrity_check", NULL, &err),
                         "0.integrity_check"),
            "ok");
        mvc_db_close(db);
    }
    remove_files();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_writer_loses_nothing_it_reported)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
