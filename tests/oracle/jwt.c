/*
 * jwt.c - signs and verifies tokens as asked, for jwt.mjs: one JSON line in,
 * {"do": "sign" or "verify", "secret" or "pem", ...}, one out, {"ok": ...} or
 * {"error": ...}.
 */
#include <mvc/middleware.h>

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_object *get(json_object *o, const char *name)
{
    json_object *value = NULL;
    json_object_object_get_ex(o, name, &value);
    return value;
}

static const char *text(json_object *o, const char *name)
{
    json_object *value = get(o, name);
    return value ? json_object_get_string(value) : NULL;
}

static mvc_jwt_key *key_of(json_object *job, mvc_error *err)
{
    const char *secret = text(job, "secret");
    return secret ? mvc_jwt_secret(secret, strlen(secret), err)
                  : mvc_jwt_pem(text(job, "pem"), err);
}

static json_object *sign(const mvc_jwt_key *key, json_object *job,
                         mvc_error *err)
{
    json_object *o = get(job, "options");
    char *token = mvc_jwt_sign(
        key, get(job, "claims"),
        &(mvc_jwt_claims){
            .lifetime = json_object_get_int64(get(o, "expiresIn")),
            .not_before = json_object_get_int64(get(o, "notBefore")),
            .issuer = text(o, "issuer"),
            .audience = text(o, "audience"),
            .subject = text(o, "subject"),
            .id = text(o, "jwtid"),
            .key_id = text(o, "keyid"),
            .no_issued_at = json_object_get_boolean(get(o, "noTimestamp"))},
        err);
    json_object *answer = token ? json_object_new_string(token) : NULL;
    free(token);
    return answer;
}

static json_object *verify(const mvc_jwt_key *key, json_object *job,
                           mvc_error *err)
{
    json_object *o = get(job, "options");
    return mvc_jwt_verify(
        text(job, "token"),
        &(mvc_jwt_options){.key = key,
                           .issuer = text(o, "issuer"),
                           .audience = text(o, "audience"),
                           .subject = text(o, "subject"),
                           .leeway =
                               json_object_get_int64(get(o, "clockTolerance")),
                           .max_age = json_object_get_int64(get(o, "maxAge"))},
        err);
}

static void answer(json_object *job)
{
    mvc_error err = {0};
    mvc_jwt_key *key = key_of(job, &err);
    json_object *ok = NULL, *out = json_object_new_object();
    if (key && strcmp(text(job, "do"), "sign") == 0)
        ok = sign(key, job, &err);
    else if (key)
        ok = verify(key, job, &err);
    json_object_object_add(out, ok ? "ok" : "error",
                           ok ? ok : json_object_new_string(err.message));
    puts(json_object_to_json_string_ext(out, JSON_C_TO_STRING_PLAIN));
    json_object_put(out);
    mvc_jwt_key_free(key);
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        json_object *job = json_tokener_parse(line);
        answer(job);
        json_object_put(job);
    }
    free(line);
    return 0;
}
