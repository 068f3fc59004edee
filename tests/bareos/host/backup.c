/* Backup and estimate: the daemon's loop over what the plugin offers. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "packets.h"

/* What start_backup_file said. */
struct offer {
    int code, type;
    bool no_read;
    char *name;
    long save_time;
    unsigned int mode;
    unsigned long long ino;
    long long size, mtime, ctime;
};

/* Copies a name as C sees it. A name that is not UTF-8 is freed twice by the daemon. */
static bool copy_name(struct job *job, struct offer *offer, PyObject *name) {
    const char *utf8 = name != NULL && PyUnicode_Check(name) ? PyUnicode_AsUTF8(name) : NULL;
    if (utf8 == NULL && PyErr_Occurred()) {
        PyErr_Clear();
        message(job, M_FATAL, "the name cannot be encoded: the daemon dies\n");
        job->has_died = true;
        return false;
    }
    offer->name = utf8 == NULL ? NULL : strdup(utf8);
    return true;
}

static struct offer start_backup_file(struct job *job, const char *command) {
    struct offer offer = {0};
    job_enter(job);
    struct save_packet *packet = new_save(command);
    Py_INCREF(packet);
    offer.code = call_plugin(job, "start_backup_file", (PyObject *)packet);
    offer.type = packet->type;
    offer.no_read = packet->no_read;
    offer.save_time = packet->save_time;
    if (offer.code == RC_OK && copy_name(job, &offer, packet->fname)) {
        if (packet->statp != NULL && PyObject_TypeCheck(packet->statp, &StatPacket)) {
            struct stat_packet *stat = (struct stat_packet *)packet->statp;
            offer.mode = stat->mode;
            offer.ino = stat->ino;
            offer.size = (long long)stat->size;
            offer.mtime = stat->mtime;
            offer.ctime = stat->ctime;
        } else {
            offer.type = 0;
        }
    }
    Py_DECREF(packet);
    job_leave(job);
    if (offer.code == RC_OK && job->asked != NULL && offer.name != NULL &&
        strcmp(job->asked, offer.name) != 0) {
        fail("%s would be saved with the options of %s", offer.name, job->asked);
    }
    return offer;
}

/* Whether the daemon takes the file for changed since the last backup. */
static bool has_changed(struct job *job, const struct offer *offer) {
    if (job->plan->level == 'F' || !job->check_changes) {
        return true;
    }
    if (job->plan->accurate_count > 0) {
        const struct known *known = find_known(job, offer->name);
        if (known == NULL) {
            return true;
        }
        const char *options = job->plan->accurate_options;
        return (strchr(options, 'm') != NULL && known->mtime != offer->mtime) ||
               (strchr(options, 'c') != NULL && known->ctime != offer->ctime) ||
               (strchr(options, 's') != NULL && known->size != offer->size) ||
               (strchr(options, 'i') != NULL && known->ino != offer->ino);
    }
    long since = offer->save_time != 0 ? offer->save_time : job->since;
    return offer->mtime >= since || offer->ctime >= since;
}

static void *send_cancel(void *argument) {
    struct job *job = argument;
    job->is_cancelled = true;
    send_event(job, EVENT_CANCEL);
    job->cancel_sent = now();
    pthread_kill(job->thread, SIGUSR2);
    return NULL;
}

struct reply {
    int status, io_errno, filedes;
    int code;
};

static struct reply io_simple(struct job *job, int func, const char *fname) {
    job_enter(job);
    struct io_packet *packet = new_io(func);
    if (func == IO_OPEN) {
        packet->flags = O_RDONLY;
        packet->fname = PyUnicode_FromString(fname);
    }
    Py_INCREF(packet);
    int code = call_plugin(job, "plugin_io", (PyObject *)packet);
    struct reply reply = {packet->status, packet->io_errno, packet->filedes, code};
    Py_DECREF(packet);
    job_leave(job);
    return reply;
}

/* Takes over what an IO_READ put into its buffer; -1 if that is no block. */
static int take_block(struct job *job, const struct io_packet *packet, FILE *data) {
    const char *bytes = NULL;
    Py_ssize_t length = 0;
    if (packet->buf != NULL && PyByteArray_Check(packet->buf)) {
        bytes = PyByteArray_AS_STRING(packet->buf);
        length = PyByteArray_GET_SIZE(packet->buf);
    } else if (packet->buf != NULL && PyBytes_Check(packet->buf)) {
        bytes = PyBytes_AS_STRING(packet->buf);
        length = PyBytes_GET_SIZE(packet->buf);
    }
    int status = packet->status;
    if (status > 0 && (length > packet->count || status > packet->count)) {
        return -1;
    }
    if (status > length) {
        fail("the plugin says %d bytes and gives %zd: the daemon reads behind them", status, length);
    }
    for (int i = 0; i < status; i++) {
        job->digest = (job->digest ^ (unsigned char)bytes[i]) * 0x100000001b3u;
    }
    if (data != NULL && status > 0 && fwrite(bytes, 1, (size_t)status, data) != (size_t)status) {
        fail("the volume is full");
    }
    return status;
}

static int io_read(struct job *job, FILE *data, int *io_errno) {
    pthread_t canceller;
    bool cancels = ++job->reads == job->plan->cancel_at_read;
    if (cancels && pthread_create(&canceller, NULL, send_cancel, job) != 0) {
        fail("no thread for the cancel event");
    }
    job_enter(job);
    struct io_packet *packet = new_io(IO_READ);
    packet->count = (int)job->plan->block_size;
    Py_INCREF(packet);
    call_plugin(job, "plugin_io", (PyObject *)packet);
    int status = take_block(job, packet, data);
    *io_errno = packet->io_errno;
    Py_DECREF(packet);
    job_leave(job);
    if (cancels) {
        double returned = now();
        pthread_join(canceller, NULL);
        job->cancel_seconds = returned > job->cancel_sent ? returned - job->cancel_sent : 0;
    }
    return status;
}

/* Reads a file to what the plugin says is its end; the number of bytes. */
static long long send_data(struct job *job, const struct offer *offer, FILE *data) {
    long long bytes = 0;
    struct reply opened = io_simple(job, IO_OPEN, offer->name);
    if (opened.code == RC_ERROR || opened.status < 0) {
        message(job, M_ERROR, "     Cannot open \"%s\": ERR=%s.\n", offer->name,
                strerror(opened.io_errno));
        return 0;
    }
    int status, io_errno = 0;
    while ((status = io_read(job, data, &io_errno)) > 0) {
        bytes += status;
    }
    if (status < 0) {
        message(job, M_ERROR, "     Read error on file %s. ERR=%s\n", offer->name,
                strerror(io_errno));
    }
    io_simple(job, IO_CLOSE, NULL);
    return bytes;
}

static void send_attributes(struct job *job, const struct offer *offer) {
    job_enter(job);
    struct acl_packet *acl = new_acl(offer->name);
    call_plugin(job, "get_acl", (PyObject *)acl);
    for (int code = RC_MORE; code == RC_MORE;) {
        struct xattr_packet *packet = new_xattr(offer->name);
        Py_INCREF(packet);
        code = call_plugin(job, "get_xattr", (PyObject *)packet);
        bool has_both = packet->name != NULL && PyByteArray_Check(packet->name) &&
                        packet->value != NULL && PyByteArray_Check(packet->value);
        if ((code == RC_OK || code == RC_MORE) && has_both && job->catalogue != NULL) {
            char *name = hex_of((unsigned char *)PyByteArray_AS_STRING(packet->name),
                                (size_t)PyByteArray_GET_SIZE(packet->name));
            char *value = hex_of((unsigned char *)PyByteArray_AS_STRING(packet->value),
                                 (size_t)PyByteArray_GET_SIZE(packet->value));
            fprintf(job->catalogue, "xattr %s %s\n", name, value);
            free(name);
            free(value);
        }
        Py_DECREF(packet);
    }
    job_leave(job);
}

static void write_entry(struct job *job, const struct offer *offer, int type, long long stored) {
    if (job->catalogue == NULL) {
        return;
    }
    char *hex = hex_of((unsigned char *)offer->name, strlen(offer->name));
    fprintf(job->catalogue, "file %d %o %llu %lld %lld %lld %lld %s %ld\n", type, offer->mode,
            offer->ino, offer->size, offer->mtime, offer->ctime, stored, hex, job->saved);
    free(hex);
}

static void save(struct job *job, const struct offer *offer) {
    FILE *data = NULL;
    if (job->plan->keeps_data) {
        char path[4096];
        snprintf(path, sizeof path, "%s/data.%ld", job->plan->volume, job->saved);
        data = fopen(path, "w");
        if (data == NULL) {
            fail("%s cannot be written", path);
        }
    }
    long long stored = offer->no_read ? 0 : send_data(job, offer, data);
    if (data != NULL && fclose(data) != 0) {
        fail("the volume is full");
    }
    job->bytes += stored;
    write_entry(job, offer, offer->type, stored);
    job->saved++;
    if (job->plan->has_xattrs) {
        send_attributes(job, offer);
    }
}

/* What the daemon makes of an offer. */
static void save_file(struct job *job, struct offer *offer, bool is_estimate) {
    job->files++;
    switch (offer->type) {
        case FT_NOACCESS:
        case FT_NOSTAT:
        case FT_NOOPEN:
            message(job, M_NOTSAVED, "     Could not open directory \"%s\"\n", offer->name);
            job->errors++;
            return;
        case FT_REG:
        case FT_REGE:
        case FT_DIREND:
            break;
        default:
            fail("the host knows no file type %d", offer->type);
    }
    if (!has_changed(job, offer)) {
        job->unchanged++;
    } else if (is_estimate) {
        job->saved++;
        job->estimated_bytes += offer->size;
    } else {
        save(job, offer);
    }
}

/* One line of the FileSet. False if nothing may follow it. */
static bool run_command(struct job *job, const char *command, bool is_estimate) {
    if (send_text(job, "parse_plugin_definition", command) != RC_OK) {
        return false;
    }
    while (!job->is_cancelled && !job->is_fatal) {
        struct offer offer = start_backup_file(job, command);
        if (job->has_died || offer.code == RC_STOP) {
            free(offer.name);
            return !job->has_died;
        }
        if (offer.code == RC_SKIP && !is_estimate) {
            continue;
        }
        if (offer.code != RC_OK || offer.type == 0 || offer.name == NULL || *offer.name == '\0') {
            message(job, offer.code == RC_ERROR || offer.code == RC_OK ? M_FATAL : M_ERROR,
                    "Command plugin \"%s\": startBackupFile failed.\n", command);
            free(offer.name);
            return false;
        }
        save_file(job, &offer, is_estimate);
        job_enter(job);
        int code = call_plugin(job, "end_backup_file", NULL);
        job_leave(job);
        struct known *known = find_known(job, offer.name);
        if (known != NULL && (code == RC_OK || code == RC_MORE)) {
            known->is_seen = true;
        }
        free(offer.name);
        if (code != RC_MORE) {
            break;
        }
    }
    return true;
}

/* Asks about the files of earlier backups that were not offered. */
static void find_deleted(struct job *job) {
    for (size_t i = 0; i < job->known_count; i++) {
        struct known *known = &job->known[i];
        if (known->is_seen || known->is_deleted) {
            continue;
        }
        if (send_text(job, "check_file", known->name) == RC_SEEN) {
            continue;
        }
        struct offer offer = {.name = known->name, .size = known->size, .mtime = known->mtime};
        write_entry(job, &offer, FT_DELETED, 0);
        job->deleted++;
    }
}

void run_backup(struct job *job, bool is_estimate) {
    const struct plan *plan = job->plan;
    if (plan->volume != NULL && !is_estimate) {
        char path[4096];
        snprintf(path, sizeof path, "%s/catalogue", plan->volume);
        job->catalogue = fopen(path, "w");
        if (job->catalogue == NULL) {
            fail("%s cannot be written", path);
        }
    }
    load_known(job);
    if (plan->override != NULL && plan->has_override_first) {
        send_text(job, "parse_plugin_definition", plan->override);
    }
    for (int i = 0; i < plan->definition_count; i++) {
        send_text(job, "parse_plugin_definition", plan->definitions[i]);
    }
    send_event(job, EVENT_END_FILE_SET);
    if (plan->override != NULL && !plan->has_override_first) {
        send_text(job, "parse_plugin_definition", plan->override);
    }
    if (!is_estimate) {
        send_event(job, EVENT_START_BACKUP);
    }
    bool goes_on = !job->is_fatal;
    for (int i = 0; i < plan->definition_count && goes_on; i++) {
        goes_on = run_command(job, plan->definitions[i], is_estimate);
    }
    if (goes_on && !is_estimate && !job->is_cancelled && !job->is_fatal) {
        find_deleted(job);
    }
    if (!is_estimate) {
        send_event(job, EVENT_END_BACKUP);
    }
    if (plan->is_cancelled_late) {
        send_event(job, EVENT_CANCEL);
    }
    if (job->catalogue != NULL && fclose(job->catalogue) != 0) {
        fail("the volume is full");
    }
}
