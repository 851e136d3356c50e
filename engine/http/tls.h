/* tls.h - a server's certificate and key, which may be renewed meanwhile. */
#ifndef HTTP_TLS_H
#define HTTP_TLS_H

#include <stdbool.h>

typedef struct mvc__tls mvc__tls;

/* What clients may speak, in GnuTLS's words: TLS 1.2 and 1.3. */
extern const char mvc__tls_priorities[];

/*
 * Reads both files and sees whether they belong together.  NULL, with the
 * reason on stderr, when they cannot be used.
 */
mvc__tls *mvc__tls_open(const char *certificate, const char *key);
void mvc__tls_free(mvc__tls *tls); /* NULL is fine; no loop may run any more */

/*
 * Reads the files again: connections to come get what is in them now.  False,
 * with the reason on stderr, when that cannot be used, and what was there
 * stays.
 */
bool mvc__tls_reload(mvc__tls *tls);

/* Says whose certificate the calling thread shows from now on. */
void mvc__tls_show(mvc__tls *tls);

/*
 * Tells GnuTLS the certificate to show: a gnutls_certificate_retrieve_function2
 * for the library, which alone calls it.
 */
typedef void mvc__tls_chooser(void);
extern mvc__tls_chooser *const mvc__tls_choose;

#endif
