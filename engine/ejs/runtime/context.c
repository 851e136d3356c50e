/* Starting and ending a render, its memory and its limits. */
#include "ejs/runtime/context.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/sanitize.h"
#include "ejs/runtime/jsonc.h"
#include "ejs/runtime/object.h"

enum {
    FIRST_CHUNK = 8 * 1024,
    LARGEST_CHUNK = 1024 * 1024,
    STACK_RESERVE = 160 * 1024, /* what C code below a check may still use */
    INLINE_DEPTH = 4900,        /* ejs__enter's */
    FUEL_SLICE = 100 * 1000,    /* steps between looks at the clock */
};

/* memory ----------------------------------------------------------------------
 */

void *ejs__alloc_slow(ejs_context *ctx, size_t size)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    const size_t rounded = (size + 15) & ~(size_t)15;
    void *p;

    realm->only_chunk = NULL;
    if (rounded < size) {
        ejs__throw_no_memory(ctx);
        return NULL;
    }
    if (rounded > realm->chunk / 4) {
        p = base_arena_alloc(&realm->arena, rounded);
        if (!p)
            ejs__throw_no_memory(ctx);
        return p;
    }
    /* A block kept from an earlier render is taken whole. */
    const size_t kept = (size_t)(realm->arena.limit - realm->arena.cursor);
    const size_t chunk = kept > realm->chunk ? kept : realm->chunk;
    const bool first = base_arena_is_fresh(&realm->arena);
    p = base_arena_alloc(&realm->arena, chunk);
    if (!p) {
        ejs__throw_no_memory(ctx);
        return NULL;
    }
    if (first)
        realm->only_chunk = p;
    ctx->arena_cursor = (char *)p + rounded;
    ctx->arena_limit = (char *)p + chunk;
    if (realm->chunk < LARGEST_CHUNK)
        realm->chunk *= 2;
    return p;
}

ejs_value ejs__throw_limit(ejs_context *ctx, const char *message)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    if (ctx->fatal) /* the first one counts */
        return ejs__thrown();
    ctx->fatal = true;
    realm->arena.max = 0; /* the report itself needs a little */
    realm->status = EJS_LIMIT;
    ctx->exception =
        ejs__string(message, (uint32_t)strlen(message), EJS_STRING_ASCII);
    return ejs__thrown();
}

ejs_value ejs__throw_no_memory(ejs_context *ctx)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    if (realm->arena.exhausted)
        return ejs__throw_limit(ctx, "memory limit of the render exceeded");
    const ejs_value thrown = ejs__throw_limit(ctx, "out of memory");
    realm->status = EJS_NOMEM;
    return thrown;
}

/* steps, time and depth
 * --------------------------------------------------------- */

static int64_t monotonic_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

bool ejs__refuel(ejs_context *ctx)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    if (realm->deadline_ns && monotonic_ns() > realm->deadline_ns) {
        ctx->fuel = 0;
        realm->fuel_left = 0;
        ejs__throw_limit(ctx, "time limit of the render exceeded");
        return false;
    }
    while (ctx->fuel <= 0 && realm->fuel_left > 0) {
        const int64_t slice =
            realm->deadline_ns && realm->fuel_left > FUEL_SLICE
                ? FUEL_SLICE
                : realm->fuel_left;
        realm->fuel_left -= slice;
        ctx->fuel += slice;
    }
    if (ctx->fuel > 0)
        return true;
    ejs__throw_limit(ctx, "step limit of the render exceeded");
    return false;
}

/* The lowest stack address a template may reach; found once per thread. */
static const char *stack_limit(void)
{
    static _Thread_local const char *limit;
    if (limit)
        return limit;

    pthread_attr_t attr;
    void *base = NULL;
    size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attr) == 0) {
        pthread_attr_getstack(&attr, &base, &size);
        pthread_attr_destroy(&attr);
    }
    const size_t reserve = size / 2 < STACK_RESERVE ? size / 2 : STACK_RESERVE;
    limit = (const char *)base + reserve;
    return limit;
}

static void throw_stack(ejs_context *ctx)
{
    ejs__throw_error(ctx, EJS_RANGE_ERROR, "Maximum call stack size exceeded");
}

bool ejs__check_stack(ejs_context *ctx)
{
    char here;
    const char *volatile address = &here;
    if (address > ctx->stack_limit)
        return true;
    throw_stack(ctx);
    return false;
}

/* ctx->depth counts from INLINE_DEPTH - max_depth when max_depth is small, so
 * that the one comparison in ejs__enter serves. */
static uint32_t depth_limit(const ejs__realm *realm)
{
    const unsigned max = realm->settings->max_depth;
    return max > INLINE_DEPTH ? max : INLINE_DEPTH;
}

bool ejs__enter_slow(ejs_context *ctx)
{
    char here;
    const char *volatile address = &here;
    if (ctx->depth > depth_limit(ejs__realm_of(ctx)) ||
        address <= ctx->stack_limit) {
        ctx->depth--;
        throw_stack(ctx);
        return false;
    }
    if (ctx->fuel > 0 || ejs__refuel(ctx))
        return true;
    ctx->depth--;
    return false;
}

/* life
 * ----------------------------------------------------------------------------
 */

static void reset_protos(ejs__realm *realm)
{
    for (int id = 0; id < EJS_N_CLASSES; id++) {
        ejs_object *proto = &realm->protos[id];
        const ejs__class_id parent = ejs__classes[id].parent;
        memset(proto, 0, sizeof *proto);
        proto->kind = EJS_OBJECT_PLAIN;
        proto->class_id = (uint16_t)(id * 4 + EJS_ROLE_PROTOTYPE);
        proto->proto = parent ? &realm->protos[parent] : NULL;
    }
    memset(realm->makers, 0, sizeof realm->makers);
    realm->used = realm->changed = false;
}

ejs_context *ejs__context_new(void)
{
    ejs__realm *realm;
    if (!ejs__realm_prepare() || !(realm = calloc(1, sizeof *realm)))
        return NULL;
    base_arena_init(&realm->arena, 0);
    realm->ctx.epoch = 1;
    reset_protos(realm);
    return &realm->ctx;
}

void ejs__context_free(ejs_context *ctx)
{
    if (!ctx)
        return;
    base_arena_free(&ejs__realm_of(ctx)->arena);
    free(ctx->out);
    free(ctx);
}

static void begin_time(ejs__realm *realm)
{
    const int64_t ms = realm->settings->max_time_ms;
    realm->deadline_ns = ms ? monotonic_ns() + ms * 1000000 : 0;
}

static void begin_limits(ejs__realm *realm)
{
    ejs_context *ctx = &realm->ctx;
    const ejs__settings *s = realm->settings;

    realm->arena.max = s->max_memory;
    realm->arena.exhausted = false;
    begin_time(realm);
    realm->fuel_left = s->max_steps && s->max_steps < INT64_MAX
                           ? (int64_t)s->max_steps
                           : INT64_MAX;
    ctx->fuel = realm->deadline_ns && realm->fuel_left > FUEL_SLICE
                    ? FUEL_SLICE
                    : realm->fuel_left;
    realm->fuel_left -= ctx->fuel;
    ctx->depth = s->max_depth && s->max_depth < INLINE_DEPTH
                     ? INLINE_DEPTH - s->max_depth
                     : 0;
    ctx->stack_limit = stack_limit();
}

void ejs__context_begin(ejs_context *ctx, const ejs__settings *settings,
                        ejs_write_fn write, void *user)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    realm->settings = settings;
    realm->write = write;
    realm->write_user = user;
    realm->chunk = FIRST_CHUNK;
    ctx->out_size = 0;
    ctx->out_frame = NULL;
    ctx->fatal = false;
    ctx->exception = ejs__undefined();
    ctx->epoch++;
    if (realm->used)
        reset_protos(realm);
    realm->global = NULL;
    if (realm->has_hints) {
        memset(realm->growable, 0, sizeof realm->growable);
        memset(realm->cursors, 0, sizeof realm->cursors);
    }
    realm->has_hints = false;
    if (realm->has_state)
        memset(realm->builtin_state, 0, sizeof realm->builtin_state);
    realm->has_state = false;
    realm->shadows = NULL;
    realm->n_shadows = realm->shadow_size = realm->n_copies = 0;
    ctx->json_quick = ejs__jsonc_known && !settings->typed;
    realm->now = settings->now;
    realm->captures = 0;
    realm->has_halves = false;
    realm->flushed = 0;
    realm->write_failed = false;
    realm->status = EJS_RUNTIME;
    realm->placed = realm->has_thrown = false;
    realm->hint_exception = NULL;
    realm->engine_state = NULL;
    realm->registers = realm->registers_end = NULL;
    realm->register_block = NULL;
    begin_limits(realm);
}

void ejs__context_write_to(ejs_context *ctx, ejs_write_fn write, void *user)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    realm->write = write;
    realm->write_user = user;
    begin_time(realm);
}

void **ejs__builtin_state(ejs_context *ctx, ejs__class_id id)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    realm->has_state = true;
    return &realm->builtin_state[id];
}

/* Most renders need one chunk, which then is the next one's as it is. */
static void reset_memory(ejs_context *ctx, size_t keep)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    if (realm->only_chunk && realm->arena.reserved <= keep &&
        BASE_MAY_READ_PAST) {
        ctx->arena_cursor = realm->only_chunk;
        return;
    }
    base_arena_reset(&realm->arena, keep);
    realm->only_chunk = NULL;
    ctx->arena_cursor = ctx->arena_limit = NULL;
}

void ejs__context_end(ejs_context *ctx, size_t keep)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    if (!realm->flushed) /* a page in pieces needs room for one piece only */
        realm->last_size = ctx->out_size;
    reset_memory(ctx, keep);
    if (ctx->out_capacity > keep) {
        free(ctx->out);
        ctx->out = NULL;
        ctx->out_capacity = 0;
    }
}

double ejs__now(ejs_context *ctx)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    if (isnan(realm->now)) {
        struct timespec t;
        clock_gettime(CLOCK_REALTIME, &t);
        realm->now = (double)t.tv_sec * 1000 + floor((double)t.tv_nsec / 1e6);
    }
    return realm->now;
}
