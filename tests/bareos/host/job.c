/* A job from the loading of its plugin to its end. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "packets.h"

static const char *type_name(int type) {
    static const char *names[] = {"?", "ABORT", "DEBUG", "FATAL", "ERROR", "WARNING", "INFO",
                                  "SAVED", "NOTSAVED", "SKIPPED"};
    return type > 0 && type < (int)(sizeof names / sizeof *names) ? names[type] : "?";
}

void message(struct job *job, int type, const char *format, ...) {
    char text[16384];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    job->is_fatal |= type == M_FATAL;
    job->fatals += type == M_FATAL;
    job->errors += type == M_ERROR;
    job->warnings += type == M_WARNING;
    text_add(&job->messages, "%s[\"%s\",", job->messages.length == 0 ? "" : ",", type_name(type));
    text_add_json(&job->messages, text);
    text_add(&job->messages, "]");
}

/* Puts a directory in front of sys.path. */
static void add_path(const char *directory) {
    PyObject *path = PySys_GetObject("path");
    PyObject *entry = PyUnicode_DecodeFSDefault(directory);
    if (path == NULL || entry == NULL || PyList_Insert(path, 0, entry) < 0) {
        fail("sys.path cannot be changed");
    }
    Py_DECREF(entry);
}

/* Loads the module and makes the plugin; false if that failed, which is said. */
static bool load(struct job *job) {
    const struct plan *plan = job->plan;
    job_enter(job);
    add_path(plan->module_path);
    job->module = PyImport_ImportModule(plan->module_name);
    if (job->module == NULL) {
        PyErr_Print();
        message(job, M_FATAL, "Failed to load module %s\n", plan->module_name);
    } else {
        bool is_first = plan->override != NULL && plan->has_override_first;
        const char *definition = is_first ? plan->override : plan->definitions[0];
        PyObject *text = PyUnicode_FromString(definition);
        if (call_plugin(job, "load_bareos_plugin", text) != RC_OK) {
            Py_CLEAR(job->module);
        }
    }
    job_leave(job);
    return job->module != NULL;
}

/* What Python's own imports cost, for comparison: an interpreter without a plugin. */
static void run_imports(struct job *job) {
    job_enter(job);
    if (PyRun_SimpleString(job->plan->imports) != 0) {
        message(job, M_FATAL, "the imports failed\n");
    }
    job_leave(job);
}

static void list_modules(struct job *job) {
    job_enter(job);
    PyObject *modules = PySys_GetObject("modules");
    PyObject *key, *value;
    Py_ssize_t position = 0;
    while (modules != NULL && PyDict_Next(modules, &position, &key, &value)) {
        const char *name = PyUnicode_AsUTF8(key);
        if (name != NULL && value != Py_None) {
            text_add(&job->modules, "%s", job->modules.length == 0 ? "" : ",");
            text_add_json(&job->modules, name);
        }
    }
    job_leave(job);
}

void run_job(struct job *job) {
    const struct plan *plan = job->plan;
    job->since = plan->since;
    job->check_changes = true;
    job->digest = 0xcbf29ce484222325u;
    snprintf(job->job_name, sizeof job->job_name, "%s.%s_%02ld", plan->name, plan->time,
             job->number);
    job_begin(job);
    if (strcmp(plan->type, "imports") == 0) {
        run_imports(job);
    } else if (load(job)) {
        if (strcmp(plan->type, "restore") == 0) {
            run_restore(job);
        } else {
            run_backup(job, strcmp(plan->type, "estimate") == 0);
        }
        /* It comes on regular ends only. */
        if (!job->is_cancelled) {
            send_event(job, EVENT_JOB_END);
        }
    }
    if (plan->lists_modules) {
        list_modules(job);
    }
    job_end(job);
}
