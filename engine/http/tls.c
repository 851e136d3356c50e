/*
 * tls.c - reads a server's certificate and key, says what is wrong, and shows
 * them to clients.
 *
 * A handshake may still use what was read before, so all of it is kept until
 * the server ends: files that have not changed are not read into it anew, and
 * certificates are renewed a few times a year.
 */
#include "http/tls.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"

const char mvc__tls_priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

enum { LONGEST_CHAIN = 16 };

/* What the files held at some time. */
typedef struct pair {
    char *certificate, *key; /* PEM texts */
    gnutls_pcert_st chain[LONGEST_CHAIN];
    unsigned n_chain;
    gnutls_privkey_t signer;
    struct pair *older;
} pair;

struct mvc__tls {
    char *certificate, *key; /* the files' names */
    _Atomic(pair *) shown;
};

static _Thread_local mvc__tls *own;

/* reading -------------------------------------------------------------------
 */

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

static gnutls_datum_t datum(char *text)
{
    return (gnutls_datum_t){(unsigned char *)text, (unsigned)strlen(text)};
}

/* GnuTLS says whether the two belong together only when it gets both. */
static int try(const pair *p)
{
    const gnutls_datum_t certificate = datum(p->certificate);
    const gnutls_datum_t key = datum(p->key);
    gnutls_certificate_credentials_t credentials;
    int status = gnutls_certificate_allocate_credentials(&credentials);
    if (status != 0)
        return status;
    status = gnutls_certificate_set_x509_key_mem(credentials, &certificate,
                                                 &key, GNUTLS_X509_FMT_PEM);
    gnutls_certificate_free_credentials(credentials);
    return status;
}

/* What no client will believe is still served: they may be told to. */
static void warn_of_dates(gnutls_x509_crt_t leaf, const char *path)
{
    const time_t now = time(NULL);
    if (gnutls_x509_crt_get_expiration_time(leaf) < now)
        fprintf(stderr, "mvc: warning: the certificate %s has expired\n", path);
    else if (gnutls_x509_crt_get_activation_time(leaf) > now)
        fprintf(stderr, "mvc: warning: the certificate %s is not valid yet\n",
                path);
}

static int import(pair *p, const char *path)
{
    gnutls_x509_crt_t list[LONGEST_CHAIN];
    const gnutls_datum_t certificate = datum(p->certificate);
    const gnutls_datum_t key = datum(p->key);
    unsigned n = LONGEST_CHAIN;
    int status =
        gnutls_x509_crt_list_import(list, &n, &certificate, GNUTLS_X509_FMT_PEM,
                                    GNUTLS_X509_CRT_LIST_IMPORT_FAIL_IF_EXCEED);
    if (status < 0)
        return status;
    warn_of_dates(list[0], path);
    p->n_chain = n;
    status = gnutls_pcert_import_x509_list(p->chain, list, &p->n_chain,
                                           GNUTLS_X509_CRT_LIST_SORT);
    if (status < 0)
        p->n_chain = 0;
    for (unsigned i = 0; i < n; i++)
        gnutls_x509_crt_deinit(list[i]);
    if (status == 0)
        status = gnutls_privkey_init(&p->signer);
    return status ? status
                  : gnutls_privkey_import_x509_raw(
                        p->signer, &key, GNUTLS_X509_FMT_PEM, NULL, 0);
}

static void free_pair(pair *p)
{
    for (unsigned i = 0; i < p->n_chain; i++)
        gnutls_pcert_deinit(&p->chain[i]);
    if (p->signer)
        gnutls_privkey_deinit(p->signer);
    if (p->key)
        sodium_memzero(p->key, strlen(p->key));
    free(p->certificate);
    free(p->key);
    free(p);
}

/* What the files hold, or NULL. */
static pair *read_pair(const mvc__tls *tls)
{
    pair *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->certificate = read_file("certificate", tls->certificate);
    p->key = p->certificate ? read_file("key", tls->key) : NULL;
    if (!p->key) {
        free_pair(p);
        return NULL;
    }
    int status = try(p);
    if (status >= 0)
        status = import(p, tls->certificate);
    if (status >= 0)
        return p;
    fprintf(stderr, "mvc: %s and %s cannot be used for HTTPS: %s\n",
            tls->certificate, tls->key, gnutls_strerror(status));
    free_pair(p);
    return NULL;
}

mvc__tls *mvc__tls_open(const char *certificate, const char *key)
{
    if (!certificate || !key) {
        fprintf(stderr,
                "mvc: HTTPS needs a certificate and its key: the %s is not "
                "set\n",
                certificate ? "key" : "certificate");
        return NULL;
    }
    mvc__tls *tls = calloc(1, sizeof *tls);
    if (!tls)
        return NULL;
    tls->certificate = strdup(certificate);
    tls->key = strdup(key);
    if (tls->certificate && tls->key)
        atomic_store(&tls->shown, read_pair(tls));
    if (atomic_load(&tls->shown))
        return tls;
    mvc__tls_free(tls);
    return NULL;
}

bool mvc__tls_reload(mvc__tls *tls)
{
    pair *before = atomic_load(&tls->shown);
    pair *p = read_pair(tls);
    if (!p)
        return false;
    if (strcmp(p->certificate, before->certificate) == 0 &&
        strcmp(p->key, before->key) == 0) {
        free_pair(p);
        return true;
    }
    do
        p->older = before;
    while (!atomic_compare_exchange_weak(&tls->shown, &before, p));
    return true;
}

void mvc__tls_free(mvc__tls *tls)
{
    if (!tls)
        return;
    for (pair *p = atomic_load(&tls->shown), *older; p; p = older) {
        older = p->older;
        free_pair(p);
    }
    free(tls->certificate);
    free(tls->key);
    free(tls);
}

/* showing -------------------------------------------------------------------
 */

void mvc__tls_show(mvc__tls *tls)
{
    own = tls;
}

static int choose(gnutls_session_t session, const gnutls_datum_t *authorities,
                  int n_authorities, const gnutls_pk_algorithm_t *algorithms,
                  int n_algorithms, gnutls_pcert_st **chain, unsigned *n_chain,
                  gnutls_privkey_t *signer)
{
    (void)session, (void)authorities, (void)n_authorities;
    (void)algorithms, (void)n_algorithms;
    if (!own)
        return -1;
    pair *p = atomic_load(&own->shown);
    *chain = p->chain;
    *n_chain = p->n_chain;
    *signer = p->signer;
    return 0;
}

mvc__tls_chooser *const mvc__tls_choose = (mvc__tls_chooser *)choose;
