/*
 * multipart.h - multipart/form-data, read as it arrives.
 *
 * Bytes of files go to their storage at once; what is kept in memory is the
 * texts of the form, each and all together limited.
 */
#ifndef HTTP_MULTIPART_H
#define HTTP_MULTIPART_H

#include <mvc.h>

#include "base/arena.h"

typedef struct mvc__multipart mvc__multipart;

/*
 * `boundary` is copied.  Without an upload policy a form may have texts but no
 * files.  `max_fields_size` bounds the texts of the form, in all.
 */
mvc__multipart *mvc__multipart_new(mvc_req *req, const char *boundary,
                                   size_t boundary_size,
                                   const mvc_upload *upload,
                                   size_t max_fields_size);

/* False once the body is wrong or too large: the request's body_failure. */
bool mvc__multipart_feed(mvc__multipart *m, const char *data, size_t size);

/* The body is complete; false when it ends too early. */
bool mvc__multipart_end(mvc__multipart *m);

/* The texts, as a document; borrowed. */
struct json_object *mvc__multipart_fields(mvc__multipart *m);

size_t mvc__multipart_count(const mvc__multipart *m);
const mvc_file *mvc__multipart_file(const mvc__multipart *m, size_t i);

/* Closes and removes what was not asked to be kept. */
void mvc__multipart_free(mvc__multipart *m);

#endif
