/* tls.h - a server's certificate and key. */
#ifndef HTTP_TLS_H
#define HTTP_TLS_H

#include <stdbool.h>

typedef struct mvc__tls {
    char *certificate, *key; /* PEM texts; NULL: no HTTPS */
} mvc__tls;

/* What clients may speak, in GnuTLS's words: TLS 1.2 and 1.3. */
extern const char mvc__tls_priorities[];

/*
 * Reads both files and sees whether they belong together.  False, with the
 * reason on stderr, when they cannot be used.  No files: no HTTPS, which is
 * fine.
 */
bool mvc__tls_load(mvc__tls *tls, const char *certificate, const char *key);
void mvc__tls_free(mvc__tls *tls);

#endif
