/*
 * host SCENARIO: runs the jobs of a scenario, and writes a line of JSON for each.
 *
 * {"job", "number", "status", "messages": [[TYPE, TEXT]...], "errors", "warnings", "files",
 *  "saved", "unchanged", "deleted", "bytes", "digest", "estimated_bytes", "reads",
 *  "cancel_seconds", "rss_kib", "heap", "modules"}
 */
#include "host.h"

#include <malloc.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

PyThreadState *main_state;
static pthread_mutex_t output = PTHREAD_MUTEX_INITIALIZER;

void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("host: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    _exit(70);
}

double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Bytes that are allocated, all of Python's among them where PYTHONMALLOC is `malloc`. */
static size_t heap(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/* Resident memory of this process in KiB. */
static long resident(void) {
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%*d %ld", &pages) != 1) {
        fail("/proc/self/statm cannot be read");
    }
    fclose(file);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static const char *status_of(const struct job *job) {
    if (job->has_died) {
        return "died";
    }
    if (job->is_cancelled) {
        return "Canceled";
    }
    if (job->is_fatal) {
        return "Error";
    }
    // The daemon tells the director how many errors there were; its warnings are text only.
    return job->errors > 0 ? "OK -- with warnings" : "OK";
}

static void write_result(struct job *job) {
    struct text line = {0};
    text_add(&line, "{\"job\":");
    text_add_json(&line, job->plan->name);
    text_add(&line, ",\"number\":%ld,\"status\":\"%s\",\"messages\":[%s]", job->number,
             status_of(job), job->messages.bytes ? job->messages.bytes : "");
    text_add(&line, ",\"fatals\":%ld,\"errors\":%ld,\"warnings\":%ld", job->fatals, job->errors,
             job->warnings);
    text_add(&line, ",\"files\":%ld,\"saved\":%ld,\"unchanged\":%ld,\"deleted\":%ld", job->files,
             job->saved, job->unchanged, job->deleted);
    text_add(&line, ",\"bytes\":%lld,\"digest\":\"%016llx\",\"estimated_bytes\":%lld,\"reads\":%ld",
             job->bytes, (unsigned long long)job->digest, job->estimated_bytes, job->reads);
    text_add(&line, ",\"cancel_seconds\":%.6f,\"rss_kib\":%ld,\"heap\":%zu", job->cancel_seconds,
             resident(), heap());
    text_add(&line, ",\"modules\":[%s]}\n", job->modules.bytes ? job->modules.bytes : "");
    pthread_mutex_lock(&output);
    fputs(line.bytes, stdout);
    fflush(stdout);
    pthread_mutex_unlock(&output);
    text_free(&line);
}

static void run_one(const struct plan *plan, long number) {
    struct job job = {.plan = plan, .number = number};
    run_job(&job);
    write_result(&job);
    text_free(&job.messages);
    text_free(&job.modules);
    free(job.asked);
    for (size_t i = 0; i < job.known_count; i++) {
        free(job.known[i].name);
    }
    free(job.known);
}

struct worker {
    const struct plan *plan;
    long first;
    pthread_t thread;
};

static void *work(void *argument) {
    const struct worker *worker = argument;
    for (long i = 0; i < worker->plan->repeat; i++) {
        run_one(worker->plan, worker->first + i);
    }
    return NULL;
}

static void run_plan(const struct plan *plan) {
    struct worker *workers = calloc((size_t)plan->threads, sizeof *workers);
    for (long i = 0; i < plan->threads; i++) {
        workers[i].plan = plan;
        workers[i].first = i * plan->repeat;
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
            fail("no thread for a job");
        }
    }
    for (long i = 0; i < plan->threads; i++) {
        pthread_join(workers[i].thread, NULL);
    }
    free(workers);
}

static void ignore(int signal) { (void)signal; }

int main(int count, char **arguments) {
    if (count != 2) {
        fail("usage: host SCENARIO");
    }
    /* Without SA_RESTART: what wakes a job that is cancelled interrupts its system calls. */
    struct sigaction action = {.sa_handler = ignore};
    sigaction(SIGUSR2, &action, NULL);

    size_t plan_count;
    struct plan *plans = read_scenario(arguments[1], &plan_count);
    /* Or it would take the library of whichever python3 is first in PATH. */
    setenv("PYTHONHOME", PYTHON_HOME, 0);
    PyImport_AppendInittab("bareosfd", PyInit_bareosfd);
    Py_InitializeEx(0);
    PyObject *module = PyImport_ImportModule("bareosfd");
    if (module == NULL) {
        PyErr_Print();
        fail("bareosfd cannot be imported");
    }
    Py_DECREF(module);
    main_state = PyEval_SaveThread();

    for (size_t i = 0; i < plan_count; i++) {
        run_plan(&plans[i]);
    }
    PyEval_RestoreThread(main_state);
    return Py_FinalizeEx() < 0 ? 70 : 0;
}
