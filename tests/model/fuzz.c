/*
 * fuzz.c - formats of filters, updates and documents, and stored JSON.
 *
 * The first byte chooses; the rest is the format, without conversions: the
 * compiler checks those.  What is accepted is also used.
 */
#include <json-c/json.h>
#include <mvc/model.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/json.h"
#include "model/time.h"

static const mvc_field fields[] = {
    {.name = "n", .type = MVC_INTEGER},
    {.name = "s", .type = MVC_TEXT, .trim = true},
    {.name = "at", .type = MVC_TIME},
    {.name = "tags", .type = MVC_ARRAY, .of = MVC_TEXT},
    {0},
};
static const mvc_model model = {
    .name = "Fuzz", .table = "fuzz", .fields = fields, .loose = true};

static mvc_db *open_once(void)
{
    static mvc_db *db;
    const mvc_model *const models[] = {&model, NULL};
    if (!db && ((db = mvc_db_open(":memory:", NULL)) == NULL ||
                !mvc_db_migrate(db, models, NULL)))
        abort();
    return db;
}

static void use_json(const char *text, size_t size)
{
    json_object *value = NULL;
    double ms;
    if (mvc__json_parse(text, size, &value) == JSON_OK)
        mvc_validate(&model, value, NULL);
    json_object_put(value);
    mvc__time_parse(text, &ms);
}

static void use_format(char choice, const char *format)
{
    mvc_db *db = open_once();
    mvc_doc *doc = mvc_make(db, "{n: 5, s: 'x', tags: ['a', 'b'], o: {a: 1}}");
    mvc_insert(db, &model, doc, NULL);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-security"
    if (choice & 1)
        mvc_find(db, &model, mvc_where(db, format),
                 &(mvc_find_options){.sort = format}, NULL);
    else if (choice & 2)
        mvc_update_one(db, &model, mvc_all(), mvc_change(db, format), NULL);
    else if ((doc = mvc_make(db, format)) != NULL)
        mvc_insert(db, &model, doc, NULL);
#pragma GCC diagnostic pop
    mvc_delete_many(db, &model, mvc_all(), NULL);
    mvc_db_release(db);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    char *text = malloc(size);
    if (!text)
        return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    use_json(text, size - 1);
    for (char *c = text; (c = strchr(c, '%')); c++)
        *c = 'p';
    use_format((char)data[0], text);
    free(text);
    return 0;
}

#ifdef FUZZ_ONCE
/* Without libFuzzer: the files named, each cut short at every byte. */
int main(int argc, char **argv)
{
    static uint8_t data[1 << 16];
    for (int i = 1; i < argc; i++) {
        FILE *file = fopen(argv[i], "rb");
        if (!file)
            return 1;
        const size_t size = fread(data, 1, sizeof data, file);
        fclose(file);
        for (size_t n = 1; n <= size; n++)
            for (int choice = '0'; choice < '4'; choice++) {
                data[0] = (uint8_t)choice;
                LLVMFuzzerTestOneInput(data, n);
            }
    }
    return 0;
}
#endif
