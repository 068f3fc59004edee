/*
 * A host that embeds CPython in the way of the Bareos file daemon: one interpreter a job, made
 * and ended on the job's thread; one shared GIL, taken through the main thread state at each
 * call; one module `bareosfd`. Written from a description of the daemon's behaviour.
 */
#ifndef S3STREAM_HOST_H
#define S3STREAM_HOST_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "constants.h"

#define MOST_DEFINITIONS 8

/* Text that grows. */
struct text {
    char *bytes;
    size_t length, room;
};

/* What a scenario says about one job, or about many that are alike. */
struct plan {
    char *name, *type, *module_path, *module_name, *working_dir, *config, *volume, *where;
    char *override, *definitions[MOST_DEFINITIONS], *accurate[MOST_DEFINITIONS];
    char *excluded[MOST_DEFINITIONS];
    char *accurate_options, *imports, *base, *time;
    int definition_count, accurate_count, excluded_count;
    char level, replace;
    long since, block_size, repeat, threads, cancel_at_read;
    bool keeps_data, has_xattrs, lists_modules, is_cancelled_late, has_override_first;
};

/* A file of the last backup, which accurate jobs compare with. */
struct known {
    char *name;
    long long size, mtime, ctime;
    unsigned long long ino;
    bool is_seen, is_deleted;
};


/* One job while it runs. */
struct job {
    const struct plan *plan;
    long number;
    char job_name[160];
    PyInterpreterState *interpreter;
    PyThreadState *state;
    pthread_t thread;
    PyObject *module;
    uint32_t events;

    long since;
    bool check_changes, is_cancelled, is_fatal, has_died;
    long fatals, errors, warnings, files, saved, deleted, unchanged, reads;
    long long bytes, estimated_bytes;
    uint64_t digest;
    double cancel_sent, cancel_seconds;
    struct text messages, modules;

    /* The name that the FileSet's rules were asked about last: its options are in force. */
    char *asked;
    FILE *catalogue;
    struct known *known;
    size_t known_count;
};

/* main.c */
void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
double now(void);
extern PyThreadState *main_state;

/* scenario.c */
struct plan *read_scenario(const char *path, size_t *count);

/* text.c */
void text_add(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_add_json(struct text *text, const char *string);
void text_free(struct text *text);
char *hex_of(const unsigned char *bytes, size_t length);
unsigned char *bytes_of_hex(const char *hex, size_t *length);

/* interpreter.c: every function with a job takes the GIL itself. */
void job_begin(struct job *job);
void job_end(struct job *job);
void job_enter(struct job *job);
void job_leave(struct job *job);
int call_plugin(struct job *job, const char *function, PyObject *argument);
int send_event(struct job *job, int event);
int send_text(struct job *job, const char *function, const char *text);
struct job *current_job(void);

/* job.c */
void run_job(struct job *job);
void message(struct job *job, int type, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* backup.c, restore.c */
void run_backup(struct job *job, bool is_estimate);
void run_restore(struct job *job);

/* accurate.c */
void load_known(struct job *job);
struct known *find_known(struct job *job, const char *name);

/* module.c */
PyMODINIT_FUNC PyInit_bareosfd(void);

#endif
