/* The files of earlier backups, as the director sends them to an accurate job. */
#include <stdlib.h>
#include <string.h>

#include "host.h"

struct known *find_known(struct job *job, const char *name) {
    for (size_t i = 0; i < job->known_count; i++) {
        if (!job->known[i].is_deleted && strcmp(job->known[i].name, name) == 0) {
            return &job->known[i];
        }
    }
    return NULL;
}

static void load_catalogue(struct job *job, const char *volume) {
    char path[4096];
    snprintf(path, sizeof path, "%s/catalogue", volume);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fail("%s cannot be read", path);
    }
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, file) > 0) {
        char hex[16384];
        int type;
        unsigned int mode;
        struct known known = {0};
        if (sscanf(line, "file %d %o %llu %lld %lld %lld %*d %16383s", &type, &mode, &known.ino,
                   &known.size, &known.mtime, &known.ctime, hex) != 7) {
            continue;
        }
        size_t length;
        known.name = (char *)bytes_of_hex(hex, &length);
        struct known *before = find_known(job, known.name);
        if (before != NULL) {
            before->is_deleted = true;
        }
        known.is_deleted = type == FT_DELETED;
        job->known = realloc(job->known, (job->known_count + 1) * sizeof known);
        if (job->known == NULL) {
            fail("no memory");
        }
        job->known[job->known_count++] = known;
    }
    free(line);
    fclose(file);
}

void load_known(struct job *job) {
    for (int i = 0; i < job->plan->accurate_count; i++) {
        load_catalogue(job, job->plan->accurate[i]);
    }
}
