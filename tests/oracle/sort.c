/* sort.c - answers sort.mjs: how runtime/sort.c sorts, question by question. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ejs/runtime/sort.h"

typedef struct order {
    int kind;
    uint32_t hash; /* of the questions asked */
    uint32_t count;
} order;

/* ORDER comparators: sort.mjs has the same. */
static bool compare(void *user, const ejs__sortable *a, const ejs__sortable *b,
                    double *result)
{
    order *o = user;
    const int x = (int)a->value.as.number, y = (int)b->value.as.number;
    o->hash = (o->hash * 31 + (uint32_t)x) * 31 + (uint32_t)y;
    o->count++;
    switch (o->kind) {
    case 0:
        *result = x - y;
        break;
    case 1:
        *result = x > y;
        break;
    case 2:
        *result = y - x;
        break;
    case 3:
        *result = x < y ? -1 : 0;
        break;
    case 4:
        *result = x / 10 - y / 10;
        break;
    case 5:
        *result = (x * 7 + y * 13) % 3 - 1;
        break;
    default:
        *result = 0;
        break;
    }
    return true;
}

/* Sorts `count` numbers from standard input and describes what happened. */
static bool answer(ejs_context *ctx, int kind, int count)
{
    ejs__sortable *items = calloc((size_t)count + 1, sizeof *items);
    if (!items)
        return false;
    for (int i = 0; i < count; i++) {
        int x = 0;
        if (scanf("%d", &x) != 1)
            break;
        items[i].value = ejs__number(x);
    }
    order o = {.kind = kind};
    const bool ok = ejs__sort(ctx, items, (uint32_t)count, compare, &o);
    uint32_t hash = 0;
    for (int i = 0; i < count; i++)
        hash = hash * 31 + (uint32_t)items[i].value.as.number;
    printf("%" PRIu32 " %" PRIu32 " %" PRIu32 "\n", o.hash, o.count, hash);
    free(items);
    return ok;
}

int main(void)
{
    ejs_context *ctx = ejs__context_new();
    const ejs__settings settings = {.now = 0};
    int kind, count;
    bool ok = ctx != NULL;
    while (ok && scanf("%d %d", &kind, &count) == 2 && count >= 0) {
        ejs__context_begin(ctx, &settings, NULL, NULL);
        ok = answer(ctx, kind, count);
        ejs__context_end(ctx, 0);
    }
    ejs__context_free(ctx);
    return ok ? 0 : 1;
}
