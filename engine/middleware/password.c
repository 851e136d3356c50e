/* password.c - passwords as Argon2id hashes; bcrypt's of before still work. */
#include <mvc/middleware.h>

#include <crypt.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(MVC_PASSWORD_HASH >= crypto_pwhash_STRBYTES, "it fits");

static const unsigned long long work = crypto_pwhash_OPSLIMIT_INTERACTIVE;
static const size_t memory = crypto_pwhash_MEMLIMIT_INTERACTIVE;

bool mvc_password_hash(char hash[MVC_PASSWORD_HASH], const char *password)
{
    hash[0] = '\0';
    return sodium_init() >= 0 &&
           crypto_pwhash_str_alg(hash, password, strlen(password), work, memory,
                                 crypto_pwhash_ALG_ARGON2ID13) == 0;
}

bool mvc_password_hash_bcrypt(char hash[MVC_PASSWORD_HASH],
                              const char *password, int cost)
{
    enum { USUAL = 12, LEAST = 4, MOST = 31, SALT = 16, READ = 72 };
    char setting[CRYPT_GENSALT_OUTPUT_SIZE], salt[SALT];
    hash[0] = '\0';
    cost = cost ? cost : USUAL;
    if (cost < LEAST || cost > MOST || strlen(password) > READ ||
        sodium_init() < 0)
        return false;
    randombytes_buf(salt, sizeof salt);
    struct crypt_data *data = calloc(1, sizeof *data); /* 32 KiB */
    const char *got =
        data && crypt_gensalt_rn("$2b$", (unsigned long)cost, salt, sizeof salt,
                                 setting, sizeof setting)
            ? crypt_r(password, setting, data)
            : NULL;
    const bool ok = got && strlen(got) == 60;
    if (ok)
        memcpy(hash, got, 61);
    if (data)
        sodium_memzero(data, sizeof *data);
    free(data);
    return ok;
}

/* $2a$, $2b$ or $2y$: libxcrypt knows more, some of them far too weak. */
static bool is_bcrypt(const char *hash)
{
    return hash[0] == '$' && hash[1] == '2' && hash[2] &&
           strchr("aby", hash[2]) && hash[3] == '$' && strlen(hash) == 60;
}

static bool verify_bcrypt(const char *hash, const char *password)
{
    struct crypt_data *data = calloc(1, sizeof *data); /* 32 KiB */
    if (!data)
        return false;
    const char *got = crypt_r(password, hash, data);
    const bool right =
        got && strlen(got) == 60 && sodium_memcmp(got, hash, 60) == 0;
    sodium_memzero(data, sizeof *data);
    free(data);
    return right;
}

bool mvc_password_verify(const char *hash, const char *password)
{
    char other[MVC_PASSWORD_HASH];
    if (sodium_init() < 0)
        return false;
    if (!hash) { /* an unknown name takes as long as a wrong password */
        mvc_password_hash(other, password);
        return false;
    }
    if (is_bcrypt(hash))
        return verify_bcrypt(hash, password);
    return strlen(hash) < crypto_pwhash_STRBYTES &&
           crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}

bool mvc_password_is_old(const char *hash)
{
    return sodium_init() < 0 || strlen(hash) >= crypto_pwhash_STRBYTES ||
           crypto_pwhash_str_needs_rehash(hash, work, memory) != 0;
}
