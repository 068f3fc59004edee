#include "harness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static atomic_uint checks;
static atomic_uint claims;

void checked(void) {
    checks++;
}

_Noreturn void failed(const char *file, int line, const char *what) {
    fprintf(stderr, "%s:%d: it does not hold: %s\n", file, line, what);
    const s3stream_error *error = s3stream_last_error();
    if (error != NULL) {
        fprintf(stderr, "  last error: %s\n", s3stream_error_line(error));
    }
    exit(1);
}

void check_status(const char *file, int line, const char *call, s3stream_status expected,
                  s3stream_status status) {
    checked();
    if (status != expected) {
        fprintf(stderr, "%s:%d: %s gave %s, not %s\n", file, line, call,
                s3stream_status_name(status), s3stream_status_name(expected));
        failed(file, line, call);
    }
    if (status != S3STREAM_OK && s3stream_error_status(s3stream_last_error()) != status) {
        failed(file, line, "the last error has the status that was returned");
    }
}

void check_text(const char *file, int line, const char *what, const char *expected,
                const char *text) {
    checked();
    if (text == NULL ? expected != NULL : expected == NULL || strcmp(text, expected) != 0) {
        fprintf(stderr, "%s:%d: %s is \"%s\", not \"%s\"\n", file, line, what,
                text == NULL ? "(NULL)" : text, expected == NULL ? "(NULL)" : expected);
        failed(file, line, what);
    }
}

void check_number(const char *file, int line, const char *what, uint64_t expected,
                  uint64_t number) {
    checked();
    if (number != expected) {
        fprintf(stderr, "%s:%d: %s is %llu, not %llu\n", file, line, what,
                (unsigned long long)number, (unsigned long long)expected);
        failed(file, line, what);
    }
}

void check_line(const char *file, int line, const char *part) {
    checked();
    const char *said = s3stream_error_line(s3stream_last_error());
    if (said == NULL || strstr(said, part) == NULL) {
        fprintf(stderr, "%s:%d: no \"%s\" in the line\n", file, line, part);
        failed(file, line, part);
    }
}

void claim(const char *what) {
    claims++;
    printf("  %s\n", what);
}

int done(void) {
    printf("  %u claims, %u checks\n", claims, checks);
    return claims == 0;
}

struct server server_start(const char *program, const char *const *arguments) {
    struct server server = {0};
    int input[2];
    int output[2];
    const char *directory = getenv("S3STREAM_PROGRAMS");
    const char *command[32] = {program};
    char path[4096];

    CHECK(directory != NULL);
    snprintf(path, sizeof path, "%s/%s", directory, program);
    for (int i = 0; arguments[i] != NULL && i < 30; i++) {
        command[i + 1] = arguments[i];
    }
    /* Neither may stay open in another server: its end is what stops it. */
    CHECK(pipe2(input, O_CLOEXEC) == 0 && pipe2(output, O_CLOEXEC) == 0);
    server.process = fork();
    CHECK(server.process >= 0);
    if (server.process == 0) {
        dup2(input[0], 0);
        dup2(output[1], 1);
        execv(path, (char *const *)command);
        _exit(127);
    }
    close(input[0]);
    close(output[1]);
    server.input = input[1];
    size_t filled = 0;
    /* Its settings end with an empty line, or, where it goes on at once, with its first ones. */
    while (filled < sizeof server.settings - 1) {
        ssize_t count = read(output[0], server.settings + filled,
                             sizeof server.settings - 1 - filled);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        CHECK(count > 0);
        filled += (size_t)count;
        if (strstr(server.settings, "\n\n") != NULL ||
            strstr(server.settings, "\nAWS_REGION=us-east-1\n") != NULL) {
            break;
        }
    }
    close(output[0]);
    return server;
}

struct server server_start_embedded(void) {
    const char *const arguments[] = {"--until-stdin-closes", "--bucket", "bucket", "--keys",
                                     "2500", "--big", "8M", NULL};
    return server_start("s3stream-embedded-server", arguments);
}

const char *server_setting(const struct server *server, const char *name) {
    static _Thread_local char value[8192];
    size_t length = strlen(name);
    const char *line = server->settings;

    while (line != NULL && *line != 0) {
        const char *end = strchr(line, '\n');
        size_t whole = end == NULL ? strlen(line) : (size_t)(end - line);
        if (whole > length && strncmp(line, name, length) == 0 &&
            (line[length] == '=' || line[length] == ' ')) {
            snprintf(value, sizeof value, "%.*s", (int)(whole - length - 1), line + length + 1);
            return value;
        }
        line = end == NULL ? NULL : end + 1;
    }
    return "";
}

const char *server_url(const struct server *server) {
    return server_setting(server, "ready");
}

int server_stop(struct server *server) {
    int status;
    close(server->input);
    while (waitpid(server->process, &status, 0) < 0) {
        CHECK(errno == EINTR);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

s3stream_config *config_for(const char *url) {
    s3stream_config *config = s3stream_config_new();
    CHECK(config != NULL);
    CHECK_STATUS(OK, s3stream_config_set(config, "endpoint_url", url));
    CHECK_STATUS(OK, s3stream_config_set(config, "region", "us-east-1"));
    CHECK_STATUS(OK, s3stream_config_set(config, "access_key_id", "test"));
    CHECK_STATUS(OK, s3stream_config_set(config, "secret_access_key", "testsecret"));
    CHECK_STATUS(OK, s3stream_config_set(config, "addressing_style", "path"));
    CHECK_STATUS(OK, s3stream_config_set(config, "proxy", "none"));
    return config;
}

s3stream_client *client_for(const char *url) {
    s3stream_config *config = config_for(url);
    s3stream_client *client = NULL;
    CHECK_STATUS(OK, s3stream_client_new(config, &client));
    s3stream_config_free(config);
    return client;
}

struct mute mute_start(void) {
    struct mute mute;
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    mute.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(mute.listener >= 0);
    CHECK(bind(mute.listener, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(listen(mute.listener, 16) == 0);
    CHECK(getsockname(mute.listener, (struct sockaddr *)&address, &length) == 0);
    snprintf(mute.url, sizeof mute.url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    return mute;
}

int mute_wait(struct mute *mute) {
    char request[4096];
    int connection = accept(mute->listener, NULL, NULL);
    CHECK(connection >= 0);
    CHECK(recv(connection, request, sizeof request, 0) > 0);
    return connection;
}

static uint64_t mix(uint64_t value) {
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

void pattern(uint64_t seed, uint64_t offset, unsigned char *buffer, size_t length) {
    const uint64_t gamma = UINT64_C(0x9e3779b97f4a7c15);
    for (size_t i = 0; i < length; i++) {
        uint64_t at = offset + i;
        uint64_t word = mix(mix(seed + gamma) + at / 8 * gamma);
        buffer[i] = (unsigned char)(word >> (8 * (at % 8)));
    }
}

double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void cancels_in_time(double (*attempt)(void)) {
    /* Under valgrind a thread may wait for its turn that long by itself. */
    double late = getenv("S3STREAM_WATCHED") != NULL ? 5.0 : 0.1;
    double taken = attempt();

    for (int i = 1; i < 10 && taken > late; i++) {
        /* That late is a wake-up that was lost, and ended by some other time limit. */
        CHECK(taken < 20);
        taken = attempt();
    }
    CHECK(taken <= late);
}

struct gate {
    pthread_mutex_t mutex;
    pthread_cond_t opened;
    int is_open;
};

struct gate *gate_new(void) {
    struct gate *gate = calloc(1, sizeof *gate);
    CHECK(gate != NULL);
    pthread_mutex_init(&gate->mutex, NULL);
    pthread_cond_init(&gate->opened, NULL);
    return gate;
}

void gate_open(struct gate *gate) {
    pthread_mutex_lock(&gate->mutex);
    gate->is_open = 1;
    pthread_cond_broadcast(&gate->opened);
    pthread_mutex_unlock(&gate->mutex);
}

void gate_wait(struct gate *gate) {
    pthread_mutex_lock(&gate->mutex);
    while (!gate->is_open) {
        pthread_cond_wait(&gate->opened, &gate->mutex);
    }
    pthread_mutex_unlock(&gate->mutex);
}

void gate_free(struct gate *gate) {
    pthread_mutex_destroy(&gate->mutex);
    pthread_cond_destroy(&gate->opened);
    free(gate);
}
