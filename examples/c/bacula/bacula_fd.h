/* The interface of Bacula's file daemon to its plugins, version 14 (Bacula 9.6), as far as
 * s3stream-fd.c uses it.
 *
 * Written anew from what the interface is, not taken from Bacula: names and places are facts
 * that both sides must agree on. loadPlugin() and startBackupFile() compare the sizes that the
 * daemon states, so that another version is refused rather than misread.
 */
#ifndef BACULA_FD_H
#define BACULA_FD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

enum { FD_INTERFACE_VERSION = 14 };
#define FD_PLUGIN_MAGIC "*FDPluginData*"

typedef enum { bRC_OK = 0, bRC_Stop = 1, bRC_Error = 2, bRC_More = 3 } bRC;

/* What a message of a job is. */
enum { M_FATAL = 3, M_ERROR = 4, M_WARNING = 5, M_INFO = 6 };

/* What a file is, and who creates it at a restore. */
enum { FT_REG = 3, CF_CORE = 5 };

enum {
    bEventJobEnd = 2,
    bEventEndBackupJob = 4,
    bEventBackupCommand = 9,
    bEventRestoreCommand = 10,
    bEventEstimateCommand = 11,
    bEventCancelCommand = 14,
};

enum { IO_OPEN = 1, IO_READ = 2, IO_WRITE = 3, IO_CLOSE = 4, IO_SEEK = 5 };

typedef struct {
    void *daemon;
    void *plugin;
} bpContext;

typedef struct {
    uint32_t type;
} bEvent;

typedef struct {
    uint32_t size;
    uint32_t version;
} bInfo;

struct save_pkt {
    int32_t pkt_size;
    char *fname;
    char *link;
    struct stat statp;
    int32_t type;
    uint32_t flags;
    bool no_read;
    bool portable;
    /* More comes, that is the daemon's. */
};

struct restore_pkt {
    int32_t pkt_size;
    int32_t stream;
    int32_t data_stream;
    int32_t type;
    int32_t file_index;
    int32_t link_index;
    uid_t uid;
    struct stat statp;
    const char *attributes;
    const char *ofname;
    const char *olname;
    const char *where;
    const char *regex_where;
    int replace;
    int create_status;
    /* More comes, that is the daemon's. */
};

struct io_pkt {
    int32_t pkt_size;
    int32_t func;
    int32_t count;
    int32_t flags;
    mode_t mode;
    char *buf;
    const char *fname;
    int32_t status;
    int32_t io_errno;
    /* More comes, that is the daemon's. */
};

/* What the daemon does for a plugin, up to the last one that is used here. */
typedef struct {
    uint32_t size;
    uint32_t version;
    bRC (*register_events)(bpContext *context, ...);
    bRC (*get_value)(bpContext *context, int variable, void *value);
    bRC (*set_value)(bpContext *context, int variable, void *value);
    bRC (*job_message)(bpContext *context, const char *file, int line, int type, int64_t mtime,
                       const char *format, ...);
    bRC (*debug_message)(bpContext *context, const char *file, int line, int level,
                         const char *format, ...);
} bFuncs;

typedef struct {
    uint32_t size;
    uint32_t version;
    const char *magic;
    const char *license;
    const char *author;
    const char *date;
    const char *plugin_version;
    const char *description;
} pInfo;

/* What a plugin does for the daemon. */
typedef struct {
    uint32_t size;
    uint32_t version;
    bRC (*new_plugin)(bpContext *context);
    bRC (*free_plugin)(bpContext *context);
    bRC (*get_plugin_value)(bpContext *context, int variable, void *value);
    bRC (*set_plugin_value)(bpContext *context, int variable, void *value);
    bRC (*handle_event)(bpContext *context, bEvent *event, void *value);
    bRC (*start_backup_file)(bpContext *context, struct save_pkt *save);
    bRC (*end_backup_file)(bpContext *context);
    bRC (*start_restore_file)(bpContext *context, const char *command);
    bRC (*end_restore_file)(bpContext *context);
    bRC (*plugin_io)(bpContext *context, struct io_pkt *io);
    bRC (*create_file)(bpContext *context, struct restore_pkt *restore);
    bRC (*set_file_attributes)(bpContext *context, struct restore_pkt *restore);
    bRC (*check_file)(bpContext *context, char *name);
    void *handle_xacl;
    void *restore_file_list;
} pFuncs;

#endif
