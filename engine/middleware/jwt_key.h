/* jwt_key.h - keys of JSON Web Tokens and the signatures they make. */
#ifndef MIDDLEWARE_JWT_KEY_H
#define MIDDLEWARE_JWT_KEY_H

#include <mvc/middleware.h>

/* Room for the signature of the longest RSA key that is taken, 8192 bits. */
enum { MVC__JWT_SIGNATURE = 1024 };

/* "HS256", "RS256" or "ES256": a key has one algorithm and never another. */
const char *mvc__jwt_algorithm(const mvc_jwt_key *key);

/* The signature's size; 0 when the key cannot sign: it is a public one. */
size_t mvc__jwt_sign(const mvc_jwt_key *key, const char *text, size_t size,
                     unsigned char signature[MVC__JWT_SIGNATURE]);
bool mvc__jwt_verify(const mvc_jwt_key *key, const char *text, size_t size,
                     const unsigned char *signature, size_t signature_size);

/* Fills in *err, which may be NULL, and returns false. */
bool mvc__jwt_error(mvc_error *err, mvc_status_code status, const char *format,
                    ...) __attribute__((format(printf, 3, 4)));

#endif
