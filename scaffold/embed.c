/*
 * embed.c - a build tool: the files of a folder as C constants.
 *
 *     embed DIR OUT.c SYMBOL
 *
 * OUT.c defines `const embedded_file SYMBOL[]` (embedded.h), ended by {0}, with
 * paths relative to DIR, in order.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"

static void put_bytes(base_buf *out, const char *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        base_buf_printf(out, "%d,%s", (unsigned char)data[i],
                        i % 20 == 19 ? "\n" : "");
}

static bool put_file(base_buf *out, const char *dir, const char *name,
                     size_t number)
{
    size_t size;
    char *path = base_path_join(dir, name);
    char *data = path ? base_file_read(path, 0, &size) : NULL;
    if (data) {
        base_buf_printf(out, "static const unsigned char file_%zu[] = {\n",
                        number);
        put_bytes(out, data, size);
        base_buf_puts(out, "0};\n");
    } else {
        fprintf(stderr, "embed: cannot read %s\n", path ? path : name);
    }
    free(path);
    free(data);
    return data != NULL;
}

static bool put_table(base_buf *out, char **names, size_t count,
                      const char *symbol)
{
    base_buf_printf(out, "\nconst embedded_file %s[] = {\n", symbol);
    for (size_t i = 0; i < count; i++)
        base_buf_printf(out, "    {\"%s\", file_%zu, sizeof file_%zu - 1},\n",
                        names[i], i, i);
    base_buf_puts(out, "    {0},\n};\n");
    return !out->failed;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: embed DIR OUT.c SYMBOL\n");
        return 2;
    }
    size_t count;
    char **names = base_dir_list(argv[1], true, &count);
    if (!names) {
        fprintf(stderr, "embed: cannot list %s\n", argv[1]);
        return 1;
    }
    base_buf out = {0};
    base_buf_puts(&out, "#include \"scaffold/embedded.h\"\n\n");
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++)
        ok = put_file(&out, argv[1], names[i], i);
    ok = ok && put_table(&out, names, count, argv[3]) &&
         base_file_write(argv[2], out.data, out.size);
    if (!ok)
        fprintf(stderr, "embed: %s was not written\n", argv[2]);
    base_dir_list_free(names);
    base_buf_free(&out);
    return ok ? 0 : 1;
}
