/* The module `bareosfd`: constants, packets, and the functions that a plugin calls. */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "packets.h"

struct constant {
    const char *name;
    long value;
};

static const struct constant return_codes[] = {
    {"bRC_OK", 0}, {"bRC_Stop", 1}, {"bRC_Error", 2}, {"bRC_More", 3}, {"bRC_Term", 4},
    {"bRC_Seen", 5}, {"bRC_Core", 6}, {"bRC_Skip", 7}, {"bRC_Cancel", 8}, {0},
};
static const struct constant message_types[] = {
    {"M_ABORT", 1}, {"M_DEBUG", 2}, {"M_FATAL", 3}, {"M_ERROR", 4}, {"M_WARNING", 5},
    {"M_INFO", 6}, {"M_SAVED", 7}, {"M_NOTSAVED", 8}, {"M_SKIPPED", 9}, {"M_MOUNT", 10},
    {"M_ERROR_TERM", 11}, {"M_TERM", 12}, {"M_RESTORED", 13}, {"M_SECURITY", 14},
    {"M_ALERT", 15}, {"M_VOLMGMT", 16}, {0},
};
static const struct constant variables[] = {
    {"bVarJobId", 1}, {"bVarFDName", 2}, {"bVarLevel", 3}, {"bVarType", 4}, {"bVarClient", 5},
    {"bVarJobName", 6}, {"bVarJobStatus", 7}, {"bVarSinceTime", 8}, {"bVarAccurate", 9},
    {"bVarFileSeen", 10}, {"bVarVssClient", 11}, {"bVarWorkingDir", 12}, {"bVarWhere", 13},
    {"bVarRegexWhere", 14}, {"bVarExePath", 15}, {"bVarVersion", 16}, {"bVarDistName", 17},
    {"bVarPrevJobName", 18}, {"bVarPrefixLinks", 19}, {"bVarCheckChanges", 20},
    {"bVarUsedConfig", 21}, {0},
};
static const struct constant file_types[] = {
    {"FT_LNKSAVED", 1}, {"FT_REGE", 2}, {"FT_REG", 3}, {"FT_LNK", 4}, {"FT_DIREND", 5},
    {"FT_SPEC", 6}, {"FT_NOACCESS", 7}, {"FT_NOFOLLOW", 8}, {"FT_NOSTAT", 9}, {"FT_NOCHG", 10},
    {"FT_DIRNOCHG", 11}, {"FT_ISARCH", 12}, {"FT_NORECURSE", 13}, {"FT_NOFSCHG", 14},
    {"FT_NOOPEN", 15}, {"FT_RAW", 16}, {"FT_FIFO", 17}, {"FT_DIRBEGIN", 18},
    {"FT_INVALIDFS", 19}, {"FT_INVALIDDT", 20}, {"FT_REPARSE", 21}, {"FT_PLUGIN", 22},
    {"FT_DELETED", 23}, {"FT_BASE", 24}, {"FT_RESTORE_FIRST", 25}, {"FT_JUNCTION", 26},
    {"FT_PLUGIN_CONFIG", 27}, {"FT_PLUGIN_CONFIG_FILLED", 28}, {0},
};
static const struct constant create_statuses[] = {
    {"CF_SKIP", 1}, {"CF_ERROR", 2}, {"CF_EXTRACT", 3}, {"CF_CREATED", 4}, {"CF_CORE", 5}, {0},
};
static const struct constant io_functions[] = {
    {"IO_OPEN", 1}, {"IO_READ", 2}, {"IO_WRITE", 3}, {"IO_CLOSE", 4}, {"IO_SEEK", 5}, {0},
};
static const struct constant io_statuses[] = {
    {"iostat_error", -1}, {"iostat_do_in_plugin", 0}, {"iostat_do_in_core", 1}, {0},
};
static const struct constant events[] = {
    {"bEventJobStart", 1}, {"bEventJobEnd", 2}, {"bEventStartBackupJob", 3},
    {"bEventEndBackupJob", 4}, {"bEventStartRestoreJob", 5}, {"bEventEndRestoreJob", 6},
    {"bEventStartVerifyJob", 7}, {"bEventEndVerifyJob", 8}, {"bEventBackupCommand", 9},
    {"bEventRestoreCommand", 10}, {"bEventEstimateCommand", 11}, {"bEventLevel", 12},
    {"bEventSince", 13}, {"bEventCancelCommand", 14}, {"bEventRestoreObject", 15},
    {"bEventEndFileSet", 16}, {"bEventPluginCommand", 17}, {"bEventOptionPlugin", 18},
    {"bEventHandleBackupFile", 19}, {"bEventNewPluginOptions", 20}, {0},
};
static const struct {
    const char *name;
    const struct constant *constants;
} groups[] = {
    {"bRCs", return_codes}, {"bJobMessageType", message_types}, {"bVariable", variables},
    {"bFileType", file_types}, {"bCFs", create_statuses}, {"bIOPS", io_functions},
    {"bIOPstatus", io_statuses}, {"bEventType", events},
};
static const char *levels[][2] = {
    {"L_FULL", "F"}, {"L_INCREMENTAL", "I"}, {"L_DIFFERENTIAL", "D"}, {"L_SINCE", "S"},
    {"L_VERIFY_CATALOG", "C"}, {"L_VERIFY_INIT", "V"}, {"L_VERIFY_VOLUME_TO_CATALOG", "O"},
    {"L_VERIFY_DISK_TO_CATALOG", "d"}, {"L_VERIFY_DATA", "A"}, {"L_BASE", "B"}, {"L_NONE", " "},
    {"L_VIRTUAL_FULL", "f"},
};

/* The job of this thread; NULL with an exception on a thread of the plugin's own. */
static struct job *context(const char *function) {
    struct job *job = current_job();
    if (job == NULL) {
        PyErr_Format(PyExc_RuntimeError, "bareosfd.%s: plugin_ctx is unset", function);
    }
    return job;
}

static PyObject *text_or_none(const char *text) {
    if (text == NULL || *text == '\0') {
        Py_RETURN_NONE;
    }
    return PyUnicode_FromString(text);
}

static PyObject *get_value(PyObject *self, PyObject *arguments) {
    (void)self;
    int variable;
    struct job *job = context("GetValue");
    if (job == NULL || !PyArg_ParseTuple(arguments, "i", &variable)) {
        return NULL;
    }
    const struct plan *plan = job->plan;
    bool is_estimate = strcmp(plan->type, "estimate") == 0;
    bool is_restore = strcmp(plan->type, "restore") == 0;
    switch (variable) {
        case VAR_JOB_ID: return PyLong_FromLong(is_estimate ? 0 : job->number + 1);
        case VAR_LEVEL: return PyLong_FromLong(is_restore ? ' ' : plan->level);
        case VAR_TYPE: return PyLong_FromLong(is_restore ? 'R' : 'B');
        case VAR_JOB_STATUS: return PyLong_FromLong(job->is_cancelled ? 'A' : 'R');
        case VAR_SINCE_TIME: return PyLong_FromLong(job->since);
        case VAR_ACCURATE: return PyLong_FromLong(plan->accurate_count > 0);
        case VAR_PREFIX_LINKS: return PyLong_FromLong(0);
        case VAR_CHECK_CHANGES: return PyBool_FromLong(job->check_changes);
        case VAR_FD_NAME: return PyUnicode_FromString("host-fd");
        case VAR_CLIENT: return PyUnicode_FromString("host-fd");
        case VAR_JOB_NAME: return PyUnicode_FromString(job->job_name);
        case VAR_PREV_JOB_NAME: return text_or_none(job->since ? plan->base : NULL);
        case VAR_WORKING_DIR: return PyUnicode_FromString(plan->working_dir);
        case VAR_WHERE: return text_or_none(plan->where);
        case VAR_EXE_PATH: return PyUnicode_FromString("/usr/sbin");
        case VAR_VERSION: return PyUnicode_FromString("25.1.0");
        case VAR_USED_CONFIG: return PyUnicode_FromString(plan->config);
        default: Py_RETURN_NONE;
    }
}

static PyObject *set_value(PyObject *self, PyObject *arguments) {
    (void)self;
    int variable;
    PyObject *value;
    struct job *job = context("SetValue");
    if (job == NULL || !PyArg_ParseTuple(arguments, "iO", &variable, &value)) {
        return NULL;
    }
    if (variable == VAR_SINCE_TIME && PyLong_Check(value)) {
        job->since = PyLong_AsLong(value);
    } else if (variable == VAR_CHECK_CHANGES && PyBool_Check(value)) {
        job->check_changes = value == Py_True;
    } else if (variable == VAR_FILE_SEEN && PyUnicode_Check(value)) {
        const char *name = PyUnicode_AsUTF8(value);
        struct known *known = name == NULL ? NULL : find_known(job, name);
        if (known == NULL) {
            PyErr_Clear();
            return PyLong_FromLong(RC_ERROR);
        }
        known->is_seen = true;
    } else {
        return PyLong_FromLong(RC_ERROR);
    }
    return PyLong_FromLong(RC_OK);
}

/* Whether the FileSet's rules take a file; the Options that say so are in force from then on. */
static PyObject *accept_file(PyObject *self, PyObject *arguments) {
    (void)self;
    struct save_packet *packet;
    struct job *job = context("AcceptFile");
    if (job == NULL || !PyArg_ParseTuple(arguments, "O!", &SavePacket, &packet)) {
        return NULL;
    }
    const char *name = packet->fname != NULL && PyUnicode_Check(packet->fname)
                           ? PyUnicode_AsUTF8(packet->fname) : NULL;
    if (name == NULL || packet->statp == NULL || packet->statp == Py_None) {
        PyErr_Clear();
        return PyLong_FromLong(RC_ERROR);
    }
    free(job->asked);
    job->asked = strdup(name);
    for (int i = 0; i < job->plan->excluded_count; i++) {
        if (fnmatch(job->plan->excluded[i], name, 0) == 0) {
            return PyLong_FromLong(RC_SKIP);
        }
    }
    return PyLong_FromLong(RC_OK);
}

static PyObject *job_message(PyObject *self, PyObject *arguments) {
    (void)self;
    int type;
    const char *text = NULL;
    struct job *job = context("JobMessage");
    if (job == NULL || !PyArg_ParseTuple(arguments, "i|z", &type, &text)) {
        return NULL;
    }
    if (text != NULL) {
        message(job, type, "%s", text);
    }
    Py_RETURN_NONE;
}

static PyObject *debug_message(PyObject *self, PyObject *arguments) {
    (void)self;
    int level;
    const char *text = NULL;
    struct job *job = context("DebugMessage");
    if (job == NULL || !PyArg_ParseTuple(arguments, "i|z", &level, &text)) {
        return NULL;
    }
    /* The trace is part of the result: no secret may be in it. */
    if (text != NULL) {
        message(job, 2, "%s", text);
    }
    Py_RETURN_NONE;
}

static PyObject *change_events(PyObject *arguments, const char *function, bool adds) {
    PyObject *sequence;
    struct job *job = context(function);
    if (job == NULL || !PyArg_ParseTuple(arguments, "O", &sequence)) {
        return NULL;
    }
    PyObject *items = PySequence_Fast(sequence, "a sequence of events is needed");
    if (items == NULL) {
        return NULL;
    }
    long code = RC_OK;
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(items); i++) {
        long event = PyLong_AsLong(PySequence_Fast_GET_ITEM(items, i));
        if (event < 1 || event > 31) {
            PyErr_Clear();
            code = RC_ERROR;
        } else if (adds) {
            job->events |= 1u << event;
        } else {
            job->events &= ~(1u << event);
        }
    }
    Py_DECREF(items);
    return PyLong_FromLong(code);
}

static PyObject *register_events(PyObject *self, PyObject *arguments) {
    (void)self;
    return change_events(arguments, "RegisterEvents", true);
}

static PyObject *unregister_events(PyObject *self, PyObject *arguments) {
    (void)self;
    return change_events(arguments, "UnRegisterEvents", false);
}

static PyMethodDef functions[] = {
    {"GetValue", get_value, METH_VARARGS, NULL},
    {"SetValue", set_value, METH_VARARGS, NULL},
    {"AcceptFile", accept_file, METH_VARARGS, NULL},
    {"JobMessage", job_message, METH_VARARGS, NULL},
    {"DebugMessage", debug_message, METH_VARARGS, NULL},
    {"RegisterEvents", register_events, METH_VARARGS, NULL},
    {"UnRegisterEvents", unregister_events, METH_VARARGS, NULL},
    {0},
};

/* Adds constants as attributes, and as a dictionary whose keys are bytes. */
static int add_group(PyObject *module, const char *name, const struct constant *constants) {
    PyObject *dictionary = PyDict_New();
    for (; dictionary != NULL && constants->name != NULL; constants++) {
        PyObject *key = PyBytes_FromString(constants->name);
        PyObject *value = PyLong_FromLong(constants->value);
        int failed = key == NULL || value == NULL || PyDict_SetItem(dictionary, key, value) < 0 ||
                     PyModule_AddIntConstant(module, constants->name, constants->value) < 0;
        Py_XDECREF(key);
        Py_XDECREF(value);
        if (failed) {
            Py_CLEAR(dictionary);
        }
    }
    return dictionary == NULL ? -1 : PyModule_AddObject(module, name, dictionary);
}

static int add_levels(PyObject *module) {
    PyObject *dictionary = PyDict_New();
    for (size_t i = 0; dictionary != NULL && i < sizeof levels / sizeof *levels; i++) {
        PyObject *key = PyBytes_FromString(levels[i][0]);
        PyObject *value = PyBytes_FromString(levels[i][1]);
        int failed = key == NULL || value == NULL || PyDict_SetItem(dictionary, key, value) < 0 ||
                     PyModule_AddStringConstant(module, levels[i][0], levels[i][1]) < 0;
        Py_XDECREF(key);
        Py_XDECREF(value);
        if (failed) {
            Py_CLEAR(dictionary);
        }
    }
    return dictionary == NULL ? -1 : PyModule_AddObject(module, "bLevels", dictionary);
}

static int fill_module(PyObject *module) {
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        if (add_group(module, groups[i].name, groups[i].constants) < 0) {
            return -1;
        }
    }
    return add_levels(module) < 0 || add_packets(module) < 0 ? -1 : 0;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, fill_module}, {0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "bareosfd", .m_methods = functions, .m_slots = slots,
};

PyMODINIT_FUNC PyInit_bareosfd(void) { return PyModuleDef_Init(&definition); }
