/* fields.h - "title:string body:text!" as data for the skeletons. */
#ifndef SCAFFOLD_FIELDS_H
#define SCAFFOLD_FIELDS_H

#include <stdbool.h>
#include <stdio.h>

struct json_object;

/*
 * Reads NAME:TYPE[!|?][:MODIFIER...] words and adds `fields`, `columns`,
 * `requiredField` and `sampleForm` to `locals`.  False after saying on stderr
 * what is wrong with which word.
 */
bool fields_add(struct json_object *locals, char *const *words, int count);

/* The types and modifiers, for `mvcgen help new`. */
void fields_help(FILE *out);

#endif
