/*
 * run.c - the interpreter.
 *
 * One C call of run() for each function of a template that is active.  The
 * registers of all are taken from blocks in the render's arena, so that deep
 * recursion meets a limit and not the end of the C stack.  An instruction that
 * throws goes to `thrown`, which looks for a handler; see opcode.def for what
 * each instruction does.
 */
#include "ejs/vm/code.h"

#include "ejs/runtime/object.h"

/* registers
 * -------------------------------------------------------------------- */

typedef struct ejs__register_block {
    struct ejs__register_block *next;
    ejs_value *end;
    ejs_value values[];
} register_block;

enum { BLOCK_VALUES = 4000 };

/* What to restore when a function returns. */
typedef struct window {
    ejs_value *registers, *end;
    register_block *block;
} window;

static register_block *new_block(ejs_context *ctx, uint32_t n)
{
    const size_t count = n > BLOCK_VALUES ? n : BLOCK_VALUES;
    register_block *block =
        ejs__alloc(ctx, sizeof *block + count * sizeof(ejs_value));
    if (!block)
        return NULL;
    block->next = NULL;
    block->end = block->values + count;
    return block;
}

static ejs_value *take_slow(ejs__realm *realm, uint32_t n)
{
    register_block *block = realm->register_block;
    register_block *next = block ? block->next : NULL;
    if (!next || (size_t)(next->end - next->values) < n) {
        next = new_block(&realm->ctx, n);
        if (!next)
            return NULL;
        if (block)
            block->next = next;
    }
    realm->register_block = next;
    realm->registers = next->values + n;
    realm->registers_end = next->end;
    return next->values;
}

/* n registers, the first `cleared` of them undefined.  NULL: thrown. */
static ejs_value *take_registers(ejs_context *ctx, uint32_t n, uint32_t cleared,
                                 window *before)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    ejs_value *r = realm->registers;
    *before = (window){r, realm->registers_end, realm->register_block};
    if (EJS_LIKELY(r && (size_t)(realm->registers_end - r) >= n))
        realm->registers = r + n;
    else
        r = take_slow(realm, n);
    if (r)
        memset(r, 0, cleared * sizeof *r);
    return r;
}

static void give_back(ejs_context *ctx, const window *before)
{
    ejs__realm *realm = ejs__realm_of(ctx);
    if (!before->registers)
        return; /* the first block is kept for the whole render */
    realm->registers = before->registers;
    realm->registers_end = before->end;
    realm->register_block = before->block;
}

/* activations
 * ---------------------------------------------------------------------- */

/* What a function shares with arrows in it that call super(), may run before
 * super() does, or ask for new.target.  Such an arrow's `self` is uninitialised
 * and leads here. */
typedef struct shared {
    ejs_value self;
    ejs_object *callee;
    ejs_object *new_target; /* NULL: undefined */
} shared;

/* A function at work. */
typedef struct activation {
    ejs_context *ctx;
    ejs_frame *frame;
    const ejs__code *code;
    const ejs__function_object *function; /* NULL: the template */
    ejs_call *call;                       /* likewise */
    ejs_value *registers;
    shared *shared; /* NULL until there is something to share */
    const uint32_t *pc;
    ejs__resume_mode mode; /* with `resumed`: how and with what it goes on */
    bool resumed;
    bool returned; /* out: by RETURN */
    bool yielded;  /* out: a generator is to be resumed at pc */
    ejs_value sent;
} activation;

static ejs_value run(activation *a);

typedef struct vm_generator {
    ejs__generator base;
    activation activation;
    ejs_call call;
} vm_generator;

static int resume(ejs_context *ctx, ejs__generator *generator,
                  ejs__resume_mode mode, ejs_value sent, ejs_value *result)
{
    activation *a = &((vm_generator *)(void *)generator)->activation;
    if (!ejs__enter(ctx))
        return -1;
    a->mode = mode;
    a->sent = sent;
    a->yielded = false;
    *result = run(a);
    ejs__leave(ctx);
    a->resumed = true;
    if (ejs__is_thrown(*result))
        return -1;
    return a->yielded;
}

/* The call of a generator function ends with an object that goes on. */
static ejs_value suspend(activation *a, const uint32_t *pc)
{
    vm_generator *g = (vm_generator *)(void *)ejs__generator_new(
        a->ctx, a->call->callee, sizeof *g);
    if (!g)
        return ejs__thrown();
    g->base.resume = resume;
    g->activation = *a;
    g->activation.pc = pc;
    g->call = *a->call;
    g->call.args = NULL;
    g->call.argc = 0;
    g->activation.call = &g->call;
    return ejs__object(&g->base.object);
}

/* parts of instructions
 * ----------------------------------------------------------------- */

static const char *text_at(const ejs__code *code, uint32_t i)
{
    return i == UINT32_MAX ? NULL : code->strings[i];
}

/* The function that super and new.target of this one belong to. */
static const ejs__function_object *owner(const activation *a)
{
    const ejs__function_object *f = a->function;
    while (f && f->info->kind == EJS_CODE_ARROW && f->outer_function)
        f = (const ejs__function_object *)(const void *)f->outer_function;
    return f;
}

static ejs_object *home(const activation *a)
{
    const ejs__function_object *f = owner(a);
    return f ? f->home : NULL;
}

static ejs_value this_value(const activation *a)
{
    if (a->code->is_arrow)
        return a->shared ? a->shared->self : a->function->self;
    const ejs_value self = a->call ? a->call->self : a->frame->self;
    return a->code->info.strict ? self : ejs__sloppy_this(a->ctx, self);
}

static ejs_object *new_target_object(const activation *a)
{
    if (a->shared)
        return a->shared->new_target;
    if (!a->call || !a->call->construct)
        return NULL;
    return a->call->new_target ? a->call->new_target : a->call->callee;
}

static ejs_value new_target(const activation *a)
{
    ejs_object *target = new_target_object(a);
    return target ? ejs__object(target) : ejs__undefined();
}

/* What an arrow was given to share with its surroundings; NULL: nothing. */
static shared *shared_with(const ejs__function_object *arrow)
{
    return arrow->self.tag == EJS_TAG_UNINITIALIZED
               ? (shared *)(void *)arrow->self.as.object
               : NULL;
}

static bool share(activation *a, ejs__function_object *arrow)
{
    if (!a->shared) {
        a->shared = ejs__alloc(a->ctx, sizeof *a->shared);
        if (!a->shared)
            return false;
        *a->shared = (shared){a->code->has_self ? a->registers[a->code->self]
                                                : ejs__undefined(),
                              a->call->callee, NULL};
        if (a->call->construct)
            a->shared->new_target =
                a->call->new_target ? a->call->new_target : a->call->callee;
    }
    arrow->self = ejs__tagged(EJS_TAG_UNINITIALIZED);
    arrow->self.as.object = (ejs_object *)(void *)a->shared;
    return true;
}

/* False after throwing: super() has not been called. */
static bool check_this(const activation *a, ejs_value *self)
{
    if (EJS_LIKELY(self->tag != EJS_TAG_UNINITIALIZED))
        return true;
    if (a->shared)
        *self = a->shared->self;
    if (self->tag != EJS_TAG_UNINITIALIZED)
        return true;
    ejs__throw_no_this(a->ctx);
    return false;
}

static ejs_value *cell_of(const ejs_value *r)
{
    return (ejs_value *)(void *)r->as.object;
}

static ejs_value as_cell(ejs_value *cell)
{
    ejs_value v = ejs__undefined();
    v.as.object = (ejs_object *)(void *)cell;
    return v;
}

static ejs_value make_closure(const activation *a, const uint32_t *pc)
{
    const ejs__code *code = a->code->program->functions[pc[2]];
    ejs__function_object *f = ejs__closure(a->ctx, a->frame, &code->info,
                                           ejs__run_function, code, pc[3]);
    if (!f)
        return ejs__thrown();
    for (uint32_t i = 0; i < pc[3]; i++) {
        const int32_t from = (int32_t)pc[4 + i];
        f->cells[i] =
            from < 0 ? a->function->cells[~from] : cell_of(&a->registers[from]);
    }
    return ejs__object(&f->object);
}

static ejs_value call_value(ejs_context *ctx, ejs_value f, ejs_value self,
                            const ejs_value *args, uint32_t argc,
                            const char *text)
{
    if (EJS_LIKELY(f.tag == EJS_TAG_OBJECT &&
                   f.as.object->kind == EJS_OBJECT_FUNCTION)) {
        ejs__function_object *function =
            (ejs__function_object *)(void *)f.as.object;
        if (function->entry == ejs__run_function &&
            function->info->kind <= EJS_CODE_METHOD) {
            ejs_call call = {ctx,  f.as.object, self, args,
                             argc, false,       NULL, NULL};
            return ejs__run_function(&call);
        }
    }
    return ejs__call(ctx, f, self, args, argc, text);
}

static ejs_value call_spread(ejs_context *ctx, ejs_value f, ejs_value self,
                             ejs_value array, const char *text)
{
    const ejs__array *args = (const ejs__array *)(const void *)array.as.object;
    return call_value(ctx, f, self, args->items, args->object.length, text);
}

static bool put_include(const activation *a, const uint32_t *pc)
{
    const ejs_value *r = &a->registers[pc[1]];
    const uint32_t n = pc[2];
    if (r[0].tag == EJS_TAG_HOLE)
        return ejs__put_include(a->frame, n > 0 ? r[2] : ejs__undefined(),
                                n > 1 ? r[3] : ejs__undefined(), pc[3]);
    const ejs_value v =
        call_value(a->ctx, r[0], r[1], r + 2, n, text_at(a->code, pc[4]));
    if (ejs__is_thrown(v))
        return false;
    return pc[3] ? ejs__put_escaped(a->frame, v) : ejs__put_raw(a->frame, v);
}

static bool name_function(const activation *a, ejs_value f, ejs_value name,
                          uint32_t prefix)
{
    if (f.tag == EJS_TAG_OBJECT && f.as.object->kind == EJS_OBJECT_FUNCTION)
        ejs__name_function(a->ctx, f, name, text_at(a->code, prefix));
    return !a->ctx->fatal;
}

/* An iterator takes four registers, and one that says when it has ended. */
static ejs__iterator *iterator(ejs_value *r)
{
    _Static_assert(sizeof(ejs__iterator) <= 4 * sizeof(ejs_value),
                   "compile.c reserves four registers");
    return (ejs__iterator *)(void *)r;
}

static int next_item(ejs_context *ctx, ejs_value *it, ejs_value *v)
{
    if (it[4].as.bits)
        return 0;
    const int found = ejs__next(ctx, iterator(it), v);
    if (found <= 0)
        it[4] = ejs__boolean(true);
    return found;
}

static bool end_iterator(ejs_context *ctx, ejs_value *it)
{
    if (it[4].as.bits)
        return true;
    it[4] = ejs__boolean(true);
    return ejs__iterate_end(ctx, iterator(it));
}

/* Ends it because of an exception, which is not replaced by another. */
static bool drop_iterator(ejs_context *ctx, ejs_value *it)
{
    if (!end_iterator(ctx, it))
        return !ejs__is_thrown(ejs__catch(ctx));
    return true;
}

static ejs_value rest_of(ejs_context *ctx, ejs_value *it)
{
    ejs__array *array = ejs__array_new(ctx, 0);
    ejs_value v = ejs__undefined();
    int found = 0;
    while (array && (found = next_item(ctx, it, &v)) > 0) {
        if (!ejs__step(ctx) || !ejs__array_push(ctx, array, v))
            return ejs__thrown();
    }
    return array && !found ? ejs__object(&array->object) : ejs__thrown();
}

/* 1 and the element, 0 at the end, -1 thrown; turns: next index, length. */
static int next_element(ejs_context *ctx, ejs_value *turns, ejs_value array,
                        ejs_value *v, ejs_value *index)
{
    uint32_t i = (uint32_t)turns[0].as.number;
    const uint32_t length = (uint32_t)turns[1].as.number;
    for (; i < length; i++) {
        *v = ejs__loop_at(ctx, array, i);
        if (v->tag != EJS_TAG_HOLE) {
            turns[0].as.number = (double)i + 1;
            *index = ejs__number(i);
            return ejs__is_thrown(*v) ? -1 : 1;
        }
        if (!ejs__step(ctx))
            return -1;
    }
    return 0;
}

static ejs_value super_call(const activation *a, const ejs_value *args,
                            uint32_t argc, ejs_value *self)
{
    ejs_call call = *a->call;
    call.self = *self;
    if (a->shared) {
        call.callee = a->shared->callee;
        call.new_target = a->shared->new_target;
        call.self = a->shared->self;
    }
    const ejs_value v = ejs__super_call(a->ctx, &call, args, argc);
    if (ejs__is_thrown(v))
        return v;
    *self = v; /* the values of fields may ask for it already */
    if (a->shared)
        a->shared->self = v;
    return ejs__init_fields(a->ctx, call.callee, v) ? v : ejs__thrown();
}

/* Says where in the template the instruction at pc stems from. */
static void tell_place(const activation *a, const uint32_t *pc)
{
    const ejs__code *code = a->code;
    const uint32_t at = (uint32_t)(pc - code->words);
    uint32_t low = 0, high = code->n_places, line, column;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (code->places[middle].at <= at)
            low = middle + 1;
        else
            high = middle;
    }
    if (!low)
        return;
    ejs__script_position(code->program->script, code->places[low - 1].offset,
                         &line, &column);
    ejs__thrown_at(a->ctx, a->frame->unit->filename,
                   line << 12 | (column < 4096 ? column : 0));
}

/* Where an exception at pc is handled; NULL: nowhere here. */
static const uint32_t *find_handler(const activation *a, const uint32_t *pc)
{
    const ejs__code *code = a->code;
    const uint32_t at = (uint32_t)(pc - code->words);
    for (uint32_t i = 0; i < code->n_handlers; i++) {
        const ejs__handler *h = &code->handlers[i];
        if (at < h->start || at >= h->end)
            continue;
        const ejs_value exception = ejs__catch(a->ctx);
        if (ejs__is_thrown(exception))
            return NULL;
        a->registers[h->exception] = exception;
        return code->words + h->target;
    }
    return NULL;
}

/* the loop
 * ----------------------------------------------------------------------------------
 */

/* clang-format off */
/* W: the i-th operand; R, X: the register or register-or-constant it names. */
#define W(i) (pc[i])
#define R(i) (r[pc[i]])
#define X(i) (*((int32_t)pc[i] < 0 ? k + ~pc[i] : r + pc[i]))
#define TEXT(i) text_at(code, pc[i])
#define SITE(i) (&code->sites[pc[i]])

#if defined(__GNUC__)
#define BEGIN() goto *labels[*pc];
#define CASE(op) op_##op
#define NEXT(n) do { pc += (n) + 1; goto *labels[*pc]; } while (0)
#define GO(target) do { pc = code->words + (target); goto *labels[*pc]; } while (0)
#define FINISH()
#else
#define BEGIN() for (;;) switch (*pc) {
#define CASE(op) case VM_##op
#define NEXT(n) { pc += (n) + 1; continue; }
#define GO(target) { pc = code->words + (target); continue; }
#define FINISH() }
#endif

/* The result of something that may throw goes to a register. */
#define RESULT(n, expression)                                                  \
    do {                                                                       \
        const ejs_value result_ = (expression);                                \
        if (ejs__is_thrown(result_))                                           \
            goto thrown;                                                       \
        R(1) = result_;                                                        \
        NEXT(n);                                                               \
    } while (0)
#define CHECKED(n, expression)                                                 \
    do {                                                                       \
        if (EJS_UNLIKELY(!(expression)))                                       \
            goto thrown;                                                       \
        NEXT(n);                                                               \
    } while (0)
/* A truth value that may be -1. */
#define TRUTH(n, expression)                                                   \
    do {                                                                       \
        const int truth_ = (expression);                                       \
        if (EJS_UNLIKELY(truth_ < 0))                                          \
            goto thrown;                                                       \
        R(1) = ejs__boolean(truth_);                                           \
        NEXT(n);                                                               \
    } while (0)
#define JUMP_WHEN(expression, wanted)                                          \
    do {                                                                       \
        const int truth_ = (expression);                                       \
        if (EJS_UNLIKELY(truth_ < 0))                                          \
            goto thrown;                                                       \
        if (truth_ == (wanted))                                                \
            GO(W(3));                                                          \
        NEXT(3);                                                               \
    } while (0)
#define JUMP_IF(expression)                                                    \
    do {                                                                       \
        if (expression)                                                        \
            GO(W(2));                                                          \
        NEXT(2);                                                               \
    } while (0)

static ejs_value run(activation *a)
{
#if defined(__GNUC__)
    static const void *const labels[] = {
#define OP(name, operands, meaning) &&op_##name,
#include "ejs/vm/opcode.def"
#undef OP
    };
#endif
    ejs_context *const ctx = a->ctx;
    ejs_frame *const frame = a->frame;
    const ejs__code *const code = a->code;
    const ejs_value *const k = code->constants;
    ejs_value *const r = a->registers;
    const uint32_t *pc = a->pc;

    if (a->resumed) {
        a->resumed = false;
        R(1) = a->sent;
        if (a->mode == EJS_RESUME_THROW) {
            ejs__throw_value(ctx, a->sent);
            goto thrown;
        }
        pc = a->mode == EJS_RESUME_RETURN ? code->words + W(3) : pc + 4;
    }

again:
    BEGIN()
    /* registers and variables */
    CASE(MOVE):
        R(1) = X(2);
        NEXT(2);
    CASE(CELL): {
        ejs_value *cell = ejs__cell(ctx, X(2));
        if (!cell)
            goto thrown;
        R(1) = as_cell(cell);
        NEXT(2);
    }
    CASE(CELL_AGAIN): {
        ejs_value *cell = ejs__cell(ctx, *cell_of(&R(1)));
        if (!cell)
            goto thrown;
        R(1) = as_cell(cell);
        NEXT(1);
    }
    CASE(CELL_GET):
        R(1) = *cell_of(&R(2));
        NEXT(2);
    CASE(CELL_SET):
        *cell_of(&R(1)) = X(2);
        NEXT(2);
    CASE(OUTER_GET):
        R(1) = *a->function->cells[W(2)];
        NEXT(2);
    CASE(OUTER_SET):
        *a->function->cells[W(1)] = X(2);
        NEXT(2);
    CASE(CHECK):
        if (EJS_UNLIKELY(R(1).tag == EJS_TAG_UNINITIALIZED))
            goto uninitialized;
        NEXT(2);
    CASE(CELL_CHECK):
        if (EJS_UNLIKELY(cell_of(&R(1))->tag == EJS_TAG_UNINITIALIZED))
            goto uninitialized;
        NEXT(2);
    CASE(OUTER_CHECK):
        if (EJS_UNLIKELY(a->function->cells[W(1)]->tag ==
                         EJS_TAG_UNINITIALIZED))
            goto uninitialized;
        NEXT(2);
    CASE(THROW_CONST):
        ejs__throw_const(ctx);
        goto thrown;

    /* names */
    CASE(NAME):
        RESULT(2, ejs__name_get(frame, W(2)));
    CASE(NAME_SET):
        CHECKED(3, ejs__name_put(frame, W(1), X(2), W(3)));
    CASE(NAME_VAR):
        ejs__name_put_var(frame, W(1), X(2));
        NEXT(2);
    CASE(NAME_TYPEOF):
        RESULT(2, ejs__name_typeof(frame, W(2)));
    CASE(NAME_DELETE):
        RESULT(2, ejs__name_delete(frame, W(2)));
    CASE(NAME_INCLUDE):
        if (ejs__name_is_include(frame, W(2))) {
            R(1) = ejs__tagged(EJS_TAG_HOLE);
            NEXT(2);
        }
        /* fall through */
    CASE(NAME_CALLEE):
        RESULT(2, ejs__name_callee(frame, W(2), &r[W(1) + 1]));

    /* what a function is given */
    CASE(ARGUMENT):
        R(1) = W(2) < a->call->argc ? a->call->args[W(2)] : ejs__undefined();
        NEXT(2);
    CASE(REST):
        RESULT(2, ejs__rest(ctx, a->call, W(2)));
    CASE(ARGUMENTS):
        RESULT(2, ejs__arguments(ctx, a->call, W(2)));
    CASE(MAP_ARGUMENT):
        CHECKED(3, ejs__map_argument(ctx, R(1), W(2), cell_of(&R(3))));
    CASE(THIS):
        RESULT(1, this_value(a));
    CASE(THIS_CHECK):
        CHECKED(1, check_this(a, &R(1)));
    CASE(CALLEE):
        R(1) = ejs__object(a->call->callee);
        NEXT(1);
    CASE(NEW_TARGET):
        R(1) = new_target(a);
        NEXT(1);

    /* operators */
    CASE(ADD):
        RESULT(3, ejs__add(ctx, X(2), X(3)));
    CASE(SUB):
        RESULT(3, ejs__sub(ctx, X(2), X(3)));
    CASE(MUL):
        RESULT(3, ejs__mul(ctx, X(2), X(3)));
    CASE(DIV):
        RESULT(3, ejs__div(ctx, X(2), X(3)));
    CASE(MOD):
        RESULT(3, ejs__mod(ctx, X(2), X(3)));
    CASE(ARITH):
        RESULT(4, ejs__arith_slow(ctx, (ejs__arith)W(2), X(3), X(4)));
    CASE(NEGATE):
        RESULT(2, ejs__negate(ctx, X(2)));
    CASE(PLUS):
        RESULT(2, ejs__to_number(ctx, X(2)));
    CASE(BIT_NOT):
        RESULT(2, ejs__bit_not(ctx, X(2)));
    CASE(NOT):
        R(1) = ejs__boolean(!ejs__truthy(X(2)));
        NEXT(2);
    CASE(TYPEOF):
        R(1) = ejs__typeof(X(2));
        NEXT(2);
    CASE(INC):
    CASE(DEC): {
        const double step = *pc == VM_INC ? 1 : -1;
        ejs_value v = X(2);
        if (EJS_UNLIKELY(v.tag != EJS_TAG_NUMBER)) {
            v = ejs__to_number(ctx, v);
            if (ejs__is_thrown(v))
                goto thrown;
        }
        R(1) = ejs__number(v.as.number + step);
        NEXT(2);
    }
    CASE(EQ):
        TRUTH(3, ejs__loose_equal(ctx, X(2), X(3)));
    CASE(NE): {
        const int equal = ejs__loose_equal(ctx, X(2), X(3));
        TRUTH(3, equal < 0 ? equal : !equal);
    }
    CASE(SEQ):
        R(1) = ejs__boolean(ejs__strict_equal(X(2), X(3)));
        NEXT(3);
    CASE(SNE):
        R(1) = ejs__boolean(!ejs__strict_equal(X(2), X(3)));
        NEXT(3);
    CASE(COMPARE):
        TRUTH(4, ejs__compare(ctx, (ejs__order)W(2), X(3), X(4)));
    CASE(IN):
        TRUTH(3, ejs__in(ctx, X(2), X(3)));
    CASE(PRIVATE_IN):
        TRUTH(3, ejs__private_in(ctx, X(2), X(3)));
    CASE(INSTANCEOF):
        TRUTH(3, ejs__instanceof(ctx, X(2), X(3)));
    CASE(TO_STRING):
        RESULT(2, ejs__to_string(ctx, X(2)));
    CASE(CONCAT):
        RESULT(3, ejs__concat(ctx, &R(2), W(3)));

    /* jumps */
    CASE(JUMP):
        GO(W(1));
    CASE(LOOP):
        if (!ejs__step(ctx))
            goto thrown;
        GO(W(1));
    CASE(JUMP_TRUE):
        JUMP_IF(ejs__truthy(X(1)));
    CASE(JUMP_FALSE):
        JUMP_IF(!ejs__truthy(X(1)));
    CASE(JUMP_NULLISH):
        JUMP_IF(ejs__is_nullish(X(1)));
    CASE(JUMP_NOT_NULLISH):
        JUMP_IF(!ejs__is_nullish(X(1)));
    CASE(JUMP_DEFINED):
        JUMP_IF(X(1).tag != EJS_TAG_UNDEFINED);
    CASE(JUMP_EQ):
        JUMP_WHEN(ejs__loose_equal(ctx, X(1), X(2)), 1);
    CASE(JUMP_NE):
        JUMP_WHEN(ejs__loose_equal(ctx, X(1), X(2)), 0);
    CASE(JUMP_SEQ):
        JUMP_WHEN(ejs__strict_equal(X(1), X(2)), 1);
    CASE(JUMP_SNE):
        JUMP_WHEN(ejs__strict_equal(X(1), X(2)), 0);
    CASE(JUMP_LT):
        JUMP_WHEN(ejs__compare(ctx, EJS_LESS, X(1), X(2)), 1);
    CASE(JUMP_LE):
        JUMP_WHEN(ejs__compare(ctx, EJS_LESS_EQUAL, X(1), X(2)), 1);
    CASE(JUMP_GT):
        JUMP_WHEN(ejs__compare(ctx, EJS_GREATER, X(1), X(2)), 1);
    CASE(JUMP_GE):
        JUMP_WHEN(ejs__compare(ctx, EJS_GREATER_EQUAL, X(1), X(2)), 1);
    CASE(JUMP_NOT_LT):
        JUMP_WHEN(ejs__compare(ctx, EJS_LESS, X(1), X(2)), 0);
    CASE(JUMP_NOT_LE):
        JUMP_WHEN(ejs__compare(ctx, EJS_LESS_EQUAL, X(1), X(2)), 0);
    CASE(JUMP_NOT_GT):
        JUMP_WHEN(ejs__compare(ctx, EJS_GREATER, X(1), X(2)), 0);
    CASE(JUMP_NOT_GE):
        JUMP_WHEN(ejs__compare(ctx, EJS_GREATER_EQUAL, X(1), X(2)), 0);
    CASE(JUMP_KIND):
        JUMP_WHEN(R(1).as.number == W(2), 1);

    /* properties */
    CASE(GET):
        RESULT(3, ejs__get(ctx, X(2), SITE(3)));
    CASE(GET_LENGTH):
        RESULT(2, ejs__get_length(ctx, X(2)));
    CASE(NAME_GET): {
        const ejs_value object = ejs__name_get(frame, W(2));
        if (ejs__is_thrown(object))
            goto thrown;
        const ejs_value v = ejs__get(ctx, object, SITE(3));
        if (ejs__is_thrown(v)) {
            pc++;
            goto thrown;
        }
        R(1) = v;
        NEXT(3);
    }
    CASE(INDEX):
        RESULT(3, ejs__get_index(ctx, X(2), X(3)));
    CASE(SET):
        CHECKED(4, ejs__set(ctx, X(1), SITE(2), X(3), W(4)));
    CASE(SET_INDEX):
        CHECKED(4, ejs__set_index(ctx, X(1), X(2), X(3), W(4)));
    CASE(TO_KEY):
        RESULT(2, ejs__to_property_key(ctx, X(2)));
    CASE(DELETE):
        RESULT(4, ejs__delete(ctx, X(2), X(3), W(4)));
    CASE(PLACE_KEY):
        RESULT(3, ejs__place_key(ctx, X(2), X(3)));
    CASE(SUPER_DELETE):
        ejs__throw_error(ctx, EJS_REFERENCE_ERROR,
                         "Unsupported reference to 'super'");
        goto thrown;
    CASE(SUPER_GET):
        RESULT(3, ejs__get_super(ctx, home(a), X(2), X(3)));
    CASE(SUPER_SET):
        CHECKED(4, ejs__set_super(ctx, home(a), X(1), X(2), X(3), W(4)));

    /* making things */
    CASE(OBJECT): {
        ejs_object *object = ejs__object_new(ctx);
        if (!object)
            goto thrown;
        R(1) = ejs__object(object);
        NEXT(1);
    }
    CASE(ARRAY): {
        ejs__array *array = ejs__array_new(ctx, W(2));
        if (!array)
            goto thrown;
        R(1) = ejs__object(&array->object);
        NEXT(2);
    }
    CASE(PUSH):
        CHECKED(2, ejs__array_push(
                       ctx, (ejs__array *)(void *)R(1).as.object, X(2)));
    CASE(PUSH_HOLE):
        CHECKED(1, ejs__array_push(ctx,
                                   (ejs__array *)(void *)R(1).as.object,
                                   ejs__tagged(EJS_TAG_HOLE)));
    CASE(SPREAD):
        CHECKED(3, ejs__array_spread(ctx,
                                     (ejs__array *)(void *)R(1).as.object, X(2),
                                     TEXT(3)));
    CASE(DEFINE):
        CHECKED(3, ejs__define(ctx, R(1).as.object, SITE(2), X(3)));
    CASE(DEFINE_INDEX):
        CHECKED(3, ejs__define_index(ctx, R(1).as.object, X(2), X(3)));
    CASE(DEFINE_METHOD):
        CHECKED(3, ejs__define_method(ctx, R(1).as.object, X(2), X(3)));
    CASE(ACCESSOR):
        CHECKED(5, ejs__define_accessor(ctx, R(1).as.object, X(2), X(3), W(4),
                                        W(5)));
    CASE(OBJECT_SPREAD):
        CHECKED(2, ejs__object_spread(ctx, R(1).as.object, X(2)));
    CASE(PROTO):
        CHECKED(2, ejs__set_proto_literal(ctx, R(1).as.object, X(2)));
    CASE(OBJECT_REST):
        RESULT(4, ejs__object_rest(ctx, X(2), &r[W(3)], W(4)));
    CASE(REGEXP): {
        const ejs_value pattern = X(3), flags = X(4);
        RESULT(4, ejs__regexp_literal(frame, W(2), pattern.as.text,
                                      pattern.size, flags.as.text, flags.size));
    }
    CASE(TAGGED):
        RESULT(5, ejs__template_object(frame, W(2), &r[W(3)], &r[W(4)], W(5)));
    CASE(CLOSURE): {
        const ejs_value f = make_closure(a, pc);
        if (ejs__is_thrown(f))
            goto thrown;
        R(1) = f;
        NEXT(3 + W(3));
    }
    CASE(ARROW): {
        ejs__function_object *f =
            (ejs__function_object *)(void *)R(1).as.object;
        f->self = X(2);
        f->outer_function = a->function ? a->call->callee : NULL;
        if (W(3) && !share(a, f))
            goto thrown;
        NEXT(3);
    }
    CASE(HOME):
        ((ejs__function_object *)(void *)R(1).as.object)->home =
            X(2).as.object;
        NEXT(2);
    CASE(NAME_FUNCTION):
        CHECKED(3, name_function(a, X(1), X(2), W(3)));
    CASE(CLASS):
        RESULT(3, ejs__class(ctx, (ejs__function_object *)(void *)
                                      R(2).as.object, X(3)));
    CASE(FIELD):
        CHECKED(4, ejs__class_field(ctx, R(1), (ejs__field_kind)W(2), X(3), X(4)));

    /* calls */
    CASE(CALL):
        RESULT(6, call_value(ctx, X(2), X(3), &r[W(4)], W(5), TEXT(6)));
    CASE(CALL_METHOD):
        RESULT(6, ejs__call_method(ctx, X(2), SITE(3), &r[W(4)], W(5),
                                   TEXT(6)));
    CASE(CALL_INDEX):
        RESULT(6, ejs__call_index(ctx, X(2), X(3), &r[W(4)], W(5), TEXT(6)));
    CASE(FIND):
        RESULT(3, ejs__find_method(ctx, X(2), SITE(3)));
    CASE(FIND_INDEX):
        RESULT(3, ejs__find_method_at(ctx, X(2), X(3)));
    CASE(CALL_FOUND):
        RESULT(7, ejs__call_found(ctx, X(2), X(3), X(4), &r[W(5)], W(6),
                                  TEXT(7)));
    CASE(CALL_SPREAD):
        RESULT(5, call_spread(ctx, X(2), X(3), R(4), TEXT(5)));
    CASE(CALL_FOUND_SPREAD): {
        const ejs__array *args =
            (const ejs__array *)(const void *)R(5).as.object;
        RESULT(6, ejs__call_found(ctx, X(2), X(3), X(4), args->items,
                                  args->object.length, TEXT(6)));
    }
    CASE(NEW):
        RESULT(5, ejs__new(ctx, X(2), &r[W(3)], W(4), TEXT(5)));
    CASE(NEW_SPREAD): {
        const ejs__array *args =
            (const ejs__array *)(const void *)R(3).as.object;
        RESULT(4, ejs__new(ctx, X(2), args->items, args->object.length,
                           TEXT(4)));
    }
    CASE(SUPER_CALL):
        RESULT(3, super_call(a, &r[W(2)], W(3), &R(1)));
    CASE(SUPER_SPREAD): {
        const ejs__array *args =
            (const ejs__array *)(const void *)R(2).as.object;
        RESULT(2, super_call(a, args->items, args->object.length, &R(1)));
    }

    /* leaving */
    CASE(RETURN): {
        const ejs_value v = X(1);
        if (code->is_derived && v.tag == EJS_TAG_UNDEFINED) {
            if (!check_this(a, &r[code->self]))
                goto thrown;
            return r[code->self];
        }
        a->returned = true;
        return v;
    }
    CASE(END):
        return ejs__undefined();
    CASE(THROW_REFERENCE):
        ejs__throw_error(ctx, EJS_REFERENCE_ERROR, "%s", TEXT(1));
        goto thrown;
    CASE(THROW):
    CASE(RETHROW):
        ejs__throw_value(ctx, X(1));
        goto thrown;
    CASE(DESTRUCTURE):
        if (EJS_UNLIKELY(ejs__is_nullish(X(1)))) {
            ejs__throw_destructure(ctx, X(1), TEXT(2), TEXT(3));
            goto thrown;
        }
        NEXT(3);

    /* iteration */
    CASE(ITERATE):
        r[W(1) + 4] = ejs__boolean(false);
        CHECKED(3, ejs__iterate(ctx, iterator(&R(1)), X(2), TEXT(3)));
    CASE(NEXT): {
        const int found = next_item(ctx, &R(2), &R(1));
        if (EJS_UNLIKELY(found < 0))
            goto thrown;
        if (!found)
            GO(W(3));
        NEXT(3);
    }
    CASE(NEXT_OR_END): {
        const int found = next_item(ctx, &R(2), &R(1));
        if (EJS_UNLIKELY(found < 0))
            goto thrown;
        if (!found)
            R(1) = ejs__undefined();
        NEXT(2);
    }
    CASE(ITERATE_END):
        CHECKED(1, end_iterator(ctx, &R(1)));
    CASE(ITERATE_DROP):
        CHECKED(1, drop_iterator(ctx, &R(1)));
    CASE(ITERATE_REST):
        RESULT(2, rest_of(ctx, &R(2)));
    CASE(ENUMERATE):
        CHECKED(2, ejs__enumerate(ctx, iterator(&R(1)), X(2)));
    CASE(NEXT_KEY): {
        const int found = ejs__next_key(ctx, iterator(&R(2)), &R(1));
        if (EJS_UNLIKELY(found < 0))
            goto thrown;
        if (!found)
            GO(W(3));
        NEXT(3);
    }
    CASE(EACH): {
        uint32_t length;
        if (!ejs__loop_open(ctx, X(2), SITE(3), &length))
            GO(W(4));
        r[W(1)] = ejs__number(0);
        r[W(1) + 1] = ejs__number(length);
        NEXT(4);
    }
    CASE(EACH_NEXT): {
        const int found = next_element(ctx, &R(4), X(3), &R(1), &R(2));
        if (EJS_UNLIKELY(found < 0))
            goto thrown;
        if (!found)
            GO(W(5));
        NEXT(5);
    }

    /* output */
    CASE(LINE):
        frame->line = W(1);
        NEXT(1);
    CASE(TEXT):
        CHECKED(1, ejs__put(frame, X(1).as.text, X(1).size));
    CASE(TEXT_LINE): {
        const ejs_value text = X(1);
        if (!ejs__put(frame, text.as.text, text.size))
            goto thrown;
        frame->line = W(2);
        NEXT(2);
    }
    CASE(PUT_ESCAPED):
        CHECKED(1, ejs__put_escaped(frame, X(1)));
    CASE(PUT_RAW):
        CHECKED(1, ejs__put_raw(frame, X(1)));
    CASE(PUT_NAME): {
        const ejs_value v = ejs__name_get(frame, W(1));
        if (ejs__is_thrown(v))
            goto thrown;
        CHECKED(1, ejs__put_escaped(frame, v));
    }
    CASE(PUT_GET): {
        const ejs_value v = ejs__get(ctx, X(1), SITE(2));
        if (ejs__is_thrown(v))
            goto thrown;
        CHECKED(2, ejs__put_escaped(frame, v));
    }
    CASE(PUT_NAME_GET): {
        ejs_value v = ejs__name_get(frame, W(1));
        if (ejs__is_thrown(v))
            goto thrown;
        v = ejs__get(ctx, v, SITE(2));
        if (ejs__is_thrown(v) || !ejs__put_escaped(frame, v)) {
            pc++;
            goto thrown;
        }
        NEXT(2);
    }
    CASE(PUT_INCLUDE):
        CHECKED(4, put_include(a, pc));

    /* generators */
    CASE(GENERATOR):
        return suspend(a, pc + 1);
    CASE(YIELD):
        a->pc = pc;
        a->yielded = true;
        return X(2);
    FINISH()

uninitialized:
    ejs__throw_tdz(ctx, TEXT(2));
thrown:
    if (!ejs__knows_thrown(ctx))
        tell_place(a, pc);
    pc = find_handler(a, pc);
    if (!pc)
        return ejs__thrown();
    goto again;
}

/* clang-format on */

/* entries
 * -----------------------------------------------------------------------------------------
 */

/* A generator's registers outlive the call. */
static ejs_value *own_registers(ejs_context *ctx, const ejs__code *code)
{
    const size_t size = code->n_registers * sizeof(ejs_value);
    ejs_value *r = ejs__alloc(ctx, size);
    if (r)
        memset(r, 0, size);
    return r;
}

ejs_value ejs__run_function(ejs_call *call)
{
    const ejs__function_object *function =
        (const ejs__function_object *)(const void *)call->callee;
    const ejs__code *code = function->code;
    ejs_context *ctx = call->ctx;
    window before;
    if (!ejs__enter(ctx))
        return ejs__thrown();
    ejs_value *r = code->is_generator ? own_registers(ctx, code)
                                      : take_registers(ctx, code->n_registers,
                                                       code->n_slots, &before);
    ejs_value v = ejs__thrown();
    if (r) {
        const uint32_t n =
            call->argc < code->n_parameters ? call->argc : code->n_parameters;
        for (uint32_t i = 0; i < n; i++)
            r[i] = call->args[i];
        activation a = {.ctx = ctx,
                        .frame = function->frame,
                        .code = code,
                        .function = function,
                        .call = call,
                        .registers = r,
                        .shared = code->is_arrow ? shared_with(function) : NULL,
                        .pc = code->words};
        v = run(&a);
        if (!code->is_generator)
            give_back(ctx, &before);
    }
    ejs__leave(ctx);
    return v;
}

ejs_value ejs__run_unit(ejs_frame *frame, bool *returned)
{
    const ejs__program *program = frame->unit->code;
    const ejs__code *code = program->functions[0];
    ejs_context *ctx = frame->ctx;
    window before;
    if (!ejs__enter(ctx))
        return ejs__thrown();
    ejs_value *r =
        take_registers(ctx, code->n_registers, code->n_slots, &before);
    activation a = {.ctx = ctx,
                    .frame = frame,
                    .code = code,
                    .registers = r,
                    .pc = code->words};
    const ejs_value v = r ? run(&a) : ejs__thrown();
    if (r)
        give_back(ctx, &before);
    ejs__leave(ctx);
    *returned = a.returned;
    return v;
}
