/* names.h - the forms of a name that generated code needs. */
#ifndef SCAFFOLD_NAMES_H
#define SCAFFOLD_NAMES_H

#include <stdbool.h>

struct json_object;

/*
 * Is it a name for a C symbol and a folder: a letter, then letters, digits and
 * '_' or '-', and no word of C?  Else *problem says what is wrong.
 */
bool name_is_good(const char *name, const char **problem);

/*
 * Adds to `locals`: name (blog_post), plural (blog_posts), camel (BlogPost),
 * human (blog post), humans, Human, Humans, upper (BLOG_POST), uppers, and path
 * (blog-posts).  False when out of memory.
 */
bool names_add(struct json_object *locals, const char *name);

/* "BlogPost", "blog-post" and "Blog post" to "blog_post"; the caller frees it.
 */
char *name_snake(const char *name);
char *name_plural(const char *snake);
char *name_human(const char *snake, bool capital);

#endif
