/* batch.h - `mvcgen render --batch`: many pages in one process. */
#ifndef SCAFFOLD_BATCH_H
#define SCAFFOLD_BATCH_H

#include "scaffold/options.h"

/* Reads JSON lines from o->batch; returns the exit status. */
int render_batch(const options *o);

#endif
