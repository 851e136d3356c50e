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
    if (session && !json_object_object_get_ex(session, key, &later))
        json_object_object_add(session, key, json_object_get(messages));
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

void mvc_flash_add(mvc_req *req, const char *kind, const char *message)
{
    mvc_doc *session = mvc_session_of(req);
    json_object *messages, *list;
    if (!session)
        return;
    if (!json_object_object_get_ex(session, key, &messages)) {
        messages = json_object_new_object();
        json_object_object_add(session, key, messages);
    }
    if (!json_object_object_get_ex(messages, kind, &list)) {
        list = json_object_new_array();
        json_object_object_add(messages, kind, list);
    }
    json_object_array_add(list, json_object_new_string(message));
}
