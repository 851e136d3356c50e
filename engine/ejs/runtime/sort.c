/* TimSort, asking for the same comparisons in the same order as V8. */
#include "ejs/runtime/sort.h"

/*
 * Real templates sort with comparators that contradict themselves (`a > b`), so
 * the outcome depends on the algorithm, and pages would differ from Node's if
 * ours were another.  This is Peters' listsort with V8's constants:
 *
 *  - the array is cut into ascending runs; short ones are extended to a minimum
 *    of 32 to 64 elements by binary insertion, so small arrays see only that;
 *  - runs wait on a stack whose lengths fall like the Fibonacci numbers, and
 * are merged with their neighbours to keep it so;
 *  - merging gallops: when one side wins often enough, it searches
 *    exponentially for how far it goes on winning.
 */
enum { MIN_GALLOP = 7, MAX_RUNS = 64 };

typedef struct run {
    uint32_t start, length;
} run;

typedef struct sorter {
    ejs__sortable *items, *spare;
    ejs__order_fn *compare;
    void *user;
    run runs[MAX_RUNS];
    uint32_t n_runs;
    int32_t min_gallop;
} sorter;

/* runs --------------------------------------------------------------------- */

static bool less(sorter *s, const ejs__sortable *a, const ejs__sortable *b,
                 bool *result)
{
    double order;
    if (!s->compare(s->user, a, b, &order))
        return false;
    *result = order < 0;
    return true;
}

static uint32_t min_run_length(uint32_t n)
{
    uint32_t odd = 0;
    for (; n >= 64; n >>= 1)
        odd |= n & 1;
    return n + odd;
}

/* The length of the run at `low`, made ascending; 0: thrown. */
static uint32_t count_run(sorter *s, uint32_t low, uint32_t high)
{
    bool descending, falls;
    uint32_t i = low + 1;
    if (i == high)
        return 1;
    if (!less(s, &s->items[i], &s->items[low], &descending))
        return 0;
    for (i++; i < high; i++) {
        if (!less(s, &s->items[i], &s->items[i - 1], &falls))
            return 0;
        if (falls != descending)
            break;
    }
    if (descending) {
        for (uint32_t a = low, b = i; a + 1 < b; a++) {
            const ejs__sortable kept = s->items[a];
            s->items[a] = s->items[--b];
            s->items[b] = kept;
        }
    }
    return i - low;
}

/* items[low .. start) is sorted: inserts the rest. */
static bool insert_rest(sorter *s, uint32_t low, uint32_t start, uint32_t high)
{
    for (; start < high; start++) {
        const ejs__sortable pivot = s->items[start];
        uint32_t left = low, right = start;
        while (left < right) {
            const uint32_t middle = left + (right - left) / 2;
            bool before;
            if (!less(s, &pivot, &s->items[middle], &before))
                return false;
            if (before)
                right = middle;
            else
                left = middle + 1;
        }
        memmove(&s->items[left + 1], &s->items[left],
                (start - left) * sizeof pivot);
        s->items[left] = pivot;
    }
    return true;
}

/* galloping ---------------------------------------------------------------- */

/*
 * Where `key` belongs in the sorted array[0 .. length), looking first around
 * `hint`: before equal elements, or after them with `after`.  -1: thrown.
 */
static int64_t gallop(sorter *s, const ejs__sortable *array,
                      const ejs__sortable *key, int64_t length, int64_t hint,
                      bool after)
{
#define BEFORE(i, out)                                                         \
    (after ? less(s, key, &array[i], out) : less(s, &array[i], key, out))
    bool yes;
    int64_t last = 0, offset = 1;
    if (!BEFORE(hint, &yes))
        return -1;
    const bool rightwards = after ? !yes : yes;
    const int64_t most = rightwards ? length - hint : hint + 1;
    while (offset < most) {
        if (!BEFORE(rightwards ? hint + offset : hint - offset, &yes))
            return -1;
        if ((after ? !yes : yes) != rightwards)
            break;
        last = offset;
        offset = (offset << 1) + 1;
    }
    if (offset > most)
        offset = most;
    int64_t low, high; /* the place is in low + 1 .. high */
    if (rightwards) {
        low = hint + last;
        high = hint + offset;
    } else {
        low = hint - offset;
        high = hint - last;
    }
    for (low++; low < high;) {
        const int64_t middle = low + ((high - low) >> 1);
        if (!BEFORE(middle, &yes))
            return -1;
        if (after ? !yes : yes)
            low = middle + 1;
        else
            high = middle;
    }
    return high;
#undef BEFORE
}

/* merging ------------------------------------------------------------------ */

/*
 * A merge in progress.  The smaller side waits in `spare`; the gap it left
 * closes as elements are put.  Written once for both directions: with `step`
 * -1 everything runs from the right end, and "other" is the left run.
 */
typedef struct merge {
    sorter *s;
    ejs__sortable *to, *spare, *other; /* where the next is put, taken from */
    int64_t n_spare, n_other;
    int step;
} merge;

static void put_spare(merge *m)
{
    *m->to = *m->spare;
    m->to += m->step;
    m->spare += m->step;
    m->n_spare--;
}

static void put_other(merge *m)
{
    *m->to = *m->other;
    m->to += m->step;
    m->other += m->step;
    m->n_other--;
}

static bool is_over(const merge *m)
{
    return m->n_other == 0 || m->n_spare <= 1;
}

/* One comparison: is the next one taken from `other`?  Equal elements must
 * stay in order, so the question depends on the direction. */
static bool other_goes(merge *m, bool *yes)
{
    return m->step > 0 ? less(m->s, m->other, m->spare, yes)
                       : less(m->s, m->spare, m->other, yes);
}

/* How many of the spare side go before the next of the other; -1: thrown. */
static int64_t spare_wins(merge *m)
{
    if (m->step > 0)
        return gallop(m->s, m->spare, m->other, m->n_spare, 0, true);
    const int64_t k = gallop(m->s, m->spare - (m->n_spare - 1), m->other,
                             m->n_spare, m->n_spare - 1, false);
    return k < 0 ? k : m->n_spare - k;
}

static int64_t other_wins(merge *m)
{
    if (m->step > 0)
        return gallop(m->s, m->other, m->spare, m->n_other, 0, false);
    const int64_t k = gallop(m->s, m->other - (m->n_other - 1), m->spare,
                             m->n_other, m->n_other - 1, true);
    return k < 0 ? k : m->n_other - k;
}

/* One at a time, until a side wins min_gallop times in a row. */
static bool merge_singly(merge *m)
{
    int32_t spare_run = 0, other_run = 0;
    while (!is_over(m)) {
        bool other;
        if (!other_goes(m, &other))
            return false;
        if (other) {
            put_other(m);
            other_run++;
            spare_run = 0;
        } else {
            put_spare(m);
            spare_run++;
            other_run = 0;
        }
        if (other_run >= m->s->min_gallop || spare_run >= m->s->min_gallop)
            return true;
    }
    return true;
}

/* One round of galloping; *won: whether that was worth it.  A gallop that
 * empties a side ends the round; `min_gallop` falls at the start of each. */
static bool merge_round(merge *m, bool *won)
{
    sorter *s = m->s;
    s->min_gallop = s->min_gallop > 2 ? s->min_gallop - 1 : 1;
    /* The first side to be asked for is the left run's. */
    for (int turn = 0; turn < 2; turn++) {
        const bool spare = (turn == 0) == (m->step > 0);
        int64_t n = spare ? spare_wins(m) : other_wins(m);
        if (n < 0)
            return false;
        *won = n >= MIN_GALLOP || (turn == 1 && *won);
        while (n-- > 0) {
            if (spare)
                put_spare(m);
            else
                put_other(m);
        }
        if (is_over(m))
            return true;
        if (spare)
            put_other(m);
        else
            put_spare(m);
        if (is_over(m))
            return true;
    }
    return true;
}

static bool merge_all(merge *m)
{
    while (!is_over(m)) {
        if (!merge_singly(m))
            return false;
        if (is_over(m))
            break;
        m->s->min_gallop++;
        bool won = true;
        while (won && !is_over(m)) {
            if (!merge_round(m, &won))
                return false;
        }
        if (!is_over(m))
            m->s->min_gallop++;
    }
    return true;
}

/* What is left on one side follows as it is; the last spare one after it. */
static void merge_end(merge *m)
{
    if (m->n_spare == 1 && m->n_other > 0) {
        while (m->n_other > 0)
            put_other(m);
    }
    while (m->n_spare > 0)
        put_spare(m);
}

/* Merges neighbouring runs a and b, in which a[0] > b[0] and a's last is the
 * greatest. */
static bool merge_runs(sorter *s, run a, run b)
{
    const bool left = a.length <= b.length;
    const run small = left ? a : b, large = left ? b : a;
    memcpy(s->spare, &s->items[small.start], small.length * sizeof *s->items);
    merge m = {.s = s, .step = left ? 1 : -1};
    m.n_spare = small.length;
    m.n_other = large.length;
    m.spare = left ? s->spare : s->spare + small.length - 1;
    m.other = &s->items[left ? large.start : large.start + large.length - 1];
    m.to = &s->items[left ? small.start : small.start + small.length - 1];
    put_other(&m); /* known from finding where the runs overlap */
    const bool ok = merge_all(&m);
    merge_end(&m); /* also after a throw: no element may be lost */
    return ok;
}

static bool merge_at(sorter *s, uint32_t i)
{
    run a = s->runs[i], b = s->runs[i + 1];
    s->runs[i].length = a.length + b.length;
    if (i + 3 == s->n_runs)
        s->runs[i + 1] = s->runs[i + 2];
    s->n_runs--;
    const int64_t skip =
        gallop(s, &s->items[a.start], &s->items[b.start], a.length, 0, true);
    if (skip < 0)
        return false;
    a.start += (uint32_t)skip;
    a.length -= (uint32_t)skip;
    if (a.length == 0)
        return true;
    const int64_t rest =
        gallop(s, &s->items[b.start], &s->items[a.start + a.length - 1],
               b.length, (int64_t)b.length - 1, false);
    if (rest < 0)
        return false;
    b.length = (uint32_t)rest;
    return b.length == 0 || merge_runs(s, a, b);
}

/* Is run n - 2 longer than the two after it? */
static bool in_order(const sorter *s, uint32_t n)
{
    return n < 2 ||
           s->runs[n - 2].length > s->runs[n - 1].length + s->runs[n].length;
}

static bool collapse(sorter *s, bool all)
{
    while (s->n_runs > 1) {
        uint32_t n = s->n_runs - 2;
        const bool broken = !in_order(s, n + 1) || !in_order(s, n);
        if (all || broken) {
            if (n > 0 && s->runs[n - 1].length < s->runs[n + 1].length)
                n--;
        } else if (s->runs[n].length > s->runs[n + 1].length) {
            return true;
        }
        if (!merge_at(s, n))
            return false;
    }
    return true;
}

bool ejs__sort(ejs_context *ctx, ejs__sortable *items, uint32_t count,
               ejs__order_fn *compare, void *user)
{
    if (count < 2)
        return true;
    sorter s = {.items = items,
                .compare = compare,
                .user = user,
                .min_gallop = MIN_GALLOP};
    const uint32_t min_run = min_run_length(count);
    if (count >= 64) {
        s.spare = ejs__alloc(ctx, (size_t)(count / 2 + 1) * sizeof *items);
        if (!s.spare)
            return false;
    }
    for (uint32_t low = 0; low < count;) {
        const uint32_t left = count - low;
        uint32_t length = count_run(&s, low, count);
        if (length == 0)
            return false;
        if (length < min_run) {
            const uint32_t forced = left < min_run ? left : min_run;
            if (!insert_rest(&s, low, low + length, low + forced))
                return false;
            length = forced;
        }
        s.runs[s.n_runs++] = (run){low, length};
        if (!collapse(&s, false))
            return false;
        low += length;
    }
    return collapse(&s, true);
}
