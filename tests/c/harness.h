/* What the C tests share: claims that are checked, and servers that are started for them. */
#ifndef HARNESS_H
#define HARNESS_H

#include <s3stream.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

/* Ends the program unless it holds; `...` is a format and its values, for the reader. */
#define CHECK(holds) \
    ((holds) ? (void)checked() : failed(__FILE__, __LINE__, #holds))
#define CHECK_STATUS(expected, call) \
    check_status(__FILE__, __LINE__, #call, S3STREAM_##expected, (call))
#define CHECK_TEXT(expected, text) check_text(__FILE__, __LINE__, #text, (expected), (text))
#define CHECK_NUMBER(expected, number) \
    check_number(__FILE__, __LINE__, #number, (uint64_t)(expected), (uint64_t)(number))
/* The line of this thread's last error has `part` in it. */
#define CHECK_LINE(part) check_line(__FILE__, __LINE__, (part))

void checked(void);
_Noreturn void failed(const char *file, int line, const char *what);
void check_status(const char *file, int line, const char *call, s3stream_status expected,
                  s3stream_status status);
void check_text(const char *file, int line, const char *what, const char *expected,
                const char *text);
void check_number(const char *file, int line, const char *what, uint64_t expected,
                  uint64_t number);
void check_line(const char *file, int line, const char *part);

/* Says that a claim holds; the last line of a program is `done()`. */
void claim(const char *what);
int done(void);

/* A server that another process runs, and what it said when it was ready. */
struct server {
    pid_t process;
    int input;
    char settings[16384];
};

/* Starts a program of S3STREAM_PROGRAMS; `arguments` end with NULL. */
struct server server_start(const char *program, const char *const *arguments);
/* The embedded server with 2,500 tiny objects and `big` (8 MiB) in `bucket`. */
struct server server_start_embedded(void);
/* The value of one of its settings; "" if it has none of that name. Valid until the next call. */
const char *server_setting(const struct server *server, const char *name);
/* Its URL. */
const char *server_url(const struct server *server);
/* Stops it; its exit status. */
int server_stop(struct server *server);

/* A configuration for a server on loopback with the embedded server's credentials. */
s3stream_config *config_for(const char *url);
s3stream_client *client_for(const char *url);

/* A server in this process that accepts connections, reads requests and never answers. */
struct mute {
    int listener;
    char url[64];
};

struct mute mute_start(void);
/* Waits until a request has come in; the connection stays open. */
int mute_wait(struct mute *mute);

/* Byte `position` of the object of a seed, as the test servers make it. */
void pattern(uint64_t seed, uint64_t offset, unsigned char *buffer, size_t length);

/* Seconds of a clock that only goes forward. */
double seconds(void);

/* Cancels by `attempt`, which checks what comes of it and says how many seconds that took, until
   it took no more than 100 ms: a loaded machine may be late, but not ten times, and not by
   much. */
void cancels_in_time(double (*attempt)(void));

/* Adds one to a count that threads share, and waits for one. */
struct gate;
struct gate *gate_new(void);
void gate_open(struct gate *gate);
void gate_wait(struct gate *gate);
void gate_free(struct gate *gate);

#endif
