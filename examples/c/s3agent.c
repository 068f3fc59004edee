/* s3agent: backs up a bucket by several threads, each into a tar file of its own.
 *
 *     cc -std=c11 -pthread -o s3agent s3agent.c tar.c $(pkg-config --cflags --libs s3stream)
 *
 *     s3agent [-j THREADS] [-s NAME=VALUE]... -o OUTPUT s3://BUCKET[/PREFIX]
 *
 * One thread lists, and gives each object its file name; the others share the objects, and read
 * theirs ahead by a stream: OUTPUT.0.tar, OUTPUT.1.tar, ... The first thread waits for signals
 * and shows how far it is. An object that is not whole, or that its digest contradicts, is in no
 * tar file; of one that no digest proves the summary says why.
 *
 * Exit status: 0 if the listing is complete and every object is stored; 1 if not;
 * 2 for a wrong command line or setting; 130 if it was interrupted (SIGINT, SIGTERM).
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <s3stream.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tar.h"

enum { MOST_THREADS = 64, ROOM = 512, METHODS = 16 };

/* An object on its way from the lister to a worker. */
struct item {
    s3stream_object *object;
    s3stream_text *name;
};

/* What all threads share. */
static struct {
    const char *bucket;
    const char *prefix;
    const char *output;
    s3stream_client *client;
    pthread_t main_thread;

    /* Guards what follows, up to the counters. */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct item items[ROOM];
    size_t first;
    size_t waiting;
    atomic_bool is_listed;
    bool has_failed;
    char methods[METHODS][40];
    uint64_t proven[METHODS];

    atomic_uint_fast64_t listed;
    atomic_uint_fast64_t stored;
    atomic_uint_fast64_t failed;
    atomic_uint_fast64_t bytes;
    atomic_int running;
    atomic_bool is_cancelled;
} agent = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void say(const char *text) {
    /* Erases the line of the progress, if there is one. */
    fprintf(stderr, "%ss3agent: %s\n", isatty(2) ? "\r\033[K" : "", text);
}

static void say_last_error(void) {
    say(s3stream_error_line(s3stream_last_error()));
}

/* Something that no object is to blame for: nothing further makes sense. */
static void give_up(const char *why) {
    say(why);
    pthread_mutex_lock(&agent.mutex);
    agent.has_failed = true;
    pthread_cond_broadcast(&agent.changed);
    pthread_mutex_unlock(&agent.mutex);
    s3stream_client_cancel(agent.client);
}

/* Hands an item to the workers, when there is room; false if they have given up. */
static bool give(struct item item) {
    pthread_mutex_lock(&agent.mutex);
    while (agent.waiting == ROOM && !agent.has_failed && !agent.is_cancelled) {
        pthread_cond_wait(&agent.changed, &agent.mutex);
    }
    bool is_taken = agent.waiting < ROOM;
    if (is_taken) {
        agent.items[(agent.first + agent.waiting++) % ROOM] = item;
        pthread_cond_broadcast(&agent.changed);
    }
    pthread_mutex_unlock(&agent.mutex);
    return is_taken;
}

/* Takes an item; false if there is none, and, where it may wait, never will be. */
static bool take(struct item *item, bool may_wait) {
    pthread_mutex_lock(&agent.mutex);
    while (may_wait && agent.waiting == 0 && !agent.is_listed) {
        pthread_cond_wait(&agent.changed, &agent.mutex);
    }
    bool is_taken = agent.waiting > 0;
    if (is_taken) {
        *item = agent.items[agent.first];
        agent.first = (agent.first + 1) % ROOM;
        agent.waiting--;
        pthread_cond_broadcast(&agent.changed);
    }
    pthread_mutex_unlock(&agent.mutex);
    return is_taken;
}

static void drop(struct item item) {
    s3stream_object_free(item.object);
    s3stream_text_free(item.name);
}

/* Tells the first thread that one of the others has ended. */
static void leave(void) {
    if (--agent.running == 0) {
        pthread_kill(agent.main_thread, SIGUSR1);
    }
}

/* Lists everything; names depend on the order, so they are made here. */
static void *list(void *unused) {
    s3stream_list_options *options = s3stream_list_options_new();
    s3stream_names *names = s3stream_names_new();
    s3stream_list *listing = NULL;
    const s3stream_entry *entry = NULL;
    s3stream_status status;
    (void)unused;

    status = s3stream_list_options_set_prefix(options, agent.prefix);
    if (status == S3STREAM_OK) {
        status = s3stream_client_list(agent.client, agent.bucket, options, &listing);
    }
    while (status == S3STREAM_OK && (status = s3stream_list_next(listing, &entry)) == S3STREAM_OK &&
           entry != NULL) {
        struct item item = {s3stream_object_clone(s3stream_entry_object(entry)), NULL};
        status = s3stream_names_file_name(names, item.object, &item.name);
        agent.listed++;
        if (status != S3STREAM_OK || !give(item)) {
            drop(item);
            break;
        }
    }
    if (status != S3STREAM_OK && !agent.is_cancelled) {
        say_last_error();
    }
    pthread_mutex_lock(&agent.mutex);
    /* What was listed is stored all the same; the exit status says that it is not all. */
    agent.has_failed |= status != S3STREAM_OK;
    agent.is_listed = true;
    pthread_cond_broadcast(&agent.changed);
    pthread_mutex_unlock(&agent.mutex);
    s3stream_list_free(listing);
    s3stream_names_free(names);
    s3stream_list_options_free(options);
    leave();
    return NULL;
}

/* Counts by what an object is proven; one that no digest proves, by the reason. */
static void count_proof(const s3stream_verdict *verdict) {
    char method[sizeof agent.methods[0]];
    if (s3stream_verdict_is_proven(verdict)) {
        snprintf(method, sizeof method, "proven by %s", s3stream_verdict_method(verdict));
    } else {
        snprintf(method, sizeof method, "not proven: %s", s3stream_verdict_unproven(verdict));
    }
    pthread_mutex_lock(&agent.mutex);
    for (int i = 0; i < METHODS; i++) {
        if (agent.methods[i][0] == 0) {
            snprintf(agent.methods[i], sizeof agent.methods[i], "%s", method);
        }
        if (strcmp(agent.methods[i], method) == 0) {
            agent.proven[i]++;
            break;
        }
    }
    pthread_mutex_unlock(&agent.mutex);
}

/* Stores one object: S3STREAM_OK, what became of reading it, or -1 and errno of the archive. */
static int store(struct tar *tar, s3stream_reader *reader, const char *name) {
    static _Thread_local char buffer[256 * 1024];
    const s3stream_object *object = NULL;
    int64_t mtime = 0;
    size_t count;
    s3stream_status status = s3stream_reader_opened(reader, &object);

    if (status != S3STREAM_OK) {
        return status;
    }
    (void)s3stream_object_last_modified(object, &mtime);
    if (tar_begin(tar, name, s3stream_object_size(object), mtime) != 0) {
        return -1;
    }
    for (;;) {
        status = s3stream_reader_read(reader, buffer, sizeof buffer, &count);
        if (status != S3STREAM_OK) {
            return tar_abandon(tar) != 0 ? -1 : status;
        }
        if (count == 0) {
            break;
        }
        if (tar_write(tar, buffer, count) != 0) {
            return -1;
        }
        agent.bytes += count;
    }
    if (tar_end(tar) != 0) {
        return -1;
    }
    count_proof(s3stream_reader_verdict(reader));
    return S3STREAM_OK;
}

/* Keeps a stream filled with its share of the objects, and stores what comes out of it. */
static void work(struct tar *tar, s3stream_stream *stream) {
    /* The items whose readers are still to come, as many as the stream has been given. */
    static _Thread_local struct item pushed[4096];
    size_t first = 0;
    size_t count = 0;
    const size_t most = sizeof pushed / sizeof *pushed;

    for (;;) {
        struct item item;
        s3stream_reader *reader = NULL;
        while (count < most && s3stream_stream_has_room(stream) && take(&item, count == 0)) {
            pushed[(first + count++) % most] = item;
            s3stream_stream_push_object(stream, item.object);
        }
        if (count == 0) {
            break;
        }
        item = pushed[first];
        first = (first + 1) % most;
        count--;
        int result = s3stream_stream_next(stream, &reader);
        if (result == S3STREAM_OK) {
            result = store(tar, reader, s3stream_text_data(item.name));
        }
        if (result == S3STREAM_OK) {
            agent.stored++;
        } else {
            agent.failed++;
            if (result == -1) {
                char why[256];
                snprintf(why, sizeof why, "%s cannot be written: %s", agent.output,
                         strerror(errno));
                give_up(why);
            } else if (result != S3STREAM_CANCELLED) {
                say_last_error();
            }
        }
        s3stream_reader_free(reader);
        drop(item);
    }
}

static void *start_work(void *number) {
    s3stream_stream *stream = NULL;
    struct tar tar;
    char path[4096];

    snprintf(path, sizeof path, "%s.%d.tar", agent.output, (int)(intptr_t)number);
    if (tar_create(&tar, path) != 0) {
        snprintf(path, sizeof path, "%s: %s", agent.output, strerror(errno));
        give_up(path);
    } else if (s3stream_client_stream(agent.client, agent.bucket, NULL, &stream) != S3STREAM_OK) {
        give_up(s3stream_error_line(s3stream_last_error()));
    } else {
        work(&tar, stream);
        if (tar_close(&tar) != 0) {
            give_up(strerror(errno));
        }
    }
    s3stream_stream_free(stream);
    leave();
    return NULL;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Waits for the other threads, for signals, and for the time to show how far it is. */
static void watch(const sigset_t *signals) {
    const struct timespec often = {0, 200 * 1000 * 1000};
    double start = now();

    while (agent.running > 0) {
        int number = sigtimedwait(signals, NULL, &often);
        if (number == SIGINT || number == SIGTERM) {
            agent.is_cancelled = true;
            /* Every call in every thread returns now. */
            s3stream_client_cancel(agent.client);
            pthread_mutex_lock(&agent.mutex);
            pthread_cond_broadcast(&agent.changed);
            pthread_mutex_unlock(&agent.mutex);
        }
        if (isatty(2)) {
            double megabytes = (double)agent.bytes / 1e6;
            fprintf(stderr, "\r\033[K%" PRIuFAST64 " of %" PRIuFAST64 "%s objects, %.1f MB, %.1f MB/s",
                    agent.stored, agent.listed, agent.is_listed ? "" : "+", megabytes,
                    megabytes / (now() - start + 1e-9));
        }
    }
    if (isatty(2)) {
        fprintf(stderr, "\r\033[K");
    }
}

/* The last words, and the exit status. */
static int conclude(double seconds) {
    s3stream_stats *stats = NULL;
    bool is_good = !agent.has_failed && !agent.is_cancelled && agent.failed == 0;

    printf("%" PRIuFAST64 " objects listed%s, %" PRIuFAST64 " stored, %" PRIuFAST64
           " failed, %" PRIuFAST64 " bytes in %.1f s\n",
           agent.listed, agent.has_failed || agent.is_cancelled ? " (not all)" : "", agent.stored,
           agent.failed, agent.bytes, seconds);
    for (int i = 0; i < METHODS && agent.proven[i] > 0; i++) {
        printf("%s: %" PRIu64 "\n", agent.methods[i], agent.proven[i]);
    }
    if (s3stream_client_stats(agent.client, &stats) == S3STREAM_OK) {
        printf("%" PRIu64 " requests, %" PRIu64 " retries, %" PRIu64 " resumes\n",
               s3stream_stats_requests(stats), s3stream_stats_retries(stats),
               s3stream_stats_resumes(stats));
    }
    s3stream_stats_free(stats);
    if (agent.is_cancelled) {
        say("interrupted");
        return 130;
    }
    return is_good ? 0 : 1;
}

static int usage(void) {
    fprintf(stderr, "usage: s3agent [-j THREADS] [-s NAME=VALUE]... -o OUTPUT s3://BUCKET[/PREFIX]\n\n"
                    "settings:\n");
    for (size_t i = 0; i < s3stream_setting_count(); i++) {
        fprintf(stderr, "  %-18s %s\n", s3stream_setting_name(i), s3stream_setting_help(i));
    }
    return 2;
}

int main(int count, char **arguments) {
    s3stream_config *config = s3stream_config_new();
    pthread_t threads[MOST_THREADS + 1];
    int workers = 4;
    int option;

    while ((option = getopt(count, arguments, "j:s:o:")) != -1) {
        char *equals = option == 's' ? strchr(optarg, '=') : NULL;
        if (option == 'j') {
            workers = atoi(optarg);
        } else if (option == 'o') {
            agent.output = optarg;
        } else if (equals != NULL) {
            *equals = 0;
            if (s3stream_config_set(config, optarg, equals + 1) != S3STREAM_OK) {
                say_last_error();
                return 2;
            }
        } else {
            return usage();
        }
    }
    if (optind != count - 1 || strncmp(arguments[optind], "s3://", 5) != 0 ||
        agent.output == NULL || workers < 1 || workers > MOST_THREADS) {
        return usage();
    }
    char *slash = strchr(arguments[optind] + 5, '/');
    agent.bucket = arguments[optind] + 5;
    agent.prefix = slash == NULL ? "" : slash + 1;
    if (slash != NULL) {
        *slash = 0;
    }
    if (s3stream_client_new(config, &agent.client) != S3STREAM_OK) {
        say_last_error();
        return 2;
    }
    s3stream_config_free(config);

    /* Before any thread starts, so that all block them and only watch() takes them. */
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    agent.main_thread = pthread_self();
    agent.running = workers + 1;
    double start = now();
    for (int i = 0; i <= workers; i++) {
        void *(*body)(void *) = i == workers ? list : start_work;
        if (pthread_create(&threads[i], NULL, body, (void *)(intptr_t)i) != 0) {
            say("no thread can be started");
            return 1;
        }
    }
    watch(&signals);
    for (int i = 0; i <= workers; i++) {
        pthread_join(threads[i], NULL);
    }
    for (struct item item; take(&item, false);) {
        drop(item);
    }
    int status = conclude(now() - start);
    s3stream_client_free(agent.client);
    return status;
}
