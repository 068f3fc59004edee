/* A plugin of Bacula's file daemon: the objects of a bucket as files of a job.
 *
 *     cc -std=c11 -shared -fPIC -o s3stream-fd.so s3stream-fd.c $(pkg-config --cflags --libs s3stream)
 *
 * In the FileSet:
 *
 *     Plugin = "s3stream:bucket=NAME:prefix=PREFIX:settings=FILE"
 *
 * FILE has lines `name = value` for s3stream_config_set(); the environment of the daemon holds
 * otherwise. Secrets belong there: what stands in the FileSet is in the catalog, too.
 *
 * Each object is the file /@s3/BUCKET/NAME. The next ones are fetched while the daemon is busy
 * with one. An object that cannot be read, or is not proven at its end, is an error of the job;
 * a listing that breaks off fails it. A restore is the daemon's own: it writes files.
 */
#define _POSIX_C_SOURCE 200809L

#include "bacula_fd.h"

#include <errno.h>
#include <s3stream.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What one job has. */
struct job {
    s3stream_client *client;
    s3stream_list *list;
    s3stream_stream *stream;
    s3stream_names *names;
    /* The object that is being saved, and the one behind it. */
    s3stream_reader *reader;
    s3stream_reader *next;
    char bucket[256];
    char prefix[1025];
    char file_name[4096];
};

static const bFuncs *daemon_functions;

static void say(bpContext *context, int type, const char *what, const char *line) {
    daemon_functions->job_message(context, __FILE__, __LINE__, type, 0, "s3stream: %s%s\n", what,
                                  line);
}

static bRC fails(bpContext *context, int type, const char *what) {
    say(context, type, what, s3stream_error_line(s3stream_last_error()));
    return bRC_Error;
}

static void forget(struct job *job) {
    s3stream_reader_free(job->reader);
    s3stream_reader_free(job->next);
    s3stream_stream_free(job->stream);
    s3stream_list_free(job->list);
    s3stream_names_free(job->names);
    s3stream_client_free(job->client);
    memset(job, 0, sizeof *job);
}

static bRC new_plugin(bpContext *context) {
    context->plugin = calloc(1, sizeof(struct job));
    if (context->plugin == NULL) {
        return bRC_Error;
    }
    return daemon_functions->register_events(context, bEventJobEnd, bEventEndBackupJob,
                                             bEventBackupCommand, bEventRestoreCommand,
                                             bEventEstimateCommand, bEventCancelCommand, 0);
}

static bRC free_plugin(bpContext *context) {
    if (context->plugin != NULL) {
        forget(context->plugin);
        free(context->plugin);
        context->plugin = NULL;
    }
    return bRC_OK;
}

static char *trimmed(char *text) {
    text += strspn(text, " \t");
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r\n", text[length - 1]) != NULL) {
        text[--length] = 0;
    }
    return text;
}

static bRC read_settings(bpContext *context, s3stream_config *config, const char *path) {
    char line[2048];
    bRC result = bRC_OK;
    FILE *file = fopen(path, "re");

    if (file == NULL) {
        say(context, M_FATAL, path, strerror(errno));
        return bRC_Error;
    }
    while (result == bRC_OK && fgets(line, sizeof line, file) != NULL) {
        char *name = trimmed(line);
        char *equals = strchr(name, '=');
        if (*name == 0 || *name == '#' || equals == NULL) {
            continue;
        }
        *equals = 0;
        if (s3stream_config_set(config, trimmed(name), trimmed(equals + 1)) != S3STREAM_OK) {
            result = fails(context, M_FATAL, "");
        }
    }
    fclose(file);
    return result;
}

/* Reads `s3stream:name=value:...`. */
static bRC read_command(bpContext *context, s3stream_config *config, const char *command) {
    struct job *job = context->plugin;
    char text[4096];
    char *rest = NULL;
    bRC result = bRC_OK;

    snprintf(text, sizeof text, "%s", command);
    strtok_r(text, ":", &rest);
    for (char *word; result == bRC_OK && (word = strtok_r(NULL, ":", &rest)) != NULL;) {
        if (strncmp(word, "bucket=", 7) == 0) {
            snprintf(job->bucket, sizeof job->bucket, "%s", word + 7);
        } else if (strncmp(word, "prefix=", 7) == 0) {
            snprintf(job->prefix, sizeof job->prefix, "%s", word + 7);
        } else if (strncmp(word, "settings=", 9) == 0) {
            result = read_settings(context, config, word + 9);
        } else {
            say(context, M_FATAL, "there is no option ", word);
            result = bRC_Error;
        }
    }
    if (result == bRC_OK && *job->bucket == 0) {
        say(context, M_FATAL, "the option bucket is missing", "");
        result = bRC_Error;
    }
    return result;
}

/* Fetches the reader behind the current one; objects that cannot be opened are told and left out. */
static bRC advance(bpContext *context) {
    struct job *job = context->plugin;
    const s3stream_object *object = NULL;

    for (;;) {
        if (s3stream_stream_next(job->stream, &job->next) != S3STREAM_OK) {
            job->next = NULL;
            return fails(context, M_FATAL, "the listing is not complete: ");
        }
        if (job->next == NULL || s3stream_reader_opened(job->next, &object) == S3STREAM_OK) {
            return bRC_OK;
        }
        fails(context, M_ERROR, "not saved: ");
        s3stream_reader_free(job->next);
        job->next = NULL;
    }
}

static bRC start(bpContext *context, const char *command) {
    struct job *job = context->plugin;
    s3stream_config *config = s3stream_config_new();
    s3stream_list_options *options = s3stream_list_options_new();
    bRC result;

    forget(job);
    result = read_command(context, config, command);
    job->names = s3stream_names_new();
    if (result == bRC_OK &&
        (s3stream_list_options_set_prefix(options, job->prefix) != S3STREAM_OK ||
         s3stream_client_new(config, &job->client) != S3STREAM_OK ||
         s3stream_client_list(job->client, job->bucket, options, &job->list) != S3STREAM_OK ||
         s3stream_client_stream(job->client, job->bucket, NULL, &job->stream) != S3STREAM_OK ||
         s3stream_stream_feed(job->stream, job->list) != S3STREAM_OK)) {
        result = fails(context, M_FATAL, "");
    }
    s3stream_list_options_free(options);
    s3stream_config_free(config);
    return result == bRC_OK ? advance(context) : result;
}

static bRC handle_event(bpContext *context, bEvent *event, void *value) {
    struct job *job = context->plugin;

    switch (event->type) {
    case bEventBackupCommand:
    case bEventEstimateCommand:
        return start(context, value);
    case bEventCancelCommand:
        /* In another thread: the one that waits in a read comes back at once. */
        if (job->client != NULL) {
            s3stream_client_cancel(job->client);
        }
        return bRC_OK;
    default:
        return bRC_OK;
    }
}

static bRC start_backup_file(bpContext *context, struct save_pkt *save) {
    struct job *job = context->plugin;
    s3stream_text *name = NULL;
    int64_t time = 0;

    if ((size_t)save->pkt_size < sizeof *save) {
        say(context, M_FATAL, "this file daemon has another interface", "");
        return bRC_Error;
    }
    if (job->next == NULL) {
        return bRC_Stop;
    }
    job->reader = job->next;
    job->next = NULL;
    const s3stream_object *object = s3stream_reader_object(job->reader);
    if (s3stream_names_file_name(job->names, object, &name) != S3STREAM_OK) {
        return fails(context, M_FATAL, "");
    }
    snprintf(job->file_name, sizeof job->file_name, "/@s3/%s/%s", job->bucket,
             s3stream_text_data(name));
    s3stream_text_free(name);
    (void)s3stream_object_last_modified(object, &time);
    save->fname = job->file_name;
    save->type = FT_REG;
    save->portable = true;
    save->no_read = false;
    memset(&save->statp, 0, sizeof save->statp);
    save->statp.st_mode = S_IFREG | 0600;
    save->statp.st_nlink = 1;
    save->statp.st_size = (off_t)s3stream_object_size(object);
    save->statp.st_blksize = 4096;
    save->statp.st_blocks = (save->statp.st_size + 511) / 512;
    save->statp.st_mtime = save->statp.st_ctime = save->statp.st_atime = (time_t)time;
    return bRC_OK;
}

static bRC end_backup_file(bpContext *context) {
    struct job *job = context->plugin;

    s3stream_reader_free(job->reader);
    job->reader = NULL;
    if (advance(context) != bRC_OK) {
        return bRC_Error;
    }
    return job->next != NULL ? bRC_More : bRC_OK;
}

static bRC plugin_io(bpContext *context, struct io_pkt *io) {
    struct job *job = context->plugin;
    size_t count = 0;

    io->status = 0;
    io->io_errno = 0;
    if (io->func == IO_OPEN || io->func == IO_CLOSE) {
        return bRC_OK;
    }
    if (io->func != IO_READ) {
        io->status = -1;
        io->io_errno = ENOTSUP;
        return bRC_Error;
    }
    s3stream_status status =
        s3stream_reader_read(job->reader, io->buf, (size_t)io->count, &count);
    if (status != S3STREAM_OK) {
        fails(context, M_ERROR, "");
        io->status = -1;
        io->io_errno = s3stream_status_errno(status);
        return bRC_Error;
    }
    /* 0 at the end, which is proven. */
    io->status = (int32_t)count;
    return bRC_OK;
}

static bRC create_file(bpContext *context, struct restore_pkt *restore) {
    (void)context;
    restore->create_status = CF_CORE;
    return bRC_OK;
}

static bRC set_file_attributes(bpContext *context, struct restore_pkt *restore) {
    return create_file(context, restore);
}

static bRC ignore_value(bpContext *context, int variable, void *value) {
    (void)context;
    (void)variable;
    (void)value;
    return bRC_OK;
}

static bRC start_restore_file(bpContext *context, const char *command) {
    (void)context;
    (void)command;
    return bRC_OK;
}

static bRC end_restore_file(bpContext *context) {
    (void)context;
    return bRC_OK;
}

static bRC check_file(bpContext *context, char *name) {
    (void)context;
    (void)name;
    return bRC_OK;
}

/* The daemon loads no plugin that names another licence than its own; ours allows that both are
   combined under that. */
static pInfo information = {sizeof information, FD_INTERFACE_VERSION, FD_PLUGIN_MAGIC, "AGPLv3",
                            "The s3stream developers", "November 2026", "0.1",
                            "Objects of an S3 bucket as files"};

static pFuncs functions = {
    sizeof functions,   FD_INTERFACE_VERSION, new_plugin,         free_plugin,
    ignore_value,       ignore_value,         handle_event,       start_backup_file,
    end_backup_file,    start_restore_file,   end_restore_file,   plugin_io,
    create_file,        set_file_attributes,  check_file,         NULL,
    NULL,
};

__attribute__((visibility("default"))) bRC loadPlugin(bInfo *daemon, bFuncs *offered,
                                                      pInfo **plugin_information,
                                                      pFuncs **plugin_functions);
__attribute__((visibility("default"))) bRC unloadPlugin(void);

bRC loadPlugin(bInfo *daemon, bFuncs *offered, pInfo **plugin_information,
               pFuncs **plugin_functions) {
    if (daemon->version != FD_INTERFACE_VERSION || offered->size < sizeof *offered ||
        s3stream_abi_version() != S3STREAM_ABI_VERSION) {
        return bRC_Error;
    }
    daemon_functions = offered;
    *plugin_information = &information;
    *plugin_functions = &functions;
    return bRC_OK;
}

bRC unloadPlugin(void) {
    return bRC_OK;
}
