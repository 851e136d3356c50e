/* file.c - tests base/file.h in a folder of its own below the build's. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/test.h"

static char home[] = "unit-file-XXXXXX";

static int enter(void **state)
{
    (void)state;
    return mkdtemp(home) && chdir(home) == 0 ? 0 : -1;
}

static int leave(void **state)
{
    (void)state;
    size_t count;
    char **list = base_dir_list(".", true, &count);
    for (size_t i = 0; i < count; i++)
        unlink(list[i]);
    base_dir_list_free(list);
    return 0;
}

static void assert_path(char *path, const char *expected)
{
    assert_non_null(path);
    assert_string_equal(path, expected);
    free(path);
}

static void normalises(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", "."},
        {".", "."},
        {"/", "/"},
        {"a/b", "a/b"},
        {"a//b/", "a/b"},
        {"./a/./b", "a/b"},
        {"a/..", "."},
        {"a/../..", ".."},
        {"../a", "../a"},
        {"../../a", "../../a"},
        {"/..", "/"},
        {"/../a", "/a"},
        {"/a/b/../../c", "/c"},
        {"a/b/../c", "a/c"},
        {"..a/b", "..a/b"},
        {"a../..", "."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_path(base_path_normalise(cases[i][0]), cases[i][1]);
}

static void takes_paths_apart(void **state)
{
    (void)state;
    assert_path(base_path_join("a", "b"), "a/b");
    assert_path(base_path_join("a/", "b"), "a/b");
    assert_path(base_path_join("", "b"), "b");
    assert_path(base_path_join("a", "/b"), "/b");
    assert_path(base_path_dirname("a/b.ejs"), "a");
    assert_path(base_path_dirname("b"), ".");
    assert_path(base_path_dirname("/b"), "/");
    assert_string_equal(base_path_basename("a/b.ejs"), "b.ejs");
    assert_string_equal(base_path_extension("a.b/c.html.ejs"), ".ejs");
    assert_string_equal(base_path_extension("a.b/c"), "");
    assert_string_equal(base_path_extension(".env"), "");
    assert_true(base_path_is_below("/a", "/a/b"));
    assert_true(base_path_is_below("/a/", "/a"));
    assert_true(base_path_is_below("/", "/a"));
    assert_false(base_path_is_below("/a", "/ab"));
}

static void assert_content(const char *path, const char *expected)
{
    size_t size;
    char *data = base_file_read(path, 0, &size);
    assert_non_null(data);
    assert_int_equal(size, strlen(expected));
    assert_string_equal(data, expected);
    free(data);
}

static void reads_what_it_wrote(void **state)
{
    (void)state;
    assert_true(base_file_write("text", "one", 3));
    assert_content("text", "one");
    assert_int_equal(chmod("text", 0640), 0);
    assert_true(base_file_write("text", "second", 6));
    assert_content("text", "second");
    struct stat status;
    assert_int_equal(stat("text", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0640);
    size_t count;
    char **list = base_dir_list(".", true, &count);
    assert_int_equal(count, 1); /* nothing temporary is left */
    base_dir_list_free(list);
}

static void says_why_it_cannot_read(void **state)
{
    (void)state;
    size_t size;
    assert_true(base_file_write("text", "123456", 6));
    assert_null(base_file_read("text", 5, &size));
    assert_int_equal(errno, EFBIG);
    assert_null(base_file_read("absent", 0, &size));
    assert_int_equal(errno, ENOENT);
    assert_null(base_file_read(".", 0, &size));
    assert_int_equal(errno, EISDIR);
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_null(base_file_read("pipe", 0, &size));
    assert_int_equal(errno, EINVAL);
    unlink("pipe");
}

static void writes_through_a_link(void **state)
{
    (void)state;
    assert_true(base_file_write("target", "old", 3));
    assert_int_equal(symlink("target", "link"), 0);
    assert_true(base_file_write("link", "new", 3));
    assert_content("target", "new");
}

static void lists_files_in_order(void **state)
{
    (void)state;
    assert_true(base_dir_make("tree/b/c"));
    assert_true(base_dir_make("tree/b/c")); /* once more is no failure */
    assert_true(base_file_write("tree/z", "", 0));
    assert_true(base_file_write("tree/b/c/y", "", 0));
    assert_true(base_file_write("tree/.hidden", "", 0));
    assert_int_equal(symlink("..", "tree/b/loop"), 0);
    size_t count;
    char **list = base_dir_list("tree", false, &count);
    assert_int_equal(count, 2);
    assert_string_equal(list[0], "b/c/y");
    assert_string_equal(list[1], "z");
    assert_null(list[2]);
    base_dir_list_free(list);
    assert_null(base_dir_list("absent", false, &count));
    assert_false(base_dir_make("tree/z"));
    assert_int_equal(errno, ENOTDIR);
    unlink("tree/b/loop");
}

static void stays_below_the_root(void **state)
{
    (void)state;
    assert_true(base_dir_make("root/inner"));
    assert_true(base_file_write("root/inner/page", "page", 4));
    assert_true(base_file_write("secret", "secret", 6));
    assert_int_equal(symlink("../secret", "root/leak"), 0);
    assert_int_equal(symlink("inner/page", "root/fine"), 0);
    const int fd = base_file_open_below("root", "inner/../fine");
    assert_true(fd >= 0);
    close(fd);
    static const char *const outside[] = {"../secret", "leak", "/etc/passwd"};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(base_file_open_below("root", outside[i]), -1);
        assert_int_equal(errno, EACCES);
    }
    assert_int_equal(base_file_open_below("root", "absent"), -1);
    assert_int_equal(errno, ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normalises),
        cmocka_unit_test(takes_paths_apart),
        cmocka_unit_test(reads_what_it_wrote),
        cmocka_unit_test(says_why_it_cannot_read),
        cmocka_unit_test(writes_through_a_link),
        cmocka_unit_test(lists_files_in_order),
        cmocka_unit_test(stays_below_the_root),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
