/* session_memory.c - sessions in this process's memory. */
#include <mvc/middleware.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* More visitors than this push out whoever expires first. */
enum { MOST = 100000, BUCKETS = 1 << 14, SWEEP_EVERY = 1000 };

typedef struct entry {
    struct entry *next;
    char *id, *json;
    int64_t expires;
} entry;

static struct {
    pthread_mutex_t lock;
    entry *buckets[BUCKETS];
    unsigned count, writes;
} memory = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Ids are random: any part of one is a hash. */
static entry **bucket(const char *id)
{
    unsigned hash = 0;
    for (int i = 0; i < 8 && id[i]; i++)
        hash = hash * 31 + (unsigned char)id[i];
    return &memory.buckets[hash % BUCKETS];
}

static entry **find(const char *id)
{
    entry **at = bucket(id);
    while (*at && strcmp((*at)->id, id) != 0)
        at = &(*at)->next;
    return at;
}

static void drop(entry **at)
{
    entry *e = *at;
    *at = e->next;
    free(e->id);
    free(e->json);
    free(e);
    memory.count--;
}

/* Drops what has expired by `now`; tells the earliest time left. */
static int64_t sweep(int64_t now)
{
    int64_t earliest = INT64_MAX;
    for (int i = 0; i < BUCKETS; i++) {
        for (entry **at = &memory.buckets[i]; *at;) {
            if ((*at)->expires <= now) {
                drop(at);
                continue;
            }
            if ((*at)->expires < earliest)
                earliest = (*at)->expires;
            at = &(*at)->next;
        }
    }
    return earliest;
}

static void make_room(void)
{
    if (memory.count < MOST && ++memory.writes % SWEEP_EVERY)
        return;
    const int64_t earliest = sweep((int64_t)time(NULL));
    if (memory.count >= MOST)
        sweep(earliest);
}

static bool get(void *data, const char *id, char **json)
{
    (void)data;
    pthread_mutex_lock(&memory.lock);
    entry **at = find(id);
    if (*at && (*at)->expires <= (int64_t)time(NULL))
        drop(at);
    const bool found = *at && strcmp((*at)->id, id) == 0;
    *json = found ? strdup((*at)->json) : NULL;
    pthread_mutex_unlock(&memory.lock);
    return *json || !found;
}

static entry *make_entry(const char *id)
{
    entry *e = calloc(1, sizeof *e);
    if (e && !(e->id = strdup(id))) {
        free(e);
        return NULL;
    }
    return e;
}

static bool set(void *data, const char *id, const char *json, int64_t expires)
{
    (void)data;
    char *copy = strdup(json);
    if (!copy)
        return false;
    pthread_mutex_lock(&memory.lock);
    make_room();
    entry **at = find(id);
    if (!*at) {
        *at = make_entry(id);
        memory.count += *at != NULL;
    }
    const bool ok = *at != NULL;
    if (ok) {
        free((*at)->json);
        (*at)->json = copy;
        (*at)->expires = expires;
    } else {
        free(copy);
    }
    pthread_mutex_unlock(&memory.lock);
    return ok;
}

static bool touch(void *data, const char *id, int64_t expires)
{
    (void)data;
    pthread_mutex_lock(&memory.lock);
    entry **at = find(id);
    if (*at)
        (*at)->expires = expires;
    pthread_mutex_unlock(&memory.lock);
    return true;
}

static bool destroy(void *data, const char *id)
{
    (void)data;
    pthread_mutex_lock(&memory.lock);
    entry **at = find(id);
    if (*at)
        drop(at);
    pthread_mutex_unlock(&memory.lock);
    return true;
}

const mvc_session_store mvc_memory_sessions = {get, set, touch, destroy, NULL};
