/* flash.c - messages for the next page. */
#include <mvc/middleware.h>

#include <json-c/json.h>
#include <string.h>

static const char key[] = "flash";

/* Messages already shown to a redirect are still news to the next page. */
static void keep_for_redirect(mvc_req *req, mvc_res *res, void *data)
{
    json_object *messages = data, *later;
    const int status = mvc_status_of(res);
    mvc_doc *session =
        status >= 300 && status < 400 ? mvc_session_of(req) : NULL;
    if (session && !json_object_object_get_ex(session, key, &later) &&
        json_object_object_add(session, key, json_object_get(messages)) != 0)
        json_object_put(messages);
}

void mvc_flash(mvc_req *req, mvc_res *res)
{
    mvc_doc *session = mvc_session_of(req);
    json_object *messages = NULL;
    if (!session)
        return;
    if (json_object_object_get_ex(session, key, &messages) &&
        json_object_is_type(messages, json_type_object)) {
        mvc_local(res, key, messages); /* takes a reference of its own */
        json_object_object_del(session, key);
        mvc_on_send(res, keep_for_redirect, mvc_local_of(res, key));
    } else {
        mvc_local_take(res, key, json_object_new_object());
    }
    mvc_next(req, res);
}

/* The member of an object, made when missing; NULL when out of memory. */
static json_object *member(json_object *o, const char *name,
                           json_object *(*make)(void))
{
    json_object *value;
    if (json_object_object_get_ex(o, name, &value))
        return value;
    value = make();
    if (value && json_object_object_add(o, name, value) == 0)
        return value;
    json_object_put(value);
    return NULL;
}

void mvc_flash_add(mvc_req *req, const char *kind, const char *message)
{
    mvc_doc *session = mvc_session_of(req);
    if (!session)
        return;
    json_object *messages = member(session, key, json_object_new_object);
    json_object *list =
        messages ? member(messages, kind, json_object_new_array) : NULL;
    json_object *text = list ? json_object_new_string(message) : NULL;
    if (text && json_object_array_add(list, text) == 0)
        return;
    json_object_put(text);
    mvc_fail(req, mvc_res_of(req), 500, "out of memory");
}
