/* A job's interpreter, and the way into it that the daemon goes at every call. */
#include <stdlib.h>
#include <string.h>

#include "packets.h"

static _Thread_local struct job *job_of_thread;

struct job *current_job(void) { return job_of_thread; }

void job_begin(struct job *job) {
    PyEval_RestoreThread(main_state);
    job->state = Py_NewInterpreter();
    if (job->state == NULL) {
        fail("Py_NewInterpreter failed");
    }
    job->interpreter = PyThreadState_GetInterpreter(job->state);
    job->thread = pthread_self();
    PyThreadState_Swap(main_state);
    PyEval_SaveThread();
}

void job_end(struct job *job) {
    PyEval_RestoreThread(main_state);
    PyThreadState_Swap(job->state);
    Py_CLEAR(job->module);
    Py_EndInterpreter(job->state);
    PyThreadState_Swap(main_state);
    PyEval_SaveThread();
}

/* Takes the GIL; a thread that is not the job's gets a state for the time of the call. */
void job_enter(struct job *job) {
    PyEval_RestoreThread(main_state);
    bool is_own = pthread_equal(pthread_self(), job->thread);
    PyThreadState_Swap(is_own ? job->state : PyThreadState_New(job->interpreter));
    job_of_thread = job;
}

void job_leave(struct job *job) {
    job_of_thread = NULL;
    PyThreadState *state = PyThreadState_Get();
    if (state != job->state) {
        PyThreadState_Clear(state);
    }
    PyThreadState_Swap(main_state);
    if (state != job->state) {
        PyThreadState_Delete(state);
    }
    PyEval_SaveThread();
}

/* Tells an exception as the daemon does, with its traceback, and takes it away. */
static void tell_exception(struct job *job) {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    PyObject *module = PyImport_ImportModule("traceback");
    PyObject *lines = module == NULL ? NULL
                                     : PyObject_CallMethod(module, "format_exception", "OOO", type,
                                                           value, traceback ? traceback : Py_None);
    PyObject *empty = PyUnicode_FromString("");
    PyObject *text = lines == NULL ? NULL : PyUnicode_Join(empty, lines);
    const char *utf8 = text == NULL ? NULL : PyUnicode_AsUTF8(text);
    message(job, M_FATAL, "%s", utf8 == NULL ? "an exception that cannot be shown" : utf8);
    PyErr_Clear();
    Py_XDECREF(text);
    Py_XDECREF(empty);
    Py_XDECREF(lines);
    Py_XDECREF(module);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
}

/* Calls a function of the plugin's module while the GIL is held; takes `argument` over. */
int call_plugin(struct job *job, const char *function, PyObject *argument) {
    int code = RC_ERROR;
    PyObject *callable = PyObject_GetAttrString(job->module, function);
    if (callable == NULL) {
        PyErr_Clear();
        Py_XDECREF(argument);
        return RC_ERROR;
    }
    PyObject *result = argument == NULL ? PyObject_CallNoArgs(callable)
                                        : PyObject_CallFunctionObjArgs(callable, argument, NULL);
    if (result == NULL) {
        tell_exception(job);
    } else {
        long value = PyLong_AsLong(result);
        code = PyErr_Occurred() ? RC_ERROR : (int)value;
        if (PyErr_Occurred()) {
            tell_exception(job);
        }
    }
    Py_XDECREF(result);
    Py_DECREF(callable);
    Py_XDECREF(argument);
    return code;
}

int send_event(struct job *job, int event) {
    job_enter(job);
    int code = RC_OK;
    if (job->events & 1u << event) {
        code = call_plugin(job, "handle_plugin_event", PyLong_FromLong(event));
    }
    job_leave(job);
    return code;
}

int send_text(struct job *job, const char *function, const char *text) {
    job_enter(job);
    int code = call_plugin(job, function, PyUnicode_FromString(text));
    job_leave(job);
    return code;
}
