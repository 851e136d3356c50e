/* url.h - the URL Standard's parser and serialiser, for builtin_url.c. */
#ifndef EJS_RUNTIME_URL_H
#define EJS_RUNTIME_URL_H

#include "ejs/runtime/object.h"

/* Strings, or undefined where the standard says null. */
typedef struct ejs__url {
    ejs_value scheme; /* without the colon */
    ejs_value username, password;
    ejs_value host; /* undefined: none */
    int32_t port;   /* -1: the scheme's own */
    ejs_value path;
    ejs_value query, fragment; /* without ? and # */
    bool opaque_path;          /* as in mailto:a@b */
} ejs__url;

/* 1: parsed, 0: no URL, -1: thrown.  `base` may be NULL. */
int ejs__url_parse(ejs_context *ctx, ejs_value text, const ejs__url *base,
                   ejs__url *out);

/* The parts put together. */
ejs_value ejs__url_href(ejs_context *ctx, const ejs__url *url);
/* host:port */
ejs_value ejs__url_host(ejs_context *ctx, const ejs__url *url);
bool ejs__url_is_special(const ejs__url *url);

#endif
