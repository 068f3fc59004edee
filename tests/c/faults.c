/* Every transcript of tests/faults through C: the same kinds, the same bytes.
 *
 * faults [PART-OF-A-NAME...]: all of S3STREAM_FAULTS, or those whose name has one of the parts.
 * A read of a whole object is played twice: to a reader that was opened, and to one that a
 * stream has handed out. They are shared out to several processes, for most of them wait; then
 * those where the clock decides are played alone.
 */
#include "task.h"

#include <dirent.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROCESSES = 12 };

static char playing[512];
static int wrong;

static void complain(const char *what, const char *actual, const char *expected) {
    printf("  %s: %s is \"%s\", not \"%s\"\n", playing, what, actual, expected);
    wrong = 1;
}

/* A count: `3`, `1..3` or `1..`. */
static void allow(const struct words *expected, const char *name, uint64_t actual) {
    const char *range = words_value(expected, name);
    if (range == NULL) {
        return;
    }
    char *end;
    uint64_t least = strtoull(range, &end, 10);
    uint64_t most = least;
    if (strncmp(end, "..", 2) == 0) {
        most = end[2] == 0 ? UINT64_MAX : strtoull(end + 2, NULL, 10);
    }
    if (actual < least || actual > most) {
        char text[32];
        snprintf(text, sizeof text, "%llu", (unsigned long long)actual);
        complain(name, text, range);
    }
}

static void equal(const struct words *expected, const char *name, const char *actual) {
    const char *text = words_value(expected, name);
    if (text != NULL && strcmp(text, actual == NULL ? "" : actual) != 0) {
        complain(name, actual == NULL ? "" : actual, text);
    }
}

static void names(const struct words *expected, const char *name, const char *actual,
                  uint64_t count) {
    const char *text = words_value(expected, name);
    if (text != NULL && *text != 0 && strspn(text, "0123456789.") == strlen(text)) {
        allow(expected, name, count);
    } else {
        equal(expected, name, actual);
    }
}

static s3stream_client *make_client(const struct server *server, const char *ca) {
    static const char *const DEFAULTS[][2] = {
        {"connect_timeout", "5"},    {"stall_timeout", "5"},      {"max_attempts", "4"},
        {"retry_base_delay", "0.001"}, {"retry_max_delay", "0.02"}, {"addressing_style", "path"},
        {"proxy", "none"},           {"region", "us-east-1"},      {"retry_for", "0"},
    };
    s3stream_config *config = s3stream_config_new();
    s3stream_client *client = NULL;
    struct words words;
    char text[8192];

    CHECK_STATUS(OK, s3stream_config_set(config, "endpoint_url", server_url(server)));
    for (size_t i = 0; i < sizeof DEFAULTS / sizeof *DEFAULTS; i++) {
        CHECK_STATUS(OK, s3stream_config_set(config, DEFAULTS[i][0], DEFAULTS[i][1]));
    }
    if (*server_setting(server, "access_key_id") != 0) {
        CHECK_STATUS(OK, s3stream_config_set(config, "access_key_id", "AKIAFAULT"));
        CHECK_STATUS(OK, s3stream_config_set(config, "secret_access_key", "secret"));
    }
    if (strncmp(server_url(server), "https", 5) == 0) {
        CHECK_STATUS(OK, s3stream_config_set(config, "ca_bundle", ca));
    }
    snprintf(text, sizeof text, "config %s", server_setting(server, "config"));
    words_split(&words, text);
    for (int i = 0; i < words.count; i++) {
        const char *value = *words.values[i] == 0 ? "true" : words.values[i];
        CHECK_STATUS(OK, s3stream_config_set(config, words.names[i], value));
    }
    CHECK_STATUS(OK, s3stream_client_new(config, &client));
    s3stream_config_free(config);
    return client;
}

static void judge(const struct words *expected, const struct outcome *outcome) {
    int must_fail = strcmp(expected->verb, "error") == 0;
    const char *kind = words_value_or(expected, "kind", "");

    /* Only a checksum at the end can tell of a byte that was flipped on the way. */
    CHECK(!outcome->is_unspeakable);
    CHECK(!outcome->is_wrong || strcmp(kind, "integrity") == 0);
    if (must_fail != (outcome->error != NULL)) {
        const char *line = s3stream_error_line(outcome->error);
        complain("outcome", line == NULL ? "ok" : line, expected->verb);
    } else if (must_fail) {
        const s3stream_error *error = outcome->error;
        equal(expected, "kind", s3stream_status_name(s3stream_error_status(error)));
        equal(expected, "code", s3stream_error_code(error));
        allow(expected, "status", (uint64_t)s3stream_error_http_status(error));
        allow(expected, "delivered", outcome->delivered);
        allow(expected, "attempts", s3stream_error_attempts(error));
    } else {
        equal(expected, "verdict", outcome->verdict);
        equal(expected, "unproven", *outcome->unproven == 0 ? NULL : outcome->unproven);
        allow(expected, "reread", outcome->reread);
        allow(expected, "size", outcome->size);
        allow(expected, "resumes", outcome->resumes);
        allow(expected, "retries", outcome->retries);
        allow(expected, "newer", outcome->newer);
        names(expected, "keys", outcome->keys, outcome->key_count);
        names(expected, "prefixes", outcome->prefixes, outcome->prefix_count);
        names(expected, "unreadable", outcome->unreadable, outcome->unreadable_count);
        equal(expected, "end", outcome->end);
        equal(expected, "order", outcome->order);
        allow(expected, "early_ends", outcome->early_ends);
    }
}

/* The text of a transcript; valid until the next call. */
static const char *text_of(const char *directory, const char *name) {
    static char text[65536];
    char path[4096];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "r");
    CHECK(file != NULL);
    size_t length = fread(text, 1, sizeof text - 1, file);
    CHECK(feof(file) && fclose(file) == 0);
    text[length] = 0;
    return text;
}

/* Whether the clock decides how it ends: a pause or a time limit is part of it. */
static int is_timed(const char *directory, const char *name) {
    const char *text = text_of(directory, name);
    return strstr(text, "_timeout=") != NULL || strstr(text, " pause=") != NULL;
}

/* Whether a stream would send the same requests: it reads no ranges, reads on while its consumer
   pauses, and has connections of its own. */
static int is_streamed(const char *directory, const char *name) {
    static struct words task;
    const char *text = text_of(directory, name);
    const char *line = strstr(text, "\ndo:");
    char what[4096];

    CHECK(line != NULL);
    line += strlen("\ndo:");
    snprintf(what, sizeof what, "%.*s", (int)strcspn(line, "\n"), line);
    words_split(&task, what);
    return strcmp(task.verb, "read") == 0 && strstr(text, "\nbefore:") == NULL &&
           words_value(&task, "offset") == NULL && words_value(&task, "length") == NULL &&
           words_value(&task, "pause") == NULL;
}

static int play_as(enum way way, const char *directory, const char *name) {
    static struct outcome outcome;
    static struct words words;
    struct content content;
    char path[4096];
    char ca[] = "/tmp/s3stream-ca-XXXXXX";
    int file = mkstemp(ca);

    CHECK(file >= 0 && close(file) == 0);
    snprintf(path, sizeof path, "%s/%s", directory, name);
    const char *const arguments[] = {path, "--ca", ca, NULL};
    struct server server = server_start("s3stream-fault-server", arguments);
    snprintf(playing, sizeof playing, "%s%s", name, way == STREAMED ? " (streamed)" : "");
    wrong = 0;
    content.seed = strtoull(server_setting(&server, "object.seed"), NULL, 10);
    snprintf(content.md5, sizeof content.md5, "%s", server_setting(&server, "object.md5"));
    s3stream_client *client = make_client(&server, ca);
    if (*server_setting(&server, "before") != 0) {
        memset(&outcome, 0, sizeof outcome);
        words_split(&words, server_setting(&server, "before"));
        task_run(client, &words, &content, OPENED, &outcome);
        CHECK(outcome.error == NULL);
    }
    memset(&outcome, 0, sizeof outcome);
    words_split(&words, server_setting(&server, "do"));
    task_run(client, &words, &content, way, &outcome);
    words_split(&words, server_setting(&server, "expect"));
    judge(&words, &outcome);
    s3stream_error_free(outcome.error);
    s3stream_client_free(client);
    /* The server tells on standard error which request was not as it should be. */
    if (server_stop(&server) != 0) {
        complain("server", "dissatisfied", "satisfied");
    }
    unlink(ca);
    return wrong;
}

/* Whether one of the ways does not end as it should. C does not write yet. */
static int play(const char *directory, const char *name) {
    if (strstr(text_of(directory, name), "\ngroup:  write\n") != NULL) {
        return 0;
    }
    int is_wrong = play_as(OPENED, directory, name);
    if (is_streamed(directory, name)) {
        is_wrong |= play_as(STREAMED, directory, name);
    }
    return is_wrong;
}

static int is_wanted(const char *name, int count, char **parts) {
    const char *ending = strrchr(name, '.');
    if (ending == NULL || strcmp(ending, ".fault") != 0) {
        return 0;
    }
    for (int i = 1; i < count; i++) {
        if (strstr(name, parts[i]) != NULL) {
            return 1;
        }
    }
    return count == 1;
}

/* Plays every PROCESSES-th of the wanted; how many are not as they should be. */
static int play_share(struct dirent **files, int found, int share, int count, char **parts) {
    const char *directory = getenv("S3STREAM_FAULTS");
    int wanted = 0;
    int failed_ones = 0;

    for (int i = 0; i < found; i++) {
        const char *name = files[i]->d_name;
        if (is_wanted(name, count, parts) && !is_timed(directory, name) &&
            wanted++ % PROCESSES == share) {
            failed_ones += play(directory, name);
        }
    }
    return failed_ones;
}

/* Plays the timed ones of the wanted, each until it is as it should be, but three times at most:
   a loaded machine may have kept client or server away for longer than is allowed. */
static int play_timed(struct dirent **files, int found, int count, char **parts) {
    const char *directory = getenv("S3STREAM_FAULTS");
    int failed_ones = 0;

    for (int i = 0; i < found; i++) {
        const char *name = files[i]->d_name;
        if (is_wanted(name, count, parts) && is_timed(directory, name)) {
            failed_ones += play(directory, name) && play(directory, name) && play(directory, name);
        }
    }
    return failed_ones;
}

int main(int count, char **parts) {
    struct dirent **files;
    pid_t processes[PROCESSES];
    const char *directory = getenv("S3STREAM_FAULTS");
    int played = 0;
    int streamed = 0;
    int failed_ones = 0;

    CHECK(directory != NULL);
    int found = scandir(directory, &files, NULL, alphasort);
    for (int i = 0; i < found; i++) {
        if (is_wanted(files[i]->d_name, count, parts)) {
            played++;
            streamed += is_streamed(directory, files[i]->d_name);
        }
    }
    for (int share = 0; share < PROCESSES; share++) {
        processes[share] = fork();
        CHECK(processes[share] >= 0);
        if (processes[share] == 0) {
            int failed_here = play_share(files, found, share, count, parts);
            for (int i = 0; i < found; i++) {
                free(files[i]);
            }
            free(files);
            /* Not _exit(): leaks are looked for at the end of a program. */
            exit(failed_here);
        }
    }
    for (int share = 0; share < PROCESSES; share++) {
        int status;
        CHECK(waitpid(processes[share], &status, 0) == processes[share]);
        CHECK(WIFEXITED(status));
        failed_ones += WEXITSTATUS(status);
    }
    failed_ones += play_timed(files, found, count, parts);
    for (int i = 0; i < found; i++) {
        free(files[i]);
    }
    free(files);
    printf("  %d transcripts, %d of them streamed too, %d not as they should be\n", played, streamed,
           failed_ones);
    claim("transcripts end through C as they do in Rust");
    return done() != 0 || played == 0 || failed_ones > 0;
}
