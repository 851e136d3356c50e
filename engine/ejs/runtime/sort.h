/* sort.h - a stable sort that asks the same questions as V8's. */
#ifndef EJS_RUNTIME_SORT_H
#define EJS_RUNTIME_SORT_H

#include "ejs/runtime/object.h"

typedef struct ejs__sortable {
    ejs_value value, key; /* key: the order's own */
} ejs__sortable;

/* Compares: <0, 0 or >0 into *order (NaN is 0).  False: thrown. */
typedef bool ejs__order_fn(void *user, const ejs__sortable *a,
                           const ejs__sortable *b, double *order);

/* Sorts items[0 .. count).  False: thrown. */
bool ejs__sort(ejs_context *ctx, ejs__sortable *items, uint32_t count,
               ejs__order_fn *compare, void *user);

#endif
