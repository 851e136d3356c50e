/* session.c - values that stay with a visitor, found by a signed cookie. */
#include <mvc/middleware.h>

#include <json-c/json.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ID_BYTES = 24, ID_SIZE = 2 * ID_BYTES + 1, DAY = 86400 };

typedef struct session {
    const mvc_session_options *options;
    const mvc_session_store *store;
    mvc_doc *values;
    char *before;         /* what the store has, NULL: nothing yet */
    char id[ID_SIZE];     /* "": none yet */
    char old_id[ID_SIZE]; /* to be destroyed: it was regenerated */
    bool destroyed;
} session;

static const mvc_session_options defaults;
static const char attached;

static void free_session(void *value)
{
    session *s = value;
    json_object_put(s->values);
    free(s->before);
    free(s);
}

static const char *cookie_name(const mvc_session_options *o)
{
    return o->name ? o->name : "sid";
}

static int64_t max_age(const mvc_session_options *o)
{
    return o->max_age > 0 ? o->max_age : DAY;
}

static void new_id(char *id)
{
    unsigned char bytes[ID_BYTES];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(id, ID_SIZE, bytes, sizeof bytes);
}

/* Only ids that we could have made: an id is never taken from a client that
 * the store does not know (session fixation). */
static bool is_id(const char *text)
{
    return text && strlen(text) == ID_SIZE - 1 &&
           strspn(text, "0123456789abcdef") == ID_SIZE - 1;
}

/* False when the store fails; that it knows no such session is fine. */
static bool load(session *s, const char *id)
{
    char *text;
    if (!s->store->get(s->store->data, id, &text))
        return false;
    json_object *values = text ? json_tokener_parse(text) : NULL;
    if (!json_object_is_type(values, json_type_object)) {
        json_object_put(values);
        free(text);
        return true;
    }
    json_object_put(s->values);
    s->values = values;
    s->before = text;
    memcpy(s->id, id, ID_SIZE);
    return true;
}

static mvc_cookie_options attributes(const mvc_req *req, const session *s)
{
    const mvc_session_options *o = s->options;
    return (mvc_cookie_options){
        .path = o->path,
        .domain = o->domain,
        .http_only = true,
        .secure = o->secure || mvc_is_secure(req),
        .same_site = o->same_site ? o->same_site : MVC_SAME_SITE_LAX,
    };
}

static void send_cookie(mvc_req *req, mvc_res *res, const session *s)
{
    mvc_cookie_options o = attributes(req, s);
    o.is_signed = true;
    o.max_age = s->options->browser_only ? 0 : max_age(s->options);
    mvc_set_cookie(res, cookie_name(s->options), s->id, &o);
}

static bool forget(mvc_req *req, mvc_res *res, const session *s)
{
    if (!s->id[0])
        return true;
    const mvc_cookie_options o = attributes(req, s);
    mvc_clear_cookie(res, cookie_name(s->options), &o);
    return s->store->destroy(s->store->data, s->id);
}

/* Whether somebody has logged out while this request was at work: then what it
 * changed must not bring the session back. */
static bool is_gone(const session *s)
{
    char *now;
    if (!s->before || !s->store->get(s->store->data, s->id, &now))
        return false;
    free(now);
    return !now;
}

static const char not_stored[] = "the session could not be stored";

/* Before the response goes out: stores what changed. */
static void save(mvc_req *req, mvc_res *res, void *data)
{
    session *s = data;
    if ((s->old_id[0] && !s->store->destroy(s->store->data, s->old_id)) ||
        (s->destroyed && !forget(req, res, s))) {
        mvc_fail(req, res, 500, not_stored);
        return;
    }
    if (s->destroyed)
        return;
    const bool is_new = s->id[0] == '\0';
    if (is_new && json_object_object_length(s->values) == 0)
        return;
    if (is_new)
        new_id(s->id);
    const char *text =
        json_object_to_json_string_ext(s->values, JSON_C_TO_STRING_PLAIN);
    if (!text) {
        mvc_fail(req, res, 500, "out of memory");
        return;
    }
    const int64_t expires = (int64_t)time(NULL) + max_age(s->options);
    const bool changed = !s->before || strcmp(s->before, text) != 0;
    if (changed && is_gone(s))
        return;
    const bool ok = changed
                        ? s->store->set(s->store->data, s->id, text, expires)
                        : s->store->touch(s->store->data, s->id, expires);
    if (!ok) {
        mvc_fail(req, res, 500, not_stored);
        return;
    }
    /* A cookie with an end lives on as long as the session is made use of. */
    if (is_new || s->old_id[0] || s->options->rolling ||
        (changed && !s->options->browser_only))
        send_cookie(req, res, s);
}

void mvc_session(mvc_req *req, mvc_res *res)
{
    const mvc_session_options *options = mvc_data(req);
    session *s = calloc(1, sizeof *s);
    json_object *values = json_object_new_object();
    if (!s || !values || sodium_init() < 0 ||
        !mvc_attach(req, &attached, s, free_session)) {
        free(s);
        json_object_put(values);
        mvc_fail(req, res, 500, "out of memory");
        return;
    }
    s->options = options ? options : &defaults;
    s->store = s->options->store ? s->options->store : &mvc_memory_sessions;
    s->values = values;
    const char *id = mvc_signed_cookie(req, cookie_name(s->options));
    if (is_id(id) && !load(s, id)) {
        mvc_fail(req, res, 500, "the session could not be read");
        return;
    }
    mvc_on_send(res, save, s);
    mvc_next(req, res);
}

static session *find(mvc_req *req)
{
    session *s = mvc_attached(req, &attached);
    if (!s)
        mvc_fail(req, mvc_res_of(req), 500,
                 "there is no session: mvc_session is not used before this");
    return s;
}

mvc_doc *mvc_session_of(mvc_req *req)
{
    session *s = find(req);
    return s ? s->values : NULL;
}

const char *mvc_session_text(mvc_req *req, const char *name)
{
    json_object *value;
    mvc_doc *values = mvc_session_of(req);
    if (!values || !json_object_object_get_ex(values, name, &value) ||
        !json_object_is_type(value, json_type_string))
        return NULL;
    return json_object_get_string(value);
}

void mvc_session_set(mvc_req *req, const char *name, const char *value)
{
    mvc_doc *values = mvc_session_of(req);
    json_object *text = value ? json_object_new_string(value) : NULL;
    if (values && (text || !value) &&
        json_object_object_add(values, name, text) == 0)
        return;
    json_object_put(text);
    if (values) /* else it has failed */
        mvc_fail(req, mvc_res_of(req), 500, "out of memory");
}

void mvc_session_regenerate(mvc_req *req)
{
    session *s = find(req);
    if (!s)
        return;
    if (s->id[0] && !s->old_id[0])
        memcpy(s->old_id, s->id, ID_SIZE);
    new_id(s->id);
    free(s->before);
    s->before = NULL;
    if (!s->old_id[0])
        s->id[0] = '\0'; /* it never was stored: saving makes the id */
}

void mvc_session_destroy(mvc_req *req)
{
    session *s = find(req);
    if (s)
        s->destroyed = true;
}

const char *mvc_session_id(mvc_req *req)
{
    session *s = find(req);
    return s && s->id[0] ? s->id : NULL;
}
