/*
 * jsonc.h - json-c's nodes as they lie in memory, for the paths that every
 * value on a page goes through.
 *
 * json-c's functions cost more than what they fetch: two or three calls through
 * the linker's table a value.  Its nodes have had one layout since 0.15, which
 * no header shows.  ejs__jsonc_probe compares what json-c's functions say of
 * nodes of every kind with what lies where we believe it does; only when all of
 * it agrees, and the version is one that we know, does a render look itself
 * (ctx->json_quick).  Everything here assumes that.
 */
#ifndef EJS_RUNTIME_JSONC_H
#define EJS_RUNTIME_JSONC_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct ejs__jsonc {
    enum json_type type;
    uint32_t references;
    void *print, *printed, *deleter;
    void *user_data;
    union {
        struct lh_table *object;
        struct array_list *array;
        json_bool boolean;
        double number;
        struct {
            uint32_t is_unsigned;
            int64_t value;
        } integer;
        struct {
            ssize_t size; /* negative: the text is elsewhere */
            union {
                char here[1];
                const char *elsewhere;
            } text;
        } string;
    } as;
} ejs__jsonc;

static inline const ejs__jsonc *ejs__jsonc_of(const void *node)
{
    return node;
}

static inline const char *ejs__jsonc_text(const ejs__jsonc *node, size_t *size)
{
    const ssize_t n = node->as.string.size;
    *size = (size_t)(n < 0 ? -n : n);
    return n < 0 ? node->as.string.text.elsewhere : node->as.string.text.here;
}

bool ejs__jsonc_probe(void);
/* What it said; set before the first context is made. */
extern bool ejs__jsonc_known;

#endif
