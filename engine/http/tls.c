/* tls.c - reads a server's certificate and key, and says what is wrong. */
#include "http/tls.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

const char mvc__tls_priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

static char *read_file(const char *what, const char *path)
{
    enum { LARGEST = 1 << 20 };
    size_t size;
    char *text = base_file_read(path, LARGEST, &size);
    if (!text)
        fprintf(stderr, "mvc: cannot read the %s %s: %s\n", what, path,
                strerror(errno));
    return text;
}

static int try(const mvc__tls *tls)
{
    const gnutls_datum_t certificate = {(unsigned char *)tls->certificate,
                                        (unsigned)strlen(tls->certificate)};
    const gnutls_datum_t key = {(unsigned char *)tls->key,
                                (unsigned)strlen(tls->key)};
    gnutls_certificate_credentials_t credentials;
    int status = gnutls_certificate_allocate_credentials(&credentials);
    if (status != 0)
        return status;
    status = gnutls_certificate_set_x509_key_mem(credentials, &certificate,
                                                 &key, GNUTLS_X509_FMT_PEM);
    gnutls_certificate_free_credentials(credentials);
    return status;
}

bool mvc__tls_load(mvc__tls *tls, const char *certificate, const char *key)
{
    if (!certificate && !key)
        return true;
    if (!certificate || !key) {
        fprintf(stderr,
                "mvc: HTTPS needs a certificate and its key: the %s is not "
                "set\n",
                certificate ? "key" : "certificate");
        return false;
    }
    tls->certificate = read_file("certificate", certificate);
    tls->key = read_file("key", key);
    if (!tls->certificate || !tls->key)
        return false;
    const int status = try(tls);
    if (status >= 0)
        return true;
    fprintf(stderr, "mvc: %s and %s cannot be used for HTTPS: %s\n",
            certificate, key, gnutls_strerror(status));
    return false;
}

void mvc__tls_free(mvc__tls *tls)
{
    if (tls->key)
        sodium_memzero(tls->key, strlen(tls->key));
    free(tls->certificate);
    free(tls->key);
    *tls = (mvc__tls){0};
}
