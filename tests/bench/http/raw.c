/* raw.c - libmicrohttpd in its best mode, sending the same bytes each time. */
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct MHD_Response *plain, *page;

static enum MHD_Result answer(void *data, struct MHD_Connection *connection,
                              const char *url, const char *method,
                              const char *version, const char *bytes,
                              size_t *size, void **state)
{
    static int seen;
    (void)data, (void)method, (void)version, (void)bytes, (void)size;
    if (!*state) {
        *state = &seen;
        return MHD_YES;
    }
    return MHD_queue_response(connection, 200,
                              strcmp(url, "/page") == 0 ? page : plain);
}

static struct MHD_Response *make(char *text, size_t size)
{
    struct MHD_Response *r =
        MHD_create_response_from_buffer(size, text, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(r, "Content-Type", "text/html; charset=utf-8");
    MHD_add_response_header(r, "ETag", "W/\"d-uCe08V6egUAuCe08V6egUA\"");
    return r;
}

/* The file of the page is the second argument. */
int main(int argc, char **argv)
{
    static char text[1 << 16];
    FILE *in = argc > 2 ? fopen(argv[2], "rb") : NULL;
    if (!in)
        return 2;
    const size_t size = fread(text, 1, sizeof text, in);
    static char hello[] = "Hello, World!";
    plain = make(hello, sizeof hello - 1);
    page = make(text, size);
    if (!MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TURBO,
                          (uint16_t)atoi(argv[1]), NULL, NULL, answer, NULL,
                          MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)4096,
                          MHD_OPTION_CONNECTION_LIMIT, 2000, MHD_OPTION_END))
        return 1;
    pause();
    return 0;
}
