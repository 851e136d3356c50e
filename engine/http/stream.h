/* stream.h - what the server has to know of channels. */
#ifndef HTTP_STREAM_H
#define HTTP_STREAM_H

#include <mvc.h>

/* Ends every channel once what is pending has been sent. */
void mvc__channels_end(mvc_app *app);

#endif
