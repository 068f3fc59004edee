/* Restore: the daemon's calls for every file of a volume. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "packets.h"

/* One file of the volume, and its extended attributes as lines of the catalogue. */
struct entry {
    int type;
    unsigned int mode;
    unsigned long long ino;
    long long size, mtime, ctime, stored;
    long index;
    char *name, *target;
    char **xattrs;
    size_t xattr_count;
};

static PyObject *text_or_none(const char *text) {
    if (text == NULL) {
        Py_RETURN_NONE;
    }
    return PyUnicode_FromString(text);
}

static struct restore_packet *packet_of(struct job *job, const struct entry *entry) {
    struct restore_packet *packet = new_restore();
    struct stat_packet *stat = new_stat();
    stat->mode = (unsigned short)entry->mode;
    stat->ino = entry->ino;
    stat->size = (unsigned long long)entry->size;
    stat->atime = stat->mtime = entry->mtime;
    stat->ctime = entry->ctime;
    packet->statp = (PyObject *)stat;
    packet->type = entry->type;
    packet->file_index = (int)entry->index + 1;
    packet->ofname = PyUnicode_FromString(entry->target);
    packet->olname = PyUnicode_FromString("");
    packet->where = text_or_none(job->plan->where);
    packet->regex_where = text_or_none(NULL);
    packet->replace = job->plan->replace;
    packet->create_status = CF_ERROR;
    packet->filedes = -1;
    return packet;
}

/* create_file; the status that the plugin leaves, CF_ERROR if the call failed. */
static int create_file(struct job *job, const struct entry *entry) {
    job_enter(job);
    struct restore_packet *packet = packet_of(job, entry);
    Py_INCREF(packet);
    int code = call_plugin(job, "create_file", (PyObject *)packet);
    int status = code == RC_OK ? packet->create_status : CF_ERROR;
    Py_DECREF(packet);
    job_leave(job);
    if (status == CF_ERROR) {
        message(job, M_ERROR, "Plugin createFile call failed. Returned CF_ERROR file=%s\n",
                entry->target);
    }
    return status;
}

static int io(struct job *job, int func, const char *fname, const char *bytes, int count) {
    job_enter(job);
    struct io_packet *packet = new_io(func);
    packet->count = count;
    if (fname != NULL) {
        packet->fname = PyUnicode_FromString(fname);
        packet->flags = O_WRONLY | O_CREAT | O_TRUNC;
        packet->mode = 0600;
    }
    if (bytes != NULL) {
        packet->buf = PyByteArray_FromStringAndSize(bytes, count);
    }
    Py_INCREF(packet);
    call_plugin(job, "plugin_io", (PyObject *)packet);
    int status = packet->status;
    Py_DECREF(packet);
    job_leave(job);
    return status;
}

static bool write_data(struct job *job, const struct entry *entry) {
    char path[4096];
    snprintf(path, sizeof path, "%s/data.%ld", job->plan->volume, entry->index);
    FILE *data = fopen(path, "r");
    if (data == NULL) {
        fail("%s cannot be read", path);
    }
    char *block = malloc(65536);
    size_t count;
    bool is_written = true;
    while (is_written && (count = fread(block, 1, 65536, data)) > 0) {
        is_written = io(job, IO_WRITE, NULL, block, (int)count) == (int)count;
        job->bytes += (long long)count;
    }
    if (!is_written) {
        message(job, M_ERROR, "Write error on %s\n", entry->target);
    }
    free(block);
    fclose(data);
    return is_written;
}

static void set_xattrs(struct job *job, const struct entry *entry) {
    for (size_t i = 0; i < entry->xattr_count; i++) {
        char name[16384], value[16384];
        if (sscanf(entry->xattrs[i], "xattr %16383s %16383s", name, value) != 2) {
            fail("no attribute: %s", entry->xattrs[i]);
        }
        size_t name_length, value_length;
        unsigned char *name_bytes = bytes_of_hex(name, &name_length);
        unsigned char *value_bytes = bytes_of_hex(value, &value_length);
        job_enter(job);
        struct xattr_packet *packet = new_xattr(entry->target);
        packet->name = PyByteArray_FromStringAndSize((char *)name_bytes, (Py_ssize_t)name_length);
        packet->value =
            PyByteArray_FromStringAndSize((char *)value_bytes, (Py_ssize_t)value_length);
        call_plugin(job, "set_xattr", (PyObject *)packet);
        job_leave(job);
        free(name_bytes);
        free(value_bytes);
    }
}

static void restore_file(struct job *job, const struct entry *entry) {
    const struct plan *plan = job->plan;
    char command[8192];
    /* The options of the run, and behind them what is stored on the volume. */
    snprintf(command, sizeof command, "%s%s", plan->override ? plan->override : "",
             plan->definitions[0]);
    if (send_text(job, "parse_plugin_definition", command) != RC_OK ||
        send_text(job, "start_restore_file", command) != RC_OK) {
        return;
    }
    job->files++;
    if (create_file(job, entry) == CF_EXTRACT) {
        if (io(job, IO_OPEN, entry->target, NULL, 0) < 0) {
            message(job, M_ERROR, "Could not create %s\n", entry->target);
        } else {
            job->saved += write_data(job, entry);
            /* The attributes come before the close. */
            job_enter(job);
            struct restore_packet *packet = packet_of(job, entry);
            call_plugin(job, "set_file_attributes", (PyObject *)packet);
            job_leave(job);
            io(job, IO_CLOSE, NULL, NULL, 0);
            set_xattrs(job, entry);
        }
    }
    job_enter(job);
    call_plugin(job, "end_restore_file", NULL);
    job_leave(job);
}

static void forget(struct entry *entry) {
    for (size_t i = 0; i < entry->xattr_count; i++) {
        free(entry->xattrs[i]);
    }
    free(entry->xattrs);
    free(entry->name);
    free(entry->target);
    memset(entry, 0, sizeof *entry);
}

/* Reads the next `file` line; false if it is another. */
static bool read_entry(struct job *job, const char *line, struct entry *entry) {
    char hex[16384];
    if (sscanf(line, "file %d %o %llu %lld %lld %lld %lld %16383s %ld", &entry->type, &entry->mode,
               &entry->ino, &entry->size, &entry->mtime, &entry->ctime, &entry->stored, hex,
               &entry->index) != 9) {
        return false;
    }
    size_t length;
    entry->name = (char *)bytes_of_hex(hex, &length);
    const char *where = job->plan->where ? job->plan->where : "";
    entry->target = malloc(strlen(where) + length + 2);
    sprintf(entry->target, "%s%s%s", where, entry->name[0] == '/' ? "" : "/", entry->name);
    return true;
}

void run_restore(struct job *job) {
    char path[4096];
    snprintf(path, sizeof path, "%s/catalogue", job->plan->volume);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fail("%s cannot be read", path);
    }
    send_event(job, EVENT_START_RESTORE);
    char *line = NULL;
    size_t room = 0;
    struct entry entry = {0};
    while (!job->is_fatal) {
        bool has_line = getline(&line, &room, file) > 0;
        if (has_line && strncmp(line, "xattr ", 6) == 0) {
            entry.xattrs = realloc(entry.xattrs, (entry.xattr_count + 1) * sizeof *entry.xattrs);
            entry.xattrs[entry.xattr_count++] = strdup(line);
            continue;
        }
        if (entry.name != NULL && entry.type != FT_DELETED) {
            restore_file(job, &entry);
        }
        forget(&entry);
        if (!has_line) {
            break;
        }
        if (!read_entry(job, line, &entry)) {
            fail("no entry of a catalogue: %s", line);
        }
    }
    free(line);
    fclose(file);
    send_event(job, EVENT_END_RESTORE);
}
