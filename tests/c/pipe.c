/* A pipe for agents that read and poll themselves: all bytes, and the verdict behind them. */
#include "harness.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE = 8 << 20 };

static s3stream_client *client;
static unsigned char expected[SIZE];
static unsigned char buffer[SIZE + 1];

/* Reads to the pipe's end, as poll() says that there is something. */
static size_t read_all(int descriptor) {
    size_t filled = 0;
    for (;;) {
        struct pollfd wait = {.fd = descriptor, .events = POLLIN};
        CHECK(poll(&wait, 1, -1) == 1);
        ssize_t count = read(descriptor, buffer + filled, sizeof buffer - filled);
        CHECK(count >= 0);
        if (count == 0) {
            return filled;
        }
        filled += (size_t)count;
    }
}

static s3stream_reader *open_pipe(const char *key, int *descriptor) {
    s3stream_reader *reader = NULL;
    CHECK_STATUS(OK, s3stream_client_open(client, "bucket", key, NULL, &reader));
    CHECK_STATUS(OK, s3stream_reader_open_pipe(reader, descriptor));
    CHECK((fcntl(*descriptor, F_GETFD) & FD_CLOEXEC) != 0);
    return reader;
}

static void an_object_comes_through_a_pipe(void) {
    int descriptor = -1;
    int second = -1;
    size_t count;
    s3stream_reader *reader = open_pipe("big", &descriptor);

    CHECK_STATUS(INVALID_INPUT, s3stream_reader_open_pipe(reader, &second));
    CHECK_NUMBER(-1, second);
    CHECK_STATUS(INVALID_INPUT, s3stream_reader_read(reader, buffer, 1, &count));
    CHECK_NUMBER(SIZE, read_all(descriptor));
    CHECK(memcmp(buffer, expected, SIZE) == 0);
    close(descriptor);
    CHECK_STATUS(OK, s3stream_reader_finish(reader));
    CHECK_TEXT("crc64nvme", s3stream_verdict_method(s3stream_reader_verdict(reader)));
    s3stream_reader_free(reader);
    claim("an object comes through a pipe, and its verdict behind it");
}

static void a_pipe_that_is_closed_early_ends_the_feeding(void) {
    int descriptor = -1;
    s3stream_reader *reader = open_pipe("big", &descriptor);

    CHECK(read(descriptor, buffer, 100) > 0);
    close(descriptor);
    /* A SIGPIPE would have ended this program. */
    CHECK_STATUS(CANCELLED, s3stream_reader_finish(reader));
    CHECK(s3stream_reader_verdict(reader) == NULL);
    s3stream_reader_free(reader);
    claim("a pipe that is closed early ends the feeding, without SIGPIPE and without a verdict");
}

static void the_end_of_a_pipe_is_no_verdict(void) {
    int descriptor = -1;
    s3stream_reader *reader = open_pipe("big", &descriptor);

    CHECK_STATUS(OK, s3stream_reader_cancel(reader));
    CHECK(read_all(descriptor) < SIZE);
    close(descriptor);
    for (int i = 0; i < 2; i++) {
        CHECK_STATUS(CANCELLED, s3stream_reader_finish(reader));
    }
    CHECK(s3stream_reader_verdict(reader) == NULL);
    s3stream_reader_free(reader);
    claim("the end of a pipe is no verdict: a cancelled one ends early and says so");
}

static void a_reader_finishes_without_a_pipe(void) {
    s3stream_reader *reader = NULL;
    size_t count;
    CHECK_STATUS(OK, s3stream_client_open(client, "bucket", "big", NULL, &reader));
    CHECK_STATUS(OK, s3stream_reader_read(reader, buffer, 10, &count));
    CHECK_STATUS(OK, s3stream_reader_finish(reader));
    CHECK_NUMBER(SIZE, s3stream_verdict_bytes(s3stream_reader_verdict(reader)));
    s3stream_reader_free(reader);
    claim("a reader finishes without a pipe too");
}

int main(void) {
    struct server server = server_start_embedded();
    client = client_for(server_url(&server));
    pattern(1, 0, expected, SIZE);
    an_object_comes_through_a_pipe();
    a_pipe_that_is_closed_early_ends_the_feeding();
    the_end_of_a_pipe_is_no_verdict();
    a_reader_finishes_without_a_pipe();
    s3stream_client_free(client);
    CHECK_NUMBER(0, server_stop(&server));
    return done();
}
