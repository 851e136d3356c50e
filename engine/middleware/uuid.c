/* uuid.c - UUIDs of RFC 9562: random ones, and those that sort by time. */
#include <mvc/middleware.h>

#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SIZE = 16 };

/* In a program that has no app yet, libsodium has to be told to begin. */
static void fill(unsigned char bytes[SIZE])
{
    if (sodium_init() >= 0)
        randombytes_buf(bytes, SIZE);
    else
        abort(); /* no random numbers: nothing that uses them is safe */
}

static void write_out(char text[MVC_UUID], unsigned char bytes[SIZE],
                      unsigned version)
{
    char hex[2 * SIZE + 1];
    bytes[6] = (unsigned char)((bytes[6] & 0x0F) | version << 4);
    bytes[8] = (unsigned char)((bytes[8] & 0x3F) | 0x80); /* the variant */
    sodium_bin2hex(hex, sizeof hex, bytes, SIZE);
    snprintf(text, MVC_UUID, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8,
             hex + 12, hex + 16, hex + 20);
}

const char *mvc_uuid4(char text[MVC_UUID])
{
    unsigned char bytes[SIZE];
    fill(bytes);
    write_out(text, bytes, 4);
    return text;
}

/*
 * 48 bits of milliseconds and 12 of their fraction, as 6.2 (method 3) has it;
 * more than the last one given, whichever thread that was for.
 */
static uint64_t next_time(void)
{
    static _Atomic uint64_t last;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    const uint64_t milliseconds =
        (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    const uint64_t fraction = (uint64_t)now.tv_nsec % 1000000 * 4096 / 1000000;
    const uint64_t clock = milliseconds << 12 | fraction;
    uint64_t before = atomic_load(&last), time;
    do
        time = clock > before ? clock : before + 1;
    while (!atomic_compare_exchange_weak(&last, &before, time));
    return time;
}

const char *mvc_uuid7(char text[MVC_UUID])
{
    unsigned char bytes[SIZE];
    const uint64_t time = next_time();
    fill(bytes);
    for (int i = 0; i < 6; i++)
        bytes[i] = (unsigned char)(time >> (52 - 8 * i));
    bytes[6] = (unsigned char)(time >> 8 & 0x0F);
    bytes[7] = (unsigned char)time;
    write_out(text, bytes, 7);
    return text;
}
