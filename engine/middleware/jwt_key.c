/* jwt_key.c - keys of JSON Web Tokens, by GnuTLS. */
#include "middleware/jwt_key.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* RFC 7518: 3.2 wants a secret as long as the hash, 3.3 RSA of 2048 bits. */
enum { SHORTEST_SECRET = 32, LEAST_BITS = 2048, MOST_BITS = 8192, HALF = 32 };

struct mvc_jwt_key {
    enum { HS256, RS256, ES256 } algorithm;
    unsigned char *secret;
    size_t secret_size;
    gnutls_pubkey_t verifier;
    gnutls_privkey_t signer; /* NULL: a public key */
    size_t signature_size;
};

bool mvc__jwt_error(mvc_error *err, mvc_status_code status, const char *format,
                    ...)
{
    if (!err)
        return false;
    *err = (mvc_error){.status = status};
    va_list args;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    return false;
}

const char *mvc__jwt_algorithm(const mvc_jwt_key *key)
{
    static const char *const names[] = {"HS256", "RS256", "ES256"};
    return names[key->algorithm];
}

void mvc_jwt_key_free(mvc_jwt_key *key)
{
    if (!key)
        return;
    if (key->secret)
        sodium_memzero(key->secret, key->secret_size);
    free(key->secret);
    if (key->verifier)
        gnutls_pubkey_deinit(key->verifier);
    if (key->signer)
        gnutls_privkey_deinit(key->signer);
    free(key);
}

mvc_jwt_key *mvc_jwt_secret(const void *secret, size_t size, mvc_error *err)
{
    static const char pem[] = "-----BEGIN ";
    if (size < SHORTEST_SECRET) {
        mvc__jwt_error(err, MVC_MISUSE,
                       "a secret of %zu bytes is too short for HS256: at "
                       "least %d are needed",
                       size, SHORTEST_SECRET);
        return NULL;
    }
    /* A public key as the secret is the well-known way to be forged. */
    if (memcmp(secret, pem, sizeof pem - 1) == 0) {
        mvc__jwt_error(err, MVC_MISUSE,
                       "this secret is a PEM key: use mvc_jwt_pem() for it");
        return NULL;
    }
    mvc_jwt_key *key = calloc(1, sizeof *key);
    if (!key || !(key->secret = malloc(size))) {
        free(key);
        mvc__jwt_error(err, MVC_NOMEM, "out of memory");
        return NULL;
    }
    memcpy(key->secret, secret, size);
    key->secret_size = size;
    key->signature_size = crypto_auth_hmacsha256_BYTES;
    return key;
}

/* PEM keys ----------------------------------------------------------------- */

static int import_private(mvc_jwt_key *key, const gnutls_datum_t *pem)
{
    int status = gnutls_privkey_init(&key->signer);
    if (status == 0)
        status = gnutls_privkey_import_x509_raw(key->signer, pem,
                                                GNUTLS_X509_FMT_PEM, NULL, 0);
    return status == 0
               ? gnutls_pubkey_import_privkey(key->verifier, key->signer, 0, 0)
               : status;
}

static int import_certificate(mvc_jwt_key *key, const gnutls_datum_t *pem)
{
    gnutls_x509_crt_t certificate;
    int status = gnutls_x509_crt_init(&certificate);
    if (status != 0)
        return status;
    status = gnutls_x509_crt_import(certificate, pem, GNUTLS_X509_FMT_PEM);
    if (status == 0)
        status = gnutls_pubkey_import_x509(key->verifier, certificate, 0);
    gnutls_x509_crt_deinit(certificate);
    return status;
}

static int import(mvc_jwt_key *key, const char *text)
{
    const gnutls_datum_t pem = {(unsigned char *)(uintptr_t)text,
                                (unsigned)strlen(text)};
    const int status = gnutls_pubkey_init(&key->verifier);
    if (status != 0)
        return status;
    if (strstr(text, "PRIVATE KEY-----"))
        return import_private(key, &pem);
    if (strstr(text, "-----BEGIN CERTIFICATE-----"))
        return import_certificate(key, &pem);
    return gnutls_pubkey_import(key->verifier, &pem, GNUTLS_X509_FMT_PEM);
}

static bool is_p256(const mvc_jwt_key *key)
{
    gnutls_ecc_curve_t curve;
    return gnutls_pubkey_export_ecc_raw2(key->verifier, &curve, NULL, NULL,
                                         0) == 0 &&
           curve == GNUTLS_ECC_CURVE_SECP256R1;
}

/* The kind of key it is decides the algorithm. */
static bool choose(mvc_jwt_key *key, mvc_error *err)
{
    unsigned bits = 0;
    const int kind = gnutls_pubkey_get_pk_algorithm(key->verifier, &bits);
    if (kind == GNUTLS_PK_RSA && bits >= LEAST_BITS && bits <= MOST_BITS) {
        key->algorithm = RS256;
        key->signature_size = (bits + 7) / 8;
        return true;
    }
    if (kind == GNUTLS_PK_ECDSA && is_p256(key)) {
        key->algorithm = ES256;
        key->signature_size = (size_t)2 * HALF;
        return true;
    }
    const char *name = gnutls_pk_get_name((gnutls_pk_algorithm_t)kind);
    return mvc__jwt_error(err, MVC_MISUSE,
                          "this is a key of %u bits for %s: expected RSA of "
                          "%d to %d bits or the curve P-256",
                          bits, name ? name : "something unknown", LEAST_BITS,
                          MOST_BITS);
}

mvc_jwt_key *mvc_jwt_pem(const char *pem, mvc_error *err)
{
    mvc_jwt_key *key = calloc(1, sizeof *key);
    if (!key) {
        mvc__jwt_error(err, MVC_NOMEM, "out of memory");
        return NULL;
    }
    const int status = import(key, pem);
    if (status != 0)
        mvc__jwt_error(err, MVC_MISUSE,
                       "this is no private key, public key or certificate in "
                       "PEM that can be used: %s",
                       gnutls_strerror(status));
    if (status == 0 && choose(key, err))
        return key;
    mvc_jwt_key_free(key);
    return NULL;
}

/* signatures --------------------------------------------------------------- */

static void hmac(const mvc_jwt_key *key, const char *text, size_t size,
                 unsigned char *out)
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key->secret, key->secret_size);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)text, size);
    crypto_auth_hmacsha256_final(&state, out);
}

static gnutls_sign_algorithm_t scheme(const mvc_jwt_key *key)
{
    return key->algorithm == RS256 ? GNUTLS_SIGN_RSA_SHA256
                                   : GNUTLS_SIGN_ECDSA_SHA256;
}

/* A number without leading zeros into HALF bytes with them. */
static bool put_half(unsigned char *out, const gnutls_datum_t *number)
{
    const unsigned char *data = number->data;
    size_t size = number->size;
    while (size && *data == 0) {
        data++;
        size--;
    }
    if (size > HALF)
        return false;
    memset(out, 0, HALF - size);
    memcpy(out + HALF - size, data, size);
    return true;
}

/* Tokens have the two numbers of an ECDSA signature side by side, not DER. */
static bool split(const gnutls_datum_t *der, unsigned char *out)
{
    gnutls_datum_t r = {0}, s = {0};
    const bool ok = gnutls_decode_rs_value(der, &r, &s) == 0 &&
                    put_half(out, &r) && put_half(out + HALF, &s);
    gnutls_free(r.data);
    gnutls_free(s.data);
    return ok;
}

static gnutls_datum_t half(const unsigned char *data)
{
    size_t size = HALF;
    while (size > 1 && *data == 0) {
        data++;
        size--;
    }
    return (gnutls_datum_t){(unsigned char *)(uintptr_t)data, (unsigned)size};
}

size_t mvc__jwt_sign(const mvc_jwt_key *key, const char *text, size_t size,
                     unsigned char signature[MVC__JWT_SIGNATURE])
{
    const gnutls_datum_t data = {(unsigned char *)(uintptr_t)text,
                                 (unsigned)size};
    gnutls_datum_t made = {0};
    if (key->algorithm == HS256) {
        hmac(key, text, size, signature);
        return key->signature_size;
    }
    if (!key->signer || size > UINT32_MAX ||
        gnutls_privkey_sign_data2(key->signer, scheme(key), 0, &data, &made) !=
            0)
        return 0;
    bool ok;
    if (key->algorithm == ES256) {
        ok = split(&made, signature);
    } else {
        ok = made.size == key->signature_size;
        if (ok)
            memcpy(signature, made.data, made.size);
    }
    gnutls_free(made.data);
    return ok ? key->signature_size : 0;
}

static bool verify_public(const mvc_jwt_key *key, const char *text, size_t size,
                          const unsigned char *signature)
{
    const gnutls_datum_t data = {(unsigned char *)(uintptr_t)text,
                                 (unsigned)size};
    gnutls_datum_t sent = {(unsigned char *)(uintptr_t)signature,
                           (unsigned)key->signature_size};
    gnutls_datum_t der = {0};
    if (key->algorithm == ES256) {
        const gnutls_datum_t r = half(signature), s = half(signature + HALF);
        if (gnutls_encode_rs_value(&der, &r, &s) != 0)
            return false;
        sent = der;
    }
    const bool right = size <= UINT32_MAX &&
                       gnutls_pubkey_verify_data2(key->verifier, scheme(key), 0,
                                                  &data, &sent) >= 0;
    gnutls_free(der.data);
    return right;
}

bool mvc__jwt_verify(const mvc_jwt_key *key, const char *text, size_t size,
                     const unsigned char *signature, size_t signature_size)
{
    unsigned char expected[crypto_auth_hmacsha256_BYTES];
    if (signature_size != key->signature_size)
        return false;
    if (key->algorithm != HS256)
        return verify_public(key, text, size, signature);
    hmac(key, text, size, expected);
    return sodium_memcmp(expected, signature, sizeof expected) == 0;
}
